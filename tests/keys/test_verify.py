"""Every fault of a key has its own refusal, told in one order; `explain` tells them all and decides the same."""

import itertools
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from plexe_auth import AuthError, IPNotAllowed, Permissions, Principal
from plexe_auth.model.token import KeyFormat
from tests.conftest import Clock
from tests.keys.watch import Watch

FAULTS = ("revoked_key", "disabled_key", "account_suspended", "expired_key", "ip_not_allowed")
LACKING = "insufficient_permissions"
CHECKS = ("revoked", "disabled", "account", "expired", "ip", "permission")


def broken(auth: Any, clock: Clock, account: str, faults: tuple[str, ...]) -> str:
    """The text of a key that has these faults, and lacks `models:write`."""
    bound = ("192.0.2.0/24",) if "ip_not_allowed" in faults else ()
    lives = timedelta(hours=1) if "expired_key" in faults else None
    issued = auth.keys.create(account, name="CI", expires_in=lives, allowed_ips=bound)
    if "disabled_key" in faults:
        auth.keys.disable(issued.key.id)
    if "revoked_key" in faults:
        auth.keys.revoke(issued.key.id)
    if "account_suspended" in faults:
        auth.accounts.suspend(account)
    clock.advance(timedelta(hours=1))
    return issued.secret.reveal()


def code(ask: Callable[[], object]) -> str | None:
    """The wire code of a refusal, or nothing where there was none."""
    try:
        ask()
    except AuthError as refused:
        return refused.code
    return None


def decided(auth: Any, text: str, **asked: Any) -> str | None:
    """What `verify` decides, after making sure that `explain` decides the same."""
    decision = code(lambda: auth.keys.verify(text, **asked))
    told = auth.keys.explain(text, **asked)
    assert (told.allowed, told.code) == (decision is None, decision)
    return decision


def test_of_several_faults_the_first_is_told_and_explain_tells_all(quick: Any, clock: Clock) -> None:
    subsets = [some for size in range(6) for some in itertools.combinations(FAULTS, size)]
    for number, faults in enumerate(subsets):
        text = broken(quick, clock, f"acct_{number}", faults)
        assert decided(quick, text, permission="models:write") == (*faults, LACKING)[0]
        assert decided(quick, text) == next(iter(faults), None)
        failed = [check.name for check in quick.keys.explain(text).checks if not check.passed]
        assert failed == [name for name, fault in zip(CHECKS, FAULTS, strict=False) if fault in faults]


def test_every_fault_is_told_alike_on_every_store(auth: Any, clock: Clock) -> None:
    for number, fault in enumerate(FAULTS):
        text = broken(auth, clock, f"acct_{number}", (fault,))
        assert decided(auth, text) == fault


def test_a_good_key_is_the_principal_it_was_made_for(auth: Any, clock: Clock) -> None:
    issued = auth.keys.create("Kontó 42 ", name="CI", permissions="models:read jobs:*")
    principal = auth.keys.verify(issued.secret.reveal(), permission="jobs:write", ip="192.0.2.1", fresh=True)
    assert principal == Principal(
        "key", issued.key.id, "Kontó 42 ", Permissions.parse("models:read jobs:*"), verified_at=clock.now
    )


@pytest.mark.parametrize(
    ("bound", "ip", "allowed"),
    [
        ("192.0.2.7", "192.0.2.7", True),
        ("192.0.2.7", "192.0.2.8", False),
        ("192.0.2.0/24", "192.0.2.255", True),
        ("192.0.2.0/24", "192.0.3.0", False),
        ("192.0.2.0/24", "::ffff:192.0.2.9", True),
        ("::ffff:192.0.2.0/120", "192.0.2.9", True),
        ("::ffff:192.0.2.0/120", "::ffff:192.0.3.9", False),
        ("2001:db8::/32", "2001:db8:ffff::1", True),
        ("2001:db8::/32", "2001:db9::1", False),
        ("fe80::/10", "fe80::1%eth0", True),
        ("::/0", "192.0.2.9", False),
        ("0.0.0.0/0", "::1", False),
        ("192.0.2.7", "192.0.2.7%eth0", False),
        ("192.0.2.7", "192.0.2.07", False),
        ("192.0.2.7", " 192.0.2.7", False),
        ("192.0.2.7", "192.0.2.7\n", False),
        ("192.0.2.7", "testclient", False),
        ("192.0.2.7", "", False),
        ("192.0.2.7", "\ud800", False),
        ("192.0.2.7", "1" * 100_000, False),
        ("192.0.2.7", None, False),
    ],
)
def test_a_key_bound_to_addresses_is_good_from_these_alone(quick: Any, bound: str, ip: str, allowed: bool) -> None:
    issued = quick.keys.create("acct", name="CI", allowed_ips=["203.0.113.5", bound])
    assert issued.key.allowed_ips == ("203.0.113.5", bound)
    assert decided(quick, issued.secret.reveal(), ip=ip) == (None if allowed else "ip_not_allowed")


def test_a_stored_address_that_is_none_lets_nobody_in(quick: Any) -> None:
    issued = quick.keys.create("acct", name="CI", allowed_ips=["192.0.2.7"])
    row = quick.world.store._store._tables["keys"][issued.key.id]
    row["allowed_ips"] = "everywhere"
    with pytest.raises(IPNotAllowed):
        quick.keys.verify(issued.secret.reveal(), ip="192.0.2.7")


@pytest.mark.parametrize("garbage", [None, "", "READ", "read,write", "*", "models", "read\0", "*:* everything"])
def test_P05_stored_permissions_that_we_did_not_write_grant_nothing(quick: Any, garbage: str | None) -> None:
    issued = quick.keys.create("acct", name="CI", permissions="*:*")
    row = quick.world.store._store._tables["keys"][issued.key.id]
    row["permissions"] = garbage
    assert list(quick.keys.verify(issued.secret.reveal()).permissions) == []
    assert decided(quick, issued.secret.reveal(), permission="models:read") == LACKING


@pytest.mark.parametrize(
    "asked", ["", " ", "READ", "Read", "reads", "read ", "models", "models:", ":read", "a:b:c", "models:read jobs:read"]
)
def test_P05_a_permission_that_is_not_exactly_one_is_an_invalid_request(quick: Any, asked: str) -> None:
    text = quick.keys.create("acct", name="CI", permissions="*:*").secret.reveal()
    for ask in (quick.keys.verify, quick.keys.explain):
        assert code(lambda ask=ask: ask(text, permission=asked)) == "invalid_request"


@pytest.mark.parametrize("asked", ["READ", "Read", "reads", "models", "read,write", "a:b:c", ["read", "WRITE"], [None]])
def test_P05_a_key_is_made_with_exact_permissions_or_not_at_all(
    quick: Any, watched: Callable[[Any], Watch], asked: Any
) -> None:
    key = quick.keys.create("acct", name="CI").key
    watch = watched(quick)
    assert code(lambda: quick.keys.create("acct", name="CI", permissions=asked)) == "invalid_request"
    assert code(lambda: quick.keys.update(key.id, permissions=asked)) == "invalid_request"
    assert watch.count("commit") == 0


def test_explain_says_why_in_words(quick: Any, clock: Clock) -> None:
    account, now = "acct", clock.now
    issued = quick.keys.create(
        account, name="CI", permissions="models:read", expires_in=timedelta(0, 1), allowed_ips=["::1", "10.0.0.0/8"]
    )
    quick.keys.disable(issued.key.id)
    quick.keys.revoke(issued.key.id, reason="leaked")
    quick.accounts.suspend(account, reason="unpaid")
    clock.advance(timedelta(seconds=1))
    told = quick.keys.explain(issued.secret.reveal(), permission="models:write", ip="192.0.2.1")
    assert {check.name: check.detail for check in told.checks} == {
        "format": "",
        "known": "",
        "revoked": f"Revoked at {now.isoformat()} (leaked).",
        "disabled": f"Disabled since {now.isoformat()}.",
        "account": f"The account is suspended since {now.isoformat()} (unpaid).",
        "expired": f"Expired at {clock.now.isoformat()}.",
        "ip": "192.0.2.1 is in none of ::1, 10.0.0.0/8.",
        "permission": "It grants models:read, which does not cover models:write.",
    }


def test_explain_says_what_little_there_is_to_say(quick: Any, clock: Clock) -> None:
    old = quick.keys.create("acct", name="CI", permissions="", allowed_ips=["::1"])
    new = quick.keys.rotate(old.key.id, overlap=timedelta(0))
    quick.keys.revoke(new.key.id)
    texts = (old.secret.reveal(), new.secret.reveal())
    told = [[check.detail for check in quick.keys.explain(text, "read").checks if check.detail] for text in texts]
    assert told == [
        [
            f"Rotated into {new.key.id}, and the overlap ended at {clock.now.isoformat()}.",
            "An unknown address is in none of ::1.",
            "It grants nothing, which does not cover read.",
        ],
        [
            f"Revoked at {clock.now.isoformat()}.",
            "An unknown address is in none of ::1.",
            "It grants nothing, which does not cover read.",
        ],
    ]


def test_explain_of_an_unknown_key_says_that_it_is_unknown(quick: Any) -> None:
    told = quick.keys.explain(KeyFormat("plx_sk_").make().reveal())
    assert [(check.name, check.passed) for check in told.checks] == [("format", True), ("known", False)]
    assert told.code == "invalid_key"


def test_K07_verifying_and_explaining_write_nothing(auth: Any, watched: Callable[[Any], Watch], clock: Clock) -> None:
    issued = auth.keys.create("acct", name="CI", expires_in=timedelta(hours=1))
    before = auth.keys.get(issued.key.id)
    auth.keys.verify(issued.secret.reveal())  # the first of all says how long this process believes what it remembers
    watch = watched(auth)
    for _ in range(3):
        decided(auth, issued.secret.reveal(), permission="read")
        decided(auth, issued.secret.reveal(), permission="write")
        clock.advance(timedelta(minutes=30))
    assert {asked.verb for asked in watch.asked} == {"get"}
    auth.log.flush()
    assert replace(auth.keys.get(issued.key.id), last_used_at=None) == replace(before, last_used_at=None)
