"""A session stands for a person who has signed in: it ends by being idle, by its age, or because somebody ends it.

Idling is put off while the session is used, but not at each request: what is written each time would be the slowest
part of it. Whatever is put off never passes the session's greatest age (OWASP ASVS 7.3.1, 7.3.2).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from plexe_auth.errors import AccountSuspended, AuthError, ExpiredSession, InvalidSession, MFARequired
from plexe_auth.model.client import Client
from plexe_auth.model.instant import from_microseconds, maybe_instant, to_microseconds
from plexe_auth.model.network import neighbourhood
from plexe_auth.model.strength import is_strong
from plexe_auth.rows import Row, Value

PREFIX = "plx_session_"

KEPT = timedelta(days=90)  # after its end, so that where somebody came from is known when they come again

_SLIDES = 30  # times in the span of idling
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Session:
    """A session. Its token is no part of it, and cannot be had from it.

    Attributes:
        id: opaque and unique; it opens nothing.
        user_id: who signed in.
        account_id: the account they belong to.
        created_at: when they signed in.
        last_used_at: when it was used last, to within a thirtieth of ``Settings.session_idle``.
        idles_at: when it ends unless it is used.
        expires_at: when it ends in any case.
        authenticated_at: when they last proved who they are.
        methods: how they did: ``"password"``, ``"oauth"``, ``"totp"``, ``"email"``, ``"recovery"``, ``"passkey"``,
            ``"reset"``, ``"invitation"``.
        ip: the address they signed in from.
        user_agent: what their client called itself.
        revoked_at: when it was ended; ``None`` where nobody ended it.
    """

    id: str
    user_id: str
    account_id: str
    created_at: datetime
    last_used_at: datetime
    idles_at: datetime
    expires_at: datetime
    authenticated_at: datetime
    methods: tuple[str, ...]
    ip: str | None
    user_agent: str | None
    revoked_at: datetime | None

    def status(self, now: datetime) -> Literal["active", "expired", "revoked"]:
        """Return in which state it is, looked at by itself."""
        if self.revoked_at is not None:
            return "revoked"
        return "active" if now < min(self.idles_at, self.expires_at) else "expired"


def from_row(row: Row) -> Session:
    """Return the session that a row keeps."""
    return Session(
        id=row["id"],
        user_id=row["user_id"],
        account_id=row["account_id"],
        created_at=from_microseconds(row["created_at"]),
        last_used_at=from_microseconds(row["last_used_at"]),
        idles_at=from_microseconds(row["idles_at"]),
        expires_at=from_microseconds(row["expires_at"]),
        authenticated_at=from_microseconds(row["authenticated_at"]),
        methods=tuple(row["methods"].split()),
        ip=row["ip"],
        user_agent=row["user_agent"],
        revoked_at=maybe_instant(row["revoked_at"]),
    )


def new_row(
    session_id: str, digest: bytes, owner: Mapping[str, Value], methods: tuple[str, ...], client: Client, now: datetime
) -> dict[str, Value]:
    """Return the row of a session that begins at `now`, but for its ends; `owner` holds ``user_id``, ``account_id``."""
    began = to_microseconds(now)
    return {
        "id": session_id,
        "digest": digest,
        **owner,
        "created_at": began,
        "last_used_at": began,
        "authenticated_at": began,
        "methods": " ".join(methods),
        "ip": client.ip,
        "network": neighbourhood(client.ip),
        "user_agent": client.user_agent,
        "revoked_at": None,
    }


def ends(now: datetime, idle: timedelta, lifetime: timedelta, until: int | None = None) -> dict[str, Value]:
    """Return when a session that begins at `now` ends, by `until` in any case; none outlasts the calendar."""
    expires_at = min(_later(to_microseconds(now), lifetime), _LATEST if until is None else until)
    return {"expires_at": expires_at, "idles_at": min(_later(to_microseconds(now), idle), expires_at)}


def forgotten_at(now: datetime) -> int:
    """Return up to which end sessions are not kept any longer at `now`, in microseconds since 1970."""
    return to_microseconds(now) - KEPT // _MICROSECOND


def slides_at(last_used_at: int, idle: timedelta) -> int:
    """Return from when on idling is put off again, in microseconds since 1970."""
    return last_used_at + idle // _MICROSECOND // _SLIDES


def slid(row: Row, now: int, idle: timedelta) -> dict[str, Value]:
    """Return the columns of a session that is used at `now`."""
    return {"last_used_at": now, "idles_at": min(_later(now, idle), row["expires_at"])}


def weak_from(row: Row, *, passkey_alone: bool) -> int | None:
    """Return from when on a session is refused for want of a second factor, in microseconds since 1970, or ``None``."""
    account: Row | None = row["account"]
    if account is None or is_strong(row["methods"].split(), passkey_alone=passkey_alone):
        return None
    since: int | None = account["mfa_required_at"]
    return since


def refusal(row: Row, now: datetime, *, passkey_alone: bool) -> AuthError | None:
    """Return why a session that was read along with its user and account is refused, or ``None``."""
    user, account = row["user"], row["account"]
    if row["revoked_at"] is not None or user is None or user["disabled_at"] is not None:
        return InvalidSession()
    if account is not None and account["suspended_at"] is not None:
        return AccountSuspended()
    at, weak = to_microseconds(now), weak_from(row, passkey_alone=passkey_alone)
    if at >= min(row["idles_at"], row["expires_at"]):
        return ExpiredSession()
    return MFARequired() if weak is not None and at >= weak else None


_LATEST = to_microseconds(datetime.max.replace(tzinfo=from_microseconds(0).tzinfo))


def _later(at: int, span: timedelta) -> int:
    return min(at + span // _MICROSECOND, _LATEST)
