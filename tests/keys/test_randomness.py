"""Secrets come from the system's random source alone, and no two processes draw the same."""

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import plexe_auth

PACKAGE = Path(plexe_auth.__file__).parent
WEAK = {"random", "uuid", "numpy", "time", "datetime"}
SECRETS = ("secret.py", "model/recovery.py", "model/token.py", "vault.py")  # the modules that make secrets


def modules() -> list[Path]:
    """All that runs in production."""
    return [file for file in sorted(PACKAGE.rglob("*.py")) if "testing" not in file.relative_to(PACKAGE).parts]


def imported(file: Path) -> Iterator[str]:
    """The names of all modules that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        if isinstance(node, ast.ImportFrom):
            yield node.module or ""
            yield from (f"{node.module}.{one.name}" for one in node.names)


def named(file: Path) -> set[str]:
    """Every name and attribute in a file."""
    nodes = list(ast.walk(ast.parse(file.read_text())))
    attributes = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    return attributes | {node.id for node in nodes if isinstance(node, ast.Name)}


@pytest.mark.parametrize("module", SECRETS)
def test_H19_what_makes_secrets_knows_neither_weak_chance_nor_the_time(module: str) -> None:
    assert WEAK.isdisjoint(name.partition(".")[0] for name in imported(PACKAGE / module))
    assert {"time_ns", "time", "now", "getpid", "id", "hash"}.isdisjoint(named(PACKAGE / module))


@pytest.mark.parametrize("file", modules(), ids=lambda file: str(file.relative_to(PACKAGE)))
def test_H19_nothing_draws_from_weak_chance(file: Path) -> None:
    assert {"random", "uuid", "uuid1", "uuid4"}.isdisjoint(name.partition(".")[0] for name in imported(file))
    assert {"uuid1", "uuid4", "getrandbits", "randbytes", "SystemRandom"}.isdisjoint(named(file))


def test_H19_the_system_is_asked_for_chance_in_one_place() -> None:
    asking = {str(file.relative_to(PACKAGE)) for file in modules() if "urandom" in named(file)}
    assert asking == {"secret.py"}


FORKING = """
import os, sys
from plexe_auth import Auth

auth = Auth.open("memory://")
auth.keys.create("acct", name="warm")
for _ in range(8):
    if os.fork() == 0:
        made = [auth.keys.create("acct", name="CI") for _ in range(200)]
        text = "".join(f"{one.secret.reveal()} {one.key.id}\\n" for one in made)
        os.write(1, text.encode())
        os._exit(0)
for _ in range(8):
    os.wait()
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_H19_forked_workers_draw_different_keys_and_ids() -> None:
    told = subprocess.run([sys.executable, "-c", FORKING], capture_output=True, check=True, text=True).stdout
    drawn = told.split()
    assert len(drawn) == 8 * 200 * 2
    assert len(set(drawn)) == len(drawn)
