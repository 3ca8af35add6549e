"""The Console's gate: it opens to sessions alone, looked up afresh, and to no form that another site has sent."""

from typing import NamedTuple

from plexe_auth.bridge import Async
from plexe_auth.console.visit import PUBLIC
from plexe_auth.errors import CSRFFailed, InvalidSession
from plexe_auth.gate import Case, Gate
from plexe_auth.model.cookie import NAME, tokens
from plexe_auth.model.origin import Origin
from plexe_auth.model.policy import Requirement
from plexe_auth.model.principal import Principal
from plexe_auth.model.same_origin import READING, proves_itself
from plexe_auth.rows import Row
from plexe_auth.service.judging import Question, standing
from plexe_auth.wire import Header, Request, Response


class Came(NamedTuple):
    """Who came in, and what the answer tells of the connection and of rates.

    Attributes:
        origin: where from.
        headers: for the answer.
        principal: whom the request acts for; ``None`` on pages that are for everybody.
        row: that of the session, with its user along.
    """

    origin: Origin
    headers: tuple[Header, ...] = ()
    principal: Principal | None = None
    row: Row | None = None


class Door(Gate[Async]):
    """Decides who may see which page."""

    def came(self, request: Request) -> Came:
        """Return where a request is from, of which nothing else is known."""
        origin = self._origin(request)
        return Came(origin, self._admitting.transport(origin))

    async def opened(self, request: Request, came: Came, needs: str | None) -> Came | Response:
        """Return who came, or the way to HTTPS.

        Args:
            request: what came.
            came: where from, as `came` told it.
            needs: the permission that its page needs; ``""`` is any session, ``None`` none at all.

        Raises:
            AuthError: it is refused; that is written down.
        """
        needed = Requirement(permissions=(needs,) if needs else ())
        case = Case(request, came.origin, needed, self._place(request, came.origin))
        if answer := self._plain_http(case):
            return answer
        headers = (*came.headers, *await self._address_counted(case))
        if not proves_itself(request, came.origin, self._policy.origins):
            self._sessions.refused(CSRFFailed(), case.where)
            raise CSRFFailed
        return Came(came.origin, headers) if needs is PUBLIC else await self._signed_in(case, headers)

    async def _signed_in(self, case: Case, headers: tuple[Header, ...]) -> Came:
        question = Question(case.needed.permissions if case.needed else (), case.came.ip, case.where, self._policy.rate)
        name = self._session(case)
        if name is None:
            raise self._sessions.refused(InvalidSession(), case.where)
        principal, row, tally = await self._sessions.judged_afresh(name, question)
        rated = () if tally is None else self._admitting.rates(*standing(tally))
        return Came(case.came, (*headers, *rated), principal, row)


def has_session(request: Request) -> bool:
    """Tell whether a request brings any session's cookie."""
    return bool(tokens(request.fields.get("cookie", ()), NAME))


def only_reads(request: Request) -> bool:
    """Tell whether a request changes nothing."""
    return request.method in READING
