"""A permission is ``resource:action``; grants cover permissions, and nothing covers what was not granted.

``*`` may stand for either part. ``read`` and ``write`` are short for ``*:read`` and ``*:write``. The order is a plain
one: a grant covers another when each of its parts is the same or ``*``. So ``*:write`` does not cover
``keys:manage``, and ``models:read`` does not cover a bare ``read``.
"""

import functools
from collections.abc import Iterable, Iterator
from itertools import islice

from plexe_auth.errors import InvalidRequest

Pair = tuple[str, str]

_SHORT = {"read": ("*", "read"), "write": ("*", "write")}
_FIRST = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")
_LATER = _FIRST | frozenset("_-.")
_LONGEST_PART = 64
_MOST_GRANTS = 200


class Permissions:
    """A set of grants, smallest form: a grant that another one covers is left out.

    They are ordered by what they allow: ``a <= b`` says that `b` covers all of `a`.

    Example:
        >>> granted = Permissions.parse("models:read keys:manage")
        >>> granted.covers("models:read"), granted.covers("models:write")
        (True, False)
        >>> str(granted)
        'models:read keys:manage'
        >>> granted <= Permissions.parse("*:*")
        True
    """

    __slots__ = ("_grants", "_pairs", "_set")

    def __init__(self, pairs: Iterable[Pair] = ()) -> None:
        given = tuple(dict.fromkeys(pairs))
        self._pairs = tuple(one for one in given if not any(o != one and _covers(o, one) for o in given))
        self._set = frozenset(self._pairs)
        self._grants = tuple(map(_text, self._pairs))

    @classmethod
    def parse(cls, grants: "Permissions | str | Iterable[str]") -> "Permissions":
        """Return the permissions that a text (parted by spaces), several texts, or `Permissions` stand for.

        Raises:
            InvalidRequest: a grant is not of the form ``resource:action``, ``read`` or ``write``.
        """
        if isinstance(grants, Permissions):
            return grants
        words = [word for word in grants.split(" ") if word] if isinstance(grants, str) else _texts(grants)
        if len(words) > _MOST_GRANTS:
            raise InvalidRequest(f"No more than {_MOST_GRANTS} permissions.", field="permissions")
        try:
            return cls(map(pair, words))
        except InvalidRequest as error:
            raise InvalidRequest(error.detail, field="permissions") from None

    @classmethod
    def stored(cls, text: str | None) -> "Permissions":
        """Return the permissions that a stored text stands for. A text that we did not write grants nothing."""
        return _stored(text)

    def covers(self, permission: str) -> bool:
        """Tell whether `permission` is granted.

        Raises:
            InvalidRequest: `permission` is not one permission.
        """
        return self._covers(pair(permission))

    def _covers(self, wanted: Pair) -> bool:
        resource, action = wanted
        granted = self._set
        return wanted in granted or ("*", action) in granted or (resource, "*") in granted or ("*", "*") in granted

    def __contains__(self, permission: str) -> bool:
        return self.covers(permission)

    def __le__(self, other: object) -> bool:
        return all(map(other._covers, self._pairs)) if isinstance(other, Permissions) else NotImplemented

    def __ge__(self, other: object) -> bool:
        return other <= self if isinstance(other, Permissions) else NotImplemented

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Permissions) and self._set == other._set

    def __hash__(self) -> int:
        return hash(self._set)

    def __iter__(self) -> Iterator[str]:
        return iter(self._grants)

    def __len__(self) -> int:
        return len(self._pairs)

    def __str__(self) -> str:
        return " ".join(self)

    def __repr__(self) -> str:
        return f"Permissions.parse({str(self)!r})"

    def __reduce__(self) -> tuple[type["Permissions"], tuple[tuple[Pair, ...]]]:
        return Permissions, (self._pairs,)


def pair(permission: str) -> Pair:
    """Return a permission's two parts.

    Raises:
        InvalidRequest: it is not ``resource:action``, ``read`` or ``write``, in ASCII and lower case.
    """
    if not isinstance(permission, str):  # pyright: ignore[reportUnnecessaryIsInstance]  # callers are not all typed
        raise InvalidRequest("A permission is a text.", field="permission")
    return _SHORT.get(permission) or _pair(permission)


@functools.lru_cache(maxsize=1024)
def _pair(permission: str) -> Pair:
    parts = permission.split(":")
    if len(parts) != 2 or not all(map(_is_part, parts)):
        raise InvalidRequest("A permission has the form resource:action, read or write.", field="permission")
    return parts[0], parts[1]


def _is_part(part: str) -> bool:
    if part == "*":
        return True
    return 0 < len(part) <= _LONGEST_PART and part[0] in _FIRST and _LATER.issuperset(part)


def _covers(grant: Pair, wanted: Pair) -> bool:
    return grant[0] in ("*", wanted[0]) and grant[1] in ("*", wanted[1])


def _text(one: Pair) -> str:
    return one[1] if one[0] == "*" and one[1] in _SHORT else f"{one[0]}:{one[1]}"


def _texts(grants: Iterable[str]) -> list[str]:
    try:
        return list(islice(grants, _MOST_GRANTS + 1))
    except TypeError:
        raise InvalidRequest("Permissions are a text or several texts.", field="permissions") from None


@functools.lru_cache(maxsize=4096)
def _stored(text: str | None) -> Permissions:
    try:
        return Permissions.parse(text or "")
    except InvalidRequest:
        return Permissions()


READ_ONLY = Permissions([("*", "read")])
READ_WRITE = Permissions([("*", "read"), ("*", "write")])
