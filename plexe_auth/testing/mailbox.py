"""A mailbox in memory: what would have been sent is collected here, and a test reads it."""

from collections.abc import Iterator
from typing import Any


class Mailbox:
    """What ``mailer=`` takes, for tests: `send` keeps each mail and sends nothing.

    A mail is whatever plexe_auth hands to its mailer; the mailbox looks at none of it.

    Example:
        >>> mailbox = Mailbox()
        >>> mailbox.send("a mail")
        >>> mailbox.last(), len(mailbox), list(mailbox)
        ('a mail', 1, ['a mail'])
    """

    def __init__(self) -> None:
        self._mails: list[Any] = []

    def send(self, mail: Any) -> None:
        """Keep `mail`."""
        self._mails.append(mail)

    def last(self) -> Any:
        """Return the mail that was sent last.

        Raises:
            LookupError: none was sent.
        """
        if not self._mails:
            raise LookupError("no mail was sent")
        return self._mails[-1]

    def clear(self) -> None:
        """Forget all mails."""
        self._mails.clear()

    def __iter__(self) -> Iterator[Any]:
        return iter(tuple(self._mails))

    def __len__(self) -> int:
        return len(self._mails)

    def __repr__(self) -> str:
        return f"Mailbox({len(self)} mails)"
