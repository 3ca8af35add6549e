"""A request becomes a principal or an answer that refuses it; the gate knows neither a framework nor an event loop."""

import logging
from collections.abc import Callable, Mapping
from typing import NamedTuple

from plexe_auth.admission import UNRATED, Admission, Admitting, Rated, whole
from plexe_auth.bridge import M, Service, operation
from plexe_auth.errors import (
    AuthError,
    CSRFFailed,
    HTTPSRequired,
    InvalidKey,
    InvalidSession,
    RateLimitExceeded,
    Unavailable,
)
from plexe_auth.limiting.limiter import Asked
from plexe_auth.model.cookie import tokens
from plexe_auth.model.csrf import shows_token
from plexe_auth.model.network import neighbourhood
from plexe_auth.model.origin import Origin, origin
from plexe_auth.model.policy import Policy, Requirement
from plexe_auth.model.redirect import to_https
from plexe_auth.model.same_origin import proves_itself
from plexe_auth.secret import Secret
from plexe_auth.service.judging import Candidate, Judge, Question, standing
from plexe_auth.service.session_judging import SessionJudge, Shown
from plexe_auth.service.telling import place
from plexe_auth.shortcut import Admit, Admits, Shortcut, T, Target, is_name
from plexe_auth.wire import FOLDED_KEY_FIELDS, KEY_FIELD, Request, Response, problem
from plexe_auth.world import World

_CHALLENGE = f'ApiKey realm="api", header="{KEY_FIELD}"'
_BEARER = ', Bearer realm="api"'
_NOBODY = Candidate(missing=True, name=b"", digests=())


class Case(NamedTuple):
    """A request that is being judged.

    Attributes:
        request: what came.
        came: where from.
        needed: what the policy asks of it; ``None`` lets it pass.
        where: the end of its line in the access log.
    """

    request: Request
    came: Origin
    needed: Requirement | None
    where: str


class Gate(Service[M]):
    """Decides on requests under one policy."""

    def __init__(self, world: World, policy: Policy, mode: type[M]) -> None:
        super().__init__(mode)
        self._policy = policy
        self._judge = Judge(world)
        self._sessions = SessionJudge(world)
        self._request_id = world.request_ids.new
        self._admitting = Admitting(policy)
        self.admits: Callable[[Target], Admit] = Admits(
            policy, self._admitting, self._judge, self._sessions.recalled, self._request_id
        )
        self._shortcut: Shortcut[Target] = self.shortcut(_as_it_is)
        self._challenge = _CHALLENGE + (_BEARER if policy.bearer else "")

    @operation
    async def admit(self, request: Request) -> Admission | Response:
        """Return the admission of a request, or the answer that refuses it.

        No refusal raises. What fails unexpectedly, in a store or in a clock, is logged and refused as `Unavailable`.

        Example:
            >>> from plexe_auth import Auth, Policy
            >>> from plexe_auth.bridge import Sync
            >>> gate = Gate(Auth.open("memory://").world, Policy(), Sync)
            >>> gate.admit(Request("http", "GET", "/models")).status
            401
        """
        came = self._origin(request)
        try:
            case = self._case(request, came)
            return self._plain_http(case) or await self._judged(case)
        except AuthError as error:
            return self._answer(error, request, came)
        except Exception:
            logging.getLogger("plexe_auth").exception("a request could not be decided and was refused")
            return self._answer(Unavailable(), request, came)

    def shortcut(self, read: Callable[[T], Target]) -> Shortcut[T]:
        """Return what admits requests at once, for who has them as a server tells them, and need not make a `Request`.

        Args:
            read: makes a target of what the server tells.
        """
        return Shortcut(lambda told: self.admits(read(told)))

    def at_once(self, request: Request) -> Admission | None:
        """Return the admission of a request by a key or session that is remembered, if there is nothing to wait for.

        It says nothing of any other request; `admit` decides on that.
        """
        fields = request.fields
        keys, agents, names = fields.get(KEY_FIELD, ()), fields.get("user-agent", ()), fields.get("x-request-id", ())
        cookies = fields.get("cookie", ())
        if len(keys) > 1 or len(agents) > 1 or len(names) > 1 or len(cookies) > 1 or _has_folded(fields):
            return None
        sessions = cookies if not keys and request.kind == "http" else ()
        target = (request.method, request.path, request.raw_path, request.scheme, request.peer)
        try:
            return self._shortcut[Target(*target, agents[0] if agents else "")](
                keys[0].encode("latin-1", "replace") if keys else b"",
                names[0] if names else None,
                "authorization" in fields,
                sessions[0].encode("latin-1", "replace") if sessions else b"",
                request,
            )
        except Exception:
            return None  # the long way meets it again, and answers

    def refuse(self, error: AuthError, request: Request) -> Response:
        """Return the answer for a refusal that the host's own handler raised."""
        return self._answer(error, request, self._origin(request))

    def _origin(self, request: Request) -> Origin:
        return origin(request, self._policy.trusted_proxies)

    def _case(self, request: Request, came: Origin) -> Case:
        needed = self._policy.requirement(request.method, request.path, request.raw_path)
        passes = needed.public or (self._policy.preflight and _is_preflight(request))
        return Case(request, came, None if passes else needed, self._place(request, came))

    def _place(self, request: Request, came: Origin) -> str:
        agents, names = request.fields.get("user-agent"), request.fields.get("x-request-id")
        named = names[0] if names and len(names) == 1 and is_name(names[0]) else self._request_id()
        agent = (agents[0] or None) if agents else None
        return place(came.ip, agent, request.method, request.path, named)

    async def _judged(self, case: Case) -> Admission:
        rated = await self._address_counted(case)
        if case.needed is None:
            return self._admitting.nobody(case.came, rated)
        secret = self._credential(case)
        if secret is None and (session := self._session(case)) is not None:
            question = Question(case.needed.permissions, case.came.ip, case.where, self._policy.rate)
            return self._admitting.admitted(*await self._sessions.judged(session, question), case.came, rated)
        if secret is None and case.needed.optional:
            return self._admitting.nobody(case.came, rated)
        candidate = _NOBODY if secret is None else self._judge.candidate(secret.reveal())
        question = Question(case.needed.permissions, case.came.ip, case.where, self._policy.rate)
        return self._admitting.admitted(*await self._judge.judged(candidate, question), case.came, rated)

    async def _address_counted(self, case: Case) -> Rated:
        rate = self._policy.address_rate
        if rate is None:
            return UNRATED
        asked = Asked("address:" + neighbourhood(case.came.ip), rate)
        question = Question((), case.came.ip, case.where)
        return self._admitting.rates(*standing(await self._judge.hit([asked], question)))

    def _credential(self, case: Case) -> Secret | None:
        try:
            return _credential(case.request, bearer=self._policy.bearer)
        except InvalidKey as error:
            self._judge.telling.denied(error.code, case.where)
            raise

    def _session(self, case: Case) -> Shown | None:
        """Return what was shown of a session; ``None`` where there is no session cookie."""
        found = tokens(case.request.fields.get("cookie", ())) if self._policy.cookie else []
        try:
            if not found:
                return None
            shown = self._sessions.shown(found[0])
            if len(found) > 1 or shown is None:
                raise InvalidSession
            if not (
                proves_itself(case.request, case.came, self._policy.origins) or shows_token(case.request, found[0])
            ):
                raise CSRFFailed
            return shown
        except AuthError as error:
            self._sessions.refused(error, case.where)
            raise
        finally:
            found.clear()  # none of them stays in this frame

    def _plain_http(self, case: Case) -> Response | None:
        if not self._is_plain_http(case.came):
            return None
        self._judge.telling.denied(HTTPSRequired.code, case.where)
        if self._policy.https == "redirect" and (answer := to_https(case.request)):
            return answer
        raise HTTPSRequired

    def _is_plain_http(self, came: Origin) -> bool:
        return not (came.encrypted or came.local or self._policy.https == "off")

    def _answer(self, error: AuthError, request: Request, came: Origin) -> Response:
        extra = self._admitting.transport(came).texts
        if isinstance(error, RateLimitExceeded) and error.standing is not None:
            extra += whole(*self._admitting.rates(*error.standing))
        return problem(error, self._challenge, extra, head=request.method == "HEAD")


def _as_it_is(target: Target) -> Target:
    return target


def _has_folded(fields: Mapping[str, object]) -> bool:
    for name in FOLDED_KEY_FIELDS:  # noqa: SIM110 - a generator takes longer than the look-ups
        if name in fields:
            return True
    return False


def _credential(request: Request, *, bearer: bool) -> Secret | None:
    if _has_folded(request.fields):
        raise InvalidKey
    values = [*request.fields.get(KEY_FIELD, ()), *(_bearer(request) if bearer else ())]
    if len(values) > 1:
        values.clear()  # none of them stays in this frame
        raise InvalidKey
    return Secret(values.pop()) if values else None


def _bearer(request: Request) -> list[str]:
    # Some servers hand over a repeated field as one with commas; whichever it was, a key among others is no single key.
    parts = [part for value in request.fields.get("authorization", ()) for part in value.split(",")]
    found = [part.strip(" \t").partition(" ") for part in parts]
    tokens = [token.strip(" ") for scheme, _space, token in found if scheme.lower() == "bearer"]
    return tokens if len(parts) == 1 else tokens[:1] * 2


def _is_preflight(request: Request) -> bool:
    # Browsers send no credential with one (Fetch standard, section 4.8); a request that has one is judged by it.
    sent = request.fields
    has_key = KEY_FIELD in sent or _has_folded(sent) or "authorization" in sent
    asks = "origin" in sent and "access-control-request-method" in sent
    return request.method == "OPTIONS" and asks and not has_key
