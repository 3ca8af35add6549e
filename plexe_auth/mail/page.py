"""A letter's body is written once and shown twice, as plain text and as HTML; in HTML everything is escaped."""

import re
from dataclasses import dataclass
from html import escape

from plexe_auth.errors import ConfigurationError

_LINK = re.compile(r"https?://[!#-;=?-~]+")  # neither quotes nor angle brackets nor spaces

# Inline styles alone: mail programs drop the rest. No picture, no font and no address but the one link.
_FRAME = """\
<!doctype html>
<html lang="{language}" dir="auto">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title></head>
<body style="margin:0;background:#f4f4f2;color:#1c1c1a;font:16px/1.5 system-ui,sans-serif">
<div style="max-width:32em;margin:0 auto;padding:2em 1em">
<p style="font-weight:600">{product}</p>
<div style="background:#fff;border-radius:8px;padding:1.5em">
{parts}
</div>
</div>
</body>
</html>
"""
_PARAGRAPH = '<p style="margin:0 0 1em">{}</p>'
_CODE = '<p style="margin:0 0 1em;font:600 28px/1.2 ui-monospace,monospace;letter-spacing:.15em">{}</p>'
_BUTTON = (
    '<p style="margin:0 0 1em"><a href="{link}" style="display:inline-block;padding:.7em 1.2em;border-radius:6px;'
    'background:#1d6b5c;color:#fff;text-decoration:none">{label}</a></p>'
)


@dataclass(frozen=True, slots=True, repr=False)
class Body:
    """What a letter says. ``repr`` shows none of it.

    Attributes:
        before: paragraphs.
        after: paragraphs that come after the code or link.
        code: a code to type, shown large.
        label: what the link does.
        link: the one link of the letter.

    Raises:
        ConfigurationError: the link is none that a letter may hold.
    """

    before: tuple[str, ...]
    after: tuple[str, ...] = ()
    code: str = ""
    label: str = ""
    link: str = ""

    def __post_init__(self) -> None:
        if self.link and not _LINK.fullmatch(self.link):
            raise ConfigurationError("the link of a letter must be a URL that begins with https://")


def as_text(body: Body, product: str) -> str:
    """Return the body in plain text: a paragraph to a line, the link alone on its own."""
    linked = (f"{body.label}:\n{body.link}",) if body.link else ()
    coded = (f"    {body.code}",) if body.code else ()
    return "\n\n".join((*body.before, *coded, *linked, *body.after, f"-- \n{product}")) + "\n"


def as_html(body: Body, product: str, title: str, language: str) -> str:
    """Return the body in HTML."""
    parts = [_PARAGRAPH.format(escape(one)) for one in body.before]
    if body.code:
        parts.append(_CODE.format(escape(body.code)))
    if body.link:
        parts.append(_BUTTON.format(link=escape(body.link), label=escape(body.label)))
    parts += [_PARAGRAPH.format(escape(one)) for one in body.after]
    words = {"language": language, "title": title, "product": product}
    return _FRAME.format(parts="\n".join(parts), **{name: escape(word) for name, word in words.items()})
