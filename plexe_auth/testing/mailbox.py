"""A mailbox in memory: what would have been sent is collected here, and a test reads it."""

import re
from collections.abc import Iterator
from typing import Any

_LINK = re.compile(r"https?://[^\s<>\"]+")
_TOKEN = re.compile(r"[#?&]token=([A-Za-z0-9._~-]+)")


class Mailbox:
    """What ``mailer=`` takes, for tests, with `Auth` and `AsyncAuth` alike: `send` keeps each letter and sends nothing.

    A letter is a `plexe_auth.model.letter.Letter`. It is here as soon as the call that sent it has returned.

    Example:
        >>> from plexe_auth.model.letter import Letter
        >>> mailbox = Mailbox()
        >>> mailbox.send(Letter("ada@example.com", "Welcome", "Confirm:\\nhttps://app.example.com/verify#token=Zx81\\n"))
        >>> mailbox.last().subject, len(mailbox)
        ('Welcome', 1)
        >>> mailbox.link(), mailbox.token()
        ('https://app.example.com/verify#token=Zx81', 'Zx81')
    """

    at_once = True  # nobody has to wait for a thread before looking

    def __init__(self) -> None:
        self._letters: list[Any] = []

    def send(self, letter: Any, /) -> None:
        """Keep `letter`."""
        self._letters.append(letter)

    @property
    def all(self) -> tuple[Any, ...]:
        """Every letter, the oldest first."""
        return tuple(self._letters)

    def last(self, to: str | None = None) -> Any:
        """Return the letter that was sent last, to anybody or to one address.

        Raises:
            LookupError: none was sent.
        """
        found = [one for one in self._letters if to is None or one.to == to]
        if not found:
            raise LookupError("no mail was sent" if to is None else "no mail was sent to this address")
        return found[-1]

    def links(self, letter: Any = None) -> tuple[str, ...]:
        """Return the links in the text of a letter; of the last one, where none is given."""
        found = self.last() if letter is None else letter
        return tuple(_LINK.findall(found.text))

    def link(self, letter: Any = None) -> str:
        """Return the one link of a letter.

        Raises:
            LookupError: it has none, or several.
        """
        found = self.links(letter)
        if len(found) != 1:
            raise LookupError(f"the letter has {len(found)} links")
        return found[0]

    def token(self, letter: Any = None) -> str:
        """Return the token in the link of a letter, as the page that it leads to would send it.

        Raises:
            LookupError: the link has none.
        """
        found = _TOKEN.search(self.link(letter))
        if found is None:
            raise LookupError("the link has no token")
        return found[1]

    def clear(self) -> None:
        """Forget all letters."""
        self._letters.clear()

    def __iter__(self) -> Iterator[Any]:
        return iter(self.all)

    def __len__(self) -> int:
        return len(self._letters)

    def __repr__(self) -> str:
        return f"Mailbox({len(self)} mails)"
