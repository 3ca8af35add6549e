"""The servers as fixtures: started once per run, a fresh database per worker, a word where one is missing.

Tests that ask a database server are marked `database_server`, for a run that leaves them out or has no others.

Load it from `tests/conftest.py`, which is where pytest looks before any test:

    pytest_plugins = ["tests.servers.plugin"]

`postgresql_url` and `mariadb_url` are driverless SQLAlchemy URLs of an empty database that this worker has to
itself; `redis_url`, `valkey_url`, `memcached_url`, `nanoidp_url` and `oidc_provider_url` lead to servers that all
workers share; `chromium_program` and `axe_script` are paths. Under xdist the controller starts every server before its
workers and stops them after; without xdist a server starts when a test first asks for it.

Read once, then taken out of the environment, so that no test meets a setting of ours among its own:

- `PLEXE_AUTH_TESTS_REQUIRE_SERVERS=1`: a missing server fails the run, where it otherwise skips tests;
- `PLEXE_AUTH_TESTS_POSTGRESQL_URL`, `PLEXE_AUTH_TESTS_MARIADB_URL`: use this server (its administrator's URL,
  without a driver) and start none; `…_REDIS_URL`, `…_VALKEY_URL`, `…_MEMCACHED_URL`, `…_NANOIDP_URL` and
  `…_OIDC_PROVIDER_URL` likewise; `…_CHROMIUM_URL` and `…_AXE_URL` are paths.
"""

import os
import signal
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any, NoReturn

import pytest

from tests.servers import EVERY, Server, ServerMissing, fresh_database

PREFIX = "PLEXE_AUTH_TESTS_"
DATABASES = ("postgresql", "mariadb")


class Servers:
    """The servers of this run: those that answer, and why the others are missing."""

    def __init__(self, known: dict[str, str], *, required: bool) -> None:
        self.urls = known
        self.missing: dict[str, str] = {}
        self.required = required
        self.running = ExitStack()

    def start(self, names: Iterable[str]) -> None:
        """Start those that are neither known nor found missing, side by side."""
        wanted = [name for name in names if name not in self.urls | self.missing]
        with ThreadPoolExecutor() as threads:
            list(threads.map(self._start, wanted))

    def _start(self, name: str) -> None:
        try:
            self.urls[name] = self.running.enter_context(EVERY[name].running()).url
        except ServerMissing as reason:
            self.missing[name] = str(reason)

    def database(self, name: str, worker: str) -> str:
        """A fresh database of this worker, or what `url` does."""
        return fresh_database(Server(name, self.url(name)), f"plexe_auth_{worker}")

    def url(self, name: str) -> str:
        """Where the server is, or the test's skip (its failure, where servers are required)."""
        self.start([name])
        if name in self.missing:
            self._refuse(name)
        return self.urls[name]

    def _refuse(self, name: str) -> NoReturn:
        if self.required:
            pytest.fail(f"{name} is missing: {self.missing[name]}", pytrace=False)
        pytest.skip(f"{name} is missing; the last lines say why")


SERVERS = pytest.StashKey[Servers]()


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    config.stash[SERVERS] = servers = _handed_over(config) or _from_environment()
    config.add_cleanup(servers.running.close)
    config.addinivalue_line("markers", "database_server: asks a database server")
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as in whatever a shell runs in the background
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if _asks_a_database(item):
            item.add_marker("database_server")


def _asks_a_database(item: pytest.Item) -> bool:
    """Tell whether a test asks a database server, whose name is among its parameters or begins a fixture's."""
    fixtures: list[str] = getattr(item, "fixturenames", [])
    parameters = getattr(item, "callspec", None)
    named = {f"{name}_url" for name in DATABASES}.intersection(fixtures)
    return bool(named) or (parameters is not None and any(one in DATABASES for one in parameters.params.values()))


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Before xdist makes its workers: what they are handed must be known by then."""
    config = session.config
    if config.getoption("dist", "no") == "no" or config.option.collectonly or _is_worker(config):
        return
    servers = config.stash[SERVERS]
    servers.start(EVERY)
    if servers.required and servers.missing:
        raise pytest.UsageError(f"{PREFIX}REQUIRE_SERVERS is set, but {'; '.join(_laments(servers))}")


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    servers = node.config.stash[SERVERS]
    node.workerinput["plexe_auth_servers"] = (servers.urls, servers.missing, servers.required)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> Iterator[None]:
    """Last of all, so that nobody takes a run with skipped servers for a whole one."""
    yield
    servers = terminalreporter.config.stash[SERVERS]
    if servers.missing:
        terminalreporter.section("not every server was tested", yellow=True)
        for lament in _laments(servers):
            terminalreporter.line(lament, yellow=True)


@pytest.fixture(scope="session")
def postgresql_url(pytestconfig: pytest.Config) -> str:
    return pytestconfig.stash[SERVERS].database("postgresql", _worker(pytestconfig))


@pytest.fixture(scope="session")
def mariadb_url(pytestconfig: pytest.Config) -> str:
    return pytestconfig.stash[SERVERS].database("mariadb", _worker(pytestconfig))


@pytest.fixture(scope="session")
def redis_url(pytestconfig: pytest.Config) -> str:
    return pytestconfig.stash[SERVERS].url("redis")


@pytest.fixture(scope="session")
def valkey_url(pytestconfig: pytest.Config) -> str:
    return pytestconfig.stash[SERVERS].url("valkey")


@pytest.fixture(scope="session")
def memcached_url(pytestconfig: pytest.Config) -> str:
    return pytestconfig.stash[SERVERS].url("memcached")


@pytest.fixture(scope="session")
def nanoidp_url(pytestconfig: pytest.Config) -> str:
    return pytestconfig.stash[SERVERS].url("nanoidp")


@pytest.fixture(scope="session")
def oidc_provider_url(pytestconfig: pytest.Config) -> str:
    return pytestconfig.stash[SERVERS].url("oidc_provider")


@pytest.fixture(scope="session")
def chromium_program(pytestconfig: pytest.Config) -> str:
    return pytestconfig.stash[SERVERS].url("chromium")


@pytest.fixture(scope="session")
def axe_script(pytestconfig: pytest.Config) -> str:
    return pytestconfig.stash[SERVERS].url("axe")


def _from_environment() -> Servers:
    ours = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith(PREFIX)}
    urls = {name: ours[key] for name in EVERY if (key := f"{PREFIX}{name.upper()}_URL") in ours}
    return Servers(urls, required=ours.get(f"{PREFIX}REQUIRE_SERVERS", "") not in {"", "0"})


def _handed_over(config: pytest.Config) -> Servers | None:
    """What the controller knows, in a worker."""
    if not _is_worker(config):
        return None
    urls, missing, required = _workerinput(config)["plexe_auth_servers"]
    servers = Servers(urls, required=required)
    servers.missing = missing
    return servers


def _workerinput(config: pytest.Config) -> dict[str, Any]:
    """What the controller wrote for this worker; xdist's attribute, unknown to pytest's own types."""
    found: dict[str, Any] = vars(config)["workerinput"]
    return found


def _is_worker(config: pytest.Config) -> bool:
    return hasattr(config, "workerinput")


def _worker(config: pytest.Config) -> str:
    return str(_workerinput(config)["workerid"]) if _is_worker(config) else "alone"


def _laments(servers: Servers) -> list[str]:
    return [f"{name} is missing: {reason}" for name, reason in servers.missing.items()]
