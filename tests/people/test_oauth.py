"""Whoever comes from a provider is let in as who they are there, once for each flow, and never by an address alone."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from plexe_auth import (
    Auth,
    Challenge,
    ConfigurationError,
    Conflict,
    InvalidCredentials,
    InvalidRequest,
    InvalidSession,
    NotFound,
    Settings,
    SignedIn,
    Unavailable,
)
from plexe_auth.fetch.opening import open_fetch
from plexe_auth.fetch.reach import Reach
from plexe_auth.model.claims import Identity
from plexe_auth.model.exchange import Answer, Question
from plexe_auth.model.provider import github, oidc
from plexe_auth.service.oauth import _vouched
from plexe_auth.testing.mailbox import Mailbox
from tests.conftest import Clock
from tests.faces import Loop
from tests.people.conftest import HOME, KEY, PASSWORD
from tests.people.nanoidp import sign_in
from tests.people.test_mfa import App
from tests.servers.nanoidp import ADDRESS, CLIENT

CALLBACK = "https://app.example.com/callback"
SETTINGS = Settings(
    oauth=(github("id", "s3cret-of-the-client"), oidc("other", "https://id.example.com", "id", "s3cret")),
    secret_keys=(KEY,),
    hash_cost="insecure_tests",
    base_url="https://app.example.com",
    max_staleness=timedelta(milliseconds=1),
)


class GitHub:
    """A provider that answers as GitHub's API does; it stands outside, where `fetch=` leads."""

    def __init__(self) -> None:
        self.number = 583231
        self.emails: list[dict[str, Any]] = [{"email": "octo@example.com", "primary": True, "verified": True}]
        self.asked: list[str] = []
        self.broken: Answer | None = None

    def __call__(self, question: Question) -> Answer:
        self.asked.append(question.url)
        if self.broken is not None:
            return self.broken
        if question.url.endswith("/access_token"):
            return said({"access_token": "gho_c4nary", "token_type": "bearer"})
        return said(self.emails if question.url.endswith("/emails") else {"id": self.number, "name": "Octo"})


def said(value: Any) -> Answer:
    return Answer(200, (("content-type", "application/json"),), json.dumps(value).encode())


def awaited(provider: GitHub) -> Any:
    async def fetch(question: Question) -> Answer:
        return provider(question)

    return fetch


@pytest.fixture
def provider() -> GitHub:
    return GitHub()


@pytest.fixture
def auth(
    face: str, store_url: str, opened: Callable[..., Any], clock: Clock, mailbox: Mailbox, provider: GitHub
) -> Any:
    fetch = provider if face == "blocking" else awaited(provider)
    return opened(face, store_url, clock=clock, settings=SETTINGS, mailer=mailbox, fetch=fetch)


def begun(auth: Any, next: str = "/keys", **more: Any) -> tuple[str, dict[str, str]]:  # noqa: A002
    """The cookie of a new flow, and the query with which the provider sends the browser back."""
    redirect = auth.oauth.begin("github", redirect_uri=CALLBACK, next=next, **more)
    state = parse_qs(urlsplit(redirect.url).query)["state"][0]
    return redirect.state_cookie, {"state": state, "code": "c0de"}


def came(auth: Any) -> Any:
    cookie, query = begun(auth)
    return auth.oauth.complete("github", state_cookie=cookie, query=query, client=HOME)


def test_whoever_comes_for_the_first_time_becomes_a_user_and_is_the_same_the_next_time(
    auth: Any, provider: GitHub, clock: Clock
) -> None:
    first = came(auth)
    assert (first.user.email, first.user.name, first.user.role) == ("octo@example.com", "Octo", "owner")
    assert (first.user.verified_at, first.user.has_password, first.next) == (clock.now, False, "/keys")
    assert first.session.methods == ("oauth",)
    provider.emails = [{"email": "renamed@example.com", "primary": True, "verified": True}]
    assert came(auth).user.id == first.user.id
    (linked,) = auth.oauth.identities(first.user.id)
    assert (linked.provider, linked.email) == ("github", "octo@example.com")


def test_O06_another_subject_with_the_same_address_is_somebody_else(auth: Any, provider: GitHub) -> None:
    first = came(auth)
    provider.number += 1
    second = came(auth)  # both sides have verified the address, so it is a second way to sign in
    assert second.user.id == first.user.id
    auth.users.delete(first.user.id)
    provider.number -= 1
    assert came(auth).user.id != first.user.id


def test_O04_an_address_that_is_not_proven_here_is_not_linked(auth: Any, mailbox: Mailbox) -> None:
    early = auth.users.create("Octo@example.com", PASSWORD)
    with pytest.raises(InvalidCredentials):
        came(auth)
    assert auth.oauth.identities(early.id) == ()
    auth.users.request_verification(early.id)
    auth.users.verify_email(mailbox.token())
    assert came(auth).user.id == early.id


@pytest.mark.parametrize("verified", [False, "true", "false", 1, 0, None, []])
def test_O05_an_address_that_the_provider_does_not_vouch_for_makes_and_links_nobody(
    auth: Any, provider: GitHub, verified: Any
) -> None:
    provider.emails = [{"email": "octo@example.com", "primary": True, "verified": verified}]
    with pytest.raises(InvalidCredentials):
        came(auth)
    with pytest.raises(NotFound):
        auth.users.find("octo@example.com")


@pytest.mark.parametrize("email", ["octo@example.com", None, "", "a@b,c@d.example", "x" * 300 + "@example.com"])
def test_O05_no_address_is_vouched_for_that_is_not_verified_or_is_none_of_ours(email: str | None) -> None:
    assert _vouched(Identity("https://id.example.com", "subject", email, email_verified=False)) is None
    vouched = _vouched(Identity("https://id.example.com", "subject", email, email_verified=True))
    assert (vouched is not None) is (email == "octo@example.com")


def test_O01_a_flow_is_good_for_one_callback(auth: Any, provider: GitHub) -> None:
    cookie, query = begun(auth)
    assert auth.oauth.complete("github", state_cookie=cookie, query=query)
    provider.asked.clear()
    with pytest.raises(InvalidRequest):
        auth.oauth.complete("github", state_cookie=cookie, query=query)
    assert provider.asked == [], "the provider was not asked"


def test_O01_of_many_callbacks_of_one_flow_at_once_one_succeeds(auth: Any, provider: GitHub) -> None:
    cookie, query = begun(auth)

    def complete(_number: int) -> str:
        try:
            auth.oauth.complete("github", state_cookie=cookie, query=query)
        except InvalidRequest as error:
            return error.code
        return "done"

    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(complete, range(8)))
    assert found.count("done") == 1
    assert len([url for url in provider.asked if url.endswith("/access_token")]) == 1


def test_O01_a_callback_without_the_cookie_of_its_own_flow_asks_nobody(auth: Any, provider: GitHub) -> None:
    cookie, query = begun(auth)
    other, _query = begun(auth)
    odd: list[Any] = [other, cookie[:-2], cookie + "x", cookie.swapcase(), "", None, 7, [], b"x", "x" * 100_000, "é"]
    for one in odd:
        with pytest.raises(InvalidRequest):
            auth.oauth.complete("github", state_cookie=one, query=query)
    assert provider.asked == []
    assert auth.oauth.complete("github", state_cookie=cookie, query=query)


def test_O01_a_flow_is_soon_over(auth: Any, provider: GitHub, clock: Clock) -> None:
    cookie, query = begun(auth)
    clock.advance(timedelta(minutes=10))
    with pytest.raises(InvalidRequest):
        auth.oauth.complete("github", state_cookie=cookie, query=query)
    assert provider.asked == []


def test_O02_a_flow_of_one_provider_is_none_of_another(auth: Any, provider: GitHub) -> None:
    cookie, query = begun(auth)
    provider.broken = Answer(503, (), b"")
    with pytest.raises((InvalidRequest, Unavailable)):
        auth.oauth.complete("other", state_cookie=cookie, query=query)
    for odd in ("unknown", "", None, 7, []):
        with pytest.raises(NotFound):
            auth.oauth.complete(odd, state_cookie=cookie, query=query)
        with pytest.raises(NotFound):
            auth.oauth.begin(odd, redirect_uri=CALLBACK)


def test_O03_what_protects_a_flow_is_in_no_hands_but_ours(auth: Any) -> None:
    redirect = auth.oauth.begin("github", redirect_uri=CALLBACK)
    sent = parse_qs(urlsplit(redirect.url).query)
    assert sent["code_challenge_method"] == ["S256"]
    assert sent["redirect_uri"] == [CALLBACK]
    assert sent["state"][0] not in redirect.state_cookie
    assert redirect.state_cookie not in repr(redirect)
    assert len(redirect.state_cookie) < 3800
    with pytest.raises((InvalidRequest, ConfigurationError)):
        auth.oauth.begin("github", redirect_uri=CALLBACK, extra={"state": "mine"})


ELSEWHERE: list[Any] = ["//evil.example", "https://evil.example", "/\\evil.example", "", None, 7, "javascript:x"]


@pytest.mark.parametrize("odd", ELSEWHERE)
def test_O13_where_to_go_on_to_is_a_path_of_ours(auth: Any, odd: Any) -> None:
    cookie, query = begun(auth, odd)
    assert auth.oauth.complete("github", state_cookie=cookie, query=query).next == "/"


def test_O15_a_provider_that_fails_lets_nobody_in_and_stops_nobody_else(auth: Any, provider: GitHub) -> None:
    failures = [Answer(500, (), b""), Answer(200, (), b"nonsense"), said({"error": "bad_verification_code"}), said([])]
    for broken in failures:
        cookie, query = begun(auth)
        provider.broken = broken
        with pytest.raises((InvalidCredentials, Unavailable)):
            auth.oauth.complete("github", state_cookie=cookie, query=query)
        provider.broken = None
    ada = auth.users.create("ada@example.com", PASSWORD)
    assert auth.sign_in.with_password(ada.email, PASSWORD, HOME)
    assert isinstance(came(auth), SignedIn)


def test_O15_who_was_refused_at_the_provider_is_refused(auth: Any, provider: GitHub) -> None:
    cookie, query = begun(auth)
    with pytest.raises(InvalidCredentials) as refused:
        auth.oauth.complete(
            "github",
            state_cookie=cookie,
            query={"state": query["state"], "error": "access_denied", "error_description": "<script>x</script>"},
        )
    assert "script" not in repr(refused.value.problem())
    assert provider.asked == []


@pytest.mark.parametrize(
    ("error", "told"),
    [("access_denied", "access_denied"), ("invalid_scope", "invalid_scope"), ("c4nary\n<script>", "other")],
)
def test_O15_which_error_a_provider_reports_stands_in_the_log_if_the_standards_name_it(
    auth: Any, error: str, told: str
) -> None:
    cookie, query = begun(auth)
    with pytest.raises((InvalidCredentials, Unavailable)) as refused:
        auth.oauth.complete("github", state_cookie=cookie, query={"state": query["state"], "error": error})
    assert error not in repr(refused.value.problem())
    (entry,) = auth.log.page()
    assert (entry.action, entry.outcome, entry.detail) == ("session.sign_in", "denied", f"github:github: {told}")
    came(auth)
    assert "github:github" in {one.detail for one in auth.log.page()}


def test_M09_signing_in_at_a_provider_is_no_way_around_a_second_factor(auth: Any, clock: Clock) -> None:
    user = came(auth).user
    app = App(auth, user.id, clock)
    asked = came(auth)
    assert isinstance(asked, Challenge)
    assert asked.next == "/keys"
    result = auth.sign_in.answer(asked.token.reveal(), method="totp", response=app.next(), client=HOME)
    assert result.session.methods == ("oauth", "totp")


def test_a_disabled_user_is_not_let_in_by_a_provider(auth: Any) -> None:
    first = came(auth)
    auth.users.disable(first.user.id)
    with pytest.raises(InvalidCredentials):
        came(auth)
    with pytest.raises(InvalidSession):
        auth.sessions.verify(first.token.reveal())


def test_O16_a_link_is_made_and_taken_away_and_the_last_way_in_stays(auth: Any, provider: GitHub) -> None:
    ada = auth.users.create("ada@example.com", PASSWORD)
    cookie, query = begun(auth, user_id=ada.id)
    linked = auth.oauth.link(ada.id, "github", state_cookie=cookie, query=query)
    assert came(auth).user.id == ada.id
    grace = auth.users.create("grace@example.com", PASSWORD)
    cookie, query = begun(auth, user_id=grace.id)
    with pytest.raises(Conflict):
        auth.oauth.link(grace.id, "github", state_cookie=cookie, query=query)
    with pytest.raises(NotFound):
        auth.oauth.unlink(grace.id, linked.id)
    auth.oauth.unlink(ada.id, linked.id)
    octo = came(auth)
    assert octo.user.id != ada.id
    (only,) = auth.oauth.identities(octo.user.id)
    with pytest.raises(Conflict):
        auth.oauth.unlink(octo.user.id, only.id)


def test_O01_what_was_begun_for_linking_signs_nobody_in_and_links_nobody_else(auth: Any, provider: GitHub) -> None:
    ada, grace = (auth.users.create(f"{name}@example.com", PASSWORD) for name in ("ada", "grace"))
    for whose, call in (
        ({"user_id": ada.id}, lambda *sent: auth.oauth.complete("github", *sent, HOME)),
        ({"user_id": ada.id}, lambda *sent: auth.oauth.link(grace.id, "github", *sent)),
        ({}, lambda *sent: auth.oauth.link(ada.id, "github", *sent)),
    ):
        cookie, query = begun(auth, **whose)
        with pytest.raises(InvalidRequest, match="not begun in this browser"):
            call(cookie, query)
    assert provider.asked == []
    assert [auth.oauth.identities(one.id) for one in (ada, grace)] == [(), ()]
    with pytest.raises(NotFound):
        begun(auth, user_id="usr_unknown")


def test_M17_an_owner_is_told_by_mail_and_in_the_log_that_a_provider_was_linked_by_their_address(
    auth: Any, mailbox: Mailbox, provider: GitHub
) -> None:
    octo = auth.users.create("Octo@example.com", PASSWORD)
    auth.users.request_verification(octo.id)
    auth.users.verify_email(mailbox.token())
    before = len(mailbox)
    assert came(auth).user.id == came(auth).user.id == octo.id
    (told,) = mailbox.all[before:]
    assert told.to == octo.email
    assert "can now be signed in to by GitHub" in told.text
    assert "remove GitHub" in told.text
    assert "identity.link" in {one.action for one in auth.log.page(user_id=octo.id)}


def test_M17_links_that_are_made_and_taken_away_are_told_by_mail(auth: Any, mailbox: Mailbox) -> None:
    ada = auth.users.create("ada@example.com", PASSWORD)
    cookie, query = begun(auth, user_id=ada.id)
    linked = auth.oauth.link(ada.id, "github", state_cookie=cookie, query=query)
    cookie, query = begun(auth, user_id=ada.id)
    with pytest.raises(Conflict):
        auth.oauth.link(ada.id, "github", state_cookie=cookie, query=query)
    auth.oauth.unlink(ada.id, linked.id)
    with pytest.raises(NotFound):
        auth.oauth.unlink(ada.id, linked.id)
    assert [one.to for one in mailbox] == [ada.email] * 2
    assert "can now be signed in to by GitHub" in mailbox.all[0].text
    assert "can no longer be signed in to by GitHub" in mailbox.all[1].text


def test_whoever_is_new_is_told_of_no_link(auth: Any, mailbox: Mailbox) -> None:
    came(auth)
    assert len(mailbox) == 0


def test_a_host_may_keep_new_people_out(face: str, opened: Callable[..., Any], clock: Clock, provider: GitHub) -> None:
    fetch = provider if face == "blocking" else awaited(provider)
    auth = opened(face, "memory://", clock=clock, settings=replace(SETTINGS, oauth_registers=False), fetch=fetch)
    with pytest.raises(InvalidCredentials):
        came(auth)


def test_without_secret_keys_no_flow_begins() -> None:
    settings = replace(SETTINGS, secret_keys=())
    with Auth.open("memory://", settings=settings) as auth, pytest.raises(ConfigurationError):
        auth.oauth.begin("github", redirect_uri=CALLBACK)


def test_O14_nothing_that_a_provider_gave_stands_in_the_access_log(auth: Any) -> None:
    came(auth)
    auth.log.flush()
    told = repr(auth.log.page())
    assert not any(word in told for word in ("gho_c4nary", "c0de", "s3cret"))
    assert ("session.sign_in", "allowed") in [(one.action, one.outcome) for one in auth.log.page()]


def test_somebody_signs_in_at_a_real_provider_of_OpenID_Connect(
    face: str, opened: Callable[..., Any], nanoidp_url: str, loop: Loop
) -> None:
    settings = replace(SETTINGS, oauth=(oidc("nano", nanoidp_url, *CLIENT),))
    fetch = open_fetch(is_async=face == "async", reach=Reach(("127.0.0.1",)))
    auth = opened(face, "memory://", settings=settings, fetch=fetch)
    ada = auth.users.create(ADDRESS, PASSWORD)

    def callback(**more: Any) -> tuple[str, str]:
        redirect = auth.oauth.begin("nano", redirect_uri="https://app.example/callback", next="/keys", **more)
        return redirect.state_cookie, sign_in(redirect.url)

    cookie, query = callback(user_id=ada.id)
    assert auth.oauth.link(ada.id, "nano", state_cookie=cookie, query=query).provider == "nano"
    cookie, query = callback()
    result = auth.oauth.complete("nano", state_cookie=cookie, query=query, client=HOME)
    assert (result.user.id, result.next) == (ada.id, "/keys")
    with pytest.raises(InvalidRequest):
        auth.oauth.complete("nano", state_cookie=cookie, query=query, client=HOME)
