"""A backend that is down makes no limit go away: a strict count here, or 503, and a line in the log."""

import logging
import socket
import time
from collections.abc import Iterator

import pytest

from plexe_auth import Unavailable
from plexe_auth.limiting import outage
from plexe_auth.limiting.outage import strict
from tests.conftest import Clock
from tests.limiting.conftest import Opener
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
    limiter = opening(face, clock, rate_storage=line.url.replace("//", "//someone:secret@"))
    line.down()
    assert limiter.passed(50, "30/minute; 7/day") == 1
    limiter.bucket += "more"
    assert limiter.passed(50, "30/minute") == 3
    told = [record for record in caplog.records if record.name == outage.__name__]
    assert [record.levelno for record in told] == [logging.WARNING]
    assert "secret" not in told[0].getMessage()


def test_R06_whoever_would_rather_refuse_refuses(line: Line, face: str, opening: Opener, clock: Clock) -> None:
    limiter = opening(face, clock, rate_storage=line.url, rate_outage="refuse")
    line.down()
    for _ in range(3):
        with pytest.raises(Unavailable):
            limiter.hit("5/minute")


def test_R06_once_it_is_back_it_counts_again_and_has_forgotten_nothing(
    line: Line, face: str, opening: Opener, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    limiter = opening(face, clock, rate_storage=line.url)
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
    limiter = opening(face, clock, rate_storage=line.url)
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
