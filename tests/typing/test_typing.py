"""Both checkers see both faces rightly, and refuse the mistakes that matter, each on its line and by its name.

The snippets are checked, never run. Where a mistake stands, a comment names the complaint of each checker; a checker
that does not complain there complains of the comment instead.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SNIPPETS = Path(__file__).parent / "snippets"
PYRIGHT = ["-m", "pyright", "--pythonpath", sys.executable]


def check(*command: str) -> None:
    """Run a checker, and fail with what it complains of."""
    checker = [sys.executable, *command]
    ended = subprocess.run(
        checker, cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=300, check=False
    )
    if ended.returncode:
        pytest.fail(f"{ended.stdout}{ended.stderr}", pytrace=False)


def environment() -> dict[str, str]:
    """Return an environment in which pyright finds this Python's packages, and the checker itself is not measured."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")} | {"PATH": path}


@pytest.mark.parametrize(
    "command",
    [
        ["-m", "mypy", "--config-file", "tests/typing/mypy.ini"],
        [*PYRIGHT, "--project", "tests/typing/pyrightconfig.json"],
    ],
    ids=["mypy", "pyright"],
)
def test_a_checker_sees_both_faces_rightly_and_refuses_the_mistakes(command: list[str]) -> None:
    check(*command)


def test_every_public_name_has_a_complete_type() -> None:
    check(*PYRIGHT, "--verifytypes", "plexe_auth", "--ignoreexternal")


def test_every_mistake_is_one_for_both_checkers() -> None:
    lines = (SNIPPETS / "mistakes.py").read_text().splitlines()
    assert len([line for line in lines if "# type: ignore[" in line]) >= 20
    assert [line for line in lines if ("# type: ignore[" in line) != ("# pyright: ignore[" in line)] == []
    assert "ignore" not in (SNIPPETS / "faces.py").read_text()
