"""The Console's gate: it opens to sessions alone, and to no form that another site has sent.

Who only reads may be remembered, as long as sessions are; who changes anything is looked up afresh.
"""

import functools
from typing import NamedTuple

from plexe_auth.admission import whole
from plexe_auth.bridge import Async
from plexe_auth.cache.beside import Beside
from plexe_auth.console.visit import PUBLIC, Page
from plexe_auth.errors import CSRFFailed, InvalidSession
from plexe_auth.gate import Case, Gate
from plexe_auth.model.cookie import NAME, only_token, tokens
from plexe_auth.model.origin import Origin
from plexe_auth.model.policy import Policy, Requirement
from plexe_auth.model.principal import Principal
from plexe_auth.model.same_origin import READING, proves_itself
from plexe_auth.model.user import User, from_row
from plexe_auth.service.judging import Question, standing
from plexe_auth.wire import Header, Request, Response
from plexe_auth.world import World


class Person(NamedTuple):
    """Who somebody is.

    Attributes:
        user: that is who.
        version: which state of them this is.
    """

    user: User
    version: int


class Came(NamedTuple):
    """Who came in, and what the answer tells of the connection and of rates.

    Attributes:
        origin: where from.
        headers: for the answer.
        principal: whom the request acts for; ``None`` on pages that are for everybody.
        person: who that is.
    """

    origin: Origin
    headers: tuple[Header, ...] = ()
    principal: Principal | None = None
    person: Person | None = None


class Door(Gate[Async]):
    """Decides who may see which page."""

    def __init__(self, world: World, policy: Policy) -> None:
        super().__init__(world, policy, Async)
        self._cache, self._epoch = world.session_cache, world.session_epoch
        self._people: Beside[Person] = Beside(self._cache)

    def came(self, request: Request) -> Came:
        """Return where a request is from, of which nothing else is known."""
        origin = self._origin(request)
        return Came(origin, self._admitting.transport(origin).texts)

    async def opened(self, request: Request, came: Came, page: Page) -> Came | Response:
        """Return who came, or the way to HTTPS.

        Args:
            request: what came.
            came: where from, as `came` told it.
            page: what they want to see.

        Raises:
            AuthError: it is refused; that is written down.
        """
        needed = _requirement(page.needs)
        case = Case(request, came.origin, needed, self._place(request, came.origin))
        if answer := self._plain_http(case):
            return answer
        headers = came.headers
        if self._policy.address_rate is not None:
            headers += whole(*await self._address_counted(case))
        if not proves_itself(request, came.origin, self._policy.origins):
            self._sessions.refused(CSRFFailed(), case.where)
            raise CSRFFailed
        if page.needs is PUBLIC:
            return Came(came.origin, headers)
        return await self._remembered(case, page, headers) or await self._looked_up(case, needed.permissions, headers)

    async def _remembered(self, case: Case, page: Page, headers: tuple[Header, ...]) -> Came | None:
        """Return who only wants to see something, where all of it is known and nothing is to be counted."""
        fields = case.request.fields.get("cookie", ())
        if len(fields) != 1 or not only_reads(case.request) or self._policy.rate is not None:
            return None
        token = only_token(fields[0].encode("latin-1", "replace"))
        try:
            name = self._cache.named(token).digest()
            if self._people.get(name) is None or not (
                self._epoch.stands() if page.reads_twice else await self._epoch.look()
            ):
                return None
            person = self._people.get(name)  # the look may have told otherwise
            principal = None if person is None else self._sessions.recalled(token, page.needs or None, case.where)
        finally:
            del token
        return None if principal is None else Came(case.came, headers, principal, person)

    async def _looked_up(self, case: Case, needed: tuple[str, ...], headers: tuple[Header, ...]) -> Came:
        shown, knowledge = self._session(case), self._cache.knowledge
        if shown is None:
            raise self._sessions.refused(InvalidSession(), case.where)
        question = Question(needed, case.came.ip, case.where, self._policy.rate)
        principal, row, tally = await self._sessions.judged_afresh(shown, question)
        person = Person(from_row(row["user"]), row["user"]["version"])
        self._people.put(shown.name, person, knowledge)
        rated = () if tally is None else whole(*self._admitting.rates(*standing(tally)))
        return Came(case.came, (*headers, *rated), principal, person)


@functools.cache
def _requirement(permission: str | None) -> Requirement:
    return Requirement(permissions=(permission,) if permission else ())


def has_session(request: Request) -> bool:
    """Tell whether a request brings any session's cookie."""
    return bool(tokens(request.fields.get("cookie", ()), NAME))


def only_reads(request: Request) -> bool:
    """Tell whether a request changes nothing."""
    return request.method in READING
