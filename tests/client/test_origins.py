"""A key goes to its API and nowhere else: not along with a redirect, not over plain HTTP, and into no text."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest

from plexe_auth import ConfigurationError
from plexe_auth.client import Key
from plexe_auth.client.origin import Origins, origin_of
from tests.client.callers import CALLERS, NAMES, Send
from tests.client.conftest import Script, Served

Caller = Callable[..., AbstractContextManager[Send]]
TEXT = "plx_sk_0123456789"
KEY = Key.from_text(TEXT)


def test_a_redirect_to_another_origin_takes_no_key_along(served: Served, elsewhere: Script, caller: Caller) -> None:
    text = served.key()
    with caller(Key.from_text(text)) as send:
        assert send("GET", f"{served.url}/moved/away?{elsewhere.url}/models").text == "elsewhere"
    assert served.keys_seen() == [text]
    assert [path for _method, path, _fields in elsewhere.seen] == ["/models"]
    assert text not in str(elsewhere.seen)


def test_a_refusal_after_such_a_redirect_is_not_answered_with_the_key(
    served: Served, elsewhere: Script, caller: Caller
) -> None:
    elsewhere.says(
        (401, {"content-type": "application/problem+json"}, b'{"code": "invalid_key"}'),
        (429, {"retry-after": "0"}, b""),
    )
    with caller(Key.from_text(served.key())) as send:
        for status in (401, 429):
            assert send("POST", f"{served.url}/moved/away?{elsewhere.url}/", content=b"x").status_code == status
    assert elsewhere.keys_seen() == [None, None]


def test_a_redirect_within_the_api_is_followed_with_the_key(served: Served, caller: Caller) -> None:
    text = served.key()
    with caller(Key.from_text(text)) as send:
        assert send("POST", f"{served.url}/moved/here", content=b"x").text == "acct_42"
    assert served.keys_seen()[-1] == text


def test_a_redirect_without_end_ends(served: Served, caller: Caller) -> None:
    with caller(Key.from_text(served.key())) as send, pytest.raises(Exception, match="redirects"):
        send("GET", f"{served.url}/moved/round")


def test_the_first_request_decides_where_the_key_goes(script: Script, elsewhere: Script, caller: Caller) -> None:
    with caller(KEY) as send:
        for place in (script, elsewhere, script):
            send("GET", place.url)
    assert script.keys_seen() == [TEXT, TEXT]
    assert elsewhere.keys_seen() == [None]


def test_origins_that_are_named_get_the_key_and_no_others(script: Script, elsewhere: Script, caller: Caller) -> None:
    with caller(KEY, origins=[f"{elsewhere.url}/"]) as send:
        for place in (script, elsewhere):
            send("GET", place.url)
    assert script.keys_seen() == [None]
    assert elsewhere.keys_seen() == [TEXT]


def test_a_key_that_somebody_put_there_gives_way_at_the_api_and_stays_elsewhere(
    script: Script, elsewhere: Script, caller: Caller
) -> None:
    with caller(KEY, origins=[script.url]) as send:
        answers = [send("GET", place.url, headers={"X-API-Key": "another"}) for place in (script, elsewhere)]
    assert script.keys_seen() == [TEXT]
    assert elsewhere.keys_seen() == ["another"]
    assert [one.request.headers.get("x-api-key") for one in answers] == [None, "another"]


@pytest.mark.parametrize(
    "url", ["http://api.example.com/", "http://127.0.0.1.example.com/", "http://10.0.0.1/", "http://localhost.evil/"]
)
def test_plain_http_to_another_machine_is_refused_before_anything_is_sent(caller: Caller, url: str) -> None:
    with caller(KEY) as send, pytest.raises(ConfigurationError, match="plain HTTP to http://") as told:
        send("GET", url)
    assert TEXT not in str(told.value)


@pytest.mark.parametrize(
    "named",
    [
        "http://api.example.com",
        "api.example.com",
        "ftp://api.example.com",
        "https://",
        "https://api.example.com/v1",
        "https://api.example.com?",
        "https://api.example.com#",
        "https://user@api.example.com",
        "https://good.example\\@evil.example",
        "https://api.example.com:99999",
        "https://bücher.example",
        "https://api.example.com\n",
        "",
    ],
)
def test_what_is_no_origin_is_refused_when_it_is_named(named: str) -> None:
    with pytest.raises(ConfigurationError, match="a key does not go"):
        Origins([named])
    with pytest.raises(ConfigurationError, match="a list"):
        Origins(named)


@pytest.mark.parametrize(
    ("url", "admitted"),
    [
        ("https://api.example.com/models?x=1", True),
        ("https://API.EXAMPLE.COM:443", True),
        ("https://user:word@api.example.com/", True),
        ("http://api.example.com/", False),
        ("http://api.example.com:443/", False),
        ("https://api.example.com:8443/", False),
        ("https://sub.api.example.com/", False),
        ("https://api.example.com.evil.example/", False),
        ("https://api.example.com@evil.example/", False),
        ("https://evil.example/https://api.example.com", False),
        ("https://[::1/", False),
        ("//api.example.com", False),
        (None, False),
    ],
)
def test_an_origin_is_scheme_host_and_port(url: str | None, admitted: bool) -> None:
    assert Origins(["https://api.example.com"]).admits(origin_of(url)) is admitted


@pytest.mark.parametrize("url", ["http://localhost:1", "http://127.9.9.9:1", "http://[::1]:1", "https://a.example"])
def test_this_machine_and_https_may_have_the_key(url: str) -> None:
    assert Origins().admits(origin_of(url))


@pytest.mark.parametrize("name", CALLERS)
def test_a_request_that_reached_nobody_tells_nothing_of_the_key(name: str, script: Script) -> None:
    with CALLERS[name](KEY) as send:
        with pytest.raises(Exception, match="onnect") as told:  # of the library's own kind
            send("GET", "http://127.0.0.1:1/models")
        answer = send("GET", script.url)
    failed: Any = told.value
    shown = [failed, answer, *headers_of(failed.request), *headers_of(answer.request)]
    assert TEXT not in " ".join(f"{one!r} {one}" for one in shown)
    assert "x-api-key" not in answer.request.headers


def headers_of(request: Any) -> list[Any]:
    return [request.headers, list(request.headers.items()), request.url]


@pytest.mark.parametrize("name", NAMES)
def test_the_next_request_of_a_redirect_that_is_not_followed_has_no_key(name: str, served: Served) -> None:
    with CALLERS[name](Key.from_text(served.key())) as send:
        answer = send("GET", f"{served.url}/moved/here", follow_redirects=False)
    assert dict(answer.next_request.headers.raw).keys().isdisjoint({b"x-api-key"})
