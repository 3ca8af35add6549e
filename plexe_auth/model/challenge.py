"""A challenge stands between a first proof and a session: it opens nothing but the answer to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from plexe_auth.model.instant import to_microseconds
from plexe_auth.model.strength import ENROLLED, is_strong, things
from plexe_auth.model.token import KeyFormat
from plexe_auth.rows import Row, Value
from plexe_auth.secret import Secret

LASTS = timedelta(minutes=10)  # ASVS 6.5.5
FORMAT = KeyFormat("plx_challenge_")
METHODS = ("totp", "passkey", "email", "recovery")

_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Challenge:
    """A second factor is due before there is a session.

    Attributes:
        token: what has to come back with the answer; it opens nothing else.
        methods: the ways to answer that are open to this person: ``"totp"``, ``"passkey"``, ``"email"``,
            ``"recovery"``. None where their account demands a second factor and they have none: then they have to add
            one (`plexe_auth.service.sign_in.SignIn.begin_totp`).
        expires_at: until when it may be answered.
        next: the path to go on to after that.
    """

    token: Secret
    methods: tuple[str, ...]
    expires_at: datetime
    next: str = "/"

    @property
    def must_enrol(self) -> bool:
        """Whether they have to add a second factor before they can go on."""
        return not self.methods


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


def has_factor(kinds: Mapping[str, object]) -> bool:
    """Tell whether somebody with factors of these kinds has a second one; recovery codes alone are none."""
    return not ENROLLED.isdisjoint(kinds)


def is_due(kinds: Mapping[str, object], shown: tuple[str, ...], *, demanded: bool, passkey_alone: bool) -> bool:
    """Tell whether somebody who has shown these methods gets no session without another one.

    Args:
        kinds: the kinds of their confirmed factors.
        shown: what they have shown.
        demanded: whether their account asks for a second factor by now.
        passkey_alone: whether a passkey is enough in any case.
    """
    if is_strong(shown, passkey_alone=passkey_alone):
        return False
    return demanded or bool(ENROLLED.intersection(kinds) - things(shown))


def open_to(user: Row, kinds: Mapping[str, object], shown: tuple[str, ...], *, by_mail: bool) -> tuple[str, ...]:
    """Return the methods by which a user can go on who has shown some.

    Args:
        user: their row.
        kinds: the kinds of their confirmed factors, and ``"recovery"`` where they have such codes.
        shown: what they have shown already.
        by_mail: codes may be sent to an address that was proven.
    """
    mail = by_mail and user["verified_at"] is not None
    found = [one for one in METHODS if one in kinds or (one == "email" and mail)]
    return tuple(one for one in found if things((one,)).isdisjoint(things(shown)))
