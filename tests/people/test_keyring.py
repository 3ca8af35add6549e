"""Nothing is signed or encrypted with a key that is missing, short, or known to everybody."""

import secrets
from typing import Any

import pytest

from plexe_auth import ConfigurationError
from plexe_auth.model.keyring import keyring

STRONG = "xMv0kq3dTz-8Rw5uYc1fBn7s"


@pytest.mark.parametrize("make", [secrets.token_urlsafe, secrets.token_hex, secrets.token_bytes])
def test_a_random_key_is_taken(make: Any) -> None:
    keys = [make(32) for _ in range(200)]
    assert keyring(keys) == tuple(key if isinstance(key, bytes) else key.encode() for key in keys)


def test_S09_the_newest_key_stays_in_front() -> None:
    assert keyring((STRONG, b"the older key, once good enough")) == (
        STRONG.encode(),
        b"the older key, once good enough",
    )


@pytest.mark.parametrize("keys", [(), [], "", b"", STRONG, STRONG.encode()])
def test_S09_no_key_is_refused_and_so_is_one_that_stands_alone(keys: Any) -> None:
    with pytest.raises(ConfigurationError, match="secret_keys is empty"):
        keyring(keys)


WEAK = [
    "",
    "short",
    "xMv0kq3dTz-8Rw5",
    bytes(32),
    "changeme-changeme-changeme",
    "Please-Change-Me-in-production",
    "CHANGE_THIS_SECRET_KEY_NOW",
    "an example secret of good length",
    "django-insecure-8f!x2kq0v7m4z1",
    "your-secret-key-goes-here-1234",
    "replace me with 32 random bytes",
    "placeholder-0123456789-abcdef",
    None,
    7,
    ["xMv0kq3dTz-8Rw5uYc1fBn7s"],
    bytearray(32),
]


@pytest.mark.parametrize("weak", WEAK, ids=ascii)
def test_S09_a_key_that_is_short_or_an_example_is_refused_wherever_it_stands(weak: Any) -> None:
    for keys in ((weak,), (STRONG, weak), (weak, STRONG)):
        with pytest.raises(ConfigurationError, match="each of secret_keys must be random") as info:
            keyring(keys)
        assert STRONG not in str(info.value)
