"""A `Key` is where a client's key comes from; it never shows itself, and gives the new one when it was rotated."""

import os
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

from plexe_auth.client.source import File, Function, Source, Text, Variable
from plexe_auth.secret import Secret

_MINUTE = timedelta(minutes=1)  # a rotation overlaps by hours; a vault is asked once a minute, whatever the traffic


class Key:
    """Where the key comes from that an auth class sends.

    Make one by `from_file`, `from_callable`, `from_env` or `from_text`. It is asked before each request, so that a
    rotated key is used without a restart.

    Example:
        >>> Key.from_text("plx_sk_…"[:-1] + "0123")
        Key(a text)
    """

    __slots__ = ("_place", "_source")

    def __init__(self, source: Source, place: str) -> None:
        self._source = source
        self._place = place

    @classmethod
    def from_text(cls, text: str) -> "Key":
        """Return a key that never changes.

        Args:
            text: the key itself. Do not write it into your code.

        Raises:
            ConfigurationError: it is empty, or holds anything but visible ASCII characters.
        """
        source = Text(text)
        del text
        return cls(source, "a text")

    @classmethod
    def from_file(cls, path: str | os.PathLike[str]) -> "Key":
        """Return the key that a file holds, now and whenever it is another file or has other content.

        Args:
            path: a regular file that holds the key and nothing else; white space around it is left out.

        Raises:
            ConfigurationError: there is no such file, or what it holds cannot be a key.

        Example:
            >>> import tempfile, pathlib
            >>> with tempfile.TemporaryDirectory() as folder:
            ...     file = pathlib.Path(folder, "key")
            ...     written = file.write_text("plx_sk_0123\\n")
            ...     key = Key.from_file(file)
            ...     key.read().reveal()
            'plx_sk_0123'
        """
        source = File(path)
        source.now(again=False)  # a wrong path is told when it is given
        return cls(source, f"the file {path}")

    @classmethod
    def from_env(cls, name: str, environ: Mapping[str, str] | None = None) -> "Key":
        """Return the key that a variable of the environment holds.

        Args:
            name: the variable's.
            environ: the environment; ``None``: that of the process.

        Raises:
            ConfigurationError: there is no such variable, or what it holds cannot be a key.

        Example:
            >>> Key.from_env("API_KEY", {"API_KEY": "plx_sk_0123"})
            Key(the variable API_KEY)
        """
        source = Variable(name, os.environ if environ is None else environ)
        source.now(again=False)
        return cls(source, f"the variable {name}")

    @classmethod
    def from_callable(cls, function: Callable[[], str | Awaitable[str]], keep: timedelta = _MINUTE) -> "Key":
        """Return the key that a function of yours returns; it is called when the key is first needed.

        Args:
            function: without arguments. One that is an ``async def`` serves an ``AsyncClient`` alone; one that blocks
                serves every client, and blocks the event loop of an ``AsyncClient`` for as long as it takes.
            keep: how long its answer is used before it is asked again. A key that is refused has it asked at once.

        Example:
            >>> Key.from_callable(lambda: "plx_sk_0123").read().reveal()
            'plx_sk_0123'
        """
        return cls(Function(function, keep.total_seconds()), "a function")

    def read(self, *, again: bool = False) -> Secret:
        """Return the key as it is now.

        Args:
            again: look where it comes from, whatever is known.

        Raises:
            ConfigurationError: there is none, or it comes from an ``async def``.
        """
        return self._source.now(again=again)

    async def read_async(self, *, again: bool = False) -> Secret:
        """Return the key as it is now; an ``async def`` is awaited. See `read`."""
        return await self._source.later(again=again)

    def __repr__(self) -> str:
        return f"Key({self._place})"
