"""A key that was rotated is picked up without a restart, and one that was refused is looked for once more."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from plexe_auth.client import Key
from tests.client.callers import Send
from tests.client.conftest import Script, Served

Caller = Callable[..., AbstractContextManager[Send]]
PROBLEM = {"content-type": "application/problem+json"}
INVALID = (401, PROBLEM, b'{"code": "invalid_key"}')
HOUR = timedelta(hours=1)


def test_a_key_in_a_file_is_used_from_the_moment_it_is_there(served: Served, caller: Caller, tmp_path: Path) -> None:
    file, old = tmp_path / "key", served.key()
    file.write_text(f"{old}\n")
    with caller(Key.from_file(file)) as send:
        assert send("GET", f"{served.url}/models").text == "acct_42"
        new = served.rotated(old, overlap=timedelta(0))
        (tmp_path / "new").write_text(f"{new}\n")
        (tmp_path / "new").replace(file)
        assert send("GET", f"{served.url}/models").text == "acct_42"
    assert served.keys_seen() == [old, new]


def test_a_key_that_was_revoked_is_looked_for_once_more(served: Served, caller: Caller) -> None:
    keys = [served.key()]
    with caller(Key.from_callable(lambda: keys[-1], keep=HOUR)) as send:
        assert send("POST", f"{served.url}/models", content=b"one").text == "acct_42"
        keys.append(served.rotated(keys[0], overlap=timedelta(0)))
        assert send("POST", f"{served.url}/models", content=b"two").text == "acct_42"
    assert served.keys_seen() == [keys[0], keys[0], keys[1]]


def test_a_key_that_was_revoked_for_good_is_refused_at_once(served: Served, caller: Caller) -> None:
    text = served.key()
    served.auth.keys.revoke_leaked(text)
    with caller(Key.from_callable(lambda: text)) as send:
        answer = send("GET", f"{served.url}/models")
    assert (answer.status_code, answer.json()["code"]) == (401, "revoked_key")
    assert served.keys_seen() == [text]


def test_HEAD_is_answered_without_a_code_and_renews_the_key_all_the_same(served: Served, caller: Caller) -> None:
    keys = [served.key()]
    with caller(Key.from_callable(lambda: keys[-1], keep=HOUR)) as send:
        send("HEAD", f"{served.url}/models")
        keys.append(served.rotated(keys[0], overlap=timedelta(0)))
        assert send("HEAD", f"{served.url}/models").status_code == 200


def test_another_key_is_tried_once_and_not_a_third(script: Script, caller: Caller) -> None:
    script.says(INVALID)
    keys = iter("abcdef")
    with caller(Key.from_callable(lambda: next(keys), keep=HOUR)) as send:
        assert send("GET", script.url).status_code == 401
    assert script.keys_seen() == ["a", "b"]


@pytest.mark.parametrize(
    "answer",
    [
        (401, PROBLEM, b'{"code": "invalid_session"}'),
        (401, PROBLEM, b'["invalid_key"]'),
        (401, {"content-type": "text/html"}, b'{"code": "invalid_key"}'),
        (401, PROBLEM, b'{"code": "invalid_key", "detail": "' + b"x" * 70_000 + b'"}'),
        (403, PROBLEM, b'{"code": "invalid_key"}'),
    ],
    ids=["of a session", "no object", "no problem", "too long", "no 401"],
)
def test_other_refusals_are_not_about_the_key(script: Script, caller: Caller, answer: tuple[int, dict, bytes]) -> None:
    script.says(answer)
    keys = iter("abcdef")
    with caller(Key.from_callable(lambda: next(keys), keep=HOUR)) as send:
        assert send("GET", script.url).content == answer[2]
    assert script.keys_seen() == ["a"]


def test_a_body_that_came_in_pieces_is_not_sent_again(script: Script, caller: Caller) -> None:
    script.says(INVALID, (200, {}, b""))
    keys = iter("abcdef")
    with caller(Key.from_callable(lambda: next(keys), keep=timedelta(0))) as send:
        assert send("POST", script.url, content=iter([b"once"])).status_code == 401
        assert send("POST", script.url, content=iter([b"once"])).status_code == 200
    assert script.keys_seen() == ["a", "b"]


def test_a_host_is_told_once_that_its_key_was_rotated(served: Served, caller: Caller) -> None:
    told: list[datetime | None] = []
    old = served.key()
    keys = [old, served.rotated(old)]
    with caller(Key.from_callable(lambda: keys[0], keep=timedelta(0)), on_retiring=told.append) as send:
        for _ in range(3):
            assert send("GET", f"{served.url}/models").status_code == 200
        assert told == [(served.clock() + timedelta(hours=24)).replace(microsecond=0)]
        keys.pop(0)
        assert send("GET", f"{served.url}/models").status_code == 200
    assert len(told) == 1


def test_what_a_host_does_with_that_spoils_no_answer(
    script: Script, caller: Caller, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(sunset: datetime | None) -> None:
        raise ValueError(sunset)

    script.says((200, {"sunset": "Sun, 01 Mar 2026 00:00:00 GMT"}, b"done"))
    with caller(Key.from_text("a"), on_retiring=fails) as send:
        assert send("POST", script.url).text == "done"
    assert "on_retiring failed (ValueError)" in caplog.messages


@pytest.mark.parametrize(
    ("fields", "sunset"),
    [
        ({"sunset": "Sun, 01 Mar 2026 00:00:00 GMT"}, datetime(2026, 3, 1, tzinfo=UTC)),
        ({"deprecation": "@1767225600"}, None),
        ({"sunset": "tomorrow"}, None),
        ({"sunset": "Sun, 99 Mar 2026 00:00:00 GMT"}, None),
    ],
)
def test_an_end_that_cannot_be_read_is_told_as_none(
    script: Script, caller: Caller, fields: dict[str, str], sunset: datetime | None
) -> None:
    told: list[datetime | None] = []
    script.says((200, fields, b""))
    with caller(Key.from_text("a"), on_retiring=told.append) as send:
        send("GET", script.url)
    assert told == [sunset]
