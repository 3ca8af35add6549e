"""A request shows no field of its own; a refusal is a problem document that says what the error says and no more."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plexe_auth import errors
from plexe_auth.errors import AuthError, ExpiredKey, InvalidRequest, RateLimitExceeded
from plexe_auth.wire import FIELDS, FOLDED_KEY_FIELDS, KEY_FIELD, Request, Response, problem

CHALLENGE = 'ApiKey realm="api"'
REFUSALS = [
    one
    for one in vars(errors).values()
    if isinstance(one, type) and issubclass(one, AuthError) and one is not AuthError
]


def test_H12_a_request_shows_neither_its_fields_nor_its_query() -> None:
    shown = repr(Request("http", "GET", "/x", "/x", "key=canary", fields={KEY_FIELD: ["canary"]}))
    assert "/x" in shown
    assert "canary" not in shown


def test_H12_an_answer_shows_neither_its_body_nor_its_headers() -> None:
    shown = repr(Response(201, (("set-cookie", "session=canary"),), b"canary"))
    assert "201" in shown
    assert "canary" not in shown


def test_every_way_to_fold_the_name_of_the_key_field_is_known() -> None:
    assert {KEY_FIELD, *FOLDED_KEY_FIELDS} == {f"x{a}api{b}key" for a in "-_" for b in "-_"}
    assert FOLDED_KEY_FIELDS < FIELDS


@pytest.mark.parametrize("refusal", REFUSALS)
def test_H02_a_refusal_is_a_problem_document(refusal: type[AuthError]) -> None:
    answer = problem(refusal(), CHALLENGE)
    headers = dict(answer.headers)
    assert answer.status == refusal.status
    assert json.loads(answer.body) == refusal().problem()
    assert set(json.loads(answer.body)) == {"type", "title", "status", "code", "detail"}
    assert headers["content-type"] == "application/problem+json"
    assert headers["cache-control"] == "no-store"
    assert headers["content-length"] == str(len(answer.body))


@pytest.mark.parametrize("refusal", REFUSALS)
def test_H01_every_401_and_nothing_else_asks_for_a_credential(refusal: type[AuthError]) -> None:
    asks = dict(problem(refusal(), CHALLENGE).headers).get("www-authenticate")
    assert asks == (CHALLENGE if refusal.status == 401 else None)


def test_a_rate_limit_says_when_to_come_back() -> None:
    assert dict(problem(RateLimitExceeded(retry_after=17), CHALLENGE).headers)["retry-after"] == "17"


def test_H02_an_answer_to_head_has_all_but_the_body() -> None:
    whole, head = problem(ExpiredKey(), CHALLENGE), problem(ExpiredKey(), CHALLENGE, head=True)
    assert head == type(head)(whole.status, whole.headers, b"")


def test_what_is_to_be_added_is_added() -> None:
    assert ("strict-transport-security", "x") in problem(
        ExpiredKey(), "", (("strict-transport-security", "x"),)
    ).headers


@given(st.text(min_size=1) | st.binary(min_size=1).map(lambda data: data.decode(errors="surrogateescape")))
def test_H02_any_detail_makes_valid_json_in_ascii(detail: str) -> None:
    body = problem(InvalidRequest(detail, field="name"), CHALLENGE).body
    assert body.isascii()
    assert json.loads(body)["detail"] == detail
