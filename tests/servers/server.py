"""What the tests know of a database server: its name, where it answers, and how one is started."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Server:
    """A server that answers; `url` names its administrator and no driver."""

    name: str
    url: str


class ServerMissing(Exception):
    """The server's programs are not on this machine, or do not run; the text says why and how to get them."""


class Startable(Protocol):
    """What a module of ours offers for its kind of server."""

    def running(self) -> AbstractContextManager[Server]: ...


class Kind(Startable, Protocol):
    """What it offers for one that holds databases."""

    def fresh_database(self, server: Server, name: str) -> str: ...
