"""A key is a text that can be sent as one field, wherever it comes from, and it shows itself to nobody."""

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from plexe_auth import ConfigurationError
from plexe_auth.client import HTTPXAuth, Key, RequestsAuth
from plexe_auth.client.source import Function
from tests.client.callers import CALLERS, NAMES, by_async_httpx
from tests.client.conftest import Script

TEXT = "plx_sk_0123456789"
BAD = ["", " ", "a b", "a\nb", "a\rb", "a\0", "ä", "a\x7f", "\ufeffa", "٣", "a\r\nx-evil: 1", "x" * 4097]


def sources(folder: Path, text: str) -> dict[str, Callable[[], Key]]:
    file = folder / "key"
    file.write_bytes(text.encode())
    return {
        "text": lambda: Key.from_text(text),
        "file": lambda: Key.from_file(file),
        "environment": lambda: Key.from_env("API_KEY", {"API_KEY": text}),
        "function": lambda: Key.from_callable(lambda: text),
    }


@pytest.mark.parametrize("source", ["text", "file", "environment", "function"])
@pytest.mark.parametrize("text", BAD)
def test_what_cannot_be_one_field_is_no_key(tmp_path: Path, source: str, text: str) -> None:
    with pytest.raises(ConfigurationError, match="the key from") as told:
        sources(tmp_path, text)[source]().read()
    assert len(text) < 2 or text not in str(told.value)


@pytest.mark.parametrize("source", ["text", "file", "environment", "function"])
def test_a_key_shows_where_it_is_from_and_not_itself(tmp_path: Path, source: str) -> None:
    key = sources(tmp_path, TEXT)[source]()
    assert key.read().reveal() == TEXT
    shown = f"{key!r} {key} {key.read()} {HTTPXAuth(key)!r} {RequestsAuth(key)!r}"
    assert TEXT not in shown
    assert shown.count("Key(") == 4


def test_a_key_that_is_no_text_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="is no text"):
        Key.from_callable(lambda: 7).read()  # type: ignore[arg-type,return-value]


@pytest.mark.parametrize("written", ["{}\n", "{}\r\n", " {}", "\n{}\n\n", "{}"])
def test_white_space_around_a_key_in_a_file_is_the_editors(tmp_path: Path, written: str) -> None:
    file = tmp_path / "key"
    file.write_bytes(written.format(TEXT).encode())
    assert Key.from_file(file).read().reveal() == TEXT


def test_a_file_that_is_not_there_or_is_none_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        Key.from_file(tmp_path / "missing")
    with pytest.raises(ConfigurationError, match="is no regular file"):
        Key.from_file(tmp_path)
    with pytest.raises(ConfigurationError, match="no variable API_KEY"):
        Key.from_env("API_KEY", {})


def test_a_file_without_end_is_not_read_to_its_end(tmp_path: Path) -> None:
    file = tmp_path / "key"
    with file.open("wb") as long:
        long.truncate(1 << 40)
    with pytest.raises(ConfigurationError, match="more than 4096"):
        Key.from_file(file)


def test_while_a_file_is_being_rewritten_the_key_before_serves_on(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("old")
    key = Key.from_file(file)
    file.write_text("")
    assert key.read().reveal() == "old"
    file.unlink()
    assert key.read(again=True).reveal() == "old"
    file.write_text("new\n")
    assert key.read().reveal() == "new"


def test_a_file_behind_a_link_that_is_turned_is_another_file(tmp_path: Path) -> None:
    (tmp_path / "one").write_text("one")
    (tmp_path / "two").write_text("two")
    os.utime(tmp_path / "one", (1, 1))
    os.utime(tmp_path / "two", (1, 1))
    link = tmp_path / "key"
    link.symlink_to("one")
    key = Key.from_file(link)
    link.unlink()
    link.symlink_to("two")
    assert key.read().reveal() == "two"


def test_a_variable_is_read_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("API_KEY", "old")
    key = Key.from_env("API_KEY")
    monkeypatch.setenv("API_KEY", "new")
    assert key.read().reveal() == "new"


def test_a_function_is_asked_again_after_a_while_and_whenever_that_is_wanted() -> None:
    time, keys = [0.0], iter("abcd")
    source = Function(lambda: next(keys), 60, lambda: time[0])
    key = Key(source, "a function")
    assert key.read().reveal() == "a"
    time[0] = 59.9
    assert key.read().reveal() == "a"
    time[0] = 60
    assert key.read().reveal() == "b"
    assert key.read(again=True).reveal() == "c"
    assert key.read().reveal() == "c"


@pytest.mark.parametrize("name", NAMES)
def test_a_function_that_is_awaited_serves_an_asynchronous_client(script: Script, name: str) -> None:
    keys = iter("ab")

    async def ask() -> str:
        return next(keys)

    with by_async_httpx(name)(Key.from_callable(ask, keep=timedelta(hours=1))) as send:
        send("GET", script.url)
        send("GET", script.url)
    assert script.keys_seen() == ["a", "a"]


@pytest.mark.parametrize("name", [name for name in CALLERS if "awaited" not in name])
def test_a_function_that_is_awaited_is_refused_by_a_blocking_client(script: Script, name: str) -> None:
    async def ask() -> str:
        return "a"

    with (
        CALLERS[name](Key.from_callable(ask)) as send,
        pytest.raises(ConfigurationError, match="the key's function is to be awaited"),
    ):
        send("GET", script.url)
    assert script.seen == []
