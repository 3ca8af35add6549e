"""A plain key that comes once is told from what is packed, exactly as the object that would be made of it tells."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plexe_auth import Auth, RevokedKey
from plexe_auth.cache.known import plain, unpacked
from plexe_auth.service.telling import END
from tests.keys.watch import Watch

NOW = 1_767_225_600_000_000
ACCOUNTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=255)
GRANTS = st.sampled_from(["read", "read write", "models:read", "models:read jobs:write"])


@given(account_id=ACCOUNTS, grants=GRANTS)
def test_it_says_what_the_object_would(account_id: str, grants: str) -> None:
    packed = f"{account_id}\0key_1\0{grants}"
    known = unpacked(packed, NOW)
    told = plain(packed, None, NOW, END)
    assert told == (known.principal, f"[{NOW}{known.line}{END}")
    assert told is not None
    assert json.loads(told[1])[4:6] == [account_id, "key_1"]


@pytest.mark.parametrize("bounds", [("10.0.0.0/8", "", ""), ("", "5/minute", ""), ("", "", "1767225600000000")])
def test_a_bounded_key_needs_its_object(bounds: tuple[str, str, str]) -> None:
    ips, rate, ends = bounds
    packed = "\0".join(("acct_42", "key_1", "read", ips, rate, "key_1", ends, "", ""))
    assert unpacked(packed, NOW)
    assert plain(packed, None, NOW, END) is None


def test_a_permission_that_nobody_asked_about_yet_needs_its_object() -> None:
    packed = "acct_42\0key_1\0once_asked:read"
    assert plain(packed, "once_asked:read", NOW, END) is None
    assert unpacked(packed, NOW).covers("once_asked:read")
    assert plain(packed, "once_asked:read", NOW, END) is not None
    assert plain(packed, "once_asked:write", NOW, END) is None


def test_an_object_is_kept_from_the_second_time_of_late(face: str, opened: Callable[..., Any]) -> None:
    auth = opened(face, "memory://")
    text = auth.keys.create("acct_42", name="CI").secret.reveal()
    auth.keys.verify(text, ip="192.0.2.7")
    asked, principals = Watch(auth), []
    for kept in (0, 1, 1):
        principals.append(auth.keys.verify(text, ip="192.0.2.7"))
        assert len(auth.world.cache.hot) == kept
    assert asked.count("get") == 0
    assert {one[:-1] for one in principals} == {principals[0][:-1]}
    entries = auth.log.page(action="key.verify").items
    assert {(one.account_id, one.key_id, one.ip, one.outcome) for one in entries} == {
        ("acct_42", principals[0].id, "192.0.2.7", "allowed")
    }
    assert len(entries) == 4


def test_a_bounded_key_that_comes_once_stays_packed(face: str, opened: Callable[..., Any]) -> None:
    auth = opened(face, "memory://")
    text = auth.keys.create("acct_42", name="CI", rate="50/minute").secret.reveal()
    for kept in (0, 0, 1):
        auth.keys.verify(text)
        assert len(auth.world.cache.hot) == kept


def test_K05_what_comes_once_is_not_believed_for_longer_than_all_the_rest(
    face: str, opened: Callable[..., Any], tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path}/auth.db"
    here, there = opened(face, url), opened(face, url)
    issued = here.keys.create("acct_42", name="CI")
    here.keys.verify(issued.secret.reveal())
    there.keys.revoke(issued.key.id)
    with pytest.raises(RevokedKey):
        here.keys.verify(issued.secret.reveal())


def test_K05_a_key_that_comes_once_is_asked_of_the_store_when_the_epoch_is_due() -> None:
    with Auth.open("memory://") as auth:
        text = auth.keys.create("acct_42", name="CI").secret.reveal()
        auth.keys.verify(text)
        auth.world.epoch.until = 0.0
        asked = Watch(auth)
        auth.keys.verify(text)
        assert asked.asked
