"""Every refusal has one class, one wire code and one status, and tells a client nothing that the client sent."""

import json

import pytest

import plexe_auth
from plexe_auth import (
    AuthError,
    ConfigurationError,
    Conflict,
    InvalidKey,
    InvalidRequest,
    MissingKey,
    RateLimitExceeded,
)

# What clients branch on: it never changes.
WIRE = {
    "invalid_key": (401, "InvalidKey"),
    "expired_key": (401, "ExpiredKey"),
    "revoked_key": (401, "RevokedKey"),
    "insufficient_permissions": (403, "InsufficientPermissions"),
    "rate_limit_exceeded": (429, "RateLimitExceeded"),
    "invalid_credentials": (401, "InvalidCredentials"),
    "invalid_session": (401, "InvalidSession"),
    "expired_session": (401, "ExpiredSession"),
    "mfa_required": (401, "MFARequired"),
    "reauthentication_required": (403, "ReauthenticationRequired"),
    "csrf_failed": (403, "CSRFFailed"),
    "https_required": (403, "HTTPSRequired"),
    "ip_not_allowed": (403, "IPNotAllowed"),
    "disabled_key": (403, "DisabledKey"),
    "account_suspended": (403, "AccountSuspended"),
    "not_found": (404, "NotFound"),
    "method_not_allowed": (405, "MethodNotAllowed"),
    "conflict": (409, "Conflict"),
    "precondition_failed": (412, "PreconditionFailed"),
    "content_too_large": (413, "ContentTooLarge"),
    "unsupported_media_type": (415, "UnsupportedMediaType"),
    "invalid_request": (422, "InvalidRequest"),
    "unavailable": (503, "Unavailable"),
}


HOMES = ("plexe_auth.errors", "plexe_auth.http_errors")


@pytest.mark.parametrize("code", WIRE)
def test_a_code_keeps_its_status_and_its_class(code: str) -> None:
    status, name = WIRE[code]
    error = getattr(plexe_auth, name)()
    assert isinstance(error, AuthError)
    assert (error.code, error.status) == (code, status)


def test_there_is_no_refusal_without_a_code() -> None:
    assert {kind.code for kind in kinds()} == set(WIRE)


def kinds() -> list[type[AuthError]]:
    return [kind for kind in AuthError.__subclasses__() if kind.__module__ in HOMES]


@pytest.mark.parametrize("code", WIRE)
def test_H02_a_problem_document_has_the_members_of_RFC_9457_and_the_code(code: str) -> None:
    error = getattr(plexe_auth, WIRE[code][1])()
    assert json.loads(json.dumps(error.problem())) == {
        "type": f"urn:plexe-auth:error:{code}",
        "title": error.title,
        "status": WIRE[code][0],
        "code": code,
        "detail": error.explanation,
    }


def test_titles_and_explanations_are_sentences_of_each_class_alone() -> None:
    assert len({kind.title for kind in kinds()}) == len({kind.explanation for kind in kinds()}) == len(WIRE)
    assert all(kind.explanation.endswith(".") and not kind.title.endswith(".") for kind in kinds())


def test_a_detail_takes_the_place_of_the_explanation() -> None:
    error = InvalidKey("This key is for another service.")
    assert str(error) == error.detail == error.problem()["detail"] == "This key is for another service."
    assert str(InvalidKey()) == InvalidKey.explanation


def test_a_missing_key_is_an_invalid_one_with_its_own_explanation() -> None:
    assert issubclass(MissingKey, InvalidKey)
    assert MissingKey().problem() == InvalidKey(MissingKey.explanation).problem()


def test_a_conflict_names_the_key_that_was_made_before_where_there_is_one() -> None:
    assert Conflict("Done.", key_id="key_1").problem()["key_id"] == "key_1"
    assert "key_id" not in Conflict("Taken.").problem()


def test_an_invalid_request_names_its_field_where_it_can() -> None:
    assert InvalidRequest("No.", field="name").problem()["field"] == "name"
    assert "field" not in InvalidRequest("No.").problem()


@pytest.mark.parametrize(("asked", "told"), [(-5, 1), (0, 1), (1, 1), (60, 60)])
def test_a_limit_never_says_to_come_back_at_once(asked: int, told: int) -> None:
    assert RateLimitExceeded(retry_after=asked).retry_after == told
    assert RateLimitExceeded().retry_after == 1


def test_a_programmers_mistake_is_no_refusal() -> None:
    assert not issubclass(ConfigurationError, AuthError)
