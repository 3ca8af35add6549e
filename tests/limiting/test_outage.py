"""A backend that is down makes no limit go away: a strict count here, or 503, and a line in the log."""

import logging
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from plexe_auth import Unavailable
from plexe_auth.bridge import finish
from plexe_auth.limiting import outage
from plexe_auth.limiting.limiter import Asked, Tally
from plexe_auth.limiting.memory import MemoryLimiter
from plexe_auth.limiting.outage import Guarded, strict
from tests.conftest import Clock
from tests.limiting.conftest import Opener, patient
from tests.storage.line import Line

SERVERS = ("redis", "valkey", "memcached")


@pytest.fixture(params=SERVERS)
def line(request: pytest.FixtureRequest) -> Iterator[Line]:
    line = Line(request.getfixturevalue(f"{request.param}_url"))
    yield line
    line.down()


def test_R06_while_the_backend_is_down_each_process_counts_a_tenth(
    line: Line, face: str, opening: Opener, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    limiter = opening(face, clock, rate_storage=patient(line.url).replace("//", "//someone:secret@"))
    line.down()
    assert limiter.passed(50, "30/minute; 7/day") == 1
    limiter.bucket += "more"
    assert limiter.passed(50, "30/minute") == 3
    told = [record for record in caplog.records if record.name == outage.__name__]
    assert [record.levelno for record in told] == [logging.WARNING]
    assert "secret" not in told[0].getMessage()


def test_R06_whoever_would_rather_refuse_refuses(line: Line, face: str, opening: Opener, clock: Clock) -> None:
    limiter = opening(face, clock, rate_storage=patient(line.url), rate_outage="refuse")
    line.down()
    for _ in range(3):
        with pytest.raises(Unavailable):
            limiter.hit("5/minute")


def test_R06_once_it_is_back_it_counts_again_and_has_forgotten_nothing(
    line: Line, face: str, opening: Opener, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    limiter = opening(face, clock, rate_storage=patient(line.url))
    now = [0.0]
    limiter.limiter._elapsed = lambda: now[0]  # type: ignore[attr-defined]
    assert limiter.passed(3, "4/minute") == 3
    line.down()
    assert limiter.passed(3, "4/minute") == 1
    line.up()
    assert limiter.passed(3, "4/minute") == 0, "nobody looks for a while"
    now[0] += 1.0
    assert limiter.passed(3, "4/minute") == 1
    assert [record.levelno for record in caplog.records if record.name == outage.__name__] == [logging.WARNING] * 2


def test_R06_only_one_request_looks_whether_it_is_back(
    line: Line, face: str, opening: Opener, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    limiter = opening(face, clock, rate_storage=patient(line.url))
    now = [0.0]
    limiter.limiter._elapsed = lambda: now[0]  # type: ignore[attr-defined]
    line.down()
    assert limiter.passed(5, "10/minute") == 1
    line.up()
    line.set()
    now[0] += 1.0
    line.down()
    assert limiter.passed(5, "10/minute") == 0
    assert len([record for record in caplog.records if record.name == outage.__name__]) == 1


class Silent:
    """A limiter whose server gives no answer until it is given up on."""

    hit_now = None

    def __init__(self) -> None:
        self.asked = 0
        self.reached, self.given_up = threading.Event(), threading.Event()

    async def hit(self, *_asked: Asked) -> Tally:
        self.asked += 1
        self.reached.set()
        self.given_up.wait(5)
        raise Unavailable

    async def close(self) -> None:
        """Nothing is open."""


def test_R06_while_one_request_looks_whether_it_is_back_the_others_go_on_without() -> None:
    silent, now = Silent(), [0.0]
    guarded = Guarded(silent, MemoryLimiter(time.time_ns), "there", lambda: now[0])
    silent.given_up.set()
    assert finish(guarded.hit(Asked("one", "900/minute"))).allowed
    silent.given_up.clear()
    silent.reached.clear()
    now[0] += 1.0
    with ThreadPoolExecutor(1) as threads:
        looking = threads.submit(finish, guarded.hit(Asked("one", "900/minute")))
        assert silent.reached.wait(30)
        assert all(finish(guarded.hit(Asked("one", "900/minute"))).allowed for _ in range(9))
        assert (silent.asked, looking.done()) == (2, False)
        silent.given_up.set()
        assert looking.result().allowed


@pytest.mark.parametrize("scheme", ["redis", "memcached"])
def test_R06_a_server_that_says_nothing_is_given_up_on_after_a_second(
    scheme: str, face: str, opening: Opener, clock: Clock
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        limiter = opening(face, clock, rate_storage=f"{scheme}://127.0.0.1:{silent.getsockname()[1]}")
        began = time.monotonic()
        assert limiter.passed(50, "30/minute") == 3
        assert time.monotonic() - began < 5


def test_the_strict_share_is_a_tenth_and_at_least_one() -> None:
    assert strict("100/minute; 5/second") == "10/60 second;1/1 second"
