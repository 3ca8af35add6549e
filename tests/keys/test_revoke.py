"""A revoked key is dead for good wherever it is read; a revocation that may have failed never looks done."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from plexe_auth import AuthError, Conflict, InvalidRequest, NotFound, RevokedKey, Unavailable
from plexe_auth.model.token import KeyFormat
from tests.conftest import Clock
from tests.keys.watch import Watch

HOUR = timedelta(hours=1)


def refused(auth: Any, issued: Any) -> None:
    with pytest.raises(RevokedKey):
        auth.keys.verify(issued.secret.reveal())


def test_K06_a_revoked_key_is_dead_when_it_is_read_again(auth: Any, clock: Clock) -> None:
    issued = auth.keys.create("acct", name="CI")
    key = auth.keys.revoke(issued.key.id, reason=" left\nthe team ")
    assert (key.revoked_at, key.revoked_reason, key.status(clock.now)) == (clock.now, " left\nthe team ", "revoked")
    assert auth.keys.get(key.id) == key
    refused(auth, issued)


def test_K06_revoking_twice_keeps_the_first_time_and_reason(auth: Any, clock: Clock) -> None:
    issued = auth.keys.create("acct", name="CI")
    first = auth.keys.revoke(issued.key.id, reason="first")
    clock.advance(HOUR)
    assert auth.keys.revoke(issued.key.id, reason="second") == first
    assert auth.keys.revoke_leaked(issued.secret.reveal(), reason="third") == first
    assert auth.keys.revoke_all("acct", reason="fourth") == 0
    assert auth.keys.get(issued.key.id) == first


def test_K06_a_revocation_whose_answer_was_lost_is_no_success(auth: Any, watched: Callable[[Any], Watch]) -> None:
    watch = watched(auth)
    lost: tuple[tuple[int, Any], ...] = ((0, "before"), (0, "after"), (1, "before"), (1, "after"))
    for call, when in lost:
        issued = auth.keys.create("acct", name="CI")
        watch.fail(call=call, when=when)
        with pytest.raises(Unavailable):
            auth.keys.revoke(issued.key.id)
        watch.relent()
        if (call, when) == (1, "after"):
            refused(auth, issued)
        auth.keys.revoke(issued.key.id)
        refused(auth, issued)


@pytest.mark.parametrize("verb", ["revoke_all", "revoke_leaked", "suspend", "disable"])
def test_K06_no_other_end_of_a_key_reports_a_success_that_was_lost(
    quick: Any, watched: Callable[[Any], Watch], verb: str
) -> None:
    issued = quick.keys.create("acct", name="CI")
    asks: dict[str, Callable[[], Any]] = {
        "revoke_all": lambda: quick.keys.revoke_all("acct"),
        "revoke_leaked": lambda: quick.keys.revoke_leaked(issued.secret.reveal()),
        "suspend": lambda: quick.accounts.suspend("acct"),
        "disable": lambda: quick.keys.disable(issued.key.id),
    }
    watch = watched(quick)
    for call in range(3):
        for when in ("before", "after"):
            watch.fail(call=call, when=when)
            if call < {"revoke_all": 1, "revoke_leaked": 3}.get(verb, 2):
                with pytest.raises(Unavailable):
                    asks[verb]()
    watch.relent()


@pytest.mark.parametrize("state", ["expired", "disabled", "retired", "suspended"])
def test_K06_a_key_that_is_refused_already_can_be_revoked_as_well(auth: Any, clock: Clock, state: str) -> None:
    issued = auth.keys.create("acct", name="CI", expires_in=HOUR)
    if state == "retired":
        auth.keys.rotate(issued.key.id, overlap=timedelta(0))
    if state == "disabled":
        auth.keys.disable(issued.key.id)
    if state == "suspended":
        auth.accounts.suspend("acct")
    if state == "expired":
        clock.advance(HOUR)
    assert auth.keys.revoke(issued.key.id, reason="leaked").revoked_at == clock.now
    refused(auth, issued)


def test_K06_a_dead_key_is_neither_disabled_nor_enabled(auth: Any, clock: Clock) -> None:
    revoked, expired, retired = (auth.keys.create("acct", name="CI", expires_in=HOUR).key.id for _ in range(3))
    auth.keys.revoke(revoked)
    auth.keys.rotate(retired, overlap=timedelta(0))
    clock.advance(HOUR)
    for key_id in (revoked, expired, retired):
        for switch in (auth.keys.disable, auth.keys.enable):
            with pytest.raises(Conflict):
                switch(key_id)


def test_revoking_an_account_ends_its_keys_and_nobody_elses(auth: Any, clock: Clock) -> None:
    mine = [auth.keys.create("acct", name="CI") for _ in range(3)]
    mine.append(auth.keys.rotate(mine[0].key.id))
    others = [auth.keys.create(name, name="CI") for name in ("Acct", "acct ", "ac", "acct2")]
    auth.keys.revoke(mine[1].key.id, reason="first")
    clock.advance(HOUR)
    assert auth.keys.revoke_all("acct", reason="all") == 3
    for issued in mine:
        refused(auth, issued)
    assert [auth.keys.get(one.key.id).revoked_reason for one in mine] == ["all", "first", "all", "all"]
    assert all(auth.keys.verify(issued.secret.reveal()) for issued in others)
    assert auth.keys.revoke_all("unheard of") == 0


def test_who_holds_a_key_may_end_it_and_a_guess_ends_nothing(auth: Any) -> None:
    issued = auth.keys.create("acct", name="CI")
    text = issued.secret.reveal()
    for guess in (KeyFormat("plx_sk_").make().reveal(), issued.key.id, issued.key.hint, text + "\n", text[:-1], ""):
        assert auth.keys.revoke_leaked(guess) is None
    assert auth.keys.verify(text)
    assert auth.keys.revoke_leaked(text, reason="in a gist").revoked_reason == "in a gist"
    refused(auth, issued)


def test_what_was_found_must_be_given_as_text(quick: Any) -> None:
    issued = quick.keys.create("acct", name="CI")
    with pytest.raises(InvalidRequest):
        quick.keys.revoke_leaked(issued.secret.reveal().encode())
    with pytest.raises(InvalidRequest):
        quick.keys.revoke_leaked(issued.secret)


def test_disabling_twice_keeps_the_first_time_and_enabling_undoes_it(auth: Any, clock: Clock) -> None:
    issued = auth.keys.create("acct", name="CI")
    first = auth.keys.disable(issued.key.id)
    clock.advance(HOUR)
    assert auth.keys.disable(issued.key.id) == first == auth.keys.get(issued.key.id)
    enabled = auth.keys.enable(issued.key.id)
    assert enabled == auth.keys.enable(issued.key.id) == issued.key
    assert auth.keys.verify(issued.secret.reveal()).id == enabled.id


def test_unknown_keys_cannot_be_changed(quick: Any) -> None:
    for ask in (quick.keys.get, quick.keys.revoke, quick.keys.disable, quick.keys.enable, quick.keys.update):
        for key_id in ("key_unknown", "", "\0", "\ud800", "ключ", "k" * 100_000):
            with pytest.raises(NotFound):
                ask(key_id)


def test_K07_a_revocation_amid_changes_and_verifications_is_never_undone(auth: Any) -> None:
    issued = auth.keys.create("acct", name="CI")
    asks: list[Callable[[], Any]] = [
        lambda: auth.keys.verify(issued.secret.reveal()),
        lambda: auth.keys.update(issued.key.id, name="other", expires_at=None, permissions="*:*"),
        lambda: auth.keys.disable(issued.key.id),
        lambda: auth.keys.enable(issued.key.id),
        lambda: auth.keys.rotate(issued.key.id),
    ]
    with ThreadPoolExecutor(16) as threads:
        begun = [threads.submit(attempted, ask) for ask in asks * 8]
        revoked = threads.submit(auth.keys.revoke, issued.key.id, "amid")
        begun += [threads.submit(attempted, ask) for ask in asks * 8]
        assert revoked.result().revoked_reason == "amid"
        refused(auth, issued)
    assert {one.result() for one in begun} == {True, False}  # and none met anything else than a refusal
    assert auth.keys.get(issued.key.id).revoked_reason == "amid"
    refused(auth, issued)


def attempted(ask: Callable[[], Any]) -> bool:
    try:
        ask()
    except AuthError:
        return False
    return True
