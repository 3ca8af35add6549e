"""A request becomes a principal or an answer that refuses it; the gate knows neither a framework nor an event loop."""

import logging
from dataclasses import dataclass

from plexe_auth.bridge import Async, M, Service, operation
from plexe_auth.errors import AuthError, HTTPSRequired, InvalidKey, MissingKey, Unavailable
from plexe_auth.model.instant import http_date
from plexe_auth.model.origin import Origin, origin
from plexe_auth.model.policy import Policy, Requirement
from plexe_auth.model.principal import Principal
from plexe_auth.model.redirect import to_https
from plexe_auth.secret import Secret
from plexe_auth.service.keys import Keys
from plexe_auth.wire import FOLDED_KEY_FIELDS, KEY_FIELD, Header, Request, Response, problem
from plexe_auth.world import World

_CHALLENGE = f'ApiKey realm="api", header="{KEY_FIELD}"'
_PRIVATE: Header = ("cache-control", "no-store")
_BEARER = ', Bearer realm="api"'


@dataclass(frozen=True, slots=True)
class Admission:
    """A request that may go on.

    Attributes:
        principal: who it acts for, or ``None`` where nobody had to say.
        headers: how the connection and the key are doing.
    """

    principal: Principal | None
    headers: tuple[Header, ...] = ()

    @property
    def answer_headers(self) -> tuple[Header, ...]:
        """What to add to the answer unless the app sends such a field itself.

        What one principal may see is nothing for a shared cache, which would not tell keys apart.
        """
        return self.headers if self.principal is None else (_PRIVATE, *self.headers)


class Gate(Service[M]):
    """Decides on requests under one policy."""

    def __init__(self, world: World, policy: Policy, mode: type[M]) -> None:
        super().__init__(mode)
        self._policy = policy
        self._keys: Keys[Async] = Keys(world, Async)
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
        came = origin(request, self._policy.trusted_proxies)
        try:
            return self._plain_http(request, came) or await self._judged(request, came)
        except AuthError as error:
            return self._answer(error, request, came)
        except Exception:
            logging.getLogger("plexe_auth").exception("a request could not be decided and was refused")
            return self._answer(Unavailable(), request, came)

    def refuse(self, error: AuthError, request: Request) -> Response:
        """Return the answer for a refusal that the host's own handler raised."""
        return self._answer(error, request, origin(request, self._policy.trusted_proxies))

    async def _judged(self, request: Request, came: Origin) -> Admission:
        needed = self._policy.requirement(request.method, request.path, request.raw_path)
        if needed.public or (self._policy.preflight and _is_preflight(request)):
            return Admission(None, self._transport(came))
        secret = _credential(request, bearer=self._policy.bearer)
        if secret is None and needed.optional:
            return Admission(None, self._transport(came))
        principal = await self._verified(secret, needed, came)
        return Admission(principal, (*self._transport(came), *_succession(principal)))

    async def _verified(self, secret: Secret | None, needed: Requirement, came: Origin) -> Principal:
        if secret is None:
            raise MissingKey
        first, *rest = needed.permissions
        principal: Principal = await self._keys.verify(secret.reveal(), permission=first, ip=came.ip)
        for permission in rest:
            principal.require(permission)
        return principal

    def _plain_http(self, request: Request, came: Origin) -> Response | None:
        if came.encrypted or came.local or self._policy.https == "off":
            return None
        if self._policy.https == "redirect" and (answer := to_https(request)):
            return answer
        raise HTTPSRequired

    def _answer(self, error: AuthError, request: Request, came: Origin) -> Response:
        return problem(error, self._challenge, self._transport(came), head=request.method == "HEAD")

    def _transport(self, came: Origin) -> tuple[Header, ...]:
        if self._policy.hsts is None or not came.encrypted:
            return ()
        return (("strict-transport-security", self._policy.hsts),)


def _credential(request: Request, *, bearer: bool) -> Secret | None:
    if not FOLDED_KEY_FIELDS.isdisjoint(request.fields):
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
    has_key = KEY_FIELD in sent or not FOLDED_KEY_FIELDS.isdisjoint(sent) or "authorization" in sent
    asks = "origin" in sent and "access-control-request-method" in sent
    return request.method == "OPTIONS" and asks and not has_key


def _succession(principal: Principal) -> tuple[Header, ...]:
    if principal.retires_at is None or principal.rotated_at is None:
        return ()
    deprecated = f"@{int(principal.rotated_at.timestamp())}"  # RFC 9745: a structured date
    return (("deprecation", deprecated), ("sunset", http_date(principal.retires_at)))  # RFC 8594
