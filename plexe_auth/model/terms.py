"""What a key may do, until when, from where and how often; a child's terms never exceed its parent's."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from plexe_auth.model.network import inside
from plexe_auth.model.permission import Permissions
from plexe_auth.model.rate import keeps


@dataclass(frozen=True, slots=True)
class Terms:
    """The four things in which one key can be stronger than another. ``None`` and ``()`` mean unbounded."""

    permissions: Permissions
    expires_at: datetime | None
    allowed_ips: tuple[str, ...]
    rate: str | None

    def inheriting(self, parent: "Terms") -> "Terms":
        """Return these terms with the parent's bounds where none were asked for."""
        return replace(
            self,
            expires_at=self.expires_at or parent.expires_at,
            allowed_ips=self.allowed_ips or parent.allowed_ips,
            rate=self.rate or parent.rate,
        )

    def excess(self, parent: "Terms") -> str | None:
        """Return the name of the first field that exceeds the parent's, or ``None`` when none does."""
        within = {
            "permissions": self.permissions <= parent.permissions,
            "expires_at": _ends_by(self.expires_at, parent.expires_at),
            "allowed_ips": _addresses_within(self.allowed_ips, parent.allowed_ips),
            "rate": _rate_within(self.rate, parent.rate),
        }
        return next((name for name, good in within.items() if not good), None)


def checked_permissions(grants: Permissions | str | Iterable[str]) -> Permissions:
    """Return the permissions asked for.

    Raises:
        InvalidRequest: they are not of the form that `Permissions.parse` reads.
    """
    return Permissions.parse(str(Permissions.parse(grants)))  # read again: `Permissions` may have been made by hand


def earliest(one: datetime | None, other: datetime | None) -> datetime | None:
    """Return the earlier of two ends, where ``None`` is no end at all."""
    ends = [end for end in (one, other) if end is not None]
    return min(ends, default=None)


def _ends_by(mine: datetime | None, bound: datetime | None) -> bool:
    return bound is None or (mine is not None and mine <= bound)


def _addresses_within(mine: tuple[str, ...], bound: tuple[str, ...]) -> bool:
    return not bound or (bool(mine) and inside(mine, bound))


def _rate_within(mine: str | None, bound: str | None) -> bool:
    return bound is None or (mine is not None and keeps(mine, bound))
