"""What keys are, by the plainest rules: a dozen lines that the real thing must never disagree with."""

from dataclasses import dataclass, replace
from datetime import datetime

from plexe_auth import Permissions


@dataclass
class Modelled:
    """A key."""

    id: str
    text: str
    account: str
    permissions: Permissions
    expires_at: datetime | None
    revoked: bool = False
    disabled: bool = False
    rotated: bool = False
    retires_at: datetime | None = None

    def fault(self, now: datetime, suspended: set[str]) -> str | None:
        """The wire code with which it is refused, whatever it is used for."""
        if self.revoked or (self.retires_at is not None and now >= self.retires_at):
            return "revoked_key"
        if self.disabled:
            return "disabled_key"
        if self.account in suspended:
            return "account_suspended"
        return "expired_key" if self.expires_at is not None and now >= self.expires_at else None

    def status(self, now: datetime) -> str:
        code = self.fault(now, set())
        return "active" if code is None else code.removesuffix("_key")

    def end(self) -> datetime | None:
        return min((one for one in (self.expires_at, self.retires_at) if one is not None), default=None)

    def within(self, other: "Modelled") -> bool:
        """Whether it has nothing that the other has not."""
        return self.permissions <= other.permissions and ends_by(self.end(), other.end())

    def changed(self, permissions: Permissions | None, expires_at: datetime | None) -> "Modelled":
        """The same with what is given instead."""
        return replace(
            self,
            permissions=self.permissions if permissions is None else permissions,
            expires_at=self.expires_at if expires_at is None else expires_at,
        )


def ends_by(mine: datetime | None, bound: datetime | None) -> bool:
    return bound is None or (mine is not None and mine <= bound)
