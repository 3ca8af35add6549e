"""A code is worth nothing without the verifier whose SHA-256 was sent ahead (RFC 7636); ``plain`` is not offered."""

import base64
import hashlib

METHOD = "S256"
VERIFIER_LENGTH = 43  # base62 here: 256 bits, as RFC 7636, section 7.1, asks for


def challenge(verifier: str) -> str:
    """Return ``BASE64URL(SHA256(ASCII(verifier)))``, the challenge of RFC 7636, section 4.2.

    Example:
        >>> challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
        'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'
    """
    return unpadded(hashlib.sha256(verifier.encode("ascii")).digest())


def unpadded(data: bytes) -> str:
    """Return `data` in base64url without padding (RFC 7515, appendix C)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
