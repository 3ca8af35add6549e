"""An ID token is believed only if a key that its provider publishes has signed it; `joserfc` computes, we decide.

By which algorithms is for the provider's document and us to say, never for the token.
"""

from datetime import datetime
from typing import Any, Final

from plexe_auth.errors import ConfigurationError, InvalidCredentials
from plexe_auth.model.id_claims import Expected, are_good
from plexe_auth.model.jwks import PublicKey, fitting
from plexe_auth.model.jwt import Signed, read_signed
from plexe_auth.model.provider import Endpoints
from plexe_auth.secret import Secret

_NAMES: Final = {"EdDSA": "Ed25519"}  # RFC 9864 gave the one curve that we take its own name


def read_id_token(token: Secret, endpoints: Endpoints) -> Signed:
    """Return an ID token that is not verified yet, and whose header asks for nothing odd.

    Raises:
        InvalidCredentials: it has not the form of one, or names an algorithm that its provider does not use.
    """
    signed = read_signed(token)
    if signed is None or signed.algorithm not in endpoints.algorithms:
        raise untrusted()
    return signed


def is_known(signed: Signed, keys: tuple[PublicKey, ...]) -> bool:
    """Tell whether one of the provider's `keys` is the one that the token names."""
    return fitting(keys, signed.key_id, signed.algorithm) is not None


def verify_id_token(signed: Signed, keys: tuple[PublicKey, ...], expected: Expected, now: datetime) -> dict[str, Any]:
    """Return what an ID token says, which is then to be believed.

    Args:
        signed: the token.
        keys: those of its provider.
        expected: what it must say.
        now: the time, by our clock.

    Raises:
        InvalidCredentials: anything of it is not right. What, is not told.
        ConfigurationError: joserfc is not installed.
    """
    key = fitting(keys, signed.key_id, signed.algorithm)
    if key is None or not _is_signature(signed, key):
        raise untrusted()
    claims = _good_claims(signed, expected, now)
    if claims is None:
        raise untrusted()
    return claims


def untrusted() -> InvalidCredentials:
    """Return the refusal of a token, which tells nothing of the token."""
    return InvalidCredentials("The provider's word on who you are could not be verified. Please begin again.")


def _good_claims(signed: Signed, expected: Expected, now: datetime) -> dict[str, Any] | None:
    claims = signed.claims()
    return claims if claims is not None and are_good(claims, expected, signed.algorithm, now) else None


def _is_signature(signed: Signed, key: PublicKey) -> bool:
    try:
        from joserfc.jwk import import_key
        from joserfc.jws import JWSRegistry
    except ImportError:
        raise ConfigurationError("OpenID Connect needs joserfc: pip install 'plexe-auth[oauth]'") from None
    name = _NAMES.get(signed.algorithm, signed.algorithm)
    algorithm = JWSRegistry(algorithms=[name]).get_alg(name)
    try:
        return algorithm.verify(signed.signed.reveal().encode(), signed.signature, import_key(dict(key.members)))
    except Exception:  # a key that is none: a point off its curve, base64 that is none
        return False
