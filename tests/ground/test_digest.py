"""What is kept in place of a secret is SHA-256 (FIPS 180-4), or HMAC-SHA-256 (RFC 4231) under a pepper."""

import pytest

from plexe_auth.secret import digest

# FIPS 180-4, by the examples of NIST's Cryptographic Standards and Guidelines.
SHA_256 = {
    b"": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    b"abc": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq": (
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    b"a" * 1_000_000: "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
}

# RFC 4231, section 4, test cases 1 to 4, 6 and 7; case 5 is a truncated digest, which we never make.
HMAC_SHA_256 = [
    (b"\x0b" * 20, b"Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
    (b"Jefe", b"what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
    (b"\xaa" * 20, b"\xdd" * 50, "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
    (bytes(range(1, 26)), b"\xcd" * 50, "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"),
    (
        b"\xaa" * 131,
        b"Test Using Larger Than Block-Size Key - Hash Key First",
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
    ),
    (
        b"\xaa" * 131,
        b"This is a test using a larger than block-size key and a larger than block-size data. The key needs to be "
        b"hashed before being used by the HMAC algorithm.",
        "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
    ),
]


@pytest.mark.parametrize("data", SHA_256, ids=len)
def test_without_a_pepper_it_is_SHA_256(data: bytes) -> None:
    assert digest(data).hex() == SHA_256[data]


@pytest.mark.parametrize(("pepper", "data", "expected"), HMAC_SHA_256)
def test_under_a_pepper_it_is_HMAC_SHA_256(pepper: bytes, data: bytes, expected: str) -> None:
    assert digest(data, pepper).hex() == expected
