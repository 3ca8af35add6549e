"""What somebody else wrote, made harmless to show in a letter: one line, no controls, nothing a reader could click.

A name is chosen by whoever registers, and a letter with it may go to an address that is not theirs. So a name must not
turn the line around (RTL override), hide in it (zero-width), or become a link that a mail program makes of any text
with ``://`` or a dot between letters.
"""

import re
import unicodedata

LONGEST = 100

# Whatever shows nothing though it is a letter or a mark (Unicode, Default_Ignorable_Code_Point), and braille's blank.
_SHOWS_NOTHING = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0000-\U000e0fff]"
)
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn"}
_SPACES = {"Zs", "Zl", "Zp"}
_MARKS = 2  # on one letter; more than that climb into the lines around
_CLICKABLE = re.compile(r"(?<=\w)(?P<sign>[.。．｡:/@])(?=[^\W\d_]|//)")


def inert(value: object, longest: int = LONGEST) -> str:
    """Return a text that shows the same and does nothing; of something else than a text, nothing.

    Args:
        value: what somebody wrote: a name, or what a browser says of itself.
        longest: how many characters of it are shown.

    Example:
        >>> inert("Ada\\n<b>\\u202egro.live")
        'Ada <b>gro. live'
        >>> inert("see https://evil.example/x")
        'see https: //evil. example/ x'
    """
    text = value[: 10 * longest] if isinstance(value, str) else ""
    shown = "".join(map(_shown, _SHOWS_NOTHING.sub("", text)))
    line = _CLICKABLE.sub(r"\g<sign> ", " ".join(_few_marks(shown).split()))
    return line if len(line) <= longest else f"{line[: longest - 1].rstrip()}…"


def _shown(character: str) -> str:
    category = unicodedata.category(character)
    if category in _SPACES or character in "\t\n\r\v\f\x85":
        return " "
    return "" if category in _HIDDEN else character


def _few_marks(text: str) -> str:
    kept, marks = "", 0
    for character in text:
        marks = marks + 1 if unicodedata.category(character) in ("Mn", "Me") else 0
        kept += character if marks <= _MARKS else ""
    return kept
