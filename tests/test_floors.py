"""Imports only go down: each file stands on a floor, knows those below it, and nothing of those above."""

import ast
import functools
import graphlib
import sys
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatch
from pathlib import Path
from typing import NamedTuple

import pytest

import plexe_auth

# The house, from the top down. A file belongs to the floor that names it, or its folder; a floor may import itself (in
# no circle) and all that is drawn below it. What stands after the bar are the only parts of other people that it may
# import; the standard library is nobody's.
HOUSE = """
7 on top     testing/*                                           | pytest hypothesis
             web/* manage/*                                      | msgspec
             console/*                                           | jinja2 markupsafe msgspec
             __main__ cli cli/*                                  | click rich
             client/__init__ client/*                            |
             client/httpx                                        | anyio
             cli/serving                                         | click waitress
6 shims      wsgi asgi contrib/__init__ contrib/demand           |
             contrib/flask                                       | flask werkzeug
             contrib/starlette                                   | starlette
             contrib/fastapi                                     | fastapi starlette
             contrib/django                                      | django asgiref
             contrib/prometheus                                  | prometheus_client
             contrib/opentelemetry                               | opentelemetry
             contrib/limits                                      | limits
5 door       __init__ auth gate admission shortcut               |
4 service    service/*                                           |
3 world      world clock limiting/* cache/*                    |
             journal/* mail/* fetch/* providers breaches         |
             mail/asynchronous                                   | aiosmtplib
             hashing/* blocklist/*                               |
             hashing/argon2                                      | passlib
             hashing/bcrypt                                      | bcrypt
             attestation                                         | cbor2 cryptography webauthn
             passkeys                                            | webauthn
             qr                                                  | segno
             signing                                             | itsdangerous
             vault                                               | cryptography
             fetch/blocking fetch/asynchronous                   | httpcore2
             id_token                                            | joserfc
             limiting/servers                                    | limits redis
             limiting/memcached                                  | limits pymemcache
             storage/__init__ storage/*                          |
             storage/sql/*                                       | sqlalchemy
             storage/migrations/*                                | sqlalchemy alembic
2 model      model/* settings                                    |
1 ground     bridge errors http_errors identifier rows secret wire |
"""

# Who decides knows no loop, no thread and no lock: one body serves both colours, and atomicity is the store's.
COLOURLESS_FLOORS = ("1", "2", "4")
COLOURED = {"anyio", "asyncio", "concurrent", "multiprocessing", "queue", "selectors", "threading", "trio"}

# Pure rules are functions of values and `now`: this much of the standard library, and neither files nor clocks.
PURE_FLOORS = ("2", "4")
PURE = {"base64", "bisect", "collections", "dataclasses", "datetime", "enum", "functools", "ipaddress", "itertools"}
PURE |= {"json", "math", "operator", "posixpath", "re", "string", "types", "typing", "unicodedata", "urllib.parse"}
PURE |= {"contextlib", "hashlib", "hmac", "zlib"}
WORLDLY_CALLS = {"now", "utcnow", "today", "open", "input", "urandom"}

# Chance for secrets comes from the system alone (H19), and what unpickles runs what it reads. Test data is no secret.
NOWHERE = {"marshal", "pickle", "random", "shelve", "uuid"}

# The faces import late, by name, so that `import plexe_auth` stays light, and the SQL engine asks whether greenlet is
# there; nobody else hides an import in a text.
# HTTPX goes by two names.
FACES = {"__init__", "testing/__init__", "client/__init__"}
BY_NAME = FACES | {"storage/sql/engine", "client/httpx"}

# Customers install us for the client alone: of what is ours it knows this much, and nobody of ours knows it.
CLIENT = {"client", "errors", "secret"}

PACKAGE = Path(plexe_auth.__file__).parent


class Floor(NamedTuple):
    number: str
    pattern: str
    parties: frozenset[str]


def drawn(house: str) -> Iterator[Floor]:
    number = ""
    for line in house.strip().splitlines():
        number = line[0].strip() or number
        patterns, _bar, parties = line[13:].partition("|")
        yield from (Floor(number, pattern, frozenset(parties.split())) for pattern in patterns.split())


FLOORS = tuple(drawn(HOUSE))


@functools.cache
def floor_of(file: str) -> Floor | None:
    """Return where a file such as ``model/key`` stands: on the floor that names it, or else its nearest folder."""
    fitting = [one for one in FLOORS if fnmatch(file, one.pattern)]
    return max(fitting, key=lambda one: (one.pattern == file, one.pattern.count("/")), default=None)


def sources() -> dict[str, str]:
    return {
        file.relative_to(PACKAGE).with_suffix("").as_posix(): file.read_text() for file in sorted(PACKAGE.rglob("*.py"))
    }


@functools.cache
def nodes(source: str) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(ast.parse(source)))


@functools.cache
def imported(source: str) -> tuple[str, ...]:
    """Return the dotted names that a source imports, late ones and those for types among them."""
    return tuple(named(source))


def named(source: str) -> Iterator[str]:
    for node in nodes(source):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{'.' * node.level}{node.module or ''}.{alias.name}" for alias in node.names)


def ours(name: str, files: Iterable[str]) -> str | None:
    """Return the file of ours that an imported name means, if it means one."""
    parts = name.split(".")
    if parts[0] != "plexe_auth":
        return None
    inner = "/".join(parts[1:])
    folder = "/".join(parts[1:-1])
    candidates = (inner, f"{inner}/__init__", folder, f"{folder}/__init__".lstrip("/"))
    return next((one for one in candidates if one in files), inner)


def complaints(files: Mapping[str, str]) -> list[str]:
    """Return every breach of the rules above, as a sentence."""
    found = [complaint for file, source in files.items() for complaint in of_file(file, source, files)]
    return found + list(circles(files))


def of_file(file: str, source: str, files: Mapping[str, str]) -> Iterator[str]:
    floor = floor_of(file)
    if floor is None:
        yield f"{file} stands on no floor"
        return
    for name in imported(source):
        target = ours(name, files)
        yield from of_import(file, floor, name) if target is None else of_step(file, floor, target)
    yield from of_calls(file, floor, source)


def of_step(file: str, floor: Floor, target: str) -> Iterator[str]:
    below = floor_of(target)
    if below is None or below.number > floor.number:
        yield f"{file} imports {target}, which is above it"
    if file.startswith("client/") and target.partition("/")[0] not in CLIENT:
        yield f"{file} imports {target}, which customers do not need"
    if target.startswith("client/") and not file.startswith("client/"):
        yield f"{file} imports {target}, which is for customers"
    if target == "__init__" and floor.number < "6":
        yield f"{file} imports the face of plexe_auth"


def of_import(file: str, floor: Floor, name: str) -> Iterator[str]:
    top = name.partition(".")[0]
    if not top:
        yield f"{file} imports relatively"
    elif top not in sys.stdlib_module_names | floor.parties | {"_typeshed"}:
        yield f"{file} imports {top}, which is not among its floor's"
    elif (top in NOWHERE and not file.startswith("testing/")) or (
        top in COLOURED and (floor.number in COLOURLESS_FLOORS or file == "gate")
    ):
        yield f"{file} imports {top}, which it must never know"
    elif floor.number in PURE_FLOORS and not any(f"{name}.".startswith(f"{pure}.") for pure in PURE):
        yield f"{file} imports {top}, and rules are pure"


def of_calls(file: str, floor: Floor, source: str) -> Iterator[str]:
    for node in nodes(source):
        called = node.func if isinstance(node, ast.Call) else None
        name = getattr(called, "attr", getattr(called, "id", None))
        if name in {"__import__", "import_module"} and file not in BY_NAME:
            yield f"{file} imports by name"
        if floor.number == "2" and name in WORLDLY_CALLS:
            yield f"{file} asks the world by {name}()"


def circles(files: Mapping[str, str]) -> Iterator[str]:
    """Find a circle of imports. Those of a face for its types are none: it imports by name, when it is asked."""
    graph = {
        file: {target for name in imported(source) if (target := ours(name, files)) and target != file}
        for file, source in files.items()
        if file not in FACES
    }
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        yield f"a circle: {' → '.join(error.args[1])}"


def test_imports_only_go_down() -> None:
    assert complaints(sources()) == []


def test_every_floor_is_lived_on_from_the_ground_up() -> None:
    lived_on = {floor.number for file in sources() if (floor := floor_of(file))}
    assert lived_on == {"1", "2", "3", "4", "5", "6", "7"}


@pytest.mark.parametrize(
    ("file", "line", "complaint"),
    [
        ("helpers", "", "helpers stands on no floor"),
        ("contrib/tornado", "", "contrib/tornado stands on no floor"),
        ("secret", "from plexe_auth.model.key import APIKey", "secret imports model/key, which is above it"),
        ("secret", "from plexe_auth.model import key", "secret imports model/key, which is above it"),
        ("model/key", "from plexe_auth import world", "model/key imports world, which is above it"),
        ("model/key", "import plexe_auth.service.keys", "model/key imports service/keys, which is above it"),
        (
            "storage/store",
            "def late():\n from plexe_auth.auth import Auth",
            "storage/store imports auth, which is above it",
        ),
        ("auth", "if TYPE_CHECKING:\n import plexe_auth.wsgi", "auth imports wsgi, which is above it"),
        ("wsgi", "from plexe_auth.testing import FakeClock", "wsgi imports testing/__init__, which is above it"),
        ("wsgi", "from plexe_auth.console import site", "wsgi imports console/site, which is above it"),
        ("client/key", "from plexe_auth import Auth", "client/key imports __init__, which customers do not need"),
        (
            "client/origin",
            "from plexe_auth.model import endpoint",
            "client/origin imports model/endpoint, which customers do not need",
        ),
        ("client/requests", "import requests", "client/requests imports requests, which is not among its floor's"),
        ("wsgi", "from plexe_auth.client.key import Key", "wsgi imports client/key, which is above it"),
        (
            "cli/commands",
            "from plexe_auth.client.key import Key",
            "cli/commands imports client/key, which is for customers",
        ),
        ("gate", "from plexe_auth import Auth", "gate imports the face of plexe_auth"),
        ("model/key", "from . import token", "model/key imports relatively"),
        ("model/key", "import sqlalchemy as sa", "model/key imports sqlalchemy, which is not among its floor's"),
        ("storage/memory", "import sqlalchemy", "storage/memory imports sqlalchemy, which is not among its floor's"),
        ("storage/sql/store", "import alembic", "storage/sql/store imports alembic, which is not among its floor's"),
        ("contrib/flask", "import fastapi", "contrib/flask imports fastapi, which is not among its floor's"),
        ("wsgi", "import werkzeug", "wsgi imports werkzeug, which is not among its floor's"),
        ("auth", "import pytest", "auth imports pytest, which is not among its floor's"),
        ("bridge", "import asyncio", "bridge imports asyncio, which it must never know"),
        ("service/keys", "import threading", "service/keys imports threading, which it must never know"),
        ("gate", "from asyncio import sleep", "gate imports asyncio, which it must never know"),
        ("storage/memory", "import random", "storage/memory imports random, which it must never know"),
        ("model/token", "import os", "model/token imports os, and rules are pure"),
        ("model/token", "import urllib.request", "model/token imports urllib, and rules are pure"),
        ("model/key", "datetime.now(UTC)", "model/key asks the world by now()"),
        ("model/key", "open('a')", "model/key asks the world by open()"),
        ("world", "importlib.import_module('os')", "world imports by name"),
        ("world", "__import__('os')", "world imports by name"),
    ],
)
def test_a_planted_breach_is_found(file: str, line: str, complaint: str) -> None:
    files = sources()
    assert new_complaints(files, {file: f"{files.get(file, '')}\n{line}\n"}) >= {complaint}


@pytest.mark.parametrize(("one", "other"), [("model.rate", "model.text"), ("model.account", "model.verdict")])
def test_a_planted_circle_is_found_even_within_a_floor(one: str, other: str) -> None:
    files, planted = sources(), {}
    for file, imports in ((one, other), (other, one)):
        path = file.replace(".", "/")
        planted[path] = files[path] + f"\nfrom plexe_auth.{imports} import anything\n"
    assert any(found.startswith("a circle: ") for found in new_complaints(files, planted))


def new_complaints(files: dict[str, str], planted: dict[str, str]) -> set[str]:
    return set(complaints(files | planted)) - set(complaints(files))
