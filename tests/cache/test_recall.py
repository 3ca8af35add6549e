"""A remembered key is accepted at once only while all that is known of it still holds."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from plexe_auth import Auth, InvalidRequest, RateLimitExceeded, Settings, Unavailable
from plexe_auth.cache.known import _all_granted, unpacked
from tests.keys.watch import Watch


def test_by_the_hosts_own_clock_a_key_that_ends_is_looked_at_again_within_a_second() -> None:
    with Auth.open("memory://") as auth:
        text = auth.keys.create("acct_42", name="CI", expires_in=timedelta(hours=1)).secret.reveal()
        asked = Watch(auth)
        for _ in range(3):
            auth.keys.verify(text, permission="models:read")
        (known,) = auth.world.cache.hot.values()
        assert 0 < known.until < auth.world.epoch.until
        assert asked.count("get") == 1


def test_K05_what_is_narrowed_while_it_is_taken_up_is_asked_of_the_store(
    face: str, opened: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    auth = opened(face, "memory://")
    text = auth.keys.create("acct_42", name="CI").secret.reveal()
    for _ in range(2):
        auth.keys.verify(text)

    def meanwhile(*packed: Any) -> Any:
        auth.world.cache.renew()
        return unpacked(*packed)

    monkeypatch.setattr(auth.world.cache, "_unpacked", meanwhile)
    asked = Watch(auth)
    assert auth.keys.verify(text).account_id == "acct_42"
    assert [one.values[0] for one in asked.asked] == ["keys"]


def test_an_address_that_is_no_text_is_refused_also_for_a_remembered_key(face: str, opened: Callable[..., Any]) -> None:
    auth = opened(face, "memory://")
    text = auth.keys.create("acct_42", name="CI").secret.reveal()
    for _ in range(3):
        auth.keys.verify(text)
        with pytest.raises(InvalidRequest) as refused:
            auth.keys.verify(text, ip=7)
        assert refused.value.field == "ip"


def test_what_is_remembered_of_grants_is_bounded() -> None:
    now = 1_767_225_600_000_000
    for number in range(4200):
        assert unpacked(f"acct\0key_{number}\0models_{number}:read", now).covers(f"models_{number}:read")
    assert len(_all_granted) <= 4096


def test_R06_whoever_cannot_count_refuses_if_so_configured_and_says_so_in_the_log(
    face: str, opened: Callable[..., Any], tmp_path: Path
) -> None:
    settings = Settings(rate_storage="redis://127.0.0.1:1", rate_outage="refuse", spool_dir=str(tmp_path / "spool"))
    auth = opened(face, f"sqlite:///{tmp_path}/auth.db", settings=settings)
    text = auth.keys.create("acct_42", name="CI", rate="5/minute").secret.reveal()
    for _ in range(2):
        with pytest.raises(Unavailable):
            auth.keys.verify(text)
    found = auth.log.page(action="key.verify").items
    assert [(one.outcome, one.code, one.account_id) for one in found] == [("denied", "unavailable", "acct_42")] * 2


def test_R06_a_strict_process_counts_by_itself(face: str, opened: Callable[..., Any], tmp_path: Path) -> None:
    settings = Settings(rate_storage="redis://127.0.0.1:1", spool_dir=str(tmp_path / "spool"))
    auth = opened(face, f"sqlite:///{tmp_path}/auth.db", settings=settings)
    text = auth.keys.create("acct_42", name="CI", rate="20/hour").secret.reveal()
    for _ in range(2):
        auth.keys.verify(text)
    with pytest.raises(RateLimitExceeded):
        auth.keys.verify(text)


def test_K22_of_parallel_requests_in_two_processes_worth_of_worlds_exactly_so_many_pass(
    face: str, opened: Callable[..., Any], tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path}/auth.db"
    worlds = [opened(face, url) for _ in range(2)]
    text = worlds[0].keys.create("acct_42", name="CI", rate="10/hour").secret.reveal()

    def accepted(number: int) -> bool:
        try:
            worlds[number % 2].keys.verify(text)
        except RateLimitExceeded:
            return False
        return True

    with ThreadPoolExecutor(16) as threads:
        assert sum(threads.map(accepted, range(32))) == 10
