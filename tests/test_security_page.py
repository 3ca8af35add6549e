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
PROMISED = """
    K02 K03 K06 K07 K09 K10 K11 K12 K13 K14 K15 K16 K17 K18 K19 K20 K21 K23 K24
    P01 P02 P03 P04 P05 P06 P07 P08 H01 H02 H05 H06 H09 H10 H12 H15 H17 H18 H19 L24
""".split()


def family(name: str) -> str:
    return name.split("_")[1]


def test_every_test_that_the_page_names_exists() -> None:
    assert NAMED - WRITTEN == set()


def test_every_weakness_that_was_promised_is_on_the_page() -> None:
    assert set(PROMISED) - set(map(family, NAMED)) == set()


def test_every_weakness_that_has_a_test_is_on_the_page() -> None:
    assert set(map(family, WRITTEN)) == set(map(family, NAMED))
