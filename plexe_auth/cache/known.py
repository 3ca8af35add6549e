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

_PLAIN = 3  # facts of a key that is not bounded
_ACCEPTED = ',"key.verify","allowed",null,'


class Known:
    """A good key as the next request finds it, from anywhere, as often as it likes and without an end.

    Attributes:
        until: the elapsed time at which it has to be looked at again; at once, unless somebody says otherwise.
        ends: when the key itself comes to an end, in microseconds since 1970; infinite where it does not.
        granted: permissions that are known to be covered, ``None`` among them; empty where more has to be asked first.
        principal: whom the key acts for.
        accepted: the same, and that no rate was counted.
        line: the line of the access log that says it was accepted, from after the instant to whose it is.
        allowed_ips: where it may come from.
        rate: how often it may be used.
        tally: how the one rate that it has to keep here stood when it was last asked.
        family: what shares that rate.
    """

    until: float
    ends: float
    allowed_ips: tuple[str, ...]
    rate: str | None
    tally: Tally | None
    family: str
    granted: dict[str | None, bool]
    principal: Principal
    accepted: tuple[Principal, None]
    line: str

    __slots__ = (
        "accepted", "allowed_ips", "ends", "family", "granted", "line", "principal", "rate", "tally", "until"
    )  # fmt: skip

    @property
    def told(self) -> str:
        """Its account and id as the access log writes them."""
        return self.line.removeprefix(_ACCEPTED)

    def covers(self, permission: str) -> bool:
        """Tell whether the key grants a permission that is not among the `granted`, and remember that it does."""
        if not self.principal.can(permission):
            return False
        if not self.allowed_ips and len(self.granted) < _MOST_GRANTED:
            self.granted[permission] = True
        return True


def unpacked(packed: str, at: int) -> Known:
    """Return what was `packed`, for a request at a microsecond since 1970. It has to be looked at again at once."""
    known, facts = Known(), packed.split(BETWEEN)
    if len(facts) == _PLAIN:
        account_id, key_id, grants = facts
        known.family, known.rate = key_id, None
        known.ends, known.allowed_ips = NEVER, ()
        rotated = retires = None
    else:
        account_id, key_id, grants, *more = facts
        rotated, retires = _bound(known, *more)
    permissions, granted = _all_granted.get(grants) or _granted(grants)
    known.granted = {} if known.allowed_ips else granted
    known.until = 0.0
    known.tally = None
    known.line = f'{_ACCEPTED}{encode_basestring_ascii(account_id)},"{key_id}"'
    known.principal = principal = made(
        Principal, ("key", key_id, account_id, permissions, None, None, rotated, retires, (), at)
    )
    known.accepted = (principal, None)
    return known


def plain(packed: str, permission: str | None, at: int, rest: str) -> tuple[Principal, str] | None:
    """Return whom a key acts for and its whole line, as if it were `unpacked`, without an object for it between.

    ``None`` where it is bounded, or where more has to be asked before it is known to grant that permission.
    """
    facts = packed.split(BETWEEN)
    if len(facts) != _PLAIN:
        return None
    account_id, key_id, grants = facts
    permissions, granted = _all_granted.get(grants) or _granted(grants)
    if permission not in granted:
        return None
    principal: Principal = made(Principal, ("key", key_id, account_id, permissions, None, None, None, None, (), at))
    return principal, f'[{at}{_ACCEPTED}{encode_basestring_ascii(account_id)},"{key_id}"{rest}'


def _bound(
    known: Known, ips: str, rate: str, family: str, ends: str, rotated: str, retires: str
) -> tuple[datetime | None, datetime | None]:
    known.allowed_ips, known.rate = tuple(ips.split()), rate or None
    known.family, known.ends = family, float(ends or NEVER)
    return _instant(rotated), _instant(retires)


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
