"""Where a key comes from, asked before each request: a text, a file, the environment, or the host's own function."""

import inspect
import os
import stat
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Protocol, TypeVar

from plexe_auth.errors import ConfigurationError
from plexe_auth.secret import Secret

LONGEST = 4096
"""How many characters a key may have. Servers take a field of some 8,000 at most."""

T = TypeVar("T")


class Source(Protocol):
    """Gives the key, plainly or awaited; `again` asks for it where it is, whatever was kept."""

    def now(self, *, again: bool) -> Secret:
        """Return the key.

        Raises:
            ConfigurationError: there is none, or what there is cannot be one.
        """
        ...

    async def later(self, *, again: bool) -> Secret:
        """See `now`."""
        return self.now(again=again)


def checked(text: object, place: str) -> Secret:
    """Return a text as a key, if it can be sent as one field: visible ASCII and nothing else (RFC 9110, section 5.5).

    Raises:
        ConfigurationError: it cannot; `place` is named, and nothing of the text.
    """
    if not isinstance(text, str):
        wrong = "is no text"
    elif not text:
        wrong = "is empty"
    elif len(text) > LONGEST:
        wrong = f"has more than {LONGEST} characters"
    elif not all("!" <= one <= "~" for one in text):
        wrong = "holds a space, a line break, or a character outside ASCII"
    else:
        return Secret(text)
    del text
    raise ConfigurationError(f"the key from {place} {wrong}")


def plainly(found: Awaitable[T] | T, told: str) -> T:
    """Return what a function of the host's gave to blocking code.

    Raises:
        ConfigurationError: it gave a promise that only an event loop keeps.
    """
    if not inspect.isawaitable(found):
        return found
    if inspect.iscoroutine(found):
        found.close()
    raise ConfigurationError(f"{told} is to be awaited, and a blocking client awaits nothing")


class Text(Source):
    """A key that never changes."""

    def __init__(self, text: str) -> None:
        self._key = checked(text, "a text")
        del text

    def now(self, *, again: bool) -> Secret:
        """See `Source`."""
        return self._key


class Variable(Source):
    """A variable of the environment."""

    def __init__(self, name: str, environ: Mapping[str, str]) -> None:
        self._name = name
        self._environ = environ

    def now(self, *, again: bool) -> Secret:
        """See `Source`."""
        if self._name not in self._environ:
            raise ConfigurationError(f"the environment has no variable {self._name}")
        return checked(self._environ[self._name], f"the variable {self._name}")


class File(Source):
    """A file, read when it is another than it was, by its inode, its times and its size.

    While it is being rewritten it may be empty or not there. Until it can be read again, the key before serves on.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = Path(path)
        self._last: tuple[tuple[int, ...], Secret] | None = None

    def now(self, *, again: bool) -> Secret:
        """See `Source`."""
        last = self._last
        try:
            seen = self._looks()
            if last is None or again or seen != last[0]:
                last = self._last = (seen, self._read())
        except (ConfigurationError, OSError) as error:
            if last is None:
                raise _unreadable(self._path, error) from None
        return last[1]

    def _looks(self) -> tuple[int, ...]:
        found = self._path.stat()  # before it is read: what is changed in between is read once more
        if not stat.S_ISREG(found.st_mode):
            raise ConfigurationError(f"{self._path} is no regular file")
        return found.st_dev, found.st_ino, found.st_mtime_ns, found.st_ctime_ns, found.st_size

    def _read(self) -> Secret:
        with self._path.open("rb") as file:
            data = file.read(2 * LONGEST)
        return checked(data.decode("ascii", "replace").strip(" \t\r\n"), f"the file {self._path}")


def _unreadable(path: Path, error: Exception) -> ConfigurationError:
    if isinstance(error, ConfigurationError):
        return error
    return ConfigurationError(f"the key's file {path} cannot be read ({type(error).__name__})")


class Function(Source):
    """What a function returns, kept for a while, so that a vault is not asked for each request."""

    def __init__(
        self, function: Callable[[], str | Awaitable[str]], seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._function = function
        self._seconds = seconds
        self._clock = clock
        self._last: tuple[float, Secret] | None = None

    def now(self, *, again: bool) -> Secret:
        """See `Source`."""
        return self._kept(again) or self._keep(plainly(self._function(), "the key's function"))

    async def later(self, *, again: bool) -> Secret:
        """See `Source`."""
        if (kept := self._kept(again)) is not None:
            return kept
        found = self._function()
        return self._keep(await found if inspect.isawaitable(found) else found)

    def _kept(self, again: bool) -> Secret | None:
        last = self._last
        return last[1] if last is not None and not again and self._clock() - last[0] < self._seconds else None

    def _keep(self, text: object) -> Secret:
        key = checked(text, "the function")
        del text
        self._last = (self._clock(), key)
        return key
