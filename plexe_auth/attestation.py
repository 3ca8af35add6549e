"""What a new passkey may attest: nothing, or itself; and the keys that we offered, each of the kind it says.

Code that reads the certificates of strangers is attack surface, and which make of authenticator somebody has is not our
business: no attestation is asked for, and one that comes nevertheless is not looked into.
"""

import io
from typing import Any, cast

# EdDSA, ES256 and RS256 (Windows Hello), in the order of our preference (RFC 9053; RFC 8812).
ALGORITHMS = (-8, -7, -257)
_RSA_BITS = range(2_048, 4_097)


def is_plain(attestation: bytes) -> bool:
    """Tell whether an attestation object is one CBOR map and nothing else, and holds no certificate.

    Browsers that are asked for no attestation send ``none``, or a passkey's own signature over itself (W3C Web
    Authentication, level 3, section 5.1.3, step 21). ``py_webauthn`` would overlook what comes after the map.
    """
    import cbor2

    stream = io.BytesIO(attestation)
    read: Any = cbor2.CBORDecoder(stream, allow_indefinite=False).decode()
    if stream.read() or not isinstance(read, dict):
        return False
    told = cast("dict[object, object]", read)
    return told.keys() == {"fmt", "attStmt", "authData"} and _is_own(told["fmt"], told["attStmt"])


def _is_own(form: object, statement: object) -> bool:
    if not isinstance(statement, dict):
        return False
    members = cast("dict[object, object]", statement).keys()
    return (form == "none" and not members) or (form == "packed" and members == {"alg", "sig"})


def is_usable(public_key: bytes) -> bool:
    """Tell whether a public key in COSE form can be read, is of the kind that its algorithm asks for, and is no burden.

    ES256 goes with P-256 alone (W3C, section 5.8.5), and RS256 with 2,048 to 4,096 bits: a longer key would make each
    verification slow.
    """
    from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from webauthn.helpers import decode_credential_public_key, decoded_public_key_to_cryptography

    decoded = decode_credential_public_key(public_key)
    key = decoded_public_key_to_cryptography(decoded)
    return {
        -8: isinstance(key, Ed25519PublicKey),
        -7: isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1),
        -257: isinstance(key, RSAPublicKey) and key.key_size in _RSA_BITS,
    }.get(decoded.alg, False)
