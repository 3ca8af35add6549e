"""When a decision cannot be made the request is refused with 503; nothing that fails inside it lets anybody through."""

import asyncio
import concurrent.futures
import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from plexe_auth import AsyncAuth, Auth, ConfigurationError, InvalidRequest, Policy, Unavailable
from plexe_auth.storage.memory import MemoryStore
from plexe_auth.storage.threaded import Threaded
from tests.conftest import Clock
from tests.faces import Loop, Plainly
from tests.gate.shims import Ask, Host, Shim


class Broken(MemoryStore):
    """A store whose reads fail, or give nonsense, once it is told how."""

    fault: Any = None

    def get(self, *args: Any, **kwargs: Any) -> Any:
        if isinstance(self.fault, BaseException):
            raise self.fault
        return super().get(*args, **kwargs) if self.fault is None else self.fault


@pytest.fixture
def store() -> Broken:
    return Broken()


@pytest.fixture
def auth(shim: type[Shim], store: Broken, clock: Clock, loop: Loop) -> Any:
    if shim.face == "blocking":
        return Auth(store, clock=clock)
    return Plainly(AsyncAuth(Threaded(store, quick=True), clock=clock), loop)


@pytest.fixture
def ask(auth: Auth) -> Ask:
    return Ask().by(auth.keys.create("acct_1", name="k").secret.reveal())


POLICY = Policy(public=("/healthz",), optional=("/feed",))
UNEXPECTED = [
    RuntimeError("x"),
    OSError(),
    KeyError("x"),
    TimeoutError(),
    AssertionError(),
    MemoryError(),
    StopIteration(),
]
UNEXPECTED += [RecursionError(), UnicodeError(), ConfigurationError("x"), ExceptionGroup("x", [OSError()])]


def test_P03_a_store_that_does_not_answer_is_503(guarded: Callable[..., Shim], store: Broken, ask: Ask) -> None:
    host = Host()
    store.fault = Unavailable()
    for target in ("/models", "/feed"):
        answer = guarded(POLICY, host)(ask._replace(target=target))
        assert (answer.status, answer.code) == (503, "unavailable")
    assert not host.calls


@pytest.mark.parametrize("error", UNEXPECTED, ids=lambda error: type(error).__name__)
def test_P03_whatever_a_store_raises_nobody_is_let_through_and_it_is_logged(
    guarded: Callable[..., Shim], store: Broken, ask: Ask, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    host = Host()
    store.fault = error
    for target in ("/models", "/feed"):
        answer = guarded(POLICY, host)(ask._replace(target=target))
        assert (answer.status, answer.code) == (503, "unavailable")
    assert not host.calls
    assert [record.name for record in caplog.records] == ["plexe_auth"] * 2
    assert all(record.levelno == logging.ERROR and record.exc_info for record in caplog.records)


@pytest.mark.parametrize("nonsense", [{}, {"id": "x"}, True, 1, "row", [], {"digest": None}], ids=repr)
def test_P03_a_store_that_gives_nonsense_lets_nobody_through(
    guarded: Callable[..., Shim], store: Broken, ask: Ask, nonsense: Any
) -> None:
    host = Host()
    store.fault = nonsense
    answer = guarded(POLICY, host)(ask)
    assert (answer.status, answer.code) == (503, "unavailable")
    assert not host.calls


def test_a_public_path_needs_no_store(guarded: Callable[..., Shim], store: Broken, ask: Ask) -> None:
    store.fault = Unavailable()
    assert guarded(POLICY)(ask._replace(target="/healthz")).code == "ok"


def test_a_clock_that_stops_telling_the_time_lets_no_remembered_key_through(
    guarded: Callable[..., Shim], clock: Clock, ask: Ask
) -> None:
    host = Host()
    shim = guarded(POLICY, host)
    assert [shim(ask).status for _ in range(2)] == [200, 200]
    host.calls.clear()
    clock.now = None  # type: ignore[assignment]
    assert (shim(ask).status, host.calls) == (503, [])


@pytest.mark.parametrize("now", [datetime(2026, 1, 1), None, "noon"])  # noqa: DTZ001 - a clock that tells no zone
def test_a_clock_that_tells_no_time_lets_nobody_through(
    guarded: Callable[..., Shim], clock: Clock, ask: Ask, now: Any
) -> None:
    host = Host()
    clock.now = now
    assert guarded(POLICY, host)(ask).code == "unavailable"
    assert not host.calls


@pytest.mark.parametrize("shim", ["wsgi"], indirect=True)
@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, GeneratorExit])
def test_what_ends_the_process_is_not_swallowed(
    guarded: Callable[..., Shim], store: Broken, ask: Ask, error: type[BaseException]
) -> None:
    host = Host()
    store.fault = error()
    with pytest.raises(error):
        guarded(POLICY, host)(ask)
    assert not host.calls


@pytest.mark.parametrize("shim", ["asgi"], indirect=True)
def test_H06_a_cancelled_decision_lets_nobody_through(guarded: Callable[..., Shim], store: Broken, ask: Ask) -> None:
    host = Host()
    store.fault = asyncio.CancelledError()
    with pytest.raises(concurrent.futures.CancelledError):
        guarded(POLICY, host)(ask)
    assert not host.calls
    store.fault = None
    assert guarded(POLICY, host)(ask).code == "ok"


def test_a_refusal_by_the_store_itself_is_that_refusal(guarded: Callable[..., Shim], store: Broken, ask: Ask) -> None:
    store.fault = InvalidRequest()
    assert guarded(POLICY)(ask).code == "invalid_request"
