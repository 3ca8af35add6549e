"""Users come with the hashes that others made of their passwords, sign in by these, and have ours from then on."""

import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from plexe_auth import Auth, ConfigurationError, Conflict, InvalidCredentials, InvalidRequest, NotFound, Settings
from plexe_auth.hashing import bcrypt
from tests.conftest import Clock
from tests.people.conftest import HOME, done
from tests.people.framed import framed
from tests.people.hashes import FOREIGN, OLDER_COST, PASSWORD, UNREADABLE

EMAIL = "Ada@example.com"


def kept(auth: Any, user: Any) -> str:
    """The hash that is stored of somebody's password."""
    return done(auth, auth.world.store.get("users", "id", user.id))["password"]


def test_an_imported_user_signs_in_by_the_old_password_and_has_a_hash_of_ours_from_then_on(
    auth: Any, clock: Clock
) -> None:
    theirs = FOREIGN["pbkdf2 of Django"]
    user = auth.users.import_user(EMAIL, theirs, "acct_42", "Ada", "viewer", verified=True)
    assert (user.email, user.account_id, user.name, user.role) == (EMAIL, "acct_42", "Ada", "viewer")
    assert (user.verified_at, user.has_password, kept(auth, user)) == (clock.now, True, theirs)
    with pytest.raises(InvalidCredentials):
        auth.sign_in.with_password(EMAIL, PASSWORD + " ", HOME)
    assert kept(auth, user) == theirs
    assert auth.sign_in.with_password(EMAIL, PASSWORD, HOME).user.id == user.id
    assert kept(auth, user).startswith("$argon2id$v=19$m=8,t=1,p=1$")
    assert auth.sign_in.with_password(EMAIL, PASSWORD, HOME).user.id == user.id


def epoch(auth: Any) -> int:
    row = done(auth, auth.world.store.get("epochs", "id", "sessions"))
    return 0 if row is None else row["value"]


def test_K05_a_sign_in_that_changes_its_person_has_every_process_forget_who_they_were(auth: Any) -> None:
    auth.users.import_user(EMAIL, FOREIGN["pbkdf2 of Django"], "acct_42")
    before = epoch(auth)
    auth.sign_in.with_password(EMAIL, PASSWORD, HOME)
    assert epoch(auth) == before + 1
    auth.sign_in.with_password(EMAIL, PASSWORD, HOME)  # which changes nothing of them
    assert epoch(auth) == before + 1


@pytest.fixture
def memory(face: str, opened: Callable[..., Any], settings: Settings) -> Any:
    """For what does not depend on the store."""
    return opened(face, "memory://", settings=settings)


@pytest.mark.parametrize("theirs", [*FOREIGN.values(), OLDER_COST], ids=[*FOREIGN, "an older cost"])
def test_each_hash_that_is_taken_lets_its_owner_in_and_nobody_else(memory: Any, theirs: str) -> None:
    user = memory.users.import_user(EMAIL, theirs)
    with pytest.raises(InvalidCredentials):
        memory.sign_in.with_password(EMAIL, PASSWORD.upper(), HOME)
    assert memory.sign_in.with_password(EMAIL, PASSWORD, HOME).user.id == user.id
    assert kept(memory, user).startswith("$argon2id$v=19$m=8,t=1,p=1$")


@pytest.mark.parametrize("theirs", [*UNREADABLE.values(), "", "!", b"x", 7, True, []])
def test_nobody_is_made_who_could_never_sign_in_and_nothing_of_the_hash_is_told(memory: Any, theirs: Any) -> None:
    with pytest.raises(InvalidRequest) as refused:
        memory.users.import_user(EMAIL, theirs)
    assert refused.value.field == "password_hash"
    if len(str(theirs)) > 8:
        assert str(theirs) not in f"{refused.value} {refused.value.problem()} {framed(refused.value)}"
    with pytest.raises(NotFound):
        memory.users.find(EMAIL)


def test_a_hash_of_bcrypt_is_taken_where_bcrypt_is_there_alone(memory: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    bcrypt._checkpw.cache_clear()
    monkeypatch.setitem(sys.modules, "bcrypt", None)
    for name in ("bcrypt", "bcrypt of SHA-256 of Django"):
        with pytest.raises(ConfigurationError, match=r"plexe-auth\[bcrypt\]") as refused:
            memory.users.import_user(EMAIL, FOREIGN[name])
        assert FOREIGN[name] not in str(refused.value)


def test_somebody_without_a_password_comes_without_a_hash_and_signs_in_by_none(memory: Any) -> None:
    user = memory.users.import_user(EMAIL, None)
    assert (user.has_password, user.verified_at, user.role) == (False, None, "owner")
    for typed in (PASSWORD, "", None, "None"):
        with pytest.raises(InvalidCredentials):
            memory.sign_in.with_password(EMAIL, typed, HOME)


@pytest.mark.parametrize("verified", ["false", "", 0, 1, None, []])
def test_what_is_no_plain_yes_or_no_proves_no_address(memory: Any, verified: Any) -> None:
    with pytest.raises(InvalidRequest) as refused:
        memory.users.import_user(EMAIL, FOREIGN["bcrypt"], verified=verified)
    assert refused.value.field == "verified"


def test_nobody_is_imported_in_somebody_s_place(memory: Any) -> None:
    memory.users.create(EMAIL, "a long and lovely word")
    with pytest.raises(Conflict):
        memory.users.import_user(EMAIL.upper(), FOREIGN["bcrypt"], verified=True)
    with pytest.raises(InvalidCredentials):
        memory.sign_in.with_password(EMAIL, PASSWORD, HOME)


def test_an_import_is_told_as_one_and_without_the_hash(memory: Any) -> None:
    user = memory.users.import_user(EMAIL, FOREIGN["bcrypt"])
    (told,) = memory.log.page(user_id=user.id)
    assert (told.action, told.outcome, told.account_id, told.detail) == (
        *("user.create", "allowed"),
        *(user.account_id, "imported"),
    )


def test_L01_the_older_hash_of_the_settings_is_worked_at_whoever_signs_in(
    face: str, opened: Callable[..., Any], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    import hashlib

    worked: list[int] = []
    real = hashlib.pbkdf2_hmac
    monkeypatch.setattr(hashlib, "pbkdf2_hmac", lambda *given: worked.append(given[3]) or real(*given))
    auth = opened(face, "memory://", settings=replace(settings, older_hash=FOREIGN["pbkdf2 of Django"]))
    auth.users.import_user(EMAIL, FOREIGN["pbkdf2 of Django"])
    auth.users.create("eve@example.com", "a long and lovely word")
    for email in (EMAIL, "eve@example.com", "nobody@example.com"):
        worked.clear()
        with pytest.raises(InvalidCredentials):
            auth.sign_in.with_password(email, "another long and lovely word", HOME)
        assert worked == [1000], email


@pytest.mark.parametrize("older", ["", "md5$salt$" + "0" * 32, "x" * 100])
def test_an_older_hash_that_cannot_be_read_is_refused_when_it_is_opened(older: str) -> None:
    settings = Settings(older_hash=older, max_staleness=timedelta(0))
    assert "older_hash" not in repr(settings)
    with pytest.raises(ConfigurationError, match="older_hash"):
        Auth.open("memory://", settings=settings)
