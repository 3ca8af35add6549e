"""Each page × each kind of visitor has the answer that its row in the table says; forms of every shape are answered."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plexe_auth import Policy
from plexe_auth.console.routes import PAGES
from plexe_auth.console.visit import PUBLIC, Page
from plexe_auth.model.cookie import NAME
from plexe_auth.model.role import permissions
from tests.console.browser import PREFIX, Browser

NOBODY_ELSES = ("https://evil.example", "https://localhost", "http://evil.localhost", "http://localhost:81", "null", "")

each_page = pytest.mark.parametrize("page", PAGES.all, ids=lambda page: f"{page.method} {page.path}")
pages_with = {
    "a session": [one for one in PAGES.all if one.needs is not PUBLIC],
    "a permission": [one for one in PAGES.all if one.needs],
    "a form": [one for one in PAGES.all if one.method == "POST"],
    "a recent proof": [one for one in PAGES.all if one.recent],
}


def each(kind: str) -> Any:
    return pytest.mark.parametrize("page", pages_with[kind], ids=lambda page: f"{page.method} {page.path}")


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


@each("a session")
def test_P03_without_a_good_session_a_page_leads_to_signing_in(browser: Browser, ada: Browser, page: Page) -> None:
    nobody = browser.another()
    assert leads_to(asked(nobody, page), "/sign-in")
    for cookie in ("", "plx_session_", f"plx_session_{'a' * 46}", ada.cookies[NAME][:-1], ada.cookies[NAME].upper()):
        assert leads_to(asked(nobody, page, cookie=f"{NAME}={cookie}"), "/sign-in"), cookie
    twice = "; ".join(f"{NAME}={ada.cookies[NAME]}" for _ in range(2))
    assert leads_to(asked(nobody, page, cookie=twice), "/sign-in")


@each("a session")
def test_P03_a_key_opens_no_page(browser: Browser, auth: Any, page: Page) -> None:
    text = auth.keys.create("acct_1", name="root", permissions="*:*").secret.reveal()
    assert leads_to(asked(browser, page, x_api_key=text), "/sign-in")


@each("a session")
def test_P03_an_ended_session_opens_no_page(ada: Browser, auth: Any, owner: Any, page: Page) -> None:
    auth.sessions.revoke_all(owner.id)
    assert leads_to(asked(ada, page), "/sign-in")


@each("a permission")
@pytest.mark.parametrize("role", ["viewer", "member", "admin"])
def test_P03_whoever_lacks_the_permission_is_refused(as_role: Callable[[str], Browser], page: Page, role: str) -> None:
    answer = asked(as_role(role), page)
    if not permissions(role).covers(page.needs or ""):
        assert answer.status == 403
        assert "insufficient_permissions" in answer.text
    else:
        assert answer.status != 403


@each("a recent proof")
def test_S15_a_sensitive_page_asks_for_a_recent_proof(ada: Browser, clock: Any, page: Page) -> None:
    clock.advance(timedelta(minutes=10, seconds=1))
    assert leads_to(asked(ada, page), "/confirm")


@each("a form")
@pytest.mark.parametrize("origin", NOBODY_ELSES)
def test_S12_a_form_that_did_not_come_from_here_is_refused(ada: Browser, page: Page, origin: str) -> None:
    for kind in ("application/x-www-form-urlencoded", "text/plain", "multipart/form-data", "application/json", ""):
        assert asked(ada, page, origin=origin, content_type=kind).status == 403
    assert asked(ada, page, origin="", sec_fetch_site="cross-site").status == 403
    assert asked(ada, page, origin="", sec_fetch_site="same-site").status == 403


@each_page
def test_S17_S18_every_answer_is_hardened_and_kept_by_nobody(ada: Browser, page: Page) -> None:
    answer = asked(ada, page)
    policy = answer.header("content-security-policy") or ""
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer.header("x-content-type-options") == "nosniff"
    assert answer.header("referrer-policy") == "same-origin"
    assert answer.header("cache-control") == "no-store" or page.path == "/assets/{id}"
    assert answer.header("access-control-allow-origin") is None


@each_page
def test_a_method_that_a_page_does_not_have_is_refused(browser: Browser, page: Page) -> None:
    path = PREFIX + page.path.replace("{id}", "thing_1")
    answer = browser.asked("PUT", path, b"")
    assert answer.status == 405
    assert page.method in (answer.header("allow") or "")


@each_page
def test_H03_the_head_of_a_page_is_its_page_without_a_body(ada: Browser, page: Page) -> None:
    if page.method != "GET":
        return
    path = PREFIX + page.path.replace("{id}", "thing_1")
    whole, head = ada.asked("GET", path, b"", follow=False), ada.asked("HEAD", path, b"", follow=False)
    assert head.body == b""
    assert head.status == whole.status


_NAMES = ("name", "once", "email", "password", "next", "method", "code", "token", "response", "role", "since", "x")
shapes = st.one_of(
    st.binary(max_size=200),
    st.lists(st.tuples(st.sampled_from(_NAMES), st.text(max_size=50)), max_size=8).map(
        lambda pairs: "&".join(f"{name}={value}" for name, value in pairs).encode("utf-8", "surrogatepass")
    ),
)


@each("a form")
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=shapes, kind=st.sampled_from(["application/x-www-form-urlencoded", "text/plain", "application/json", ""]))
def test_forms_of_every_shape_are_answered(ada: Browser, page: Page, data: bytes, kind: str) -> None:
    path = page.path.replace("{id}", "thing_1")
    if path == "/sign-out":
        return
    answer = ada.another_with_cookies().post(path, data, follow=False, content_type=kind)
    assert answer.status < 500, answer.words


@each("a form")
def test_a_form_of_over_64_KiB_is_refused(ada: Browser, page: Page) -> None:
    if page.form is None:
        return
    answer = ada.post(page.path.replace("{id}", "thing_1"), b"x=" + b"a" * 65_536, follow=False)
    assert answer.status == 413


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
