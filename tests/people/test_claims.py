"""Somebody is issuer and subject to the byte; what else is told of them is taken by its exact type, or not at all."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plexe_auth.errors import AuthError, InvalidCredentials, Unavailable
from plexe_auth.model.claims import Identity, github_identity, identity_of, with_userinfo
from plexe_auth.model.exchange import Answer
from plexe_auth.model.provider import github, oidc

ACME = oidc("acme", "https://id.example", "plexe", "s3cret")
GITHUB = github("id", "secret")
JSON = (("content-type", "application/json"),)
CLAIMS: dict[str, Any] = {"sub": "7", "email": "Ada@Example.com", "email_verified": True, "name": "Ada"}


def answered(said: Any, status: int = 200) -> Answer:
    return Answer(status, JSON, said if isinstance(said, bytes) else json.dumps(said).encode())


def test_an_identity_holds_what_was_told_exactly_as_it_was() -> None:
    assert identity_of(CLAIMS, ACME) == Identity("https://id.example", "7", "Ada@Example.com", True, "Ada")


@pytest.mark.parametrize(
    "value", ["false", "true", "FALSE", "True", 0, 1, "0", "1", [], [True], {}, None, 1.0, "", ...]
)
def test_O05_an_address_is_verified_by_the_boolean_true_alone(value: Any) -> None:
    claims = {name: one for name, one in (CLAIMS | {"email_verified": value}).items() if one is not ...}
    assert identity_of(claims, ACME).email_verified is False
    assert identity_of(claims, ACME).email == "Ada@Example.com"


@pytest.mark.parametrize(
    "subject", [None, "", 7, True, 7.0, [], ["7"], {"a": 1}, "x" * 256, "é" * 128, "7\0", "\ud800", b"7", ...]
)
def test_O05_a_subject_is_a_text_of_1_to_255_bytes(subject: Any) -> None:
    claims = {name: one for name, one in (CLAIMS | {"sub": subject}).items() if one is not ...}
    with pytest.raises(InvalidCredentials):
        identity_of(claims, ACME)


@pytest.mark.parametrize("subject", ["x" * 255, "é" * 127, "A", "a", " a ", "ａ", "A\u0301", "Á"])
def test_O06_a_subject_is_kept_to_the_byte(subject: str) -> None:
    assert identity_of(CLAIMS | {"sub": subject}, ACME).subject.encode() == subject.encode()


def test_O06_neither_address_nor_user_name_is_part_of_who_somebody_is() -> None:
    told = identity_of(CLAIMS | {"preferred_username": "root", "email": "other@example.com"}, ACME)
    assert (told.issuer, told.subject) == ("https://id.example", "7")


BAD_ADDRESSES = [
    None,
    7,
    "",
    "a",
    "@",
    "a@",
    "@b",
    ["a@b"],
    "a b@c",
    "a\n@b",
    "a@b\0",
    "a@\ud800",
    "x" * 260 + "@b",
    {},
]


@pytest.mark.parametrize("address", BAD_ADDRESSES)
def test_O05_what_is_no_address_is_none_and_never_verified(address: Any) -> None:
    told = identity_of(CLAIMS | {"email": address}, ACME)
    assert (told.email, told.email_verified) == (None, False)


@pytest.mark.parametrize("name", [None, 7, [], "x" * 300, "a\0", "\ud800"])
def test_a_name_that_cannot_be_kept_is_left_out(name: Any) -> None:
    assert identity_of(CLAIMS | {"name": name}, ACME).name == ""


def test_userinfo_tells_more_of_the_same_person() -> None:
    bare = identity_of({"sub": "7"}, ACME)
    told = with_userinfo(bare, answered({"sub": "7", "email": "a@b.example", "email_verified": True, "name": "Ada"}))
    assert told == Identity("https://id.example", "7", "a@b.example", True, "Ada")


def test_userinfo_without_an_address_takes_none_away() -> None:
    assert with_userinfo(identity_of(CLAIMS, ACME), answered({"sub": "7", "email_verified": False})) == identity_of(
        CLAIMS, ACME
    )


def test_O05_one_that_names_another_address_says_itself_whether_it_is_verified() -> None:
    told = with_userinfo(identity_of(CLAIMS, ACME), answered({"sub": "7", "email": "evil@example.com"}))
    assert (told.email, told.email_verified) == ("evil@example.com", False)


@pytest.mark.parametrize("subject", ["8", "", "7 ", None, 7, ["7"], "７", "\ud800", ...])
def test_O10_userinfo_of_another_subject_is_refused(subject: Any) -> None:
    said = {} if subject is ... else {"sub": subject}
    with pytest.raises(InvalidCredentials):
        with_userinfo(identity_of(CLAIMS, ACME), answered(said | {"email": "evil@example.com", "email_verified": True}))


JUNK = [
    answered(b""), answered(b"[]"), answered(b"null"), answered(b'{"sub":"7","sub":"8"}'), answered(CLAIMS, 500),
    answered(CLAIMS, 302), Answer(200, (("content-type", "application/jwt"),), b"e30.e30.x"), answered(b"{" * 5000),
    answered(CLAIMS | {"x": "y" * 70_000}), Answer(200, (), b"{}"),
]  # fmt: skip


@pytest.mark.parametrize("answer", JUNK, ids=range(len(JUNK)))
def test_O15_userinfo_that_is_none_is_refused(answer: Answer) -> None:
    with pytest.raises(Unavailable):
        with_userinfo(identity_of(CLAIMS, ACME), answer)


USER = {"id": 583231, "login": "octocat", "name": "The Octocat", "email": "public@example.com"}
ADDRESSES = [
    {"email": "old@example.com", "primary": False, "verified": True},
    {"email": "octo@example.com", "primary": True, "verified": True, "visibility": "private"},
]


def test_O06_somebody_at_GitHub_is_their_number_and_their_primary_verified_address() -> None:
    told = github_identity(answered(USER), answered(ADDRESSES), GITHUB)
    assert told == Identity("https://github.com/login/oauth", "583231", "octo@example.com", True, "The Octocat")
    renamed = github_identity(answered(USER | {"login": "evil", "email": None}), answered(ADDRESSES), GITHUB)
    assert renamed == told


@pytest.mark.parametrize("number", [None, "583231", 0, -1, True, 5.0, 2**70, [], "octocat"])
def test_O06_a_user_of_GitHub_without_a_number_is_nobody(number: Any) -> None:
    with pytest.raises(InvalidCredentials):
        github_identity(answered(USER | {"id": number}), answered(ADDRESSES), GITHUB)


@pytest.mark.parametrize(
    "addresses",
    [
        [], [{"email": "a@b.example", "primary": True, "verified": False}], [{"email": "a@b.example",
        "primary": True}],
        [{"email": "a@b.example", "primary": True, "verified": "true"}], [{"email": "a@b.example", "primary": 1,
        "verified": True}],
        [{"email": "a@b.example", "primary": False, "verified": True}], ["a@b.example", None, 7, []],
        [{"email": 7, "primary": True, "verified": True}],
    ],
)  # fmt: skip
def test_O05_no_other_address_at_GitHub_is_taken(addresses: Any) -> None:
    told = github_identity(answered(USER), answered(addresses), GITHUB)
    assert (told.email, told.email_verified) == (None, False)


@pytest.mark.parametrize(
    ("user", "addresses"), [(b"[]", ADDRESSES), (USER, b"{}"), (USER, b""), (USER, b'[{"a":1,"a":2}]'), (b"x", b"x")]
)
def test_O15_an_answer_of_GitHub_that_is_none_is_refused(user: Any, addresses: Any) -> None:
    with pytest.raises(Unavailable):
        github_identity(answered(user), answered(addresses), GITHUB)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2),
    max_leaves=3,
)


@given(st.dictionaries(st.sampled_from(["sub", "email", "email_verified", "name", "id"]), anything))
def test_O05_claims_of_any_type_make_an_identity_of_the_right_types_or_none(claims: dict[str, Any]) -> None:
    try:
        told = identity_of(claims, ACME)
    except AuthError:
        return
    assert told.subject == claims["sub"]
    assert told.email_verified is (claims.get("email_verified") is True and told.email is not None)
