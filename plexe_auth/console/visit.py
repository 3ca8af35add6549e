"""A visit is one request to the Console, by whom it is, and what was filled in."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple
from urllib.parse import quote

from plexe_auth.console.cookies import CHALLENGE
from plexe_auth.errors import AuthError, InvalidSession
from plexe_auth.model.client import Client
from plexe_auth.model.cookie import NAME, tokens
from plexe_auth.model.principal import Principal
from plexe_auth.model.user import User
from plexe_auth.secret import Secret
from plexe_auth.web.exchange import Exchange
from plexe_auth.web.route import Nothing
from plexe_auth.wire import Request, Response

PUBLIC: Final = None  # no session at all
ANYBODY: Final = ""  # any session, whatever its person may do

_NOTHING: Mapping[str, str] = {}  # never changed


class Visit(NamedTuple):
    """A request to the Console. Its ``repr`` shows nothing that was filled in.

    Attributes:
        request: what came.
        exchange: the same, below the mount.
        client: where from.
        principal: whom it acts for; ``None`` on pages that are for everybody.
        person: who that is.
        version: which state of the person this is; each change of their ways to sign in makes another one.
        id: what stands for ``{id}`` in the path.
        query: what the query says, as a value of the route's struct.
        form: what was filled in, as a value of the route's struct.
        sent: the texts that were filled in, to be shown again. No template shows a password or a code.
        refusal: why the form is shown again.
    """

    request: Request
    exchange: Exchange
    client: Client
    principal: Principal | None = None
    person: User | None = None
    version: int = 0
    id: str = ""
    query: Any = None
    form: Any = None
    sent: Mapping[str, str] = _NOTHING
    refusal: AuthError | None = None

    def __repr__(self) -> str:
        return f"Visit({self.exchange!r}, {self.person!r}, …)"

    @property
    def who(self) -> Principal:
        """Whom it acts for, on a page that is for nobody else."""
        if self.principal is None:
            raise InvalidSession
        return self.principal

    @property
    def user(self) -> User:
        """Who that is."""
        if self.person is None:
            raise InvalidSession
        return self.person

    @property
    def session_token(self) -> str:
        """The token of the session; empty where there is not one."""
        return self.cookie(NAME).reveal()

    @property
    def challenge_token(self) -> str:
        """The token of the challenge that is to be answered; empty where there is not one."""
        return self.cookie(CHALLENGE).reveal()

    def cookie(self, name: str) -> Secret:
        """Return the value of a cookie; empty where there is none, or more than one."""
        found = tokens(self.request.fields.get("cookie", ()), name)
        return Secret(found[0] if len(found) == 1 else "")

    def to(self, path: str) -> str:
        """Return the path of a page, from the root of the host."""
        return self.exchange.prefix + path

    @property
    def here(self) -> str:
        """The path of this page, from the root of the host, with its query."""
        query = f"?{self.exchange.query}" if self.exchange.query else ""
        return self.to(quote(self.exchange.path, safe="/-._~")) + query


Handler = Callable[[Any, Visit], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Page:
    """One row of the table of pages.

    Attributes:
        method: ``GET`` or ``POST``; ``HEAD`` goes with ``GET``.
        path: below the mount; ``{id}`` stands for one segment.
        needs: the permission that its visitor needs, or `ANYBODY`, or `PUBLIC`.
        handler: who answers.
        query: the struct of its query; ``None`` where somebody else writes it, and its handler reads it as it came.
        form: the struct of its form.
        again: who shows the form again where what was filled in is refused.
        recent: whether its visitor must have proven lately who they are.
        back: the page to which whoever had to prove who they are is led, where that is not this one.
        reads_twice: whether its handler reads the store twice, so that one read is left for who its visitor is.
    """

    method: str
    path: str
    needs: str | None
    handler: Handler
    query: type[Any] | None = Nothing
    form: type[Any] | None = None
    again: Handler | None = None
    recent: bool = False
    back: str | None = None
    reads_twice: bool = False

    @property
    def has_id(self) -> bool:
        """Whether its path names one thing."""
        return "{id}" in self.path
