"""A route says, in one row of a table, what a method on a path does, who may ask, what goes in and what comes out.

The same table serves requests, tells the gate who may pass, and is written out as OpenAPI.
"""

import re
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final, Generic, NamedTuple, Protocol, TypeVar

from msgspec import Struct

from plexe_auth.web.exchange import Exchange
from plexe_auth.wire import Response

ANYBODY: Final = ""  # any good credential, whatever it may do
PUBLIC: Final = None  # no credential at all


class Nothing(Struct, forbid_unknown_fields=True):
    """A query or a form that says nothing. One that says something nobody asked for is refused, not passed over."""


class Asked(NamedTuple):
    """What a handler is asked.

    Attributes:
        exchange: the request.
        id: what stands for ``{id}`` in the path.
        query: what the query says, as a value of the route's struct.
        body: what the body says.
    """

    exchange: Exchange
    id: str
    query: Any
    body: Any


Handler = Callable[[Any, Asked], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Route:
    """One row of the table.

    Attributes:
        method: in capitals; ``HEAD`` goes with ``GET``.
        path: below the mount; ``{id}`` stands for one segment.
        permission: what it needs, or `ANYBODY`, or `PUBLIC`.
        handler: who answers, given the services and what is asked.
        summary: what it does, in a line.
        gives: the struct of its answer; ``None`` has no body.
        status: of its answer.
        query: the struct of its query.
        body: the struct of its body.
        body_optional: whether the body may be left out.
        fields: header fields that it takes, among ``if-match`` and ``idempotency-key``.
        tells: header fields of its answer.
        conflicts: whether the state of the thing may not allow it.
    """

    method: str
    path: str
    permission: str | None
    handler: Handler
    summary: str
    gives: type[Struct] | None = None
    status: int = 200
    query: type[Struct] = Nothing
    body: type[Struct] | None = None
    body_optional: bool = False
    fields: tuple[str, ...] = ()
    tells: tuple[str, ...] = ()
    conflicts: bool = False

    @property
    def has_id(self) -> bool:
        """Whether its path names one thing."""
        return "{id}" in self.path


class Placed(Protocol):
    """A row of a table of routes, as far as it is about where it stands."""

    @property
    def method(self) -> str:
        """In capitals; ``HEAD`` goes with ``GET``."""
        ...

    @property
    def path(self) -> str:
        """Below the mount; ``{id}`` stands for one segment."""
        ...

    @property
    def has_id(self) -> bool:
        """Whether its path names one thing."""
        ...


R = TypeVar("R", bound=Placed)


class Found(NamedTuple, Generic[R]):
    """A route that serves a path, and what stands for ``{id}`` there."""

    route: R
    id: str


class Routes(Generic[R]):
    """The table, as it is looked into. A path is what it is, byte for byte: none is mended and none redirected."""

    def __init__(self, routes: Iterable[R]) -> None:
        self.all: tuple[R, ...] = tuple(routes)
        self._exact: dict[str, dict[str, R]] = {}
        placed: dict[str, dict[str, R]] = {}
        for route in self.all:
            there = (placed if route.has_id else self._exact).setdefault(route.path, {})
            if route.method in there:
                raise ValueError(f"{route.method} {route.path} is there twice")
            there[route.method] = route
        self._placed = [(_pattern(path), methods) for path, methods in placed.items()]

    def find(self, method: str, path: str) -> Found[R] | None:
        """Return the route of a request, if there is one."""
        methods, name = self._at(path)
        route = methods.get("GET" if method == "HEAD" else method)
        return None if route is None else Found(route, name)

    def allowed(self, path: str) -> tuple[str, ...]:
        """Return the methods that a path has; none where there is no such path."""
        methods, _name = self._at(path)
        named = [method for one in methods for method in ((one, "HEAD") if one == "GET" else (one,))]
        return (*named, "OPTIONS") if named else ()

    def _at(self, path: str) -> tuple[dict[str, R], str]:
        if (there := self._exact.get(path)) is not None:
            return there, ""
        for pattern, methods in self._placed:
            if found := pattern.fullmatch(path):
                return methods, found[1]
        return {}, ""


def _pattern(path: str) -> re.Pattern[str]:
    before, _id, behind = path.partition("{id}")
    return re.compile(f"{re.escape(before)}([^/]+){re.escape(behind)}")
