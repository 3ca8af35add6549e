"""What is to be told in the access log of a change that is made in the same commit."""

from dataclasses import dataclass

from plexe_auth.model.client import NOWHERE, Client
from plexe_auth.model.entry import Values, kept


@dataclass(frozen=True, slots=True)
class Note:
    """A change that somebody made.

    Attributes:
        action: such as ``key.revoke``.
        account_id: whose.
        key_id: the key that was changed, where it was one.
        user_id: who changed it, where that was a person.
        session_id: by which session.
        detail: anything more, such as the reason, or which key asked for it.
        client: where they did it from.
    """

    action: str
    account_id: str | None = None
    key_id: str | None = None
    user_id: str | None = None
    session_id: str | None = None
    detail: str | None = None
    client: Client = NOWHERE

    def values(self, at: int) -> Values:
        """Return what stands in the log, at this instant in microseconds since 1970."""
        owners = (self.account_id, self.key_id, self.user_id, self.session_id)
        whence = (self.client.ip, self.client.user_agent)
        return kept((at, self.action, "allowed", None, *owners, *whence, None, None, None, self.detail))


def detail(by: str | None, reason: str = "") -> str | None:
    """Return who asked, where it was not trusted code, and why, where somebody said so."""
    parts = (f"by {by}" if by else "", reason)
    return ": ".join(filter(None, parts)) or None
