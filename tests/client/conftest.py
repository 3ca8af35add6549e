"""A small guarded API, served for real in both colours, and every client that calls it."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from plexe_auth import Auth
from plexe_auth.testing import FakeClock
from tests.client.callers import CALLERS, Send
from tests.client.serving import Said, Seen, by_uvicorn, by_waitress, guarded_asgi, guarded_wsgi, saying


@dataclass
class Served:
    """A guarded API: `GET /models` answers with the account's id."""

    url: str
    auth: Auth
    clock: FakeClock
    seen: Seen = field(default_factory=list)

    def key(self, rate: str | None = None) -> str:
        return self.auth.keys.create("acct_42", name="CI", permissions="read write", rate=rate).secret.reveal()

    def rotated(self, text: str, overlap: timedelta = timedelta(hours=24)) -> str:
        return self.auth.keys.rotate(self.auth.keys.verify(text).id, overlap=overlap).secret.reveal()

    def keys_seen(self) -> list[str | None]:
        return [fields.get("x-api-key") for _method, _path, fields in self.seen]


@pytest.fixture(params=["waitress", "uvicorn"])
def served(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Served]:
    url, clock, seen = f"sqlite:///{tmp_path}/auth.db", FakeClock(), Seen()
    with ExitStack() as stack:
        auth = stack.enter_context(Auth.open(url, clock=clock))
        if request.param == "waitress":
            place = stack.enter_context(by_waitress(guarded_wsgi(auth, seen)))
        else:
            place = stack.enter_context(by_uvicorn(lambda awaited: guarded_asgi(awaited, seen), url, clock))
        yield Served(place, auth, clock, seen)


@dataclass
class Script:
    """A server that says what a test has it say, whoever asks."""

    url: str
    answers: list[Said]
    seen: Seen

    def says(self, *answers: Said) -> None:
        self.answers[:] = answers

    def keys_seen(self) -> list[str | None]:
        return [fields.get("x-api-key") for _method, _path, fields in self.seen]


@pytest.fixture
def script() -> Iterator[Script]:
    answers: list[Said] = [(200, {}, b"said")]
    seen: Seen = []
    with by_waitress(saying(answers, seen)) as url:
        yield Script(url, answers, seen)


@pytest.fixture
def elsewhere() -> Iterator[Script]:
    """A second one, which is no server of ours."""
    answers: list[Said] = [(200, {}, b"elsewhere")]
    seen: Seen = []
    with by_waitress(saying(answers, seen)) as url:
        yield Script(url, answers, seen)


@pytest.fixture(params=CALLERS)
def caller(request: pytest.FixtureRequest) -> Callable[..., AbstractContextManager[Send]]:
    return CALLERS[request.param]
