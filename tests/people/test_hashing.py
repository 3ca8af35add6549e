"""A comparison is one hash of the current cost, whatever is stored and whoever asks; only what was set matches."""

import unicodedata
from collections import Counter
from collections.abc import Callable
from typing import Any

import argon2
import argon2.low_level
import pytest

from plexe_auth import ConfigurationError, InvalidRequest
from plexe_auth.hashing.hasher import Hasher, Verdict
from plexe_auth.hashing.parameters import FOR_TESTS, OWASP, RFC_9106, Parameters
from tests.people.hashers import Plain, blocking
from tests.people.hashes import FOREIGN, MAKERS, OLDER_COST, PASSWORD, UNREADABLE

Cost = tuple[int, int, int]
Spy = Counter[Cost]
CURRENT = (FOR_TESTS.memory, FOR_TESTS.passes, FOR_TESTS.lanes)


@pytest.fixture
def spy(monkeypatch: pytest.MonkeyPatch) -> Spy:
    """What Argon2 computed, by its cost."""
    counted: Spy = Counter()

    def cost_of_new(*_args: Any, memory_cost: int, time_cost: int, parallelism: int, **_more: Any) -> Cost:
        return memory_cost, time_cost, parallelism

    def cost_of_stored(stored: bytes, *_args: Any) -> Cost:
        found = argon2.extract_parameters(stored.decode())
        return found.memory_cost, found.time_cost, found.parallelism

    def count(name: str, cost: Callable[..., Cost]) -> None:
        real = getattr(argon2.low_level, name)

        def counting(*args: Any, **kwargs: Any) -> Any:
            counted[cost(*args, **kwargs)] += 1
            return real(*args, **kwargs)

        monkeypatch.setattr(argon2.low_level, name, counting)

    count("hash_secret", cost_of_new)
    count("verify_secret", cost_of_stored)
    return counted


def test_a_password_matches_its_own_hash_and_no_other_does(hasher: Plain) -> None:
    stored = hasher.hash(PASSWORD)
    assert hasher.verified(PASSWORD, stored) == Verdict(matches=True)
    assert hasher.verified(PASSWORD + " ", stored) == Verdict(matches=False)
    assert hasher.verified(PASSWORD.upper(), stored) == Verdict(matches=False)
    assert hasher.hash(PASSWORD) != stored


def test_argon2_itself_agrees(hasher: Plain) -> None:
    stored = hasher.hash(PASSWORD)
    assert argon2.low_level.verify_secret(stored.encode(), PASSWORD.encode(), argon2.Type.ID)
    found = argon2.extract_parameters(stored)
    assert (found.memory_cost, found.time_cost, found.parallelism) == CURRENT
    assert (found.version, found.salt_len, found.hash_len) == (19, 16, 32)


def test_the_parameters_are_those_of_their_sources() -> None:
    assert Parameters(19 * 1024, 2, 1) == OWASP
    assert Parameters(65536, 3, 4) == RFC_9106 == Parameters(*argon2_rfc_9106())


def argon2_rfc_9106() -> Cost:
    peer = argon2.profiles.RFC_9106_LOW_MEMORY
    return peer.memory_cost, peer.time_cost, peer.parallelism


# By the reference implementation (phc-winner-argon2, test.c): "password" with the salt "somesalt".
REFERENCE = [
    "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
    "$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$wWKIMhR9lyDFvRz9YTZweHKfbftvj+qf+YFY4NeBbtA",
]


@pytest.mark.parametrize("stored", REFERENCE, ids=["id", "i"])
def test_the_hashes_of_the_reference_implementation_are_read_and_renewed(hasher: Plain, stored: str) -> None:
    assert not hasher.verified("passwore", stored).matches
    found = hasher.verified("password", stored)
    assert found.matches
    assert hasher.verified("password", found.newer) == Verdict(matches=True)


@pytest.mark.parametrize("stored", [*FOREIGN.values(), OLDER_COST], ids=[*FOREIGN, "an older cost"])
def test_a_hash_of_another_scheme_or_cost_is_read_and_renewed_when_its_owner_signs_in(
    hasher: Plain, stored: str
) -> None:
    found = hasher.verified(PASSWORD, stored)
    assert found.matches
    assert found.newer is not None
    assert hasher.verified(PASSWORD, found.newer) == Verdict(matches=True)
    for wrong in (PASSWORD + "\0", PASSWORD[:-1], "", None, "x" * 2000):
        assert hasher.verified(wrong, stored) == Verdict(matches=False)


each_password = pytest.mark.parametrize("password", [PASSWORD, "wrong", "", None, "x" * 2000, "\ud800"], ids=range(6))
STORED = {"nobody": None, "blank": "", "unusable": "!" + "a" * 40, "older": OLDER_COST, **FOREIGN, **UNREADABLE}


@each_password
def test_L01_exactly_one_hash_of_the_current_cost_is_computed_whatever_is_stored(
    hasher: Plain, spy: Spy, password: object
) -> None:
    for name, stored in STORED.items():
        spy.clear()
        hasher.verified(password, stored)
        assert spy[CURRENT] == 1, name


@each_password
def test_L01_a_hash_of_the_current_cost_is_the_only_one_computed(hasher: Plain, spy: Spy, password: object) -> None:
    stored = hasher.hash(PASSWORD)
    spy.clear()
    assert hasher.verified(password, stored).matches == (password == PASSWORD)
    assert spy == {CURRENT: 1}


@each_password
@pytest.mark.parametrize("stored", [None, "", "current", OLDER_COST])
def test_L01_the_work_of_an_older_hash_is_done_for_everybody_where_some_have_one(
    make: Callable[..., Plain], spy: Spy, stored: str | None, password: object
) -> None:
    hasher = make(older=OLDER_COST)
    kept = hasher.hash(PASSWORD) if stored == "current" else stored
    spy.clear()
    hasher.verified(password, kept)
    assert spy == {CURRENT: 1, (16, 1, 1): 1}


def test_L11_the_password_of_the_older_hash_opens_nothing_else(make: Callable[..., Plain]) -> None:
    hasher = make(older=OLDER_COST)
    other = hasher.hash("another password")
    for stored in (None, "", "!", other, *UNREADABLE.values()):
        assert hasher.verified(PASSWORD, stored) == Verdict(matches=False)


NOTHING = (None, "", " ", "!", "*", 0, False, True, b"", [], {})


@pytest.mark.parametrize("name", [None, *UNREADABLE])
def test_L11_where_no_hash_is_kept_nothing_matches(hasher: Plain, name: str | None) -> None:
    for stored in NOTHING if name is None else [UNREADABLE[name]]:
        for password in (*NOTHING, PASSWORD):
            assert hasher.verified(password, stored) == Verdict(matches=False)


def test_L11_a_blank_password_does_not_even_match_the_hash_of_one(hasher: Plain) -> None:
    blank = argon2.PasswordHasher(1, 8, 1).hash(b"")
    assert hasher.verified("", blank) == Verdict(matches=False)
    assert not blocking(older=blank).verified("", None).matches


@pytest.mark.parametrize("name", FOREIGN)
def test_a_hash_that_lost_a_character_matches_nothing_and_raises_nothing(hasher: Plain, name: str) -> None:
    stored = FOREIGN[name]
    for at in range(len(stored)):
        assert not hasher.verified(PASSWORD, stored[:at] + stored[at + 1 :]).matches


@pytest.mark.parametrize("name", [*FOREIGN, "argon2id"])
def test_L05_passwords_that_begin_alike_differ(hasher: Plain, name: str) -> None:
    make: Callable[[str], str] = {**MAKERS, "argon2id": hasher.hash}[name]
    seen = "s" * 72
    stored = make(seen)
    assert hasher.verified(seen, stored).matches
    assert not hasher.verified(seen + "x", stored).matches
    assert not hasher.verified(seen + "\0", stored).matches
    stored = make("before")
    assert not hasher.verified("before\0after", stored).matches


@pytest.mark.parametrize("typed", ["NFC", "NFD"])
@pytest.mark.parametrize("kept", ["NFC", "NFD"])
def test_L06_a_password_is_the_same_whichever_way_its_accents_are_typed(hasher: Plain, kept: str, typed: str) -> None:
    password = "über-crème brûlée Việt"
    stored = hasher.hash(unicodedata.normalize(kept, password))  # type: ignore[arg-type]
    assert hasher.verified(unicodedata.normalize(typed, password), stored).matches  # type: ignore[arg-type]


@pytest.mark.parametrize("name", FOREIGN)
def test_L06_what_others_hashed_is_compared_with_what_was_received_and_kept_in_one_form_from_then_on(
    hasher: Plain, name: str
) -> None:
    decomposed = unicodedata.normalize("NFD", "crème brûlée")
    stored = MAKERS[name](decomposed)
    assert not hasher.verified(unicodedata.normalize("NFC", decomposed), stored).matches
    newer = hasher.verified(decomposed, stored).newer
    assert hasher.verified(unicodedata.normalize("NFC", decomposed), newer).matches


def test_spaces_around_a_password_are_part_of_it(hasher: Plain) -> None:
    stored = hasher.hash("  spaces  ")
    assert hasher.verified("  spaces  ", stored).matches
    assert not hasher.verified("spaces", stored).matches


@pytest.mark.parametrize("password", ["", "x" * 1025, "\ud800", None, b"x", 5])
def test_L04_what_may_be_no_password_is_not_hashed(hasher: Plain, spy: Spy, password: Any) -> None:
    with pytest.raises(InvalidRequest) as refused:
        hasher.hash(password)
    assert refused.value.field == "password"
    assert not spy


def test_a_verdict_has_no_truth_of_its_own() -> None:
    for verdict in (Verdict(matches=True), Verdict(matches=False)):
        with pytest.raises(TypeError, match=r"\.matches"):
            bool(verdict)


@pytest.mark.parametrize("parallel", [0, -1, True, 1.5, "2", None])
def test_no_hasher_is_made_without_a_slot(parallel: Any) -> None:
    with pytest.raises(ConfigurationError):
        Hasher(FOR_TESTS, parallel=parallel, is_async=False)


@pytest.mark.parametrize("older", ["", "md5$x$y", "$argon2id$v=19$m=8,t=1,p=1$" + "A" * 22 + "$" + "A" * 43])
def test_what_is_given_as_older_must_be_a_hash_of_another_cost(older: str) -> None:
    with pytest.raises(ConfigurationError):
        Hasher(FOR_TESTS, parallel=1, is_async=False, older=older)


@pytest.mark.parametrize(
    "costs", [(7, 1, 1), (8, 0, 1), (8, 1, 0), (8, 1, 2), (2**20, 2, 1), (2**20, 1, 17), ("8", 1, 1), (True, 1, 1)]
)
def test_parameters_that_argon2_has_not_or_that_nobody_could_wait_for_are_refused(costs: tuple[Any, Any, Any]) -> None:
    with pytest.raises(ConfigurationError):
        Parameters(*costs)
