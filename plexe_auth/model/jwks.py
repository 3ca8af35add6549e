"""A provider's keys are public, few and of a bearable size; a key fits a token by its id and by what it is for."""

import base64
from dataclasses import dataclass
from typing import Any, ClassVar, cast

from plexe_auth.errors import Unavailable
from plexe_auth.model.exchange import Answer, checked_json
from plexe_auth.model.strict_json import read_object

LONGEST_ANSWER = 262_144
_MOST = 64
_LONGEST_ID = 512
_RSA_BITS = range(2048, 8193)  # RFC 7518, section 3.3, asks for 2048; above 8192 a check takes milliseconds
_RSA_EXPONENTS = range(3, 2**32)

# What each family of algorithms is verified with: RFC 7518, section 3.1; RFC 8037; RFC 9864.
_EC = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}
_PUBLIC = {"RSA": ("n", "e"), "EC": ("crv", "x", "y"), "OKP": ("crv", "x")}


@dataclass(frozen=True, slots=True)
class PublicKey:
    """One key of a provider.

    Attributes:
        id: its ``kid``, or ``None``.
        algorithm: the only algorithm it is for, or ``None``.
        members: what makes it a public key, and nothing else (RFC 7517).
    """

    id: str | None
    algorithm: str | None
    members: dict[str, str]

    __hash__: ClassVar[None] = None  # type: ignore[assignment]

    def verifies(self, algorithm: str) -> bool:
        """Tell whether it can verify a signature by `algorithm`."""
        if self.algorithm not in (None, algorithm):
            return False
        kind, curve = self.members["kty"], self.members.get("crv")
        if algorithm.startswith(("RS", "PS")):
            return kind == "RSA"
        if algorithm in _EC:
            return kind == "EC" and curve == _EC[algorithm]
        return kind == "OKP" and curve == "Ed25519"


def read_keys(answer: Answer) -> tuple[PublicKey, ...]:
    """Return the keys of a JWK Set that can verify signatures.

    What cannot be used is left out, as RFC 7517, section 5, says: other kinds, other uses, keys that are too short, and
    whatever has a private or a symmetric part: somebody published what should have stayed at home.

    Raises:
        Unavailable: it is no JWK Set, or has more than 64 keys.
    """
    keys = _listed(answer)
    if keys is None or len(keys) > _MOST:
        raise Unavailable("The provider's keys cannot be used.")
    return tuple(found for one in keys if (found := _key(one)) is not None)


def fitting(keys: tuple[PublicKey, ...], key_id: str | None, algorithm: str) -> PublicKey | None:
    """Return the one key that a token's header means, or ``None`` where there is none, or more than one."""
    found = [one for one in keys if one.verifies(algorithm) and key_id in (None, one.id)]
    return found[0] if len(found) == 1 else None


def _listed(answer: Answer) -> list[object] | None:
    try:
        keys = read_object(checked_json(answer), LONGEST_ANSWER).get("keys")
    except ValueError:
        return None
    return cast("list[object]", keys) if isinstance(keys, list) else None


def _key(value: object) -> PublicKey | None:
    told = cast("dict[str, Any]", value) if isinstance(value, dict) else {}
    if not _is_for_signatures(told) or told.keys() & {"d", "p", "q", "k"}:
        return None
    key_id, algorithm = told.get("kid"), told.get("alg")
    members = {name: told.get(name) for name in ("kty", *_PUBLIC.get(str(told.get("kty")), ()))}
    if not _is_text(key_id) or not _is_text(algorithm) or not all(isinstance(one, str) for one in members.values()):
        return None
    found = PublicKey(key_id, algorithm, cast("dict[str, str]", members))
    return found if members["kty"] in _PUBLIC and _is_sound(found.members) else None


def _is_for_signatures(told: dict[str, Any]) -> bool:
    operations = told.get("key_ops", ["verify"])
    return told.get("use", "sig") == "sig" and isinstance(operations, list) and "verify" in operations


def _is_text(value: object) -> bool:
    return value is None or (isinstance(value, str) and len(value) <= _LONGEST_ID)


def _is_sound(members: dict[str, str]) -> bool:
    if members["kty"] != "RSA":
        return len("".join(members.values())) < _LONGEST_ID
    modulus, exponent = _number(members["n"]), _number(members["e"])
    return modulus.bit_length() in _RSA_BITS and exponent in _RSA_EXPONENTS and exponent % 2 == 1


def _number(text: str) -> int:
    try:
        return int.from_bytes(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except ValueError:
        return 0
