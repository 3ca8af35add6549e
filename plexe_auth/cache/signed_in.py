"""What is remembered of a good session: packed into one text for the many, unpacked into one object for the few in use.

Unlike a key, a session tells each time anew how long ago its person proved who they are; so its principal is made each
time, with the time of that request.
"""

import functools
from json.encoder import encode_basestring_ascii
from typing import Any

from plexe_auth.cache.known import BETWEEN, made
from plexe_auth.model.instant import from_microseconds
from plexe_auth.model.principal import Principal
from plexe_auth.model.role import permissions
from plexe_auth.rows import Row

_MOST_GRANTED = 4096


class SignedInAs:
    """A good session as the next request finds it.

    Attributes:
        until: the elapsed time at which it has to be looked at again; at once, unless somebody says otherwise.
        id: the session's.
        ends: until when it may be used without a look at its row, in microseconds since 1970.
        granted: permissions that are known to be covered, ``None`` among them.
        facts: those of its principal, but for when it was verified.
        line: the line of the access log that says it was accepted, from after the instant to where it was.
    """

    __slots__ = (
        "_account_id",
        "_permissions",
        "_user_id",
        "ends",
        "facts",
        "granted",
        "id",
        "line",
        "until",
    )

    def __init__(self, packed: str, _at: int) -> None:
        self._account_id, self._user_id, session_id, role, methods, authenticated_at, ends = packed.split(BETWEEN)
        self.id: str = session_id
        self.until: float = 0.0
        self.ends: int = int(ends)
        self._permissions = permissions(role)
        self.granted: dict[str | None, bool] = _granted(role)
        proven = from_microseconds(int(authenticated_at))
        who = ("session", session_id, self._account_id, self._permissions, self._user_id)
        self.facts: tuple[Any, ...] = (*who, proven, None, None, tuple(methods.split()))
        self.line: str = f',"session.verify","allowed",null,{self.told}'

    @property
    def told(self) -> str:
        """Whose it is, as the access log writes it."""
        return f'{encode_basestring_ascii(self._account_id)},null,"{self._user_id}","{self.id}"'

    def covers(self, permission: str) -> bool:
        """Tell whether its person may do that, and remember that they may."""
        if permission in self.granted:
            return True
        if not self._permissions.covers(permission):
            return False
        if len(self.granted) < _MOST_GRANTED:
            self.granted[permission] = True
        return True

    def principal(self, at: int) -> Principal:
        """Return whom the session acts for, verified at that microsecond since 1970."""
        principal: Principal = made(Principal, (*self.facts, at))
        return principal


@functools.cache
def _granted(_role: str) -> dict[str | None, bool]:
    return {None: True}  # one for all sessions of a role: names of permissions come from the host's code


def packed(row: Row, ends: int) -> str:
    """Return what is remembered of a session that was read along with its user, until `ends`."""
    owner = (row["account_id"], row["user_id"], row["id"], row["user"]["role"], row["methods"])
    return BETWEEN.join((*owner, str(row["authenticated_at"]), str(ends)))
