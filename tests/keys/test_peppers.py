"""New keys are kept under the newest pepper; older ones, and none, are still read; a removed one refuses."""

from typing import Any

import pytest

from plexe_auth import ConfigurationError, InvalidKey, Settings
from plexe_auth.secret import digest
from tests.stores import SHARED

OLD, NEW = b"old pepper, 16 bytes", "new pepper, also long enough"


READ: dict[tuple[Any, ...], set[str]] = {
    (NEW, OLD): {"none", "old", "new"},
    (OLD, NEW): {"none", "old", "new"},
    (NEW,): {"none", "new"},
    (): {"none"},
}


@pytest.mark.parametrize("store_url", SHARED, indirect=True)
def test_keys_are_read_under_each_pepper_that_is_set_and_under_none(face: str, store_url: str, opened: Any) -> None:
    issued = {
        name: opened(face, store_url, settings=Settings(peppers=peppers)).keys.create("acct", name=name)
        for name, peppers in {"none": (), "old": (OLD,), "new": (NEW, OLD)}.items()
    }
    for peppers, read in READ.items():
        auth = opened(face, store_url, settings=Settings(peppers=peppers))
        assert {name for name, one in issued.items() if auth.keys.explain(one.secret.reveal()).allowed} == read
        for name in issued.keys() - read:
            with pytest.raises(InvalidKey):
                auth.keys.verify(issued[name].secret.reveal())


def test_a_new_key_is_kept_under_the_newest_pepper(face: str, opened: Any) -> None:
    auth = opened(face, "memory://", settings=Settings(peppers=(NEW, OLD)))
    issued = auth.keys.create("acct", name="CI")
    heir = auth.keys.rotate(issued.key.id)
    for one in (issued, heir):
        row = auth.world.store._store._tables["keys"][one.key.id]
        assert row["digest"] == digest(one.secret.reveal().encode(), NEW.encode())


@pytest.mark.parametrize("pepper", ["short", b"15 bytes long!!", "", b"", 5, None, True, ["x" * 16]])
def test_a_pepper_is_a_text_or_bytes_of_at_least_16_bytes(pepper: Any) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Settings(peppers=(NEW, pepper))
    assert repr(pepper) not in str(caught.value) or not pepper
