"""What the demo shows: three people, keys in every state, and two days of requests, by a clock that was set back."""

from contextlib import suppress
from datetime import datetime, timedelta
from typing import NamedTuple

from plexe_auth.auth import Auth
from plexe_auth.clock import system_clock
from plexe_auth.errors import AuthError
from plexe_auth.model.key import IssuedKey
from plexe_auth.secret import Secret, random_text

ACCOUNT = "acct_demo"
EMAIL = "ada@example.com"
_PEOPLE = (("grace@example.com", "Grace Hopper", "admin"), ("alan@example.com", "Alan Turing", "viewer"))
_BEGAN = timedelta(hours=48)
_STEPS = 96  # half an hour each
_PERMISSIONS = ("read", "read", "read", "write")


class Hands:
    """A clock whose hands can be set back; it goes on with the host's."""

    def __init__(self) -> None:
        self.behind: timedelta = timedelta(0)

    def __call__(self) -> datetime:
        return system_clock() - self.behind


class Seeded(NamedTuple):
    """Who may be whom.

    Attributes:
        email: Ada's, who owns the account.
        password: everybody's.
    """

    email: str
    password: Secret


def seed(auth: Auth, hands: Hands) -> Seeded:
    """Make people, keys and requests of the past two days; the clock is right again afterwards."""
    password = Secret(random_text(20))
    hands.behind = _BEGAN
    try:
        auth.users.create(EMAIL, password.reveal(), account_id=ACCOUNT, name="Ada Lovelace", role="owner")
        for email, name, role in _PEOPLE:
            auth.users.create(email, password.reveal(), account_id=ACCOUNT, name=name, role=role)
    finally:
        hands.behind = timedelta(0)
    seed_requests(auth, hands, ACCOUNT)
    return Seeded(EMAIL, password)


def seed_requests(auth: Auth, hands: Hands, account_id: str) -> None:
    """Make an account's keys and requests of the past two days; the clock is right again afterwards."""
    hands.behind = _BEGAN
    try:
        _requests(auth, hands, _keys(auth, account_id))
    finally:
        hands.behind = timedelta(0)
    auth.log.flush()


def _keys(auth: Auth, account_id: str) -> list[IssuedKey]:
    def made(name: str, permissions: str, **terms: timedelta | str) -> IssuedKey:
        expires_in, rate = terms.get("expires_in"), terms.get("rate")
        span = expires_in if isinstance(expires_in, timedelta) else None
        return auth.keys.create(account_id, name, permissions, span, rate=rate if isinstance(rate, str) else None)

    return [
        made("Training pipeline", "models:read models:write read write"),
        made("Dashboard", "read"),
        made("Notebook of Grace", "read write", expires_in=_BEGAN + timedelta(days=5)),
        made("Trial of last week", "read", expires_in=_BEGAN - timedelta(hours=6)),
        made("Nightly import", "read write", rate="600/minute"),
        made("Old laptop", "read write"),
        made("Partner, paused", "read"),
    ]


def _requests(auth: Auth, hands: Hands, keys: list[IssuedKey]) -> None:
    """Have half an hour pass at each step; towards the end a key is rotated, one revoked, and one disabled."""
    pipeline, _dashboard, _notebook, _trial, nightly, laptop, partner = keys
    for step in range(_STEPS):
        hands.behind = _BEGAN * (1 - (step + 1) / (_STEPS + 1))
        if step == 60:
            auth.keys.revoke(laptop.key.id, reason="The laptop was stolen")
        if step == 70:
            auth.keys.disable(partner.key.id)
        if step == 80:
            keys.append(auth.keys.rotate(nightly.key.id, timedelta(days=2)))
        for turn in range(2 + step * 7 % 5):
            issued = pipeline if turn == 0 else keys[(step + turn) % len(keys)]
            with suppress(AuthError):  # a request that is refused is a part of the picture
                permission = _PERMISSIONS[(step + turn) % len(_PERMISSIONS)]
                auth.keys.verify(issued.secret.reveal(), permission, f"192.0.2.{(step + turn) % 5 + 1}")
