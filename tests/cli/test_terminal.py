"""At a real terminal secrets are typed unseen, dangers are asked about, tables fit, and Ctrl-C is quiet."""

import re

import pytest

from plexe_auth import Auth, SignedIn
from tests.cli.terminal import terminal

PASSWORD = "a long and lovely word"
STYLE = re.compile(r"\x1b\[[0-9;]*m")
CREATE = ("users", "create", "ada@example.com", "--url")


def test_a_password_is_typed_twice_and_never_seen(url: str, library: Auth) -> None:
    with terminal(*CREATE, url) as screen:
        for prompt in ("Password: ", "Once more: "):
            screen.expect(prompt)
            screen.type(f"{PASSWORD}\n")
        assert screen.ended() == 0
    assert PASSWORD not in screen.seen
    assert isinstance(library.sign_in.with_password("ada@example.com", PASSWORD), SignedIn)


def test_the_text_of_a_key_is_typed_unseen(url: str, library: Auth) -> None:
    secret = library.keys.create("acct_42", name="CI").secret
    with terminal("keys", "explain", "--url", url) as screen:
        screen.expect("Key: ")
        screen.type(f"{secret.reveal()}\n")
        assert screen.ended() == 0
    assert "It would be accepted." in screen.seen
    assert secret.reveal() not in screen.seen


def test_the_url_of_a_database_is_typed_unseen(url: str) -> None:
    with terminal("db", "current", "--url", "-") as screen:
        screen.expect("Database URL: ")
        screen.type(f"{url}\n")
        assert screen.ended() == 0
    assert screen.seen.count(url.removeprefix("sqlite:")) == 1  # in the answer, which hides passwords


@pytest.mark.parametrize(("answer", "code", "left"), [("n", 1, 1), ("", 1, 1), ("y", 0, 0)])
def test_what_cannot_be_undone_is_asked_about(url: str, library: Auth, answer: str, code: int, left: int) -> None:
    library.keys.create("acct_42", name="CI")
    with terminal("keys", "revoke-all", "acct_42", "--url", url) as screen:
        screen.expect("[y/N]: ")
        screen.type(f"{answer}\n")
        assert screen.ended() == code
    assert len(library.keys.page("acct_42", status="active").items) == left


@pytest.mark.parametrize(
    ("arguments", "prompt"),
    [(CREATE[:-1], "Password: "), (("keys", "revoke-all", "acct_42"), "[y/N]: "), (("keys", "explain"), "Key: ")],
)
def test_control_c_at_a_question_ends_it_without_a_traceback(url: str, arguments: tuple[str, ...], prompt: str) -> None:
    with terminal(*arguments, PLEXE_AUTH_URL=url) as screen:
        screen.expect(prompt)
        screen.wait_until_it_waits()
        screen.type("\x03")
        assert screen.ended() == 130
    assert "Traceback" not in screen.seen


def test_the_end_of_input_at_a_question_is_a_refusal(url: str) -> None:
    with terminal("keys", "explain", PLEXE_AUTH_URL=url) as screen:
        screen.expect("Key: ")
        screen.type("\x04")
        assert screen.ended() == 1
    assert "Traceback" not in screen.seen


def test_a_table_fits_the_terminal_it_is_printed_on(url: str, library: Auth) -> None:
    for number in range(3):
        library.keys.create("acct_42", name=f"a rather long name {number}", permissions="models:read jobs:write")
    for columns in (40, 60, 120):
        with terminal("keys", "list", "acct_42", PLEXE_AUTH_URL=url, columns=columns) as screen:
            assert screen.ended() == 0
        lines = STYLE.sub("", screen.seen).split("\r\n")[:-1]
        assert len(lines) == 4
        assert max(map(len, lines)) <= columns
        assert lines[1].startswith("key_")


def test_colours_are_for_terminals_and_for_those_who_want_them(url: str, library: Auth) -> None:
    library.keys.create("acct_42", name="CI")
    for no_colour, coloured in (("", True), ("1", False)):
        with terminal("keys", "list", "acct_42", PLEXE_AUTH_URL=url, NO_COLOR=no_colour) as screen:
            assert screen.ended() == 0
        assert bool(STYLE.search(screen.seen)) is coloured


def test_long_work_shows_that_it_goes_on(url: str, library: Auth, tmp_path: object) -> None:
    library.keys.create("acct_42", name="CI")
    with terminal("logs", "export", f"{tmp_path}/log.jsonl", PLEXE_AUTH_URL=url) as screen:
        assert screen.ended() == 0
    assert "Exporting" in screen.seen
    assert "Entries in" in screen.seen
