"""A redirect to HTTPS keeps the place, and is made only where the request names it in a harmless way."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plexe_auth.model.redirect import to_https
from plexe_auth.wire import Request, Response


def redirected(*hosts: str, method: str = "GET", target: str = "/x", query: str = "", **fields: Any) -> Response | None:
    sent = {"host": list(hosts), **fields} if hosts else fields
    return to_https(Request("http", method, "/elsewhere", target, query, fields=sent))


def location(answer: Response | None) -> str | None:
    return None if answer is None else dict(answer.headers)["location"]


@pytest.mark.parametrize(
    ("host", "target", "query", "place"),
    [
        ("example.com", "/x", "", "https://example.com/x"),
        ("Example.com:8080", "/x/%2f?", "a=%20&b", "https://Example.com/x/%2f??a=%20&b"),
        ("192.0.2.1:80", "/", "", "https://192.0.2.1/"),
        ("[2001:db8::1]:80", "//y", "", "https://[2001:db8::1]//y"),
    ],
)
def test_the_same_place_over_https(host: str, target: str, query: str, place: str) -> None:
    answer = redirected(host, target=target, query=query)
    assert location(answer) == place
    assert answer is not None
    assert answer.status == 308
    assert ("cache-control", "no-store") in answer.headers


def test_head_is_redirected_like_get_and_nothing_else_is() -> None:
    assert redirected("example.com", method="HEAD") == redirected("example.com")
    assert all(redirected("example.com", method=method) is None for method in ("POST", "OPTIONS", "get", "", "CONNECT"))


ODD_HOSTS = ["", " ", "a b", "a\r\nx: y", "a\0", "a" * 254, "exämple.com", "ｅxample.com"]
ODD_HOSTS += [
    "a/b",
    "a?b",
    "a#b",
    "u@evil.example",
    "a\\b",
    "a:b",
    "a:80:80",
    "a:",
    "a:123456",
    "a,b",
    "[",
    "[::1",
    "[::1%25eth0]",
    "::1",
    "a/healthz?x=",
    "a%00",
]


@pytest.mark.parametrize("host", ODD_HOSTS)
def test_L21_no_redirect_where_the_host_is_no_plain_name(host: str) -> None:
    assert redirected(host) is None


def test_L21_no_redirect_without_exactly_one_host() -> None:
    assert redirected() is None
    assert redirected("example.com", "example.com") is None
    assert redirected("example.com", "evil.example") is None


@pytest.mark.parametrize(
    "target", ["", "x", "*", "http://evil.example/x", "/a b", "/é", "/\r\nset-cookie: a=b", "/\0", "a:443"]
)
def test_no_redirect_where_the_target_is_no_plain_path(target: str) -> None:
    assert redirected("example.com", target=target) is None


def test_L21_the_other_fields_do_not_move_it() -> None:
    fields: Any = {
        "forwarded": ["host=evil.example"],
        "origin": ["https://evil.example"],
        "x-forwarded-for": ["evil.example"],
    }
    assert location(redirected("example.com", **fields)) == "https://example.com/x"


anything = st.binary(max_size=30).map(lambda data: data.decode("latin-1"))


@given(st.lists(anything | st.just("example.com"), max_size=2), anything.map(lambda text: "/" + text), anything)
def test_K10_a_redirect_never_leaves_printable_ascii(hosts: list[str], target: str, query: str) -> None:
    place = location(redirected(*hosts, target=target, query=query))
    if place is not None:
        assert place.isascii()
        assert place.isprintable()
        assert " " not in place
        assert place.startswith(f"https://{hosts[0].rpartition(':')[0] or hosts[0]}/") or hosts[0].startswith("[")
