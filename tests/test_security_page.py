"""The page on security names a test for each weakness that it promises to hold, and every such test exists."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "security.md").read_text()
NAMED = set(re.findall(r"`(test_[A-Z]\d\d_\w+)`", PAGE))
WRITTEN = {
    name
    for file in (ROOT / "tests").rglob("test_*.py")
    for name in re.findall(r"def (test_[A-Z]\d\d_\w+)", file.read_text())
}
KEYS = [f"K{number:02}" for number in (*range(1, 22), 23, 24)]
PERMISSIONS = [f"P{number:02}" for number in range(1, 9)]
SURFACE = [f"H{number:02}" for number in (*range(1, 16), 17, 18, 19)]
RATES = [f"R{number:02}" for number in range(1, 11)]
PROMISED = {*KEYS, *PERMISSIONS, *SURFACE, *RATES, "L24", "S12"}


def family(name: str) -> str:
    return name.split("_")[1]


def test_every_test_that_the_page_names_exists() -> None:
    assert set() == NAMED - WRITTEN


def test_every_weakness_that_was_promised_is_on_the_page() -> None:
    assert PROMISED - set(map(family, NAMED)) == set()


def test_every_weakness_that_has_a_test_is_on_the_page() -> None:
    assert set(map(family, WRITTEN)) == set(map(family, NAMED))
