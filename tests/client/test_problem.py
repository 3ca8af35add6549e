"""A refusal is raised as what it was at the server, and no answer, however strange, is more than a refusal."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest

from plexe_auth import AuthError, InvalidRequest, RateLimitExceeded, errors
from plexe_auth.client import Key, UnexpectedAnswer, raise_for_problem
from plexe_auth.wire import problem
from tests.client.callers import Send
from tests.client.conftest import Script, Served

Caller = Callable[..., AbstractContextManager[Send]]
KINDS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, AuthError)]
REFUSALS = [kind for kind in KINDS if kind is not AuthError]
PROBLEM = {"content-type": "application/problem+json"}


class Answer:
    def __init__(self, status: int, body: bytes, fields: dict[str, str] | None = None) -> None:
        self.status_code = status
        self.headers = PROBLEM if fields is None else fields
        self.content = body


def raised(status: int, told: object, fields: dict[str, str] | None = None) -> Any:
    body = told if isinstance(told, bytes) else json.dumps(told).encode()
    with pytest.raises((AuthError, UnexpectedAnswer)) as caught:
        raise_for_problem(Answer(status, body, fields))
    return caught.value


@pytest.mark.parametrize("kind", REFUSALS)
def test_every_refusal_of_the_table_is_raised_as_itself(kind: type[AuthError]) -> None:
    sent = problem(kind("told so"), "ApiKey")
    error = raised(sent.status, sent.body, dict(sent.headers))
    assert error.problem() == kind("told so").problem()
    assert type(error) is (kind if AuthError in kind.__bases__ else kind.__bases__[0])


def test_what_some_refusals_tell_besides_comes_along() -> None:
    assert raised(429, {"code": "rate_limit_exceeded"}, PROBLEM | {"retry-after": "17"}).retry_after == 17
    assert raised(429, {"code": "rate_limit_exceeded"}, PROBLEM | {"retry-after": "nan"}).retry_after == 1
    assert raised(422, {"code": "invalid_request", "field": "name"}).field == "name"
    assert raised(422, {"code": "invalid_request", "field": ["name"]}).field is None
    assert isinstance(raised(429, {"code": "rate_limit_exceeded"}), RateLimitExceeded)
    assert isinstance(raised(422, {"code": "invalid_request"}), InvalidRequest)


def test_refusals_of_a_real_server_are_raised(served: Served, caller: Caller) -> None:
    text = served.key()
    with caller(Key.from_text(text)) as send:
        raise_for_problem(send("GET", f"{served.url}/models"))
        served.auth.keys.revoke_leaked(text)
        with pytest.raises(errors.RevokedKey, match="has been revoked"):
            raise_for_problem(send("GET", f"{served.url}/models"))


def test_a_code_that_we_do_not_know_is_a_refusal_of_its_own() -> None:
    error = raised(402, {"code": "quota_used_up", "title": "Quota used up", "detail": "Pay first."})
    assert type(error) is AuthError
    assert (error.status, error.code, error.title, error.detail) == (
        402,
        "quota_used_up",
        "Quota used up",
        "Pay first.",
    )


def test_a_code_under_another_status_than_its_own_is_not_ours() -> None:
    error = raised(500, {"code": "revoked_key", "status": 401})
    assert (type(error), error.status, error.code, error.title) == (AuthError, 500, "revoked_key", "Refused")


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_a_success_passes_whatever_it_says(status: int) -> None:
    raise_for_problem(Answer(status, b'{"code": "invalid_key"}'))


GARBAGE = [
    b"",
    b"\xff\xfe",
    b"null",
    b"[]",
    b'"invalid_key"',
    b"{",
    b"{}",
    b'{"code": 401}',
    b'{"code": null}',
    b'{"code": "invalid_key\\n"}',
    b'{"code": "' + b"a" * 65 + b'"}',
    b"[" * 60_000,
    b'{"n": ' + b"9" * 60_000 + b"}",
    b'{"code": "invalid_key", "detail": "' + b"x" * 10_000_000 + b'"}',
]


@pytest.mark.parametrize("body", GARBAGE, ids=range(len(GARBAGE)))
def test_garbage_is_told_by_its_status_alone(body: bytes) -> None:
    error = raised(401, body)
    assert (type(error), error.status) == (UnexpectedAnswer, 401)
    assert str(error) == "The server answered 401, and not in a way that plexe_auth knows."


@pytest.mark.parametrize("fields", [{}, {"content-type": "text/html"}, {"content-type": "application/json"}])
def test_what_is_no_problem_document_is_not_read(fields: dict[str, str]) -> None:
    assert type(raised(401, {"code": "invalid_key"}, fields)) is UnexpectedAnswer


@pytest.mark.parametrize("length", ["9999999", "10" * 40, "-1", "²", "x"])
def test_what_says_that_it_is_too_long_is_not_read(length: str) -> None:
    assert type(raised(401, {"code": "invalid_key"}, PROBLEM | {"content-length": length})) is UnexpectedAnswer


def test_a_type_may_have_parameters_and_any_case() -> None:
    fields = {"content-type": "Application/Problem+JSON; charset=utf-8"}
    assert type(raised(401, {"code": "invalid_key"}, fields)) is errors.InvalidKey


def test_what_a_server_says_is_one_line_and_not_a_long_one() -> None:
    error = raised(402, {"code": "other", "title": "\x1b[31mred\r\nX: y\u202e", "detail": "x" * 60_000})
    assert error.title == "[31mredX: y"
    assert len(error.detail) == 500


def test_an_answer_of_ten_megabytes_is_no_refusal(script: Script, caller: Caller) -> None:
    script.says((401, PROBLEM, b'{"code": "invalid_key", "detail": "' + b"x" * 10_000_000 + b'"}'))
    with caller(Key.from_text("a")) as send, pytest.raises(UnexpectedAnswer):
        raise_for_problem(send("GET", script.url))
