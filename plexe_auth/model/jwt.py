"""A signed token is three parts of base64url whose header says only how to check it, never with whose key (RFC 8725).

Whatever a header could say to have another key, another form or an extension of the format believed is refused before
anything is computed: ``jwk``, ``jku``, ``x5u`` and ``x5c``; ``crit``, ``b64``, ``zip`` and ``enc``.
"""

import base64
import re
from dataclasses import dataclass
from typing import Any, ClassVar

from plexe_auth.model.strict_json import read_object
from plexe_auth.secret import Secret

LONGEST = 16_384  # characters: what else is looked at costs time in proportion (O09)
_LONGEST_HEADER = 2048
_LONGEST_ID = 512
_PART = r"([A-Za-z0-9_-]+)"
_COMPACT = re.compile(rf"{_PART}\.{_PART}\.{_PART}", re.ASCII)  # five parts would be encrypted (RFC 7516)
_FORBIDDEN = {"jwk", "jku", "x5u", "x5c", "crit", "b64", "zip", "enc", "cty"}


@dataclass(frozen=True, slots=True)
class Signed:
    """A token that nobody has verified yet. Only its header may be looked at.

    Attributes:
        algorithm: what it says it is signed by; not yet one that is allowed.
        key_id: by which key of its signer, or ``None``.
        signed: what the signature is over.
        signature: the signature.
    """

    algorithm: str
    key_id: str | None
    signed: Secret
    signature: bytes

    __hash__: ClassVar[None] = None  # type: ignore[assignment]  # nor has a Secret one

    def claims(self) -> dict[str, Any] | None:
        """Return what it says, once the signature has been verified; ``None`` where it is no object of JSON."""
        try:
            return read_object(_decoded(self.signed.reveal().partition(".")[2]), LONGEST)
        except ValueError:
            return None


def read_signed(token: Secret) -> Signed | None:
    """Return a token in its parts, or ``None`` where it is none of ours to verify."""
    found = _COMPACT.fullmatch(token.reveal()) if len(token.reveal()) <= LONGEST else None
    if found is None:
        return None
    try:
        header = read_object(_decoded(found[1]), _LONGEST_HEADER)
        signature = _decoded(found[3])
    except ValueError:
        return None
    if not _is_plain(header):
        return None
    return Signed(header["alg"], header.get("kid"), Secret(f"{found[1]}.{found[2]}"), signature)


def _is_plain(header: dict[str, Any]) -> bool:
    algorithm, key_id, kind = header.get("alg"), header.get("kid"), header.get("typ", "JWT")
    if header.keys() & _FORBIDDEN or not isinstance(algorithm, str):
        return False
    if key_id is not None and not (isinstance(key_id, str) and 0 < len(key_id) <= _LONGEST_ID):
        return False
    return isinstance(kind, str) and kind.upper() == "JWT"  # not at+jwt, logout+jwt … (RFC 8725, section 3.11)


def _decoded(part: str) -> bytes:
    """Return the bytes of base64url that is written in the only way there is (RFC 4648, section 3.5)."""
    data = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    if base64.urlsafe_b64encode(data).rstrip(b"=").decode() != part:
        raise ValueError("bits that no byte holds")
    return data
