"""A ticket is good once: for one thing, for one person, for a while, and only the newest of its kind.

Its text is as random as a key's and kept as a digest. Its kind is part of its text and of its row, so that one that was
made for one thing is refused for every other.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from plexe_auth.model.instant import to_microseconds
from plexe_auth.model.passkey import CEREMONY
from plexe_auth.model.token import KeyFormat
from plexe_auth.rows import Row, Value

_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Kind:
    """What a ticket is for.

    Attributes:
        name: part of its text and of its row.
        lasts: how long it is good.
        path: the page that a link with it leads to, below the configured base URL.
    """

    name: str
    lasts: timedelta
    path: str

    @property
    def format(self) -> KeyFormat:
        """How its text looks."""
        return KeyFormat(f"plx_{self.name}_")


# ASVS 6.4.1 and NIST SP 800-63B-4, section 4.2: what opens an account by mail lives for minutes, the rest for a day.
REGISTER = Kind("register", timedelta(hours=24), "/verify-email")
VERIFY = Kind("verify", timedelta(hours=24), "/verify-email")
EMAIL = Kind("email", timedelta(hours=1), "/verify-email")
RESET = Kind("reset", timedelta(minutes=30), "/reset-password")
BY_MAIL = (REGISTER, VERIFY, EMAIL)
# What a browser is asked to have a passkey sign: the text itself is the challenge (W3C Web Authentication, 13.4.3).
NEW_PASSKEY = Kind("new_passkey", CEREMONY, "")
PASSKEY = Kind("passkey", CEREMONY, "")
# A flow at a provider that was used up: its place is taken until no callback of it can come any more.
FLOW = Kind("flow", timedelta(minutes=20), "")


def place(kind: Kind, whose: str) -> str:
    """Return the id of the only live ticket of that kind that somebody can have."""
    return f"{kind.name}.{hashlib.sha256(whose.encode()).hexdigest()}"


def new_row(kind: Kind, whose: str, digest: bytes, about: Mapping[str, Value], now: datetime) -> dict[str, Value]:
    """Return the row of a ticket that is made at `now`; `about` says what it is good for."""
    nothing = dict.fromkeys(("user_id", "email", "canonical", "name", "password"))
    began = to_microseconds(now)
    ends = {"created_at": began, "expires_at": began + kind.lasts // _MICROSECOND}
    return {**nothing, "id": place(kind, whose), "digest": digest, "kind": kind.name, **ends, **about}


def is_good(row: Row | None, kind: Kind, now: datetime) -> bool:
    """Tell whether a row is that of a ticket of this kind that can still be used."""
    return row is not None and row["kind"] == kind.name and to_microseconds(now) < row["expires_at"]
