"""An account needs no set-up; suspended, none of its keys is good, and resumed, each is what it is by itself."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from plexe_auth import Account, AccountSuspended, InvalidRequest, RevokedKey, Unavailable
from tests.conftest import Clock
from tests.keys.watch import Watch

HOUR = timedelta(hours=1)


def test_an_account_never_heard_of_is_active(auth: Any) -> None:
    assert auth.accounts.get("Kontó 42 ") == Account("Kontó 42 ", "active")
    assert auth.accounts.resume("Kontó 42 ") == Account("Kontó 42 ")


def test_a_suspension_acts_on_all_keys_of_the_account_and_on_no_others(auth: Any) -> None:
    mine = [auth.keys.create("acct", name="CI").secret.reveal() for _ in range(2)]
    others = [auth.keys.create(name, name="CI").secret.reveal() for name in ("Acct", "acct ", "acct2")]
    assert auth.accounts.suspend("acct").status == "suspended"
    for text in mine:
        with pytest.raises(AccountSuspended):
            auth.keys.verify(text)
    assert all(auth.keys.verify(text) for text in others)
    assert auth.accounts.resume("acct").status == "active"
    assert all(auth.keys.verify(text) for text in mine)


def test_suspending_twice_keeps_the_first_time_and_reason(auth: Any, clock: Clock) -> None:
    first = auth.accounts.suspend("acct", reason=" unpaid\n")
    assert first == Account("acct", "suspended", clock.now, " unpaid\n")
    clock.advance(HOUR)
    assert auth.accounts.suspend("acct", reason="again") == first == auth.accounts.get("acct")


def test_an_account_can_be_suspended_anew(auth: Any, clock: Clock) -> None:
    auth.accounts.suspend("acct", reason="first")
    assert auth.accounts.resume("acct") == Account("acct")
    clock.advance(HOUR)
    assert auth.accounts.suspend("acct", reason="second") == Account("acct", "suspended", clock.now, "second")


def test_no_key_is_made_in_a_suspended_account(auth: Any) -> None:
    auth.accounts.suspend("acct")
    with pytest.raises(AccountSuspended):
        auth.keys.create("acct", name="CI")
    assert auth.keys.page("acct").items == ()
    auth.accounts.resume("acct")
    assert auth.keys.create("acct", name="CI")


def test_resuming_revives_nothing_that_ended_meanwhile(auth: Any) -> None:
    issued = auth.keys.create("acct", name="CI")
    auth.accounts.suspend("acct")
    auth.keys.revoke(issued.key.id)
    auth.accounts.resume("acct")
    with pytest.raises(RevokedKey):
        auth.keys.verify(issued.secret.reveal())


@pytest.mark.parametrize("call", [0, 1])
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("verb", ["suspend", "resume"])
def test_a_lost_answer_is_no_success(
    quick: Any, watched: Callable[[Any], Watch], verb: str, when: Any, call: int
) -> None:
    watched(quick).fail(call=call, when=when)
    with pytest.raises(Unavailable):
        getattr(quick.accounts, verb)("acct")


@pytest.mark.parametrize("account_id", ["", "a" * 256, "\0", "\ud800", None, 5, b"acct", []])
def test_an_account_id_is_a_text_that_every_store_keeps(quick: Any, account_id: Any) -> None:
    for ask in (quick.accounts.get, quick.accounts.suspend, quick.accounts.resume):
        with pytest.raises(InvalidRequest) as caught:
            ask(account_id)
        assert caught.value.field == "account_id"
