"""A client waits as long as it is asked to, no longer than its host allows, and only where nothing is done twice."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta

import pytest

from plexe_auth import ConfigurationError
from plexe_auth.client import HTTPXAuth, Key, RequestsAuth
from plexe_auth.client.fields import retry_after
from tests.client.callers import CALLERS, NAMES, Send, by_async_httpx
from tests.client.conftest import Script, Served
from tests.client.serving import Said

Caller = Callable[..., AbstractContextManager[Send]]
KEY = Key.from_text("plx_sk_0123456789")
DONE = (200, {}, b"done")


def patience(seconds: str, status: int = 429) -> Said:
    return (status, {"retry-after": seconds}, b"")


def test_a_rate_limit_is_waited_for(served: Served, caller: Caller) -> None:
    waited: list[float] = []

    def sleep(seconds: float) -> None:
        waited.append(seconds)
        served.clock.advance(timedelta(seconds=seconds))

    with caller(Key.from_text(served.key(rate="2/minute")), sleep=sleep) as send:
        assert [send("POST", f"{served.url}/models", content=b"x").status_code for _ in range(3)] == [200, 200, 200]
    assert len(waited) == 1
    assert 0 < waited[0] <= 60
    assert len(served.seen) == 4


def test_patience_ends_with_the_third_answer(script: Script, caller: Caller) -> None:
    waited: list[float] = []
    script.says(patience("5"))
    with caller(KEY, sleep=waited.append) as send:
        assert send("GET", script.url).status_code == 429
    assert waited == [5, 5]
    assert len(script.seen) == 3


@pytest.mark.parametrize(
    ("longest", "waited"), [(60.0, [40]), (80.0, [40, 40]), (39.9, []), (timedelta(seconds=60), [40]), (0, [])]
)
def test_a_request_waits_no_longer_than_it_may_in_all(
    script: Script, caller: Caller, longest: float | timedelta, waited: list[float]
) -> None:
    found: list[float] = []
    script.says(patience("40"))
    with caller(KEY, sleep=found.append, longest_wait=longest) as send:
        assert send("GET", script.url).status_code == 429
    assert found == waited


@pytest.mark.parametrize(
    "value",
    ["-1", "nan", "inf", "1e999", "1.5", "", "9" * 10, "9" * 5000, "soon", "٣", "Sun, 99 Mar 2026 00:00:00 GMT"],
)
def test_a_wait_that_cannot_be_read_is_none(script: Script, caller: Caller, value: str) -> None:
    waited: list[float] = []
    if value.isascii():
        script.says(patience(value), DONE)
        with caller(KEY, sleep=waited.append) as send:
            assert send("GET", script.url).status_code == 429
    assert waited == []
    assert retry_after({"retry-after": value}) is None


NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("fields", "seconds"),
    [
        ({"retry-after": "Sun, 01 Mar 2026 12:00:30 GMT"}, 30),
        ({"retry-after": "Sun, 01 Mar 2026 12:00:30 -0000"}, 30),
        ({"retry-after": "Sun, 01 Mar 2026 12:00:30 GMT", "date": "Sun, 01 Mar 2026 12:00:20 GMT"}, 10),
        ({"retry-after": "Sun, 01 Mar 2026 11:00:00 GMT"}, 0),
        ({"retry-after": " 7 "}, 7),
        ({}, None),
    ],
)
def test_a_date_is_counted_from_the_servers_own(fields: dict[str, str], seconds: float | None) -> None:
    assert retry_after(fields, lambda: NOON) == seconds


@pytest.mark.parametrize(("method", "sent"), [("GET", 2), ("PUT", 2), ("DELETE", 2), ("POST", 1), ("PATCH", 1)])
def test_what_may_have_been_done_is_not_done_again(script: Script, caller: Caller, method: str, sent: int) -> None:
    script.says(patience("1", status=503), DONE)
    with caller(KEY, sleep=lambda _seconds: None) as send:
        send(method, script.url, content=b"x")
    assert len(script.seen) == sent


@pytest.mark.parametrize("status", [400, 403, 404, 500, 502, 504])
def test_no_other_answer_is_waited_for(script: Script, caller: Caller, status: int) -> None:
    script.says(patience("1", status), DONE)
    with caller(KEY, sleep=lambda _seconds: None) as send:
        assert send("GET", script.url).status_code == status


def test_a_body_that_came_in_pieces_is_not_waited_for(script: Script, caller: Caller) -> None:
    script.says(patience("1"), DONE)
    with caller(KEY, sleep=lambda _seconds: None) as send:
        assert send("POST", script.url, content=iter([b"once"])).status_code == 429


def test_a_key_that_was_rotated_meanwhile_is_used_after_the_wait(script: Script, caller: Caller) -> None:
    script.says(patience("1"), DONE)
    keys = iter(["old", "new"])
    with caller(Key.from_callable(lambda: next(keys), keep=timedelta(0)), sleep=lambda _seconds: None) as send:
        assert send("GET", script.url).text == "done"
    assert script.keys_seen() == ["old", "new"]


@pytest.mark.parametrize("name", NAMES)
def test_an_awaited_sleep_is_awaited(script: Script, name: str) -> None:
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    script.says(patience("9"), DONE)
    with by_async_httpx(name)(KEY, sleep=sleep) as send:
        assert send("GET", script.url).text == "done"
    assert waited == [9]


@pytest.mark.parametrize("name", NAMES)
def test_a_wait_that_is_cancelled_ends_and_the_client_serves_on(script: Script, name: str) -> None:
    async def cancelled(_seconds: float) -> None:
        raise asyncio.CancelledError

    script.says(patience("9"), DONE)
    with by_async_httpx(name)(KEY, sleep=cancelled) as send:
        with pytest.raises(asyncio.CancelledError):
            send("GET", script.url)
        assert send("GET", script.url).text == "done"
    assert script.keys_seen() == ["plx_sk_0123456789"] * 2


@pytest.mark.parametrize("name", [name for name in CALLERS if "awaited" not in name])
def test_an_awaited_sleep_in_a_blocking_client_is_refused(script: Script, name: str) -> None:
    async def sleep(_seconds: float) -> None:
        """Nobody awaits it."""

    script.says(patience("9"))
    with CALLERS[name](KEY, sleep=sleep) as send, pytest.raises(ConfigurationError, match="sleep is to be awaited"):
        send("GET", script.url)


def test_what_waits_by_default_waits(script: Script, caller: Caller) -> None:
    script.says(patience("0"), DONE)
    with caller(KEY) as send:
        assert send("GET", script.url).text == "done"


@pytest.mark.parametrize("wrong", [{"tries": 0}, {"longest_wait": -1}, {"longest_wait": float("nan")}])
@pytest.mark.parametrize("kind", [HTTPXAuth, RequestsAuth])
def test_patience_that_makes_no_sense_is_refused(kind: Callable[..., object], wrong: dict[str, float]) -> None:
    with pytest.raises(ConfigurationError, match="tries"):
        kind(KEY, **wrong)
