"""What a credential is called in memory is nothing that is kept at rest, and can be made on every build of Python."""

import hashlib
from collections.abc import Callable
from typing import Any

import pytest

from plexe_auth import InvalidKey
from plexe_auth.cache.name import naming


def remembered(auth: Any) -> tuple[str, bytes]:
    """Return a key's text, and what it is called once it is hot."""
    text = auth.keys.create("acct_42", name="CI").secret.reveal()
    for _ in range(3):
        auth.keys.verify(text)
    (name,) = auth.world.cache.hot
    return text, name


def test_a_name_is_not_the_digest_at_rest(opened: Callable[..., Any], face: str) -> None:
    text, name = remembered(opened(face, "memory://"))
    assert name == hashlib.blake2s(text.encode()).digest()


def refuses(_data: bytes) -> Any:
    raise ValueError("blake2s is blocked in FIPS mode")


@pytest.mark.parametrize("how", ["refused", "missing"])
def test_where_nothing_else_is_to_be_had_names_are_made_by_sha_256(
    how: str, opened: Callable[..., Any], face: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if how == "refused":
        monkeypatch.setattr(hashlib, "blake2s", refuses)
    else:
        monkeypatch.delattr(hashlib, "blake2s")
    assert naming() is hashlib.sha256
    text, name = remembered(opened(face, "memory://"))
    assert name == hashlib.sha256(text.encode()).digest()


@pytest.mark.parametrize("text", ["plx_sk_\ud800" + "a" * 45, b"plx_sk_", 7, object()])
def test_what_is_no_text_is_refused_and_led_to_by_nothing_that_holds_it(
    text: Any, opened: Callable[..., Any], face: str
) -> None:
    auth = opened(face, "memory://")
    with pytest.raises(InvalidKey) as refused:
        auth.keys.verify(text)
    assert refused.value.__context__ is None
    assert refused.value.__cause__ is None
