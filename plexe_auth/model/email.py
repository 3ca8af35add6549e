"""What somebody typed as an e-mail address is one mailbox in one plain form, or it is refused.

Setting and looking up go through `address` alone. Its domain is kept in A-labels (RFC 5890), so that mail goes to just
what is stored, and no mailer has to translate it again by rules of its own: IDNA 2003 reads ``ß`` as ``ss``, IDNA 2008
does not. A name that such rules would change, beyond its case, is refused: the long s, the Kelvin sign, wide letters
and ideographic full stops look like others, and turn into them (UAX 15, NFKC).
"""

import re
import unicodedata
from dataclasses import dataclass

from plexe_auth.errors import InvalidRequest
from plexe_auth.secret import in_bytes

LONGEST_ADDRESS = 254  # bytes; RFC 3696, errata 1690
_LONGEST_LOCAL_PART = 64  # RFC 5321, section 4.5.3.1.1

# An RFC 5321 dot-atom, but for the two that have led mail over another host: `host!user` and `user%host` (RFC 5321,
# appendix F.2; RFC 1123, section 5.2.16). Quoted strings and letters beyond ASCII (RFC 6531) have no one form, and few
# servers deliver to them.
_ATOM = r"[A-Za-z0-9#$&'*+/=?^_`{|}~-]+"
_LOCAL_PART = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")  # RFC 1035, section 2.3.1; RFC 1123, section 2.1
_LETTERS = ("L", "M", "Nd")  # what IDNA 2008 allows, nearly (RFC 5892); no symbols, no controls, no marks of direction


@dataclass(frozen=True, slots=True)
class Address:
    """An e-mail address, in ASCII.

    Attributes:
        text: what is stored and written to: the local part as it was typed (RFC 5321, section 2.4: its case may matter
            to its server), the domain in lower case and A-labels.
        canonical: what accounts are found by, and are unique by: `text` in lower case. Equal ones are one address on
            every database, whatever its collation.
    """

    text: str
    canonical: str


def address(value: object) -> Address:
    """Return the address that `value` stands for.

    Nothing is trimmed. Dots and ``+tags`` of a local part are kept: only its own server knows what they mean.

    Args:
        value: what was typed, of any type and size.

    Raises:
        InvalidRequest: it is not one plain address: a list, a group, a name with it, quotes, comments, white space,
            control or invisible characters, an address literal, a domain of one label or of mixed forms, or over
            254 bytes (RFC 5321, sections 2.4, 4.1.2 and 4.5.3.1; RFC 7085 on domains of one label).

    Example:
        >>> address("Jane.Doe@Bücher.example")
        Address(text='Jane.Doe@xn--bcher-kva.example', canonical='jane.doe@xn--bcher-kva.example')
    """
    if not isinstance(value, str):
        raise _refusal("must be a text")
    if len(value) > LONGEST_ADDRESS or len(in_bytes(value)) > LONGEST_ADDRESS:
        raise _refusal(f"must have at most {LONGEST_ADDRESS} bytes")
    local_part, _at, domain = value.rpartition("@")
    if len(local_part) > _LONGEST_LOCAL_PART or not _LOCAL_PART.fullmatch(local_part):
        raise _refusal("must be one plain address such as name@example.com")
    text = f"{local_part}@{_in_ascii(domain)}"
    if len(text) > LONGEST_ADDRESS:
        raise _refusal(f"must have at most {LONGEST_ADDRESS} bytes")
    return Address(text, text.lower())


def _in_ascii(domain: str) -> str:
    given = domain.split(".")
    if not domain.isascii() and any(label[:4].lower() == "xn--" for label in given):
        raise _refusal("must have its domain in one form")
    labels = [label.lower() if label.isascii() else _a_label(label) for label in given]
    if len(labels) < 2 or not all(map(_LABEL.fullmatch, labels)) or not labels[-1][0].isalpha():
        raise _refusal("must have a domain such as example.com")  # `127.0.0.1` and `0x7f.1` are hosts, and no domains
    return ".".join(labels)


def _a_label(label: str) -> str:
    """Return a label with letters beyond ASCII as an A-label (RFC 3490), if it comes back from that as it was."""
    lowered = unicodedata.normalize("NFC", label).lower()
    try:
        if all(map(_is_plain, label)) and (encoded := lowered.encode("idna")).decode("idna") == lowered:
            return encoded.decode()
    except UnicodeError:
        pass
    raise _refusal("must have a domain of plain letters")


def _is_plain(character: str) -> bool:
    """Tell whether it is ASCII (of which `_LABEL` decides), or a letter that no normalising turns into another."""
    if character.isascii():
        return True
    is_letter = unicodedata.category(character).startswith(_LETTERS)
    return is_letter and unicodedata.normalize("NFKC", character) == character


def _refusal(what: str) -> InvalidRequest:
    return InvalidRequest(f"email {what}.", field="email")
