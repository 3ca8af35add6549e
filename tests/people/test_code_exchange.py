"""A code is exchanged once, with everything that it was bound to; an answer is tokens, or it is refused."""

import base64
import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plexe_auth.errors import AuthError, InvalidCredentials, Unavailable
from plexe_auth.model.code_exchange import read_tokens, token_request
from plexe_auth.model.exchange import Answer, asked_with
from plexe_auth.model.flow import begin_flow
from plexe_auth.model.provider import Endpoints, oidc
from plexe_auth.secret import Secret
from tests.people.framed import framed

NOW = datetime(2026, 3, 29, 12, tzinfo=UTC)
ACME = oidc("acme", "https://id.example", "pl:exe", "s3cret/+ %")
FLOW = begin_flow(ACME, "https://app.example/cb", "/", NOW)
BASIC = Endpoints("https://id.example/a", "https://id.example/t")
POST = Endpoints("https://id.example/a", "https://id.example/t", client_authentication="post")
JSON = (("content-type", "application/json;charset=UTF-8"),)
GOOD = {"token_type": "Bearer", "access_token": "a.c4nary", "id_token": "e30.c4nary.x", "expires_in": 3600}


def answered(said: Any, status: int = 200, headers: tuple[tuple[str, str], ...] = JSON) -> Answer:
    return Answer(status, headers, said if isinstance(said, bytes) else json.dumps(said).encode())


def test_O03_the_request_sends_the_verifier_and_the_redirect_uri_of_the_flow() -> None:
    asked = token_request(ACME, BASIC, FLOW, Secret("c0de"))
    assert asked.form is not None
    assert parse_qs(asked.form.reveal()) == {
        "grant_type": ["authorization_code"],
        "code": ["c0de"],
        "redirect_uri": ["https://app.example/cb"],
        "code_verifier": [FLOW.verifier.reveal()],
    }
    assert (asked.method, asked.url) == ("POST", "https://id.example/t")


def test_the_secret_is_shown_in_the_Authorization_field_encoded_as_in_a_form() -> None:
    """RFC 6749, section 2.3.1."""
    shown = dict(token_request(ACME, BASIC, FLOW, Secret("c0de")).headers)["authorization"]
    assert isinstance(shown, Secret)
    assert base64.b64decode(shown.reveal().removeprefix("Basic ")) == b"pl%3Aexe:s3cret%2F%2B+%25"


def test_the_secret_is_shown_in_the_body_where_the_provider_wants_that() -> None:
    asked = token_request(ACME, POST, FLOW, Secret("c0de"))
    assert asked.form is not None
    said = parse_qs(asked.form.reveal())
    assert (said["client_id"], said["client_secret"]) == (["pl:exe"], ["s3cret/+ %"])
    assert "authorization" not in dict(asked.headers)


@pytest.mark.parametrize("endpoints", [BASIC, POST])
def test_O14_a_question_and_an_answer_show_nothing(endpoints: Endpoints) -> None:
    asked = token_request(ACME, endpoints, FLOW, Secret("c0de"))
    shown = f"{asked!r} {asked} {answered(GOOD)!r} {read_tokens(answered(GOOD), with_id=True)!r}"
    for canary in ("c0de", "s3cret", "c4nary", FLOW.verifier.reveal()):
        assert canary not in shown


def test_an_access_token_is_shown_in_the_Authorization_field_and_never_in_the_URL() -> None:
    asked = asked_with(Secret("c4nary"), "https://id.example/userinfo")
    assert dict(asked.headers)["authorization"] == Secret("Bearer c4nary")
    assert "c4nary" not in repr(asked)


def test_a_good_answer_is_tokens() -> None:
    tokens = read_tokens(answered(GOOD), with_id=True)
    assert tokens.access == Secret("a.c4nary")
    assert tokens.id == Secret("e30.c4nary.x")
    assert read_tokens(answered(GOOD | {"token_type": "bearer"}), with_id=False).id is None


JUNK: dict[str, Answer] = {
    "no body": answered(b""),
    "no JSON": answered(b"access_token=a&token_type=bearer"),
    "no object": answered([GOOD]),
    "not UTF-8": answered(b'{"access_token": "\xff"}'),
    "a member twice": answered(json.dumps(GOOD).encode()[:-1] + b',"access_token":"evil"}'),
    "nested without end": answered(b"[" * 60_000),
    "too long": answered(GOOD | {"more": "x" * 70_000}),
    "a number that is none": answered(b'{"access_token":"a","token_type":"bearer","expires_in":NaN}'),
    "HTML": answered(GOOD, headers=(("content-type", "text/html"),)),
    "no content type": answered(GOOD, headers=()),
    "two content types": answered(GOOD, headers=(*JSON, ("content-type", "text/html"))),
    "a redirect": answered(GOOD, status=302),
    "an error of the server": answered(GOOD, status=500),
    "an error in a good answer": answered(GOOD | {"error": "x"}),
    "another error": answered({"error": "invalid_client"}, status=401),
    "a mistake of ours": answered({"error": "invalid_request"}, status=400),
    "no token type": answered({"access_token": "a", "id_token": "b"}),
    "a token type that is none": answered(GOOD | {"token_type": 7}),
    "a token type that we do not speak": answered(GOOD | {"token_type": "DPoP"}),
    "a token type in a list": answered(GOOD | {"token_type": ["Bearer"]}),
    **{f"access token {value!r:.10}": answered(GOOD | {"access_token": value}) for value in (None, 7, True, "",
    ["a"], "a\n", "é", "x" * 20_000)},
    **{f"ID token {value!r:.10}": answered(GOOD | {"id_token": value}) for value in (None, 7, {}, "", ["a"], "a\0",
    "\ud800", "x" * 20_000)},
}  # fmt: skip


@pytest.mark.parametrize("name", JUNK)
def test_O15_an_answer_that_is_no_tokens_is_refused_and_leaves_nothing_in_a_frame(name: str) -> None:
    with pytest.raises(Unavailable, match="cannot be used") as caught:
        read_tokens(JUNK[name], with_id=True)
    assert "c4nary" not in f"{caught.value.problem()} {framed(caught.value)}"


@pytest.mark.parametrize(("error", "status"), [("invalid_grant", 400), ("bad_verification_code", 200)])
def test_O01_a_code_that_was_used_is_a_refusal_of_the_person(error: str, status: int) -> None:
    with pytest.raises(InvalidCredentials, match="no longer good"):
        read_tokens(answered({"error": error, "error_description": "c4nary"}, status), with_id=True)


@given(st.binary(max_size=200), st.integers(100, 599))
def test_O15_no_answer_does_anything_else_than_being_refused(body: bytes, status: int) -> None:
    with pytest.raises(AuthError):
        read_tokens(answered(body, status), with_id=True)
