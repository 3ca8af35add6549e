"""Whoever knows the password is let in, and nobody else learns anything: not who exists, and not by trying often."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from plexe_auth import Client, InvalidCredentials, InvalidRequest, RateLimitExceeded, Unavailable
from plexe_auth.model.budget import ELSEWHERE, HERE
from plexe_auth.rows import Query, Update, equal
from tests.conftest import Clock
from tests.keys.watch import Watch
from tests.people.conftest import HOME, PASSWORD, done
from tests.stores import SHARED

ABROAD = Client("203.0.113.9")
WRONG = "a wrong and lovely word"


class Hashes:
    """Counts the comparisons of passwords that a plexe_auth makes, and goes on to make them."""

    def __init__(self, auth: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        self.stored: list[str | None] = []
        hasher = auth.world.hasher
        verified = hasher.verified

        async def counted(password: Any, stored: Any) -> Any:
            self.stored.append(stored)
            return await verified(password, stored)

        monkeypatch.setattr(hasher, "verified", counted)


@pytest.fixture
def hashes(auth: Any, monkeypatch: pytest.MonkeyPatch) -> Hashes:
    return Hashes(auth, monkeypatch)


@pytest.fixture
def people(auth: Any, ada: Any) -> list[tuple[str, str]]:
    """Addresses and passwords that do not open anything: unknown, wrong, disabled, without a password."""
    disabled = auth.users.create("disabled@example.com", PASSWORD)
    auth.users.disable(disabled.id)
    without = auth.users.create("without@example.com", None)
    return [
        ("unknown@example.com", PASSWORD),
        (ada.email, WRONG),
        (disabled.email, PASSWORD),
        (disabled.email, WRONG),
        (without.email, PASSWORD),
        (without.email, ""),
    ]


def test_whoever_knows_the_password_is_let_in_however_the_address_is_written(auth: Any, ada: Any) -> None:
    for email in (ada.email, "ADA@example.com", "ada@EXAMPLE.com"):
        result = auth.sign_in.with_password(email, PASSWORD, HOME)
        assert result.user == ada
        assert auth.sessions.verify(result.token.reveal()).user_id == ada.id


def test_L01_one_hash_is_computed_whoever_it_is(auth: Any, people: list[tuple[str, str]], hashes: Hashes) -> None:
    reads = set()
    for email, password in people:
        hashes.stored.clear()
        asked = Watch(auth)
        with pytest.raises(InvalidCredentials):
            auth.sign_in.with_password(email, password, HOME)
        assert len(hashes.stored) == 1
        reads.add((asked.count("get"), asked.count("page"), asked.count("spend")))
    assert len(reads) == 1, "the same questions are asked of the store"


def test_L02_all_who_are_not_let_in_are_told_alike(auth: Any, people: list[tuple[str, str]]) -> None:
    told = set()
    for email, password in (*people, ("no address", PASSWORD), ("", ""), (None, None), (7, [])):
        with pytest.raises(InvalidCredentials) as refused:
            auth.sign_in.with_password(email, password, HOME)
        told.add((type(refused.value), refused.value.code, str(refused.value), refused.value.detail))
    assert len(told) == 1


@pytest.mark.parametrize("blank", ["", " ", None, 0, False, [], {}, b"", "\0"])
def test_L11_a_blank_password_opens_nothing(auth: Any, ada: Any, blank: Any) -> None:
    without = auth.users.create("without@example.com", None)
    for email in (ada.email, without.email):
        with pytest.raises(InvalidCredentials):
            auth.sign_in.with_password(email, blank, HOME)


def test_L04_a_very_long_password_is_wrong_before_anything_is_hashed_of_it(auth: Any, ada: Any, hashes: Hashes) -> None:
    for long in ("x" * 1025, "x" * 10_000_000, "é" * 513):
        with pytest.raises(InvalidCredentials):
            auth.sign_in.with_password(ada.email, long, HOME)
    assert len(hashes.stored) == 3


def test_L13_no_more_are_hashed_than_the_budget_holds_however_many_try_at_once(
    auth: Any, ada: Any, hashes: Hashes
) -> None:
    def guess(number: int) -> str:
        try:
            auth.sign_in.with_password(ada.email, f"{WRONG} {number}", ABROAD)
        except (InvalidCredentials, RateLimitExceeded) as error:
            return error.code
        return "let in"

    with ThreadPoolExecutor(16) as threads:
        found = list(threads.map(guess, range(HERE.limit + 20)))
    assert found.count("invalid_credentials") == len(hashes.stored) == HERE.limit
    assert found.count("rate_limit_exceeded") == 20
    with pytest.raises(RateLimitExceeded) as refused:
        auth.sign_in.with_password(ada.email, PASSWORD, ABROAD)
    assert 0 < refused.value.retry_after <= HERE.window // 1_000_000


@pytest.mark.parametrize("store_url", SHARED, indirect=True)
def test_L13_processes_share_the_budget(
    auth: Any, ada: Any, store_url: str, opened: Callable[..., Any], settings: Any, clock: Clock
) -> None:
    elsewhere = opened("blocking", store_url, settings=settings, clock=clock)
    for number in range(HERE.limit):
        with pytest.raises(InvalidCredentials):
            (auth, elsewhere)[number % 2].sign_in.with_password(ada.email, WRONG, ABROAD)
    for one in (auth, elsewhere):
        with pytest.raises(RateLimitExceeded):
            one.sign_in.with_password(ada.email, PASSWORD, ABROAD)


def test_L14_a_success_gives_no_budget_back(auth: Any, ada: Any, clock: Clock) -> None:
    auth.users.create("mallory@example.com", PASSWORD)
    for _ in range(HERE.limit):
        with pytest.raises(InvalidCredentials):
            auth.sign_in.with_password(ada.email, WRONG, ABROAD)
    assert auth.sign_in.with_password("mallory@example.com", PASSWORD, ABROAD)
    with pytest.raises(RateLimitExceeded):
        auth.sign_in.with_password(ada.email, PASSWORD, ABROAD)
    clock.advance(timedelta(microseconds=HERE.window))
    assert auth.sign_in.with_password(ada.email, PASSWORD, ABROAD)


def test_L15_nobody_locks_the_owner_out_of_where_they_come_from(auth: Any, ada: Any) -> None:
    auth.sign_in.with_password(ada.email, PASSWORD, HOME)
    for number in range(ELSEWHERE.limit - 1):  # the owner had been unknown once, too
        with pytest.raises(InvalidCredentials):
            auth.sign_in.with_password(ada.email, WRONG, Client(f"198.51.100.{number}"))
    with pytest.raises(RateLimitExceeded):
        auth.sign_in.with_password(ada.email, PASSWORD, ABROAD)
    assert auth.sign_in.with_password(ada.email, PASSWORD, HOME)


def test_R03_the_case_of_an_address_or_another_address_in_a_network_is_no_other_budget(auth: Any, ada: Any) -> None:
    for number in range(HERE.limit):
        email = ada.email.upper() if number % 2 else ada.email
        with pytest.raises(InvalidCredentials):
            auth.sign_in.with_password(email, WRONG, Client(f"2001:db8::{number:x}"))
    with pytest.raises(RateLimitExceeded):
        auth.sign_in.with_password(ada.email, PASSWORD, Client("2001:db8::ffff"))


def test_a_budget_tells_nothing_of_who_exists(auth: Any, ada: Any) -> None:
    def tried(email: str, ip: str) -> list[str]:
        codes = []
        for _ in range(HERE.limit + 2):
            with pytest.raises((InvalidCredentials, RateLimitExceeded)) as refused:
                auth.sign_in.with_password(email, WRONG, Client(ip))
            codes.append(refused.value.code)
        return codes

    assert tried(ada.email, "203.0.113.1") == tried("unknown@example.com", "203.0.113.2")


def test_R06_when_nothing_can_be_counted_nobody_is_let_in(auth: Any, ada: Any) -> None:
    watch = Watch(auth)
    for call in range(1, 4):
        watch.fail(call=call, when="before")
        with pytest.raises(Unavailable):
            auth.sign_in.with_password(ada.email, PASSWORD, HOME)
        watch.relent()
    assert auth.sessions.page(ada.id).items == ()


def test_an_older_hash_is_replaced_when_its_owner_signs_in(auth: Any, ada: Any) -> None:
    _set(auth, ada.id, _django_hash(PASSWORD))
    for _ in range(2):
        assert auth.sign_in.with_password(ada.email, PASSWORD, HOME).user.id == ada.id
    assert _get(auth, ada.id)["password"].startswith("$argon2id$")


def test_whoever_was_changed_while_they_signed_in_is_not_let_in_by_what_was(
    auth: Any, ada: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    hasher = auth.world.hasher
    verified = hasher.verified

    async def meanwhile(password: Any, stored: Any) -> Any:
        verdict = await verified(password, stored)
        gone = Update("users", (equal("id", ada.id),), {"disabled_at": 1, "version": 99})
        await auth.world.store.commit(gone)
        return verdict

    monkeypatch.setattr(hasher, "verified", meanwhile)
    with pytest.raises(InvalidCredentials):
        auth.sign_in.with_password(ada.email, PASSWORD, HOME)
    assert auth.sessions.page(ada.id).items == ()


def test_S03_budgets_that_are_over_leave_no_rows(auth: Any, clock: Clock) -> None:
    def kept() -> int:
        return len(done(auth, auth.world.store.page(Query("budgets", (), ("bucket",), limit=200))))

    def try_all(name: str) -> None:
        for number in range(30):
            with pytest.raises(InvalidCredentials):
                auth.sign_in.with_password(f"{name}{number}@example.com", WRONG, Client(f"198.51.100.{number}"))

    try_all("a")
    assert kept() == 3 * 30
    clock.advance(timedelta(hours=2))
    try_all("b")
    assert kept() == 3 * 30


def test_a_client_must_be_one(auth: Any, ada: Any) -> None:
    for odd in (None, "192.0.2.7", {"ip": "192.0.2.7"}, Client(5), Client("192.0.2.7", [])):  # type: ignore[arg-type]
        with pytest.raises(InvalidRequest):
            auth.sign_in.with_password(ada.email, PASSWORD, odd)
    long = replace(HOME, user_agent="x" * 5000 + "\0")
    assert auth.sign_in.with_password(ada.email, PASSWORD, long).session.user_agent == "x" * 512


def test_who_was_let_in_and_who_was_not_stands_in_the_access_log(auth: Any, ada: Any) -> None:
    auth.sign_in.with_password(ada.email, PASSWORD, HOME)
    with pytest.raises(InvalidCredentials):
        auth.sign_in.with_password(ada.email, WRONG, ABROAD)
    auth.log.flush()
    told = [(one.outcome, one.code, one.ip) for one in auth.log.page(action="session.sign_in")]
    assert sorted(told, key=str) == [
        ("allowed", None, HOME.ip),
        ("denied", "invalid_credentials", ABROAD.ip),
    ]


def _django_hash(password: str) -> str:
    from django.contrib.auth.hashers import PBKDF2PasswordHasher

    return PBKDF2PasswordHasher().encode(password, "saltsaltsalt", 1000)


def _set(auth: Any, user_id: str, stored: str) -> None:
    done(auth, auth.world.store.commit(Update("users", (equal("id", user_id),), {"password": stored})))


def _get(auth: Any, user_id: str) -> Any:
    return done(auth, auth.world.store.get("users", "id", user_id))
