"""Each page × each kind of visitor has the answer that its row in the table says; forms of every shape are answered."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plexe_auth import Policy, Unavailable
from plexe_auth.console.routes import PAGES
from plexe_auth.console.visit import PUBLIC, Page
from plexe_auth.model.cookie import NAME
from plexe_auth.model.role import permissions
from tests.console.browser import PREFIX, Browser
from tests.console.conftest import signed_in

NOBODY_ELSES = ("https://evil.example", "https://localhost", "http://evil.localhost", "http://localhost:81", "null", "")

A_SESSION = [one for one in PAGES.all if one.needs is not PUBLIC]
A_PERMISSION = [one for one in PAGES.all if one.needs]
A_FORM = [one for one in PAGES.all if one.method == "POST"]
A_PROOF = [one for one in PAGES.all if one.recent]
SIGNING_OUT = "/sign-out"  # which ends what the others need


def wrong(pages: Iterable[Page], is_right: Callable[[Page], bool]) -> list[str]:
    """The cells of a column whose answer is not the one that is expected."""
    return [f"{page.method} {page.path}" for page in pages if not is_right(page)]


def asked(browser: Browser, page: Page, **fields: str) -> Any:
    path = page.path.replace("{id}", "thing_1")
    send = browser.get if page.method == "GET" else browser.post
    return send(path, follow=False, **fields)


def leads_to(answer: Any, page: str) -> bool:
    place = answer.header("location") or ""
    return answer.status == 303 and place.startswith(f"{PREFIX}{page}?next=/")


def test_every_page_says_who_may_see_it() -> None:
    for page in PAGES.all:
        assert page.method in ("GET", "POST")
        assert not page.recent or page.needs is not PUBLIC
        assert page.recent or page.method == "GET" or page.needs != "users:manage"


def test_there_are_pages_of_every_kind() -> None:
    assert min(len(pages) for pages in (A_SESSION, A_PERMISSION, A_FORM, A_PROOF)) >= 15


def test_P03_without_a_good_session_a_page_leads_to_signing_in(browser: Browser, ada: Browser) -> None:
    token, nobody = ada.cookies[NAME], browser.another()
    none = ("", "plx_session_", f"plx_session_{'a' * 46}", token[:-1], token.upper())
    cookies = [f"{NAME}={cookie}" for cookie in none] + [f"{NAME}={token}; {NAME}={token}"]
    assert wrong(A_SESSION, lambda page: leads_to(asked(nobody, page), "/sign-in")) == []
    for cookie in cookies:
        assert wrong(A_SESSION, lambda page, sent=cookie: leads_to(asked(nobody, page, cookie=sent), "/sign-in")) == []


def test_P03_a_key_opens_no_page(browser: Browser, auth: Any) -> None:
    text = auth.keys.create("acct_1", name="root", permissions="*:*").secret.reveal()
    assert wrong(A_SESSION, lambda page: leads_to(asked(browser, page, x_api_key=text), "/sign-in")) == []


def test_P03_an_ended_session_opens_no_page(ada: Browser, auth: Any, owner: Any) -> None:
    cookie = f"{NAME}={ada.cookies[NAME]}"
    auth.sessions.revoke_all(owner.id)
    assert wrong(A_SESSION, lambda page: leads_to(asked(ada, page, cookie=cookie), "/sign-in")) == []


@pytest.mark.parametrize("role", ["viewer", "member", "admin"])
def test_P03_whoever_lacks_the_permission_is_refused(as_role: Callable[[str], Browser], role: str) -> None:
    person = as_role(role)

    def is_right(page: Page) -> bool:
        answer = asked(person, page)
        if permissions(role).covers(page.needs or ""):
            return bool(answer.status != 403)
        return answer.status == 403 and "insufficient_permissions" in answer.text

    assert wrong(A_PERMISSION, is_right) == []


def test_S15_a_sensitive_page_asks_for_a_recent_proof(ada: Browser, clock: Any) -> None:
    clock.advance(timedelta(minutes=10, seconds=1))
    assert wrong(A_PROOF, lambda page: leads_to(asked(ada, page), "/confirm")) == []


@pytest.mark.parametrize("origin", NOBODY_ELSES)
def test_S12_a_form_that_did_not_come_from_here_is_refused(ada: Browser, origin: str) -> None:
    for kind in ("application/x-www-form-urlencoded", "text/plain", "multipart/form-data", "application/json", ""):
        sent = {"origin": origin, "content_type": kind}
        assert wrong(A_FORM, lambda page, sent=sent: asked(ada, page, **sent).status == 403) == []
    for site in ("cross-site", "same-site"):
        sent = {"origin": "", "sec_fetch_site": site}
        assert wrong(A_FORM, lambda page, sent=sent: asked(ada, page, **sent).status == 403) == []


@pytest.mark.parametrize("origin", NOBODY_ELSES)
def test_S13_no_page_of_another_origin_may_read_an_answer(ada: Browser, origin: str) -> None:
    def is_right(page: Page) -> bool:
        answer = asked(ada, page, origin=origin, access_control_request_method="GET")
        return not any(name.startswith("access-control-") for name, _value in answer.headers)

    assert wrong(PAGES.all, is_right) == []


def test_S17_S18_every_answer_is_hardened_and_kept_by_nobody(ada: Browser) -> None:
    def is_right(page: Page) -> bool:
        answer = asked(ada, page)
        policy = answer.header("content-security-policy") or ""
        told = {
            "x-content-type-options": "nosniff",
            "referrer-policy": "same-origin",
            "access-control-allow-origin": None,
            **({} if page.path == "/assets/{id}" else {"cache-control": "no-store"}),
        }
        strict = all(one in policy for one in ("default-src 'none'", "frame-ancestors 'none'"))
        return strict and "unsafe" not in policy and all(answer.header(name) == told[name] for name in told)

    assert wrong(sorted(PAGES.all, key=lambda page: page.path == SIGNING_OUT), is_right) == []


def test_a_method_that_a_page_does_not_have_is_refused(browser: Browser) -> None:
    def is_right(page: Page) -> bool:
        answer = browser.asked("PUT", PREFIX + page.path.replace("{id}", "thing_1"), b"")
        return answer.status == 405 and page.method in (answer.header("allow") or "")

    assert wrong(PAGES.all, is_right) == []


def test_H03_the_head_of_a_page_is_its_page_without_a_body(ada: Browser) -> None:
    def is_right(page: Page) -> bool:
        path = PREFIX + page.path.replace("{id}", "thing_1")
        whole, head = (ada.asked(method, path, b"", follow=False) for method in ("GET", "HEAD"))
        return bool(head.body == b"" and head.status == whole.status)

    assert wrong([page for page in PAGES.all if page.method == "GET"], is_right) == []


_NAMES = ("name", "once", "email", "password", "next", "method", "code", "token", "response", "role", "since", "x")
shapes = st.one_of(
    st.binary(max_size=200),
    st.lists(st.tuples(st.sampled_from(_NAMES), st.text(max_size=50)), max_size=8).map(
        lambda pairs: "&".join(f"{name}={value}" for name, value in pairs).encode("utf-8", "surrogatepass")
    ),
)
_KINDS = ["application/x-www-form-urlencoded", "text/plain", "application/json", ""]


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=shapes, kind=st.sampled_from(_KINDS))
def test_forms_of_every_shape_are_answered(ada: Browser, data: bytes, kind: str) -> None:
    def is_right(page: Page) -> bool:
        path = page.path.replace("{id}", "thing_1")
        return ada.another_with_cookies().post(path, data, follow=False, content_type=kind).status < 500

    assert wrong([page for page in A_FORM if page.path != SIGNING_OUT], is_right) == []


def test_a_form_of_over_64_KiB_is_refused(ada: Browser) -> None:
    sent = b"x=" + b"a" * 65_536

    def is_right(page: Page) -> bool:
        return ada.post(page.path.replace("{id}", "thing_1"), sent, follow=False).status == 413

    assert wrong([page for page in A_FORM if page.form is not None], is_right) == []


@pytest.mark.parametrize("query", ["after=x", "after=%00", "status=%ff", "x=1", "after=1&after=2", "%"])
def test_queries_of_every_shape_are_answered(ada: Browser, query: str) -> None:
    for page in PAGES.all:
        if page.method == "GET":
            assert ada.get(f"{page.path.replace('{id}', 'thing_1')}?{query}", follow=False).status < 500


def test_plain_http_from_elsewhere_is_refused_or_led_to_https(auth: Any, loop: Any, kind: str) -> None:
    for https, status in (("required", 403), ("redirect", 308)):
        there = Browser(kind, auth, loop, Policy(https=https))  # type: ignore[arg-type]
        there.peer = "192.0.2.9"
        assert there.get("/sign-in", follow=False).status == status


def test_a_store_that_does_not_answer_opens_no_page(ada: Browser, auth: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(*_args: Any, **_kwargs: Any) -> Any:
        raise Unavailable

    world = (getattr(auth, "awaited", None) or auth).world
    for verb in ("get", "page", "commit"):
        monkeypatch.setattr(world.store, verb, away)
    changing = [page for page in A_SESSION if page.method != "GET"]  # who only reads may be remembered
    assert wrong(changing, lambda page: asked(ada, page).status == 503) == []
    world.session_cache.renew()
    assert wrong(A_SESSION, lambda page: asked(ada, page).status == 503) == []


@pytest.mark.parametrize("rate", ["2/minute"])
def test_a_rate_of_the_host_bounds_pages_too(auth: Any, owner: Any, loop: Any, kind: str, rate: str) -> None:
    ada = signed_in(Browser(kind, auth, loop, Policy(rate=rate)))
    answers = [ada.get("/keys") for _ in range(3)]
    assert answers[-1].status == 429
    assert answers[-1].header("retry-after")
