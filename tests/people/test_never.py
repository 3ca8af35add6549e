"""What must never happen: a bare cookie, a safe request that opens, a text that acts, a factor that just goes."""

from collections.abc import Callable
from http.cookies import SimpleCookie
from typing import Any

import pytest

from plexe_auth import AuthError, Client, InvalidCredentials, InvalidRequest, NotFound
from plexe_auth.model.cookie import NAME, set_cookie
from plexe_auth.testing.mailbox import Mailbox
from tests.conftest import Clock
from tests.faces import Loop
from tests.gate.shims import SHIMS, Ask, Host, Shim
from tests.people.conftest import HOME, PASSWORD
from tests.people.test_mfa import App, challenge

HOSTILE = [
    "'",
    '"',
    "%",
    "_",
    "\\",
    ";--",
    "' OR '1'='1",
    '{"$ne": null}',
    "*",
    "\u202e",
    "é%",
    "a_a",
    "${x}",
    "{{7*7}}",
]

on_memory = pytest.mark.parametrize("store_url", ["memory"], indirect=True)  # what no store changes


@on_memory
def test_S10_the_session_cookie_is_bound_to_our_host_and_unseen_by_pages(auth: Any, signed_in: Any) -> None:
    kept, gone = set_cookie(signed_in.token.reveal(), 3600), set_cookie("", 0)
    for text in (kept, gone):
        (name, cookie), *rest = SimpleCookie(text).items()
        assert (name, rest) == (NAME, [])
        assert name.startswith("__Host-")
        assert (cookie["secure"], cookie["httponly"], cookie["path"], cookie["domain"]) == (True, True, "/", "")
        assert cookie["samesite"] == "Lax"
        assert len(text) < 4096
    assert kept.partition("; Secure")[2] == gone.partition("; Secure")[2], "it is taken away by what it was set by"
    assert "Max-Age=0" in gone


@pytest.mark.parametrize("shim", SHIMS)
@on_memory
def test_S10_no_answer_to_a_key_sets_a_cookie(
    shim: str, opened: Callable[..., Any], settings: Any, loop: Loop, store_url: str
) -> None:
    guard = SHIMS[shim]
    auth = opened(guard.face, store_url, settings=settings)
    key = auth.keys.create("acct", name="CI").secret.reveal()
    guarded: Shim = guard(auth, None, Host(), loop)
    for ask in (Ask().by(key), Ask().by("plx_sk_" + "0" * 46), Ask()):
        answer = guarded(ask)
        assert "set-cookie" not in {name.lower() for name in answer.headers}


@pytest.fixture
def wired(opened: Callable[..., Any], settings: Any, loop: Loop) -> Callable[[str], tuple[Shim, Any]]:
    """A gate of either shim, and a session of somebody behind it."""

    def wired_(shim: str) -> tuple[Shim, Any]:
        guard = SHIMS[shim]
        auth = opened(guard.face, "memory://", settings=settings)
        auth.users.create("ada@example.com", PASSWORD)
        result = auth.sign_in.with_password("ada@example.com", PASSWORD, HOME)
        return guard(auth, None, Host(), loop), result.token.reveal()

    return wired_


def by_cookie(token: str, method: str, origin: str) -> Ask:
    ask = Ask(method=method).having(("cookie", f"{NAME}={token}"), ("host", "api.example.com"))
    return ask.having(("origin", origin))


ORIGINS = ("https://evil.example", "https://evil-api.example.com", "https://api.example.com.evil.example", "null")


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
@pytest.mark.parametrize("shim", SHIMS)
def test_L23_no_safe_request_hands_out_or_changes_a_credential(wired: Any, shim: str, method: str) -> None:
    guarded, token = wired(shim)
    for origin in (*ORIGINS, "http://api.example.com"):
        answer = guarded(by_cookie(token, method, origin))
        assert "set-cookie" not in {name.lower() for name in answer.headers}
        assert token not in repr(answer)
    assert guarded(by_cookie(token, "GET", "http://api.example.com")).code == "ok"


@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
@pytest.mark.parametrize("shim", SHIMS)
def test_S13_no_answer_of_ours_lets_another_origin_read_it(wired: Any, shim: str, method: str) -> None:
    guarded, token = wired(shim)
    for origin in ORIGINS:
        for ask in (by_cookie(token, method, origin), Ask(method=method).having(("origin", origin))):
            answer = guarded(ask.having(("access-control-request-method", "POST")))
            assert not [name for name in answer.headers if name.lower().startswith("access-control-")]


@on_memory
def test_M10_no_browser_is_trusted_so_that_it_needs_no_second_factor(auth: Any, ada: Any, clock: Clock) -> None:
    app = App(auth, ada.id, clock)
    for _ in range(3):
        asked = challenge(auth, ada.email)
        result = auth.sign_in.answer(asked.token.reveal(), "totp", app.next(), HOME)
        assert auth.sessions.verify(result.token.reveal()).methods == ("password", "totp")
    assert challenge(auth, ada.email).methods == ("totp", "recovery")


def test_L12_hostile_texts_are_texts_everywhere(auth: Any, ada: Any, mailbox: Mailbox) -> None:
    for number, text in enumerate(HOSTILE):
        user = auth.users.create(f"{number}@example.com", PASSWORD, account_id=f"acct{text}", name=text)
        assert auth.users.get(user.id).name == text
        assert [one.id for one in auth.users.page(f"acct{text}")] == [user.id], "no wildcard finds another account"
        assert auth.sign_in.with_password(user.email, PASSWORD, Client("192.0.2.7", text)).session.user_agent == text
    for text in HOSTILE:
        for call, refused in (
            (auth.users.find, (InvalidRequest, NotFound)),
            (auth.users.get, (NotFound,)),
            (auth.users.verify_email, (InvalidCredentials,)),
            (auth.sessions.page, (NotFound,)),
            (auth.mfa.methods, (NotFound,)),
            (auth.sign_in.send_code, (InvalidCredentials,)),
            (auth.sign_in.open_methods, (InvalidCredentials,)),
            (lambda one: auth.sign_in.with_password(one, one, HOME), (InvalidCredentials,)),
            (lambda one: auth.oauth.begin(one, redirect_uri="https://app.example.com/callback"), (NotFound,)),
        ):
            with pytest.raises(AuthError) as told:
                call(text)
            assert isinstance(told.value, refused), (text, told.value)
            assert text not in told.value.detail or len(text) == 1
    assert auth.users.find(ada.email) == ada


@on_memory
def test_M08_the_last_factor_goes_by_a_proof_by_a_factor_and_is_told(
    auth: Any, ada: Any, clock: Clock, mailbox: Mailbox
) -> None:
    app = App(auth, ada.id, clock)
    asked = challenge(auth, ada.email)
    result = auth.sign_in.answer(asked.token.reveal(), "totp", app.next(), HOME)
    weak = auth.sign_in.reauthenticate(result.token.reveal(), PASSWORD)
    assert weak.session.methods == ("password", "totp"), "what was shown before still counts"
    with pytest.raises(InvalidCredentials):
        auth.sign_in.reauthenticate(weak.token.reveal(), method="totp", response=app.shown())
    strong = auth.sign_in.reauthenticate(weak.token.reveal(), method="recovery", response=app.codes[0])
    mailbox.clear()
    auth.mfa.disable_totp(ada.id, keep=strong.session.id)
    assert mailbox.last().to == ada.email
    removed = auth.log.page(action="factor.remove", user_id=ada.id).items
    assert [(one.session_id, one.detail) for one in removed] == [(strong.session.id, "totp")]
    assert auth.sessions.verify(strong.token.reveal())
