"""A database is used with the schema that this version knows or not at all, and what is wrong with it is told."""

import asyncio
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from plexe_auth import AsyncAuth, Auth, ConfigurationError, Unavailable
from plexe_auth.storage.sql.prepare import HEAD
from tests.conftest import FACES
from tests.storage.conftest import administered

Opener = Callable[..., Any]
COMMAND = "plexe-auth db upgrade"


def set_version(url: str, version: str) -> None:
    with administered(url) as connection:
        connection.exec_driver_sql(f"UPDATE plexe_auth_alembic_version SET version_num = '{version}'")


@pytest.mark.parametrize("query", ["", "?journal=delete"])
def test_a_new_sqlite_file_is_created_on_opening(tmp_path: Path, opened: Opener, face: str, query: str) -> None:
    auth = opened(face, f"sqlite:///{tmp_path}/new.db{query}")
    assert (tmp_path / "new.db").exists()
    key = auth.keys.create("acct", name="CI").key
    assert opened(face, f"sqlite:///{tmp_path}/new.db{query}").keys.get(key.id) == key


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "sqlite:///file::memory:?uri=true"])
def test_a_sqlite_database_in_memory_lives_as_long_as_it_is_open(opened: Opener, face: str, url: str) -> None:
    auth = opened(face, url)
    assert auth.keys.get(auth.keys.create("acct", name="CI").key.id).name == "CI"
    assert opened(face, url).keys.page("acct").items == ()


def test_a_server_without_the_schema_is_refused_with_the_command_named(
    bare_url: str, opened: Opener, face: str
) -> None:
    with pytest.raises(ConfigurationError, match=f"has no plexe_auth schema; run {COMMAND}"):
        opened(face, bare_url)
    with administered(bare_url) as connection:
        assert not connection.dialect.has_table(connection, "plexe_auth_keys")


def test_a_server_gets_the_schema_where_that_is_asked_for(bare_url: str, opened: Opener, face: str) -> None:
    key = opened(face, bare_url, migrate=True).keys.create("acct", name="CI").key
    assert opened(face, bare_url).keys.get(key.id) == key


@pytest.mark.parametrize("version", ["0000", "0001", "9999"])
def test_an_old_or_newer_schema_is_refused(bare_url: str, opened: Opener, face: str, version: str) -> None:
    Auth.open(bare_url, migrate=True).close()
    set_version(bare_url, version)
    advice = COMMAND if version < HEAD else "install a newer version"
    with pytest.raises(ConfigurationError, match=f"has schema {version}, .*{advice}"):
        opened(face, bare_url)


def test_a_newer_schema_is_refused_also_where_migrating_is_asked_for(bare_url: str, opened: Opener, face: str) -> None:
    Auth.open(bare_url, migrate=True).close()
    set_version(bare_url, "9999")
    with pytest.raises(ConfigurationError, match="install a newer version"):
        opened(face, bare_url, migrate=True)


@pytest.mark.parametrize("version", ["0000", "9999"])
def test_an_old_or_newer_sqlite_schema_is_refused(tmp_path: Path, opened: Opener, face: str, version: str) -> None:
    url = f"sqlite:///{tmp_path}/auth.db"
    Auth.open(url).close()
    set_version(url, version)
    with pytest.raises(ConfigurationError, match=f"has schema {version}"):
        opened(face, url)


@pytest.mark.parametrize("bare_url", ["postgresql"], indirect=True)  # this server takes any password
def test_the_message_on_a_schema_holds_neither_password_nor_options(bare_url: str, opened: Opener, face: str) -> None:
    secret = "canary-of-a-password"
    with pytest.raises(ConfigurationError, match="has no plexe_auth schema") as refused:
        opened(face, f"{bare_url.replace('@', f':{secret}@')}?application_name={secret}")
    assert secret not in str(refused.value)


def test_a_folder_that_is_not_there_is_told(tmp_path: Path, opened: Opener, face: str) -> None:
    with pytest.raises(ConfigurationError, match=r"nowhere/auth\.db cannot be opened: is its folder there"):
        opened(face, f"sqlite:///{tmp_path}/nowhere/auth.db")


def test_a_folder_in_place_of_a_file_is_told(tmp_path: Path, opened: Opener, face: str) -> None:
    with pytest.raises(ConfigurationError, match="cannot be opened"):
        opened(face, f"sqlite:///{tmp_path}")


def test_a_file_that_is_no_database_is_told_and_left_alone(tmp_path: Path, opened: Opener, face: str) -> None:
    file = tmp_path / "auth.db"
    file.write_bytes(b"not a database " * 1000)
    with pytest.raises(ConfigurationError, match="is no SQLite database"):
        opened(face, f"sqlite:///{file}")
    assert file.read_bytes() == b"not a database " * 1000


def test_a_new_file_that_cannot_be_written_to_is_told(tmp_path: Path, opened: Opener, face: str) -> None:
    (tmp_path / "auth.db").touch()
    with pytest.raises(ConfigurationError, match="cannot be written to"):
        opened(face, f"sqlite:///file:{tmp_path}/auth.db?mode=ro&uri=true&journal=delete")


def test_a_file_that_can_only_be_read_is_read_and_a_write_is_unavailable(
    tmp_path: Path, opened: Opener, face: str
) -> None:
    with Auth.open(f"sqlite:///{tmp_path}/auth.db?journal=delete") as writing:
        issued = writing.keys.create("acct", name="CI")
    auth = opened(face, f"sqlite:///file:{tmp_path}/auth.db?mode=ro&uri=true&journal=delete")
    assert auth.keys.verify(issued.secret.reveal()).id == issued.key.id
    with pytest.raises(Unavailable):
        auth.keys.revoke(issued.key.id)
    assert auth.keys.get(issued.key.id) == issued.key


@pytest.mark.parametrize("option", ["nonsense=1", "connect_timeout=soon"])
def test_an_option_that_the_driver_does_not_take_is_told(
    server_url: str, opened: Opener, face: str, option: str
) -> None:
    with pytest.raises(ConfigurationError, match="an option that its driver does not take") as refused:
        opened(face, f"{server_url}?{option}")
    assert option not in str(refused.value)


@pytest.mark.parametrize("face", FACES)
def test_a_server_that_is_not_there_is_unavailable(opened: Opener, face: str) -> None:
    for database in ("postgresql", "mysql", "mariadb"):
        with pytest.raises(Unavailable):
            opened(face, f"{database}://user:canary-of-a-password@127.0.0.1:1/name")


def test_opening_for_async_code_connects_to_nothing_until_it_is_used() -> None:
    auth = AsyncAuth.open("postgresql://127.0.0.1:1/name")  # and no loop is running here
    with pytest.raises(Unavailable):
        asyncio.run(auth.keys.page("acct"))
    asyncio.run(auth.close())


ONE_OF_THEM = """
import sys
from plexe_auth import Auth
sys.stdin.readline()
with Auth.open(sys.argv[1]) as auth:
    print(auth.keys.create("acct", name="CI").key.id)
"""


@pytest.mark.parametrize(("query", "count"), [("", 8), ("?journal=delete", 3)])
def test_many_processes_create_one_sqlite_file_at_once(tmp_path: Path, opened: Opener, query: str, count: int) -> None:
    url = f"sqlite:///{tmp_path}/new.db{query}"
    command = [sys.executable, "-W", "error", "-c", ONE_OF_THEM, url]
    many = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(count)
    ]
    for process in many:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    told = [process.communicate(timeout=120) for process in many]
    assert [error for _id, error in told] == [""] * count
    keys = {key.id for key in opened("blocking", url).keys.page("acct").items}
    assert keys == {key_id.strip() for key_id, _error in told}
