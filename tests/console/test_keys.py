"""API keys in the Console: made, shown once, listed by their hints, rotated, disabled, revoked."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from plexe_auth import InvalidKey, RevokedKey
from tests.conftest import Clock
from tests.console.browser import Answer, Browser
from tests.console.conftest import ACCOUNT

KEY = re.compile(r"plx_sk_[0-9A-Za-z]{40,}")


def made(browser: Browser, **typed: str) -> Answer:
    return browser.submit(browser.get("/new-key"), "/new-key", name="CI", **typed)


def key_of(answer: Answer) -> str:
    [found] = KEY.findall(answer.text)
    return found


def test_a_new_key_works_and_may_do_what_was_ticked(ada: Browser, auth: Any) -> None:
    page = ada.get("/new-key")
    answer = ada.submit(page, "/new-key", name="CI", access="own", permissions="models:read logs:read", rate="5/minute")
    assert answer.status == 201
    principal = auth.keys.verify(key_of(answer), permission="models:read")
    assert principal.account_id == ACCOUNT
    assert not principal.can("models:write")


def test_K20_a_key_is_shown_once_and_nowhere_more_than_its_hint(ada: Browser, auth: Any) -> None:
    answer = made(ada)
    text = key_of(answer)
    [key] = auth.keys.page(ACCOUNT).items
    assert answer.header("cache-control") == "no-store"
    for path in ("/keys", f"/keys/{key.id}", "/new-key"):
        page = ada.get(path)
        assert page.status == 200
        assert not KEY.search(page.text)
        assert text[len("plx_sk_") : -4] not in page.text
    assert key.hint in ada.get("/keys").text


def test_a_form_that_is_sent_again_makes_and_shows_nothing(ada: Browser, auth: Any) -> None:
    page = ada.get("/new-key")
    ada.submit(page, "/new-key", name="CI")
    again = ada.submit(page, "/new-key", name="CI")
    [key] = auth.keys.page(ACCOUNT).items
    assert again.path == f"/keys/{key.id}"
    assert not KEY.search(again.text)


def test_a_rotation_that_is_sent_again_makes_and_shows_nothing(ada: Browser, auth: Any) -> None:
    old = key_of(made(ada))
    [key] = auth.keys.page(ACCOUNT).items
    page = ada.get(f"/keys/{key.id}")
    new = key_of(ada.submit(page, "/rotate"))
    again = ada.submit(page, "/rotate")
    assert again.status == 409
    assert not KEY.search(again.text)
    assert len(auth.keys.page(ACCOUNT).items) == 2
    assert auth.keys.verify(old).account_id == auth.keys.verify(new).account_id


def test_a_key_is_disabled_enabled_and_revoked_by_buttons(ada: Browser, auth: Any) -> None:
    text = key_of(made(ada))
    [key] = auth.keys.page(ACCOUNT).items
    ada.submit(ada.get(f"/keys/{key.id}"), "/disable")
    assert auth.keys.get(key.id).disabled_at is not None
    ada.submit(ada.get(f"/keys/{key.id}"), "/enable")
    assert auth.keys.verify(text).account_id == ACCOUNT
    page = ada.submit(ada.get(f"/keys/{key.id}"), "/revoke", reason="it leaked")
    assert "it leaked" in page.words
    with pytest.raises(RevokedKey):
        auth.keys.verify(text)


def test_a_key_is_renamed(ada: Browser, auth: Any) -> None:
    made(ada)
    [key] = auth.keys.page(ACCOUNT).items
    assert "Nightly" in ada.submit(ada.get(f"/keys/{key.id}"), "/rename", name="Nightly").words


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 300}, "name"),
        ({"expires_in_days": "0"}, "expires_in"),
        ({"expires_in_days": "soon"}, "expires_in_days"),
        ({"allowed_ips": "not an address"}, "allowed_ips"),
        ({"rate": "now and then"}, "rate"),
        ({"access": "own", "permissions": "every:thing:there is"}, "permissions"),
    ],
)
def test_what_is_wrong_is_named_and_what_was_typed_is_kept(
    ada: Browser, auth: Any, typed: dict[str, str], field: str
) -> None:
    answer = ada.submit(ada.get("/new-key"), "/new-key", **{"name": "CI", "rate": "7/minute", **typed})
    assert answer.status == 422
    assert f"({field})" in answer.words
    assert "7/minute" in answer.text or "rate" in typed
    assert auth.keys.page(ACCOUNT).items == ()  # nothing was made


@pytest.mark.parametrize(("verb", "sent"), [
    ("rename", {"name": "x"}), ("rotate", {"overlap_hours": "1"}), ("disable", {}), ("enable", {}), ("revoke", {}),
])  # fmt: skip
def test_K23_a_key_of_another_account_is_the_same_as_none(
    ada: Browser, auth: Any, verb: str, sent: dict[str, str]
) -> None:
    theirs = auth.keys.create("acct_2", name="theirs").key
    shown = {ada.get(f"/keys/{one}").words for one in (theirs.id, "key_unknown")}
    answers = [ada.post(f"/keys/{one}/{verb}", sent) for one in (theirs.id, "key_unknown")]
    assert len(shown) == 1
    assert {(one.status, one.words) for one in answers} == {(404, answers[0].words)}
    assert auth.keys.get(theirs.id) == theirs


@pytest.mark.parametrize("role", ["viewer", "member"])
def test_whoever_may_not_manage_keys_changes_none(
    ada: Browser, auth: Any, as_role: Callable[[str], Browser], role: str
) -> None:
    made(ada)
    [key] = auth.keys.page(ACCOUNT).items
    somebody = as_role(role)
    assert somebody.get(f"/keys/{key.id}").status == 200
    for verb, sent in (("rename", {"name": "x"}), ("rotate", {"overlap_hours": "1"}), ("disable", {}), ("revoke", {})):
        assert somebody.post(f"/keys/{key.id}/{verb}", sent).status == 403
    assert somebody.post("/new-key", {"name": "x", "once": "0123456789"}).status == 403
    assert auth.keys.page(ACCOUNT).items == (key,)


def test_S15_a_key_is_made_and_rotated_only_after_a_recent_proof(ada: Browser, auth: Any, clock: Clock) -> None:
    made(ada)
    [key] = auth.keys.page(ACCOUNT).items
    page, there = ada.get("/new-key"), ada.get(f"/keys/{key.id}")
    clock.advance(timedelta(minutes=10, seconds=1))
    for answer in (ada.get("/new-key"), ada.submit(page, "/new-key", name="Late"), ada.submit(there, "/rotate")):
        assert answer.path == "/confirm"
    assert auth.keys.page(ACCOUNT).items == (key,)
    proven = ada.submit(ada.get("/new-key"), "/confirm", password="a long and lovely word")
    assert proven.path == "/new-key"
    assert ada.submit(proven, "/new-key", name="Late").status == 201


def test_K04_a_session_that_was_ended_makes_no_key(ada: Browser, auth: Any, owner: Any) -> None:
    page = ada.get("/new-key")
    auth.sessions.revoke_all(owner.id)
    assert ada.submit(page, "/new-key", name="CI").path == "/sign-in"
    assert auth.keys.page(ACCOUNT).items == ()


def test_the_list_is_given_in_pages_and_by_state(ada: Browser, auth: Any) -> None:
    for number in range(51):
        auth.keys.create(ACCOUNT, name=f"number {number}")
    first = ada.get("/keys")
    [older] = re.findall(r'href="/console(/keys\?after=[^"]*)"', first.text)
    assert "number 0" in ada.get(older).words
    assert "No key is in this state." in ada.get("/keys?status=revoked").words
    assert "No key is in this state." in ada.get("/keys?status=revoked&after=").words
    assert "number 50" in ada.get("/keys?status=").words  # as the form says any state
    assert ada.get("/keys?status=mislaid").status == 422


def test_what_is_no_key_is_refused_like_one(auth: Any) -> None:
    with pytest.raises(InvalidKey):
        auth.keys.verify("plx_sk_")
