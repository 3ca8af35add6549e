"""A challenge stands between a first proof and a session: it opens nothing but the answer to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from plexe_auth.model.instant import to_microseconds
from plexe_auth.model.token import KeyFormat
from plexe_auth.rows import Row, Value
from plexe_auth.secret import Secret

LASTS = timedelta(minutes=10)  # ASVS 6.5.5
FORMAT = KeyFormat("plx_challenge_")
METHODS = ("totp", "email", "recovery")
# What proves the same thing: who has only a mailbox has one factor, however often they show it (ASVS 6.4.3).
SAME = {"email": "mailbox", "reset": "mailbox", "invitation": "mailbox"}

_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Challenge:
    """A second factor is due before there is a session.

    Attributes:
        token: what has to come back with the answer; it opens nothing else.
        methods: the ways to answer that are open to this person: ``"totp"``, ``"email"``, ``"recovery"``.
        expires_at: until when it may be answered.
        next: the path to go on to after that.
    """

    token: Secret
    methods: tuple[str, ...]
    expires_at: datetime
    next: str = "/"


def new_row(
    challenge_id: str, digest: bytes, user_id: str, methods: tuple[str, ...], now: datetime
) -> dict[str, Value]:
    """Return the row of a challenge that is made at `now`, to whoever has shown these methods."""
    began = to_microseconds(now)
    return {
        "id": challenge_id,
        "digest": digest,
        "user_id": user_id,
        "methods": " ".join(methods),
        "code": None,
        "code_until": None,
        "created_at": began,
        "expires_at": began + LASTS // _MICROSECOND,
    }


def is_good(row: Row, now: datetime) -> bool:
    """Tell whether a challenge may still be answered."""
    return to_microseconds(now) < int(row["expires_at"])


def is_due(kinds: Mapping[str, object]) -> bool:
    """Tell whether somebody with factors of these kinds gets no session without one; codes alone are no factor."""
    return "totp" in kinds


def open_to(user: Row, kinds: Mapping[str, object], shown: tuple[str, ...], *, by_mail: bool) -> tuple[str, ...]:
    """Return the methods that are open to a user who has shown some; none where they have no second factor.

    Args:
        user: their row.
        kinds: the kinds of their confirmed factors, and ``"recovery"`` where they have such codes.
        shown: what they have shown already.
        by_mail: codes may be sent to an address that was proven.
    """
    if not is_due(kinds):
        return ()
    mail = by_mail and user["verified_at"] is not None
    found = [one for one in METHODS if one in kinds or (one == "email" and mail)]
    had = {SAME.get(one, one) for one in shown}
    return tuple(one for one in found if SAME.get(one, one) not in had)
