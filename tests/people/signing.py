"""Keys of a made-up provider, and tokens signed or missigned by them, written by hand so that any lie can be told."""

import base64
import hashlib
import hmac
import json
from functools import cache
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

ISSUER = "https://id.example"
CLIENT = "plexe"
NONCE = "n0nce-of-this-flow"
ACCESS = "access-token-of-this-flow"
NOW = 1_774_785_600  # 2026-03-29 12:00:00 UTC, as the tests' clock has it
CLAIMS: dict[str, Any] = {
    "iss": ISSUER,
    "aud": CLIENT,
    "sub": "248289761001",
    "exp": NOW + 300,
    "iat": NOW - 5,
    "nonce": NONCE,
    "email": "ada@example.com",
    "email_verified": True,
    "name": "Ada",
}

_HASHES = {"256": hashes.SHA256, "384": hashes.SHA384, "512": hashes.SHA512}


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def number(value: int, length: int | None = None) -> str:
    return b64(value.to_bytes(length or (value.bit_length() + 7) // 8))


@cache
def rsa_key(bits: int = 2048) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, bits)


@cache
def other_rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@cache
def ec_key(curve: str = "P-256") -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key({"P-256": ec.SECP256R1(), "P-384": ec.SECP384R1(), "P-521": ec.SECP521R1()}[curve])


@cache
def ed_key() -> ed25519.Ed25519PrivateKey:
    return ed25519.Ed25519PrivateKey.generate()


def rsa_jwk(key: rsa.RSAPrivateKey, **more: Any) -> dict[str, Any]:
    numbers = key.public_key().public_numbers()
    return {"kty": "RSA", "n": number(numbers.n), "e": number(numbers.e), **more}


def ec_jwk(curve: str = "P-256", **more: Any) -> dict[str, Any]:
    numbers = ec_key(curve).public_key().public_numbers()
    length = (ec_key(curve).key_size + 7) // 8
    return {"kty": "EC", "crv": curve, "x": number(numbers.x, length), "y": number(numbers.y, length), **more}


def ed_jwk(**more: Any) -> dict[str, Any]:
    raw = ed_key().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return {"kty": "OKP", "crv": "Ed25519", "x": b64(raw), **more}


@cache
def jwks() -> str:
    """The set that the made-up provider publishes."""
    keys = [
        rsa_jwk(rsa_key(), kid="rsa", use="sig"),
        ec_jwk(kid="ec", alg="ES256"),
        ec_jwk("P-384", kid="ec384"),
        ec_jwk("P-521", kid="ec521"),
        ed_jwk(kid="ed", key_ops=["verify"]),
    ]
    return json.dumps({"keys": keys})


KEY_IDS = {"RS": "rsa", "PS": "rsa", "ES256": "ec", "ES384": "ec384", "ES512": "ec521", "EdDSA": "ed", "Ed25519": "ed"}


def signature(algorithm: str, message: bytes) -> bytes:
    """Sign as the made-up provider would."""
    hash_ = _HASHES.get(algorithm[-3:], hashes.SHA512)()
    match algorithm[:2]:
        case "RS":
            return rsa_key().sign(message, padding.PKCS1v15(), hash_)
        case "PS":
            return rsa_key().sign(message, padding.PSS(padding.MGF1(hash_), hash_.digest_size), hash_)
        case "ES":
            curve = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}[algorithm]
            return raw(ec_key(curve).sign(message, ec.ECDSA(hash_)), curve)
        case _:
            return ed_key().sign(message)


def raw(der: bytes, curve: str) -> bytes:
    length = (ec_key(curve).key_size + 7) // 8
    return b"".join(part.to_bytes(length) for part in decode_dss_signature(der))


def hmac_signature(key: bytes, message: bytes) -> bytes:
    return hmac.digest(key, message, "sha256")


def joined(header: str | dict[str, Any], payload: str | dict[str, Any], sign: Any = "RS256") -> str:
    """A token of any header and payload, signed by an algorithm's name or by a function."""
    parts = [part if isinstance(part, str) else json.dumps(part) for part in (header, payload)]
    message = ".".join(b64(part.encode()) for part in parts)
    made = signature(sign, message.encode()) if isinstance(sign, str) else sign(message.encode())
    return f"{message}.{b64(made)}"


def token(algorithm: str = "RS256", header: dict[str, Any] | None = None, **claims: Any) -> str:
    """A good token, with whatever is said differently; a claim of `...` is left out."""
    key_id = KEY_IDS.get(algorithm) or KEY_IDS[algorithm[:2]]
    said = {name: value for name, value in (CLAIMS | claims).items() if value is not ...}
    return joined({"alg": algorithm, "kid": key_id, "typ": "JWT"} | (header or {}), said, algorithm)


def at_hash(name: str = "sha256") -> str:
    whole = hashlib.new(name, ACCESS.encode()).digest()
    return b64(whole[: len(whole) // 2])
