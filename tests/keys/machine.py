"""Keys driven by chance beside their model: each step is refused or done as the model says, then every key agrees."""

import itertools
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule

from plexe_auth import AuthError, Permissions, Principal
from tests.conftest import Clock
from tests.keys.model import Modelled, ends_by

MINUTE = timedelta(minutes=1)
MANAGE = "keys:manage"
GRANTS = st.sampled_from(["", "read", "read write", "keys:manage read", "*:*"]).map(Permissions.parse)
SPANS = st.integers(1, 9).map(lambda minutes: minutes * MINUTE)
WHICH = st.integers(0, 1)
RARELY = st.sampled_from([1, 1, 1, 0])  # what ends all keys of an account at once mostly befalls the other one
RUNS = itertools.count()


class KeyMachine(RuleBasedStateMachine):
    """Two accounts of their own on a store that may hold others."""

    keys = Bundle("keys")
    maybe = keys | st.none() | keys

    def __init__(self, auth: Any, clock: Clock) -> None:
        super().__init__()
        self.auth, self.clock = auth, clock
        run = next(RUNS)
        self.accounts = (f"one of {run}", f"other of {run}")
        self.suspended: set[str] = set()
        self.made: list[Modelled] = []

    @initialize(target=keys)
    def begin(self) -> Any:
        """Two who may do everything for a while, and one who may do little for ever: what is made of these?"""
        everything, little = Permissions.parse("*:*"), Permissions.parse("read")
        expiring, rotated = (self.create(0, everything, span, None) for span in (9 * MINUTE, None))
        self.rotate(rotated, 9 * MINUTE, None)
        return multiple(expiring, rotated, self.create(0, little, None, None))

    @rule(target=keys, which=WHICH, grants=GRANTS, span=st.none() | SPANS, by=maybe)
    def create(self, which: int, grants: Permissions, span: timedelta | None, by: Modelled | None) -> Any:
        account = self.accounts[which]
        ends_at = None if span is None else self.clock.now + span
        asked = Modelled("", "", account, grants, ends_at)
        if by is not None and span is None:
            asked.expires_at = by.end()
        code = self.unable(by) or self.not_mine(by, account, "insufficient_permissions") or self.is_suspended(account)
        code = code or self.exceeds(by, asked)
        issued = self.step(
            code, lambda: self.auth.keys.create(account, name="CI", permissions=grants, expires_in=span, by=who(by))
        )
        return self.keep(issued)

    @rule(target=keys, key=keys, span=st.just(timedelta(0)) | SPANS, by=maybe)
    def rotate(self, key: Modelled, span: timedelta, by: Modelled | None) -> Any:
        alive = key.status(self.clock.now) == "active" and not key.rotated
        code = self.unable(by) or self.not_mine(by, key.account) or self.is_suspended(key.account)
        code = code or (None if alive else "conflict") or self.exceeds(by, key)
        issued = self.step(code, lambda: self.auth.keys.rotate(key.id, overlap=span, by=who(by)))
        if issued is not None:
            key.rotated, key.retires_at = True, self.clock.now + span
        return self.keep(issued)

    @rule(key=keys, grants=st.none() | GRANTS, span=st.none() | SPANS, by=maybe)
    def update(self, key: Modelled, grants: Permissions | None, span: timedelta | None, by: Modelled | None) -> None:
        ends_at = None if span is None else self.clock.now + span
        named: dict[str, Any] = {"permissions": grants, "expires_at": ends_at}
        named = {name: value for name, value in named.items() if value is not None}
        code = self.unable(by) or self.exceeds(by, by and by.changed(grants, None))
        code = code or self.too_late(by, ends_at) or self.not_mine(by, key.account)
        after = key.changed(grants, ends_at)
        code = code or (None if after.within(key) else self.exceeds(by, after))
        if self.step(code, lambda: self.auth.keys.update(key.id, by=who(by), **named)) is not None:
            key.permissions, key.expires_at = after.permissions, after.expires_at

    @rule(key=keys, by=maybe)
    def revoke(self, key: Modelled, by: Modelled | None) -> None:
        code = self.unable(by) or self.not_mine(by, key.account)
        if self.step(code, lambda: self.auth.keys.revoke(key.id, by=who(by))) is not None:
            key.revoked = True

    @rule(key=keys)
    def revoke_leaked(self, key: Modelled) -> None:
        assert self.auth.keys.revoke_leaked(key.text).id == key.id
        key.revoked = True

    @rule(which=RARELY)
    def revoke_all(self, which: int) -> None:
        mine = [key for key in self.made if key.account == self.accounts[which]]
        assert self.auth.keys.revoke_all(self.accounts[which]) == sum(not key.revoked for key in mine)
        for key in mine:
            key.revoked = True

    @rule(key=keys, by=maybe, on=st.booleans())
    def switch(self, key: Modelled, by: Modelled | None, on: bool) -> None:
        dead = key.status(self.clock.now) == "revoked" or not_before(key, self.clock)
        code = self.unable(by) or self.not_mine(by, key.account) or ("conflict" if dead else None)
        code = code or (self.exceeds(by, key) if on else None)
        ask = self.auth.keys.enable if on else self.auth.keys.disable
        if self.step(code, lambda: ask(key.id, by=who(by))) is not None:
            key.disabled = not on

    @rule(which=RARELY, on=st.booleans())
    def suspend(self, which: int, on: bool) -> None:
        account = self.accounts[which]
        (self.auth.accounts.resume if on else self.auth.accounts.suspend)(account)
        (self.suspended.discard if on else self.suspended.add)(account)

    @rule(span=SPANS)
    def advance(self, span: timedelta) -> None:
        self.clock.advance(span)

    @invariant()
    def every_key_is_what_the_model_says(self) -> None:
        for key in self.made:
            for permission in (None, "models:write"):
                lacks = permission is not None and not key.permissions.covers(permission)
                expected = key.fault(self.clock.now, self.suspended)
                expected = expected or ("insufficient_permissions" if lacks else None)
                self.step(expected, lambda key=key, one=permission: self.auth.keys.verify(key.text, permission=one))
                told = self.auth.keys.explain(key.text, permission=permission)
                assert (told.allowed, told.code) == (expected is None, expected)

    @invariant()
    def every_status_filter_finds_its_keys(self) -> None:
        for account in self.accounts:
            mine = [key for key in reversed(self.made) if key.account == account]
            for status in ("active", "revoked", "disabled", "expired"):
                found = [key.id for key in self.auth.keys.page(account, status=status, limit=200)]
                assert found == [key.id for key in mine if key.status(self.clock.now) == status]

    def step(self, code: str | None, ask: Callable[[], Any]) -> Any:
        """Do it, if the model lets it be done; hold the refusal against the model's, if it does not."""
        try:
            done = ask()
        except AuthError as refused:
            if refused.code != code:
                raise
            return None
        assert code is None, f"{code} was expected"
        return done

    def keep(self, issued: Any) -> Any:
        if issued is None:
            return multiple()
        key = issued.key
        self.made.append(Modelled(key.id, issued.secret.reveal(), key.account_id, key.permissions, key.expires_at))
        return self.made[-1]

    def unable(self, by: Modelled | None) -> str | None:
        if by is None:
            return None
        lacks = not by.permissions.covers(MANAGE)
        return by.fault(self.clock.now, self.suspended) or ("insufficient_permissions" if lacks else None)

    def not_mine(self, by: Modelled | None, account: str, code: str = "not_found") -> str | None:
        return code if by is not None and by.account != account else None

    def is_suspended(self, account: str) -> str | None:
        return "account_suspended" if account in self.suspended else None

    def exceeds(self, by: Modelled | None, asked: Modelled | None) -> str | None:
        return "insufficient_permissions" if by is not None and asked is not None and not asked.within(by) else None

    def too_late(self, by: Modelled | None, ends_at: Any) -> str | None:
        late = by is not None and ends_at is not None and not ends_by(ends_at, by.end())
        return "insufficient_permissions" if late else None


def who(by: Modelled | None) -> Principal | None:
    return None if by is None else Principal("key", by.id, by.account, by.permissions)


def not_before(key: Modelled, clock: Clock) -> bool:
    return key.expires_at is not None and clock.now >= key.expires_at
