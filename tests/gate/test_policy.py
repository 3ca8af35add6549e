"""What no rule names needs read for GET and HEAD and write for all else; of several readings, the strictest counts."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plexe_auth import ConfigurationError, Policy, Rule
from plexe_auth.model.policy import Requirement, action

METHODS = ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "QUERY", "GETX", "M-SEARCH"]
ODD_METHODS = ["", "get", "Get", "head", "GET ", " GET", "GET\0", "GÉT", "ＧＥＴ", "GEТ", "ſet"]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_P01_get_and_head_read(method: str) -> None:
    assert Policy().requirement(method, "/x").permissions == ("read",)


@pytest.mark.parametrize("method", METHODS)
def test_P01_every_other_method_writes(method: str) -> None:
    assert Policy().requirement(method, "/x").permissions == ("write",)


@pytest.mark.parametrize("method", ODD_METHODS)
def test_P01_a_method_that_only_looks_like_get_needs_write(method: str) -> None:
    assert "write" in Policy().requirement(method, "/x").permissions


@given(st.text())
def test_P01_whatever_the_method_something_is_needed(method: str) -> None:
    needed = Policy(rules=(Rule("/x", resource="x", methods=("PUT",)),)).requirement(method, "/x").permissions
    assert needed
    assert (needed == ("read",)) == (method in ("GET", "HEAD"))
    assert action(method) == ("read" if method in ("GET", "HEAD") else "write")


def test_a_method_in_small_letters_needs_also_what_an_app_that_capitalises_would_do() -> None:
    policy = Policy(rules=(Rule("/x", permission="x:purge", methods=("POST",)),))
    assert policy.requirement("post", "/x").permissions == ("write", "x:purge")


def test_the_first_rule_that_concerns_a_request_counts() -> None:
    policy = Policy(
        rules=(
            Rule("/a/b", permission="one:read"),
            Rule("/a/*", permission="two:write", methods=("POST",)),
            Rule("/a/*", resource="three"),
        )
    )
    needs = {(m, p): policy.requirement(m, p).permissions for m in ("GET", "POST") for p in ("/a/b", "/a/c", "/a")}
    assert needs == {
        ("GET", "/a/b"): ("one:read",),
        ("POST", "/a/b"): ("one:read",),
        ("GET", "/a/c"): ("three:read",),
        ("POST", "/a/c"): ("two:write",),
        ("GET", "/a"): ("read",),
        ("POST", "/a"): ("write",),
    }


@pytest.mark.parametrize(
    ("methods", "concerned"),
    [
        (None, {"GET", "HEAD", "POST", "get"}),
        (("GET",), {"GET", "HEAD"}),
        (["HEAD"], {"HEAD"}),
        (("POST", "PUT"), {"POST"}),
    ],
)
def test_H03_a_rule_for_get_concerns_head(methods: Any, concerned: set[str]) -> None:
    rule = Rule("/x", permission="x:read", methods=methods)
    assert {method for method in ("GET", "HEAD", "POST", "get") if rule.concerns("/x", method)} == concerned
    assert not rule.concerns("/y", "GET")


@pytest.mark.parametrize("path", ["/admin/x", "//admin/x", "/x/../admin/x", "/./admin/x", "/admin%2fx", "admin/x"])
def test_P04_a_rule_holds_on_every_spelling_of_its_path(path: str) -> None:
    policy = Policy(rules=(Rule("/admin/*", permission="admin:write"),))
    assert "admin:write" in policy.requirement("GET", path).permissions


def test_P04_a_path_with_two_readings_needs_what_both_need() -> None:
    policy = Policy(rules=(Rule("/a/*", permission="a:read"), Rule("/b/*", permission="b:read")))
    assert policy.requirement("GET", "/a/../b/x").permissions == ("a:read", "b:read")


def test_P04_with_a_fragment_in_the_target_the_path_before_it_is_judged_too() -> None:
    policy = Policy(rules=(Rule("/admin", permission="admin:write"),))
    assert policy.requirement("GET", "/admin#x", "/admin#x").permissions == ("read", "admin:write")


def test_a_public_path_needs_nothing() -> None:
    policy = Policy(public=("/healthz", "/docs/*"))
    assert policy.requirement("DELETE", "/docs/x") == Requirement(public=True)
    assert policy.requirement("GET", "/docs") == Requirement(permissions=("read",))


@pytest.mark.parametrize("path", ["//healthz", "/healthz/.", "/./healthz", "/x/../healthz", "/%2e/healthz", "healthz"])
def test_P04_a_doubtful_path_is_never_public(path: str) -> None:
    policy = Policy(public=("/healthz", "/healthz/*", "/*"))
    assert not policy.requirement("GET", path).public


def test_an_optional_path_may_come_without_a_key_in_all_its_readings_only() -> None:
    policy = Policy(optional=("/feed", "/docs/*"), rules=(Rule("/feed", permission="feed:read"),))
    assert policy.requirement("GET", "/feed") == Requirement(optional=True, permissions=("feed:read",))
    assert policy.requirement("GET", "/docs/./x").optional
    assert not policy.requirement("GET", "/docs/../x").optional
    assert not policy.requirement("GET", "/x").optional


@pytest.mark.parametrize(
    "given",
    [
        {"pattern": "x", "permission": "x:read"},
        {"pattern": "/x", "permission": ""},
        {"pattern": "/x", "permission": "everything"},
        {"pattern": "/x", "permission": "X:read"},
        {"pattern": "/x", "permission": 7},
        {"pattern": "/x", "resource": ""},
        {"pattern": "/x", "resource": "a:b"},
        {"pattern": "/x", "permission": "x:read", "resource": "x"},
        {"pattern": "/x", "methods": "GET"},
        {"pattern": "/x", "methods": ()},
        {"pattern": "/x", "methods": ("get",)},
        {"pattern": "/x", "methods": (7,)},
        {"pattern": "/x", "methods": 7},
    ],
)
def test_a_rule_that_could_never_hold_is_refused_when_it_is_made(given: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError):
        Rule(**given)


@pytest.mark.parametrize(
    "given",
    [
        {"public": "/healthz"},
        {"public": None},
        {"public": ("healthz",)},
        {"optional": b"/x"},
        {"optional": ("/x/*/y",)},
        {"rules": Rule("/x")},
        {"rules": ("/x",)},
        {"trusted_proxies": "10.0.0.1"},
        {"trusted_proxies": ("proxy.local",)},
        {"trusted_proxies": ("10.0.0.1/8",)},
        {"trusted_proxies": ("*",)},
        {"https": "always"},
        {"https": True},
        {"hsts": ""},
        {"hsts": True},
        {"hsts": "max-age=1\r\nset-cookie: a=b"},
        {"hsts": "max-age=1 "},
        {"hsts": "max-age=é"},
        {"rate": "often"},
        {"address_rate": "0/minute"},
        {"rate_headers": "no"},
    ],
)
def test_H17_a_policy_that_says_something_else_than_it_seems_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError):
        Policy(**given)


def test_what_is_given_as_an_iterator_holds_for_every_request() -> None:
    policy = Policy(
        public=iter(["/healthz"]),  # type: ignore[arg-type]
        rules=iter([Rule("/x", permission="x:read", methods=iter(["GET"]))]),  # type: ignore[arg-type]
        trusted_proxies=iter(["10.0.0.1"]),  # type: ignore[arg-type]
    )
    for _ in range(2):
        assert policy.requirement("GET", "/healthz").public
        assert policy.requirement("GET", "/x").permissions == ("x:read",)
    assert policy.trusted_proxies == ("10.0.0.1",)


def test_a_policy_is_a_value() -> None:
    assert Policy(public=["/x"]) == Policy(public=("/x",))  # type: ignore[arg-type]
    assert hash(Policy(public=["/x"])) == hash(Policy(public=("/x",)))  # type: ignore[arg-type]
    assert "_public" not in repr(Policy())
