"""A page that its browser says nothing of proves itself by a token of its own session, and by no other."""

from collections.abc import Callable
from typing import Any

import pytest

from plexe_auth import csrf_token
from tests.people.conftest import HOME, PASSWORD
from tests.people.cookie.conftest import by


@pytest.fixture
def send(guarded: Any) -> Callable[..., str]:
    """Sends something that changes things by a session's cookie, and returns what became of it."""
    gate = guarded()

    def send_(token: str, *fields: tuple[str, str]) -> str:
        return gate(by(token, "POST", ("host", "api.example.com"), *fields)).code

    return send_


def test_S12_a_token_of_the_session_is_proof_enough(send: Any, token: str) -> None:
    assert send(token) == "csrf_failed"
    assert [send(token, ("x-csrf-token", csrf_token(token))) for _ in range(2)] == ["ok", "ok"]


def test_S12_a_token_is_salted_anew_and_another_session_has_others(send: Any, auth: Any, ada: Any, token: str) -> None:
    assert len({csrf_token(token) for _ in range(20)}) == 20
    other = auth.sign_in.with_password(ada.email, PASSWORD, HOME).token.reveal()
    assert send(other, ("x-csrf-token", csrf_token(token))) == "csrf_failed"
    again = auth.sign_in.reauthenticate(token, PASSWORD).token.reveal()
    assert send(again, ("x-csrf-token", csrf_token(token))) == "csrf_failed"
    assert token not in csrf_token(token)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text[:-1],
        lambda text: text + "0",
        lambda text: text.upper(),
        lambda text: text[1:] + text[:1],
        lambda text: text[:22] + "0" * 64,
        lambda text: "0" * 22 + text[22:],
        lambda text: f" {text}x",
        lambda _text: "",
        lambda _text: "é" * 86,
        lambda _text: "null",
    ],
)
def test_S12_no_other_text_is_a_token(send: Any, token: str, change: Callable[[str], str]) -> None:
    assert send(token, ("x-csrf-token", change(csrf_token(token)))) == "csrf_failed"


@pytest.mark.parametrize(
    "said",
    [
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "none"),
        ("x-csrf-token", ""),
    ],
)
def test_S12_what_a_browser_says_counts_for_more_than_a_token(send: Any, token: str, said: tuple[str, str]) -> None:
    assert send(token, ("x-csrf-token", csrf_token(token)), said) == "csrf_failed"
