"""A flow is bound to everything that it is about; nothing of it can be chosen by who calls or who comes back."""

import copy
import json
import pickle
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plexe_auth.errors import InvalidRequest
from plexe_auth.model.flow import EXTRA, LIFE, Flow, authorization_url, begin_flow
from plexe_auth.model.provider import Endpoints, github, oidc
from tests.people.framed import framed

NOW = datetime(2026, 3, 29, 12, 0, 0, 123456, tzinfo=UTC)
ACME = oidc("acme", "https://id.example", "plexe", "s3cret")
ENDPOINTS = Endpoints("https://id.example/authorize", "https://id.example/token")
CALLBACK = "https://app.example/callback"


def begun(**how: Any) -> Flow:
    return begin_flow(**{"provider": ACME, "redirect_uri": CALLBACK, "next": "/keys", "now": NOW} | how)


def sent(url: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(url).query, strict_parsing=True)


def test_O02_a_flow_names_its_provider_redirect_uri_way_back_and_time() -> None:
    flow = begun()
    assert (flow.provider, flow.redirect_uri, flow.next, flow.issued_at) == ("oidc:acme", CALLBACK, "/keys", NOW)


def test_O03_state_nonce_and_verifier_are_drawn_apart_and_anew() -> None:
    words = [word.reveal() for flow in (begun(), begun()) for word in (flow.state, flow.nonce, flow.verifier)]
    assert len(set(words)) == 6
    assert all(len(word) * 5.95 >= 128 for word in words)


def test_O03_the_authorization_request_says_what_OpenID_Connect_asks_for() -> None:
    flow = begun()
    url = authorization_url(flow, ACME, ENDPOINTS)
    assert url.startswith("https://id.example/authorize?")
    said = sent(url)
    challenge = said.pop("code_challenge")
    assert len(challenge[0]) == 43
    assert said == {
        "response_type": ["code"],
        "client_id": ["plexe"],
        "redirect_uri": [CALLBACK],
        "scope": ["openid email profile"],
        "state": [flow.state.reveal()],
        "nonce": [flow.nonce.reveal()],
        "code_challenge_method": ["S256"],
    }
    assert flow.verifier.reveal() not in url
    assert "s3cret" not in url


def test_an_endpoint_keeps_its_own_query() -> None:
    url = authorization_url(
        begun(), ACME, Endpoints("https://id.example/authorize?tenant=7", "https://id.example/token")
    )
    assert sent(url)["tenant"] == ["7"]


def test_a_provider_without_ID_tokens_gets_no_nonce() -> None:
    provider = github("id", "secret")
    assert "nonce" not in sent(authorization_url(begun(provider=provider), provider, ENDPOINTS))


OURS = [
    "response_type",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
]
OURS += [
    "request",
    "request_uri",
    "response_mode",
    "claims",
    "registration",
    "resource",
    "State",
    "state ",
    "",
    "id_token_hint",
]


@pytest.mark.parametrize("name", OURS)
def test_O03_no_parameter_of_ours_can_be_chosen_by_the_caller(name: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        authorization_url(begun(), ACME, ENDPOINTS, {"prompt": "login", name: "evil"})
    assert caught.value.field == "extra"


@given(
    st.dictionaries(st.sampled_from(sorted(EXTRA)), st.text(st.characters(codec="utf-8", categories=["L", "N", "P"])))
)
def test_O03_what_may_be_chosen_never_changes_what_is_ours(extra: dict[str, str]) -> None:
    flow = begun()
    plain, chosen = (authorization_url(flow, ACME, ENDPOINTS, more) for more in (None, extra))
    pairs = parse_qsl(urlsplit(chosen).query, keep_blank_values=True)
    assert sorted(pairs) == sorted([*parse_qsl(urlsplit(plain).query), *extra.items()])


@pytest.mark.parametrize("extra", [7, "prompt=login", ["prompt"], {"prompt": 7}, {"prompt": None}, {"prompt": "a\nb"},
    {"prompt": "a\ud800"}, {"prompt": "x" * 600}, {7: "x"}, {None: None}])  # fmt: skip
def test_parameters_of_another_form_are_refused(extra: Any) -> None:
    with pytest.raises(InvalidRequest):
        authorization_url(begun(), ACME, ENDPOINTS, extra)


@pytest.mark.parametrize("redirect_uri", [None, 7, "", "/callback", "http://app.example/cb",
"https://app.example/cb#x",
    "https://u@app.example/cb", "javascript:alert(1)", "https://app.example/\r\nx",
    ["https://app.example/"]])  # fmt: skip
def test_O02_a_redirect_uri_is_a_plain_https_URL(redirect_uri: Any) -> None:
    with pytest.raises(InvalidRequest) as caught:
        begun(redirect_uri=redirect_uri)
    assert caught.value.field == "redirect_uri"


@pytest.mark.parametrize("way", ["//evil.example", "https://evil.example", None, 7, "/\\evil.example"])
def test_S14_O13_a_way_back_that_is_not_ours_becomes_the_front_page(way: Any) -> None:
    assert begun(next=way).next == "/"


def test_a_flow_is_over_after_ten_minutes_to_the_microsecond_and_never_begins_later_than_now() -> None:
    flow = begun()
    assert timedelta(minutes=10) == LIFE
    assert not flow.is_over(NOW)
    assert not flow.is_over(NOW + LIFE - timedelta(microseconds=1))
    assert flow.is_over(NOW + LIFE)
    assert flow.is_over(NOW - timedelta(microseconds=1))


def test_a_flow_comes_back_from_its_text_exactly() -> None:
    flow = begun()
    assert flow.to_json().isascii()
    assert Flow.from_json(flow.to_json()) == flow
    assert Flow.from_json(flow.to_json().encode()) == flow


def test_a_flow_shows_no_word_of_its_own_and_cannot_be_pickled() -> None:
    flow = begun()
    words = [word.reveal() for word in (flow.state, flow.nonce, flow.verifier)]
    assert not any(word in repr(flow) for word in words)
    for copying in (pickle.dumps, copy.deepcopy):
        with pytest.raises(TypeError):
            copying(flow)


GOOD = json.loads(begun().to_json())
WRONG = [
    GOOD | {name: value} for name in GOOD for value in (None, 7.5, True, [], {}) if (name, value) != ("issued_at", True)
]
WRONG += [{key: value for key, value in GOOD.items() if key != name} for name in GOOD]
WRONG += [GOOD | {"more": "x"}, GOOD | {"issued_at": "0"}, GOOD | {"issued_at": 10**30}, GOOD | {"provider": 7}]
TEXTS = [
    *map(json.dumps, WRONG),
    "",
    "null",
    "[]",
    "7",
    "{",
    '{"provider":"a","provider":"b"}',
    "[" * 5000,
    " " * 9000,
    "{}",
]


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_what_is_no_flow_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest):
        Flow.from_json(text)


@given(st.binary(max_size=300) | st.text(max_size=300))
def test_no_text_does_anything_else_than_being_refused(text: str | bytes) -> None:
    with pytest.raises(InvalidRequest):
        Flow.from_json(text)


def test_a_refused_flow_leaves_no_word_in_a_frame() -> None:
    text = json.dumps(GOOD | {"more": "x"})
    with pytest.raises(InvalidRequest) as caught:
        Flow.from_json(text)
    del text
    assert GOOD["verifier"] not in framed(caught.value)
