"""The house is kept: each file says what it is, stays small, and shows the world exactly its public names."""

import ast
import copy
import importlib
import inspect
import pickle
import re
import statistics
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import plexe_auth
from plexe_auth import AuthError
from plexe_auth.bridge import Service, operation

ROOT = Path(__file__).parents[1]
PACKAGE = Path(plexe_auth.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))
TREES = {file: ast.parse(file.read_text()) for file in FILES}
FACES = ("plexe_auth", "plexe_auth.client", "plexe_auth.testing")

LONGEST_FILE = 300
LONGEST_FUNCTION = 40
MEDIAN_FUNCTION = 10
SAY_NOTHING = {"base", "common", "core", "helper", "helpers", "misc", "tools", "util", "utils"}

each_file = pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(PACKAGE).as_posix())
needs_docstrings = pytest.mark.skipif(sys.flags.optimize > 1, reason="python -OO leaves no docstrings")


def functions(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Give each function's name and its lines of code; its docstring does not count."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
            first = node.body[0]
            told = (first.end_lineno or 0) - first.lineno + 1 if ast.get_docstring(node) is not None else 0
            yield node.name, node.end_lineno - node.lineno + 1 - told


@each_file
def test_a_file_opens_with_a_line_that_says_what_it_is(file: Path) -> None:
    law = (ast.get_docstring(TREES[file], clean=False) or "").partition("\n")[0]
    assert law.endswith(".")
    assert law.count(". ") <= 1
    assert law[0].isupper() or law[0] == "`"


@each_file
def test_a_file_and_its_functions_stay_small(file: Path) -> None:
    assert len(file.read_text().splitlines()) <= LONGEST_FILE
    assert [name for name, lines in functions(TREES[file]) if lines > LONGEST_FUNCTION] == []


def test_half_of_all_functions_fit_into_ten_lines() -> None:
    lines = [lines for tree in TREES.values() for _name, lines in functions(tree)]
    assert statistics.median(lines) <= MEDIAN_FUNCTION


@pytest.mark.parametrize("folder", ["plexe_auth", "tests", "examples"])
def test_no_file_has_a_name_that_says_nothing(folder: str) -> None:
    assert [file for file in (ROOT / folder).rglob("*.py") if file.stem in SAY_NOTHING] == []


@each_file
def test_L24_nothing_depends_on_assert_which_python_O_leaves_out(file: Path) -> None:
    asserts = [node.lineno for node in ast.walk(TREES[file]) if isinstance(node, ast.Assert)]
    assert asserts == [] or file.is_relative_to(PACKAGE / "testing")


@pytest.mark.parametrize("face", FACES)
def test_the_public_names_are_sorted_constants_first(face: str) -> None:
    names = importlib.import_module(face).__all__
    assert names == sorted(names, key=lambda name: (not name.isupper(), name))
    assert len(names) == len(set(names))


@pytest.mark.parametrize("face", FACES)
def test_the_public_names_are_those_that_resolve_and_those_that_checkers_see(face: str) -> None:
    module = importlib.import_module(face)
    seen = imported_for_types(module.__file__)
    assert sorted(seen) == sorted(module.__all__) == sorted(module._HOMES) == dir(module)
    for name, home in seen.items():
        assert getattr(module, name) is getattr(importlib.import_module(home), name)


def imported_for_types(file: str | None) -> dict[str, str]:
    tree = ast.parse(Path(file or "").read_text())
    [block] = [node for node in tree.body if isinstance(node, ast.If)]
    return {
        alias.name: str(node.module) for node in block.body if isinstance(node, ast.ImportFrom) for alias in node.names
    }


@pytest.mark.parametrize("face", FACES)
def test_a_name_that_is_not_public_is_told_to_be_missing(face: str) -> None:
    with pytest.raises(AttributeError, match=f"module '{face}' has no attribute 'Nonsense'"):
        _ = importlib.import_module(face).Nonsense


@needs_docstrings
@pytest.mark.parametrize("face", FACES)
def test_every_public_class_says_what_it_is(face: str) -> None:
    module = importlib.import_module(face)
    classes = [value for name in module.__all__ if isinstance(value := getattr(module, name), type)]
    assert [one for one in classes if str(one.__doc__).startswith(("None", f"{one.__name__}("))] == []


def descendants(kind: type[Any]) -> Iterator[type[Any]]:
    """Give the classes of ours that stand on `kind`; those of tests are none."""
    for child in kind.__subclasses__():
        yield from (one for one in (child, *descendants(child)) if one.__module__.startswith("plexe_auth."))


@needs_docstrings
def test_every_operation_shows_an_example() -> None:
    importlib.import_module("plexe_auth.auth")
    members = [member for service in descendants(Service) for member in vars(service).items()]
    found = {name: str(member.__doc__) for name, member in members if isinstance(member, operation)}
    assert {"create", "verify", "suspend"} <= found.keys()
    assert [name for name, told in found.items() if ">>> " not in told] == []


@needs_docstrings
@pytest.mark.parametrize("name", ["Auth", "AsyncAuth", "AuthError", "Permissions", "Policy", "Rule", "Secret"])
def test_what_people_begin_with_shows_an_example(name: str) -> None:
    assert "Example:\n" in inspect.cleandoc(getattr(plexe_auth, name).__doc__)


ERRORS = list(descendants(AuthError))


@pytest.mark.parametrize("kind", [AuthError, *ERRORS])
def test_a_refusal_survives_copying_and_pickling(kind: type[AuthError]) -> None:
    error = kind("told once")
    vars(error).update({name: 7 for name in ("field", "retry_after", "standing") if hasattr(error, name)})
    for other in (copy.copy(error), copy.deepcopy(error), pickle.loads(pickle.dumps(error))):
        assert type(other) is kind
        assert vars(other) == vars(error)
        assert other.problem() == error.problem()
        assert str(other) == "told once"


def test_the_table_of_errors_is_that_of_the_classes() -> None:
    rows = [line.split(maxsplit=2) for line in (docstring("errors.py")).splitlines() if line[:3].isdigit()]
    told = {(int(status), code.strip("`"), name) for status, code, rest in rows for name in quoted(rest)}
    assert told == {(kind.status, kind.code, kind.__name__) for kind in ERRORS}
    assert len(rows) == len({kind.code for kind in ERRORS})


def docstring(file: str) -> str:
    return ast.get_docstring(TREES[PACKAGE / file]) or ""


def quoted(text: str) -> list[str]:
    return [word.strip("`,") for word in text.partition("  ")[0].split() if word.startswith("`")]


def test_the_page_on_errors_tells_of_each_class_code_and_status_in_one_row() -> None:
    page = ROOT / "docs" / "errors.md"
    rows = page.read_text().splitlines() if page.exists() else []
    for kind in ERRORS if rows else ():
        wanted = (str(kind.status), f"`{kind.code}`", kind.__name__)
        assert any(row.startswith("|") and all(word in row for word in wanted) for row in rows), wanted


def dependencies() -> Iterator[str]:
    """Give every requirement of the project: its own, those of its extras, its groups, and what builds it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    yield from project["build-system"]["requires"]
    yield from project["project"]["dependencies"]
    for extra in project["project"]["optional-dependencies"].values():
        yield from extra
    for group in project["dependency-groups"].values():
        yield from (one for one in group if isinstance(one, str))


@pytest.mark.parametrize("requirement", sorted(set(dependencies())))
def test_H18_every_dependency_says_from_which_version_on(requirement: str) -> None:
    assert re.fullmatch(r"plexe-auth\[[a-z,]+\]|[a-z0-9-]+(\[[a-z,]+\])?>=[0-9][0-9.]*(,<[0-9.]+)?", requirement)


# The first version without a known hole that touches what we do, and the hole. None may be allowed again by mistake.
FIXED = {
    "django": ((5, 2, 11), "CVE-2025-14550: many equal headers take quadratic time under ASGI"),
    "flask": ((3, 1, 3), "CVE-2026-27205: answers that depend on the session are cached for everybody"),
    "gunicorn": ((22, 0), "CVE-2024-1135: request smuggling by Transfer-Encoding"),
    "pymysql": ((1, 1, 1), "CVE-2024-36039: SQL injection by the keys of a JSON object"),
    "starlette": ((1, 0, 1), "CVE-2026-48710: the Host field changes request.url.path"),
    "waitress": ((3, 0, 1), "CVE-2024-49768: a request that was pipelined after a bad one is answered"),
}


@pytest.mark.parametrize("name", FIXED)
def test_H18_no_version_with_a_known_hole_is_allowed(name: str) -> None:
    floors = [re.findall(r"\d+", one.partition(">=")[2]) for one in dependencies() if one.startswith(f"{name}>=")]
    assert floors
    assert all(tuple(map(int, floor)) >= FIXED[name][0] for floor in floors), FIXED[name][1]
