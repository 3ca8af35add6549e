"""A page that does not do what it says fails, with the line of its block; one that does passes."""

from pathlib import Path

import pytest

from tests.pages.run import run


@pytest.fixture(autouse=True)
def _restored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(".")  # so that the path is as before after the test


def page(tmp_path: Path, *blocks: str) -> Path:
    path = tmp_path / "page.md"
    path.write_text("# A page\n\n" + "\n\n".join(blocks) + "\n")
    return path


def fenced(language: str, source: str, remark: str = "") -> str:
    return f"{remark}\n```{language}\n{source}\n```".lstrip()


GOOD = (
    fenced("python", "import asyncio\nawait asyncio.sleep(0)\nasked = asyncio.Event()"),
    fenced("python", "import asyncio\nasyncio.run(asyncio.sleep(0))\nprint('id', 7)\none = 1"),
    fenced("text", "id …", "<!-- output -->"),
    fenced("pycon", ">>> one + 1\n2\n>>> two = 2"),
    fenced("python", "assert two == 2 and __name__ != '__main__'"),
    fenced("python", "value = 3", "<!-- file: package/app.py -->"),
    fenced("python", "from package.app import value\nassert value == 3"),
    fenced("sh", "python -c 'from package.app import value; print(value)'\nsleep 1000 &"),
    fenced("text", "3", "<!-- output -->"),
    fenced("sh", "exit 1", "<!-- not run: it fails by design -->"),
    fenced("{toctree}", "tutorial"),
    fenced("json", "{}"),
    "<!-- invisible-code-block: python\nassert value == 3\n-->",
)
WRONG = {
    "raises": fenced("python", "1 / 0"),
    "exits": fenced("python", "raise SystemExit"),
    "raises after an await": fenced("python", "import asyncio\nawait asyncio.sleep(0)\n1 / 0"),
    "does not compile": fenced("python", "1 +"),
    "a session that says something else": fenced("pycon", ">>> 1 + 1\n3"),
    "a session that raises": fenced("pycon", ">>> 1 / 0"),
    "a session without a prompt": fenced("pycon", "1 + 1"),
    "fails in the middle": fenced("sh", "false\ntrue"),
    "fails in a pipe": fenced("sh", "false | true"),
    "prints something else": fenced("sh", "echo one") + "\n\n" + fenced("text", "two", "<!-- output -->"),
    "printed nothing": fenced("text", "two", "<!-- output -->"),
    "is not run and no shell": fenced("sh", "if", "<!-- not run: it never ends -->"),
    "is a file and no Python": fenced("python", "1 +", "<!-- file: app.py -->"),
    "no JSON": fenced("json", "{one: 1}"),
    "no TOML": fenced("toml", "one"),
    "no language": fenced("", "1 + 1"),
    "an unknown language": fenced("pythn", "1 + 1"),
    "a directive for code": fenced("{code-block} python", "1 + 1"),
    "hidden": "<!-- invisible-code-block: python\nassert False\n-->",
}


def test_a_page_of_every_kind_of_block_passes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(page(tmp_path, *GOOD)) == 0, capsys.readouterr().out


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_block_fails_with_its_line(what: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = page(tmp_path, fenced("python", "one = 1"), WRONG[what])
    assert run(path) == 1
    assert capsys.readouterr().out.startswith(f"{path}:")


def test_a_page_that_is_named_from_here_is_named_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = page(tmp_path, fenced("python", "raise ValueError"))
    monkeypatch.chdir(tmp_path)
    run(Path(path.name))
    told = capsys.readouterr().out
    assert told.startswith("page.md:3: this block fails.")
    assert f'File "{path}", line 4, in <module>\n    raise ValueError' in told


def test_a_traceback_begins_in_the_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = page(tmp_path, fenced("python", "def divide():\n    return 1 / 0\n\ndivide()"))
    run(path)
    told = capsys.readouterr().out
    assert f"{path}:3: this block fails." in told
    assert f'File "{path}", line 7, in <module>\n    divide()' in told
    assert "tests/pages" not in told
