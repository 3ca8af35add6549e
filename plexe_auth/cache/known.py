"""What is remembered of a good key: packed into one text for the many, unpacked into one object for the few in use.

The garbage collector looks at every object that could lead to another one. A text cannot, so that a million remembered
keys cost it nothing.
"""

from collections.abc import Callable
from datetime import datetime
from json.encoder import encode_basestring_ascii
from typing import Any

from plexe_auth.limiting.limiter import Tally
from plexe_auth.model.instant import from_microseconds, maybe_microseconds
from plexe_auth.model.key import APIKey
from plexe_auth.model.permission import Permissions
from plexe_auth.model.principal import Principal
from plexe_auth.model.terms import earliest

BETWEEN = "\0"  # in no text of ours
_MOST_GRANTED = 4096

NEVER = float("inf")

made: Callable[[type[Any], tuple[Any, ...]], Any] = tuple[Any, ...].__new__  # a named tuple's own is slow

_ACCEPTED = ',"key.verify","allowed",null,'


class Known:
    """A good key as the next request finds it.

    Attributes:
        until: the elapsed time at which it has to be looked at again; at once, unless somebody says otherwise.
        ends: when the key itself comes to an end, in microseconds since 1970; infinite where it does not.
        granted: permissions that are known to be covered, ``None`` among them; empty where more has to be asked first.
        principal: whom the key acts for.
        accepted: the same, and that no rate was counted.
        line: the line of the access log that says it was accepted, from after the instant to where it was.
        alone: the same for a line that ends there.
        allowed_ips: where it may come from.
        rate: how often it may be used.
        tally: how the one rate that it has to keep here stood when it was last asked.
        family: what shares that rate.
    """

    __slots__ = (
        "accepted",
        "allowed_ips",
        "alone",
        "ends",
        "family",
        "granted",
        "line",
        "principal",
        "rate",
        "tally",
        "until",
    )

    def __init__(self, packed: str, at: int) -> None:
        account_id, key_id, grants, *more = packed.split(BETWEEN)
        self.until: float = 0.0
        self.ends: float = NEVER
        self.allowed_ips: tuple[str, ...] = ()
        self.rate: str | None = None
        self.tally: Tally | None = None
        self.family: str = key_id
        rotated = retires = None
        if more:
            ips, self.rate, self.family, ends = more[0], more[1] or None, more[2], more[3]
            self.allowed_ips = tuple(ips.split())
            self.ends = float(ends or NEVER)
            rotated, retires = _instant(more[4]), _instant(more[5])
        permissions, granted = _all_granted.get(grants) or _granted(grants)
        self.alone: str = f'{_ACCEPTED}{encode_basestring_ascii(account_id)},"{key_id}"'
        self.line: str = self.alone + ",null,null"
        self.granted: dict[str | None, bool] = {} if self.allowed_ips else granted
        facts = ("key", key_id, account_id, permissions, None, None, rotated, retires, (), at)
        self.principal: Principal = made(Principal, facts)
        self.accepted: tuple[Principal, None] = (self.principal, None)

    @property
    def told(self) -> str:
        """Its account and id as the access log writes them."""
        return self.alone.removeprefix(_ACCEPTED)

    def covers(self, permission: str) -> bool:
        """Tell whether the key grants `permission`, and remember that it does."""
        if permission in self.granted:
            return True
        if not self.principal.can(permission):
            return False
        if not self.allowed_ips and len(self.granted) < _MOST_GRANTED:
            self.granted[permission] = True
        return True


_Granted = tuple[Permissions, dict[str | None, bool]]
_all_granted: dict[str, _Granted] = {}


def _granted(grants: str) -> _Granted:
    # One for all keys with the same grants. Names of permissions come from the host's code, grants from its customers.
    if len(_all_granted) >= _MOST_GRANTED:
        _all_granted.clear()
    return _all_granted.setdefault(grants, (Permissions.stored(grants), {None: True}))


def packed(key: APIKey) -> str:
    """Return what is remembered of a key."""
    plain = (key.account_id, key.id, str(key.permissions))
    ends = earliest(key.expires_at, key.retires_at)
    if not (key.allowed_ips or key.rate or ends or key.family != key.id):
        return BETWEEN.join(plain)
    instants = map(maybe_microseconds, (ends, key.rotated_at, key.retires_at))
    more = (" ".join(key.allowed_ips), key.rate or "", key.family, *(str(one or "") for one in instants))
    return BETWEEN.join((*plain, *more))


def _instant(text: str) -> datetime | None:
    return from_microseconds(int(text)) if text else None
