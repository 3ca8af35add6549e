"""A fresh interpreter loads no more of us than is asked for, and what we decide holds where `assert` is left out."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEAVY = {
    "alembic",
    "argon2",
    "cbor2",
    "cryptography",
    "greenlet",
    "httpcore2",
    "httpx",
    "httpx2",
    "itsdangerous",
    "joserfc",
    "limits",
    "passlib",
    "segno",
    "sqlalchemy",
    "webauthn",
    "werkzeug",
}
FRAMEWORKS = {"django", "fastapi", "flask", "pytest", "starlette"}
LOOPS = {"anyio", "asyncio", "concurrent"}

LOADED = """
import sys
before = set(sys.modules)
{statement}
print(*{{name.partition(".")[0] for name in sys.modules.keys() - before}})
"""


def loaded_by(statement: str) -> set[str]:
    code = LOADED.format(statement=statement)
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    return set(ended.stdout.split())


def test_import_loads_nothing_but_the_face() -> None:
    assert loaded_by("import plexe_auth") == {"plexe_auth"}


def test_a_refusal_loads_no_store() -> None:
    assert (
        loaded_by("from plexe_auth import InvalidKey, Permissions, Principal") & (HEAVY | FRAMEWORKS | LOOPS) == set()
    )


@pytest.mark.parametrize(
    "statement",
    [
        "from plexe_auth import Auth",
        "from plexe_auth import Auth; Auth.open('memory://').keys.create('acct_42', name='CI')",
        "from plexe_auth.wsgi import AuthMiddleware",
        "from plexe_auth import passkeys, qr, signing, vault",
    ],
)
def test_blocking_code_on_memory_loads_no_loop_and_nothing_heavy(statement: str) -> None:
    assert loaded_by(statement) & (HEAVY | FRAMEWORKS | LOOPS) == set()


# What only mail, providers and passwords need: TLS takes longer to load than everything that keys need.
LATE = ("ssl", "html", "importlib.resources", "plexe_auth.mail.", "plexe_auth.fetch.", "plexe_auth.providers")


def late_ones_after(statement: str) -> str:
    program = (
        f"import sys\nbefore = {{*sys.modules}}\n{statement}\n"  # coverage may have loaded some
        f"print(*sorted(name for name in {{*sys.modules}} - before if f'{{name}}.'.startswith({LATE!r})))"
    )
    return subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("face", ["Auth", "AsyncAuth"])
def test_whoever_has_keys_alone_loads_neither_mail_nor_what_asks_other_servers(face: str) -> None:
    path = f"import sys; sys.path.insert(0, {str(ROOT)!r})"
    assert late_ones_after(f"{path}\nfrom plexe_auth import {face}").strip() == ""
    opened = (
        f"{path}\nfrom plexe_auth import Auth\nauth = Auth.open('memory://')\nauth.keys.create('acct_42', name='CI')"
    )
    assert late_ones_after(opened).strip() == ""


@pytest.mark.parametrize("name", ["Key", "RequestsAuth", "raise_for_problem"])
def test_what_customers_install_loads_nothing_of_a_servers(name: str) -> None:
    found = loaded_by(f"from plexe_auth.client import {name}")
    assert found & (HEAVY | FRAMEWORKS | LOOPS | {"requests"}) == set()


def test_the_client_for_HTTPX_loads_HTTPX_and_nothing_of_a_servers() -> None:
    found = loaded_by("from plexe_auth.client import HTTPXAuth")
    assert found & (HEAVY | FRAMEWORKS) <= {"httpx", "httpx2", "httpcore2"}


def test_HTTPX_that_is_missing_is_told_when_its_class_is_asked_for() -> None:
    code = "import sys; sys.modules |= dict.fromkeys(['httpx', 'httpx2']); from plexe_auth.client import {}"
    said = [
        subprocess.run([sys.executable, "-c", code.format(name)], capture_output=True, text=True, check=False).stderr
        for name in ("RequestsAuth", "HTTPXAuth")
    ]
    assert said[0] == ""
    assert said[1].endswith("ConfigurationError: HTTPXAuth needs HTTPX: pip install httpx2, or httpx\n")


def test_asynchronous_code_loads_no_more_than_its_loop() -> None:
    found = loaded_by("from plexe_auth import AsyncAuth; from plexe_auth.asgi import AuthMiddleware")
    assert found & (HEAVY | FRAMEWORKS) == set()


def test_a_file_of_SQLite_loads_SQLAlchemy_and_nothing_else_that_is_heavy(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/auth.db"
    assert {"sqlalchemy", "alembic"} >= loaded_by(opening(url)) & (HEAVY | FRAMEWORKS) >= {"sqlalchemy"}


def opening(url: str) -> str:
    return f"from plexe_auth import Auth; Auth.open({url!r}).keys.create('acct_42', name='CI')"


# The heart of the suite, on memory; the whole of it runs in the lane `optimized`.
HEART = [
    "tests/ground/test_bridge.py",
    "tests/ground/test_errors.py",
    "tests/ground/test_mixed_colours.py",
    "tests/ground/test_secret.py",
    "tests/keys/test_by.py",
    "tests/keys/test_expiry.py",
    "tests/keys/test_verify.py",
    "tests/gate/test_credentials.py",
]


@pytest.mark.parametrize("level", ["-O", "-OO"])
def test_L24_what_is_decided_holds_where_assert_and_docstrings_are_left_out(level: str) -> None:
    options = ["-q", "-x", "-p", "no:cacheprovider", "-W", "ignore:assertions not in test modules"]
    command = [sys.executable, level, "-m", "pytest", *options, *HEART, "-k", "not sql and not mariadb"]
    unmeasured = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    ended = subprocess.run(command, cwd=ROOT, env=unmeasured, capture_output=True, text=True, timeout=300, check=False)
    if ended.returncode:
        pytest.fail(ended.stdout + ended.stderr, pytrace=False)


def test_L24_the_tests_own_asserts_hold_where_those_of_others_are_left_out(tmp_path: Path) -> None:
    file = tmp_path / "test_wrong.py"
    file.write_text("def test_wrong():\n    assert 1 == 2\n")
    command = [sys.executable, "-O", "-m", "pytest", "-q", "-W", "ignore:assertions not in test modules", str(file)]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert "assert 1 == 2" in ended.stdout
    assert ended.returncode == 1
