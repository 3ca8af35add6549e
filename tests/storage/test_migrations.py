"""The revisions make just the schema that the statements are written for, wholly or again, one process at a time."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import event

from plexe_auth import Auth, Unavailable
from plexe_auth.model.entry import ACTIONS, KINDS, OUTCOMES, kind
from plexe_auth.storage import migrations
from plexe_auth.storage.migrations import run
from plexe_auth.storage.migrations.run import configuration, upgrade
from plexe_auth.storage.sql.prepare import HEAD, current
from plexe_auth.storage.sql.schema import METADATA, SQL_TABLES, VERSION_TABLE
from tests.storage.conftest import SERVERS, administered, bare_database

EVERY = ("sqlite", *SERVERS)


@pytest.fixture(params=EVERY)
def bare(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database of each kind that has nothing in it."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/auth.db"
    else:
        with bare_database(request.getfixturevalue(f"{request.param}_url")) as url:
            yield url


@pytest.fixture
def connection(bare: str) -> Iterator[sa.Connection]:
    with administered(bare) as connection:
        yield connection


def drift(connection: sa.Connection) -> list[Any]:
    """What Alembic would change to make the database what the statements are written for."""
    options = {"compare_type": True, "compare_server_default": True, "version_table": VERSION_TABLE}
    return compare_metadata(MigrationContext.configure(connection, opts=options), METADATA)


def test_the_revisions_are_one_line_of_four_digit_numbers_up_to_the_known_head() -> None:
    script = ScriptDirectory.from_config(configuration())
    revisions = [revision.revision for revision in script.walk_revisions()]
    assert script.get_heads() == [HEAD]
    assert revisions == [f"{number:04}" for number in range(len(revisions), 0, -1)]


def test_an_upgrade_from_nothing_leaves_no_drift(connection: sa.Connection) -> None:
    upgrade(connection)
    assert current(connection) == HEAD
    assert drift(connection) == []


def test_upgrading_again_changes_nothing(connection: sa.Connection) -> None:
    upgrade(connection)
    connection.exec_driver_sql("INSERT INTO plexe_auth_accounts (id) VALUES ('kept')")
    upgrade(connection)
    assert connection.exec_driver_sql("SELECT count(*) FROM plexe_auth_accounts").scalar_one() == 1
    assert drift(connection) == []


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE plexe_auth_accounts ADD COLUMN other INTEGER",
        "ALTER TABLE plexe_auth_keys DROP COLUMN rate",
        "DROP INDEX plexe_auth_budgets_by_resets_at{of}",
        "CREATE INDEX plexe_auth_other ON plexe_auth_accounts (suspended_at)",
        "DROP TABLE plexe_auth_budgets",
    ],
)
def test_drift_would_be_seen(connection: sa.Connection, change: str) -> None:
    upgrade(connection)
    of = " ON plexe_auth_budgets" if connection.dialect.name in ("mysql", "mariadb") else ""
    connection.exec_driver_sql(change.format(of=of))
    assert drift(connection) != []


class Interrupted(Exception):
    """What ends an upgrade in its middle."""


def interrupted_at(connection: sa.Connection, step: int) -> bool:
    """Upgrade up to the change of the schema with that number; return whether there was one."""
    seen = 0

    def before(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        nonlocal seen
        changes = statement.lstrip().startswith(("CREATE", "INSERT", "ALTER"))
        seen += changes
        if changes and seen == step:
            raise Interrupted

    event.listen(connection.engine, "before_cursor_execute", before)
    try:
        upgrade(connection)
    except Interrupted:
        return True
    finally:
        event.remove(connection.engine, "before_cursor_execute", before)
    return False


def test_an_upgrade_that_was_interrupted_anywhere_is_finished_by_running_it_again(bare: str) -> None:
    step = 1
    while True:
        with administered(bare) as connection:
            METADATA.drop_all(connection)
            connection.exec_driver_sql(f"DROP TABLE IF EXISTS {VERSION_TABLE}")
            was_interrupted = interrupted_at(connection, step)
            left = sa.inspect(connection).get_table_names()
            assert left == [] or connection.dialect.name in ("mysql", "mariadb") or not was_interrupted
        with administered(bare) as connection:
            upgrade(connection)
            assert (current(connection), drift(connection)) == (HEAD, [])
        if not was_interrupted:
            break
        step += 1
    assert step > 7  # the version table, three tables, three indexes


def test_entries_from_before_there_were_kinds_get_theirs(connection: sa.Connection) -> None:
    with run._wholly(connection):
        command.upgrade(configuration(connection), "0006")
    entries, least = SQL_TABLES["entries"], {"turn": 0, "at": 0, "chained": bytes(32)}
    both = [*product((*ACTIONS, "later.unknown"), OUTCOMES)]
    for number, (action, outcome) in enumerate(both):
        told = {"id": f"log_{number}", "action": action, "outcome": outcome}
        connection.execute(entries.insert().values(told | least))
    upgrade(connection)
    found = connection.execute(sa.select(entries.c.action, entries.c.outcome, entries.c.kind)).all()
    assert sorted(found) == sorted((action, outcome, kind(action, outcome)) for action, outcome in both)
    assert {number for *_, number in found} == set(range(len(KINDS)))


def test_two_processes_upgrade_at_once(bare: str) -> None:
    command = [sys.executable, "-W", "error", "-c", "from plexe_auth import Auth; import sys; sys.stdin.read(1)"]
    command[-1] += "; Auth.open(sys.argv[1], migrate=True).close()"
    several = [
        subprocess.Popen(
            [*command, bare], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    told = [process.communicate("x", timeout=120) for process in several]
    assert [process.returncode for process in several] == [0] * 2, told
    with administered(bare) as connection:
        assert (current(connection), drift(connection)) == (HEAD, [])


@pytest.mark.parametrize("bare", ["mariadb"], indirect=True)  # the others' locks are part of the transaction
def test_an_upgrade_that_another_process_is_at_for_too_long_is_unavailable(
    connection: sa.Connection, bare: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "_WAIT_SECONDS", 0)
    with administered(bare) as other:
        other.exec_driver_sql(f"SELECT GET_LOCK('plexe_auth_{run._LOCK}', 0)")
        with pytest.raises(Unavailable):
            upgrade(connection)
    assert sa.inspect(connection).get_table_names() == []


def test_many_threads_create_databases_of_their_own_at_once(tmp_path: Path) -> None:
    def opened(number: int) -> int:
        with Auth.open(f"sqlite:///{tmp_path}/{number}.db") as auth:
            auth.keys.create("acct", name="CI")
            return len(auth.keys.page("acct").items)

    with ThreadPoolExecutor(8) as threads:
        assert [*threads.map(opened, range(16))] == [1] * 16


HOST_ENV = """
import sqlalchemy as sa
from alembic import context
from plexe_auth.storage.sql.autogenerate import include_object
metadata = sa.MetaData()
sa.Table("invoices", metadata, sa.Column("id", sa.Integer, primary_key=True))
connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata{include})
with context.begin_transaction():
    context.run_migrations()
"""


@pytest.fixture
def autogenerated(tmp_path: Path, bare: str) -> Callable[[str], str]:
    """Returns what a host's own Alembic would do to a database that has our tables beside the host's."""
    from alembic.config import Config

    def revision(include: str) -> str:
        folder = tmp_path / "host"
        (folder / "versions").mkdir(parents=True)
        (folder / "env.py").write_text(HOST_ENV.format(include=include))
        shutil.copy(Path(migrations.__file__).parent / "script.py.mako", folder)
        with administered(bare) as connection:
            upgrade(connection)
            connection.exec_driver_sql("CREATE TABLE old_invoices (id INTEGER)")
            config = Config(attributes={"connection": connection})
            config.set_main_option("script_location", str(folder))
            config.set_main_option("path_separator", "os")
            command.revision(config, "invoices", autogenerate=True)
        return next((folder / "versions").glob("*.py")).read_text()

    return revision


def test_a_hosts_autogenerate_leaves_our_tables_alone(autogenerated: Callable[[str], str]) -> None:
    script = autogenerated(", include_object=include_object")
    assert "plexe_auth" not in script
    assert "create_table('invoices'" in script
    assert "drop_table('old_invoices'" in script


def test_without_our_filter_it_would_not(autogenerated: Callable[[str], str]) -> None:
    assert "drop_table('plexe_auth_keys'" in autogenerated("")
