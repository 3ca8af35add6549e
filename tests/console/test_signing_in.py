"""Signing in by password and by passkey: told alike, led to paths of ours only, from no other site, and slowed down."""

import json
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

import pytest

from plexe_auth.console.cookies import PASSKEY
from plexe_auth.console.routes import PAGES
from plexe_auth.model.budget import HERE
from plexe_auth.model.cookie import NAME
from plexe_auth.model.next_path import next_path
from tests.console.browser import ORIGIN, PREFIX, Answer, Browser
from tests.console.conftest import ACCOUNT, EMAIL, PASSWORD
from tests.people.authenticator import Authenticator
from tests.people.test_next_path import HOSTILE

SENT = {"email": EMAIL, "password": PASSWORD}
PUBLIC = [one.path for one in PAGES.all if one.method == "POST" and one.needs is None]
TEXTS = [one for one in HOSTILE if isinstance(one, str) and len(one) < 100 and one.isprintable()]


def tried(browser: Browser, email: str, password: str = "a wrong and sorry word") -> Answer:
    return browser.submit(browser.get("/sign-in"), "/sign-in", email=email, password=password)


def test_whoever_knows_the_password_is_let_in_and_goes_on_to_where_they_wanted(browser: Browser, owner: Any) -> None:
    page = browser.get("/keys?status=revoked")
    assert page.path == "/sign-in"
    answer = browser.submit(page, "/sign-in", email=EMAIL, password=PASSWORD)
    assert (answer.status, answer.url) == (200, f"{ORIGIN}{PREFIX}/keys?status=revoked")
    out = browser.submit(answer, "/sign-out")
    assert (out.path, browser.cookies) == ("/sign-in", {})


def test_signing_out_ends_the_session_for_whoever_has_kept_its_cookie(ada: Browser) -> None:
    kept = dict(ada.cookies)
    ada.submit(ada.get("/keys"), "/sign-out")
    ada.cookies = kept
    assert ada.get("/keys").path == "/sign-in"


def test_a_wrong_password_and_an_unknown_address_are_told_alike(browser: Browser, owner: Any) -> None:
    known, unknown, none = (tried(browser, one) for one in (EMAIL, "nobody@example.com", "no address"))
    assert {one.status for one in (known, unknown, none)} == {401}
    assert known.words == unknown.words == none.words
    assert known.text.replace(EMAIL, "") == unknown.text.replace("nobody@example.com", "")
    assert NAME not in browser.cookies


def test_what_was_typed_is_shown_again_but_for_the_password(browser: Browser, owner: Any) -> None:
    answer = tried(browser, EMAIL)
    assert dict(answer.form("/sign-in").fields) == {"next": f"{PREFIX}/", "email": EMAIL, "password": ""}
    assert "sorry" not in answer.text


def test_S01_no_cookie_from_before_is_a_session_after_it_and_each_has_a_token_of_its_own(
    browser: Browser, owner: Any, auth: Any
) -> None:
    planted = "plx_session_" + "a" * 49
    browser.cookies = {NAME: planted}
    tokens = {planted}
    for _ in range(3):
        browser.submit(browser.get("/sign-in"), "/sign-in", email=EMAIL, password=PASSWORD)
        tokens.add(browser.cookies[NAME])
    assert len(tokens) == 4
    other = browser.another()
    other.cookies = {NAME: planted}
    assert other.get("/keys").path == "/sign-in"


@pytest.mark.parametrize("asked", TEXTS, ids=range(len(TEXTS)))
def test_S14_whatever_is_no_path_of_ours_leads_to_the_first_page(browser: Browser, owner: Any, asked: str) -> None:
    page = browser.get(f"/sign-in?next={quote(asked, safe='')}")
    assert dict(page.form("/sign-in").fields)["next"] == f"{PREFIX}/"
    answer = browser.post("/sign-in", {**SENT, "next": asked}, follow=False)
    assert (answer.status, answer.header("location")) == (303, f"{PREFIX}/")
    assert urlsplit(urljoin(f"{ORIGIN}/", answer.header("location"))).netloc == "localhost"


def test_every_form_for_everybody_is_in_the_table() -> None:
    assert {"/sign-in", "/sign-up", "/forgot-password", "/reset-password", "/accept-invitation"} < set(PUBLIC)


def test_S14_the_table_is_large_and_none_of_it_is_a_path_of_ours() -> None:
    assert len(TEXTS) >= 60
    assert {next_path(one, "/no") for one in TEXTS} == {"/no"}


@pytest.mark.parametrize("path", PUBLIC)
@pytest.mark.parametrize("origin", ["", "null", "https://evil.example", "http://localhost.evil.example"])
def test_S12_no_other_site_signs_anybody_in(browser: Browser, owner: Any, path: str, origin: str) -> None:
    answer = browser.post(path, SENT, origin=origin, follow=False)
    assert answer.status == 403
    assert not browser.cookies
    assert browser.post("/sign-in", SENT, follow=False).status == 303  # from our own page


def test_S19_what_was_refused_for_lack_of_a_session_is_not_done_after_signing_in(
    ada: Browser, browser: Browser, auth: Any
) -> None:
    page = ada.get("/new-key")
    ada.cookies = {}
    refused = ada.submit(page, "/new-key", name="CI")
    assert refused.path == "/sign-in"
    assert "CI" not in refused.text
    after = ada.submit(refused, "/sign-in", email=EMAIL, password=PASSWORD)
    assert (after.status, after.path) == (200, "/new-key")
    assert auth.keys.page(ACCOUNT).items == ()


def test_S19_after_signing_in_one_looks_at_the_thing_and_its_button_was_not_pressed(ada: Browser, auth: Any) -> None:
    key = auth.keys.create(ACCOUNT, name="CI").key
    ada.cookies = {}
    refused = ada.post(f"/keys/{key.id}/revoke?reason=forged", {"reason": "leaked"})
    after = ada.submit(refused, "/sign-in", email=EMAIL, password=PASSWORD)
    assert (after.status, after.url) == (200, f"{ORIGIN}{PREFIX}/keys/{key.id}")
    assert auth.keys.get(key.id) == key


def test_L01_too_many_attempts_are_told_when_to_come_back_whether_there_is_such_an_account(
    browser: Browser, owner: Any
) -> None:
    told = []
    for email in (EMAIL, "nobody@example.com"):
        answers = [browser.post("/sign-in", {"email": email, "password": "x"}) for _ in range(HERE.limit + 1)]
        assert [one.status for one in answers] == [401] * HERE.limit + [429]
        told.append((answers[-1].words, answers[-1].header("retry-after")))
        assert answers[-1].form("/sign-in").names
    assert told[0] == told[1]
    assert 0 < int(told[0][1] or "") <= 15 * 60
    assert browser.post("/sign-in", SENT).status == 429


def test_whoever_is_disabled_is_refused_as_by_a_wrong_password(browser: Browser, owner: Any, auth: Any) -> None:
    wrong = tried(browser, EMAIL)
    auth.users.disable(owner.id)
    assert tried(browser, EMAIL, PASSWORD).words == wrong.words


class Phone:
    """What is Ada's, with one passkey in it."""

    def __init__(self, auth: Any, user_id: str) -> None:
        self.authenticator = Authenticator()
        begun = auth.mfa.begin_passkey(user_id)
        answer = self.authenticator.create(json.loads(json.dumps(begun.options)), ORIGIN)
        auth.mfa.finish_passkey(user_id, begun.id, answer, name="Phone")

    def signs(self, asked: Answer) -> str:
        assert (asked.status, asked.header("content-type")) == (200, "application/json")
        assert asked.header("cache-control") == "no-store"
        return json.dumps(self.authenticator.get(json.loads(asked.body)["options"], ORIGIN))


def test_a_passkey_alone_signs_in_and_what_it_signed_is_good_once_and_in_one_browser(
    browser: Browser, owner: Any, auth: Any
) -> None:
    phone, other = Phone(auth, owner.id), browser.another()
    page = browser.get("/sign-in?next=/console/keys?status=active")
    response = phone.signs(browser.post("/sign-in/passkey/begin"))
    other.post("/sign-in/passkey/begin")
    assert other.post("/sign-in/passkey", {"response": response}).status == 401
    begun = dict(browser.cookies)
    answer = browser.submit(page, "/sign-in/passkey", response=response)
    assert (answer.status, answer.path) == (200, "/keys")
    assert PASSKEY not in browser.cookies
    browser.cookies = begun
    assert browser.post("/sign-in/passkey", {"response": response}).status == 401
    assert NAME not in browser.cookies


@pytest.mark.parametrize("response", ["", "{}", "[]", "no JSON", '{"id": "x"}'])
def test_what_no_passkey_has_signed_shows_the_form_again(browser: Browser, owner: Any, response: str) -> None:
    browser.post("/sign-in/passkey/begin")
    answer = browser.post("/sign-in/passkey", {"response": response})
    assert answer.status == 401
    assert "The passkey was not accepted." in answer.words
    assert answer.form("/sign-in").names


def test_a_method_that_is_not_there_and_a_field_that_is_not_known_are_refused(browser: Browser) -> None:
    assert browser.get("/sign-in/passkey").status == 405
    assert browser.get("/sign-in?password=x").status == 422
    assert browser.post("/sign-in", {**SENT, "role": "owner"}).status == 422
