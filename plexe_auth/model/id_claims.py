"""The claims of an ID token count only if it was made by this issuer, for us, in this flow, and now.

OpenID Connect Core 1.0, section 3.1.3.7. A claim of another type than the standard's is refused, never converted.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, cast

from plexe_auth.model.pkce import unpadded
from plexe_auth.secret import Secret, in_bytes, same

LEEWAY = 60  # seconds by which two clocks may differ
_LATEST = 2**53
_HASHES = {"256": "sha256", "384": "sha384", "512": "sha512"}


@dataclass(frozen=True, slots=True)
class Expected:
    """What the ID token of a flow must say.

    Attributes:
        issuer: who made it.
        client_id: for whom.
        nonce: in which flow.
        access: the access token that came with it.
    """

    issuer: str
    client_id: str
    nonce: Secret
    access: Secret

    __hash__: ClassVar[None] = None  # type: ignore[assignment]  # nor has a Secret one


def are_good(claims: Mapping[str, Any], expected: Expected, algorithm: str, now: datetime) -> bool:
    """Tell whether the verified claims are those that are expected.

    Args:
        claims: what a token says whose signature was verified.
        expected: what it must say.
        algorithm: by which it was signed.
        now: the time, by our clock.
    """
    return (
        _is(claims.get("iss"), expected.issuer)
        and _is_for(claims, expected.client_id)
        and _is_of(claims, now.timestamp())
        and _is(claims.get("nonce"), expected.nonce.reveal())
        and _goes_with(claims, expected.access, algorithm)
    )


def _is(value: object, expected: str) -> bool:
    return isinstance(value, str) and same(in_bytes(value), in_bytes(expected))


def _is_for(claims: Mapping[str, Any], client_id: str) -> bool:
    audience: object = claims.get("aud")
    for_whom = cast("list[object]", audience) if isinstance(audience, list) else [audience]
    if not for_whom or not all(isinstance(one, str) for one in for_whom) or client_id not in for_whom:
        return False
    # With others among the audience, or an authorised party, it must be made for us (3.1.3.7, 3 to 5).
    return claims["azp"] == client_id if "azp" in claims else len(for_whom) == 1


def _is_of(claims: Mapping[str, Any], now: float) -> bool:
    expires, issued, begins = (claims.get(name) for name in ("exp", "iat", "nbf"))
    if not _is_instant(expires) or not _is_instant(issued) or not ("nbf" not in claims or _is_instant(begins)):
        return False
    return now < cast("int", expires) + LEEWAY and max(cast("int", issued), begins or 0) <= now + LEEWAY


def _is_instant(value: object) -> bool:
    return type(value) is int and 0 <= value < _LATEST


def _goes_with(claims: Mapping[str, Any], access: Secret, algorithm: str) -> bool:
    # Left half of the hash that the algorithm uses; Ed25519 uses SHA-512 (RFC 8032, section 5.1).
    if "at_hash" not in claims:
        return True
    whole = hashlib.new(_HASHES.get(algorithm[-3:], "sha512"), in_bytes(access.reveal())).digest()
    return _is(claims["at_hash"], unpadded(whole[: len(whole) // 2]))
