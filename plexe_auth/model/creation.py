"""A creation that was asked for under a name happens once: the name is taken in the same commit, for a day.

Whoever did not hear the answer asks again under that name, and gets no second key.
"""

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from plexe_auth.errors import Conflict, InvalidRequest
from plexe_auth.model.instant import to_microseconds
from plexe_auth.model.ticket import Kind, is_good, new_row, place
from plexe_auth.rows import Change, Delete, Insert, Row, at_most

NEW_KEY = Kind("new_key", timedelta(hours=24), "")

_FORM = re.compile(r"[!-~]{8,128}")


@dataclass(frozen=True, slots=True)
class Creation:
    """A creation under a name.

    Attributes:
        id: the place that the name has among those of its account.
        digest: stands for all that was asked for.
    """

    id: str
    digest: bytes

    def taken(self, made: str, now: datetime) -> tuple[Change, ...]:
        """Return the changes that take the name for what is `made`; where it is taken, their commit is refused."""
        over = Delete("tickets", (at_most("expires_at", to_microseconds(now)),), several=True)
        row = {**new_row(NEW_KEY, "", self.digest, {"name": made}, now), "id": self.id}
        return over, Insert("tickets", row)

    def refusal(self, row: Row | None, now: datetime) -> Conflict | InvalidRequest:
        """Return why the name could not be taken: `row` is what stands in its place."""
        if row is None or not is_good(row, NEW_KEY, now):
            return Conflict()
        if row["digest"] != self.digest:
            return InvalidRequest("Something else was asked for under this name.", field="idempotency_key")
        detail = f"This was done before; the key that was made then is {row['name']}. Its text cannot be shown again."
        return Conflict(detail, key_id=row["name"])


def creation(name: str | None, account_id: str, asked: Sequence[object]) -> Creation | None:
    """Return what stands for a creation in an account; ``None`` where it has no name.

    Raises:
        InvalidRequest: the name has not 8 to 128 visible characters of ASCII.
    """
    if name is None:
        return None
    if not _FORM.fullmatch(name if type(name) is str else ""):
        message = "idempotency_key must have 8 to 128 visible characters of ASCII."
        raise InvalidRequest(message, field="idempotency_key")
    spot = place(NEW_KEY, f"{account_id}\0{name}")
    told = json.dumps([spot, *map(str, asked)])
    return Creation(spot, hashlib.sha256(told.encode()).digest())
