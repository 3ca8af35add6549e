"""The gate in a Django site, under WSGI and ASGI, judging the very path on which Django routes. It decides nothing.

It guards what Django's handler serves: put it first in ``MIDDLEWARE``, for what stands before it is not guarded.
"""

import functools
from collections.abc import Awaitable, Callable
from pkgutil import resolve_name
from typing import Any, Concatenate, ParamSpec, TypeVar

from asgiref.sync import iscoroutinefunction, markcoroutinefunction, sync_to_async
from django import conf
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from plexe_auth import asgi, wsgi
from plexe_auth.admission import whole
from plexe_auth.auth import AsyncAuth, Auth
from plexe_auth.bridge import Async, Sync
from plexe_auth.contrib.demand import demand, demandable
from plexe_auth.errors import AuthError, ConfigurationError
from plexe_auth.gate import Gate
from plexe_auth.model.policy import Policy
from plexe_auth.model.principal import Principal
from plexe_auth.wire import Header, Request, Response

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")


class AuthMiddleware:
    """Lets requests through that the policy accepts, with ``request.principal`` set.

    The setting ``PLEXE_AUTH`` names the `Auth`, or under ASGI the `AsyncAuth`, and the policy. An `Auth` serves under
    ASGI too, in threads. A refusal that a view raises is answered as the gate answers.

    Raises:
        ConfigurationError: the setting is missing, or is not of that form.
        TypeError: an `AsyncAuth` is named under WSGI, or with a middleware below that is not asynchronous.

    Example:
        >>> from plexe_auth import Policy
        >>> MIDDLEWARE = ["plexe_auth.contrib.django.AuthMiddleware"]
        >>> PLEXE_AUTH = {"auth": "site.authentication:auth", "policy": Policy(public=("/healthz",))}

        And in the views:

        >>> @requires("models:read")
        ... def models(request):
        ...     return HttpResponse(f"the models of {request.principal.account_id}")
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        auth, policy = _configured()
        self.get_response = get_response
        self.awaits: bool = _is_awaited(get_response)
        if self.awaits:
            markcoroutinefunction(self)
        elif isinstance(auth, AsyncAuth):
            raise TypeError("without an asynchronous get_response Django's middleware takes an Auth")
        self.gate: Gate[Any] = Gate(auth.world, policy, Async if isinstance(auth, AsyncAuth) else Sync)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        """Answer one request."""
        if self.awaits:
            return self._awaited(request)
        seen = _seen(request)
        admitted = self.gate.at_once(seen) or self.gate.admit(seen)
        if isinstance(admitted, Response):
            return _answer(admitted)
        request.principal, headers, stands = admitted  # type: ignore[attr-defined]  # new attributes are Django's custom
        return _added(self.get_response(request), whole(headers, stands))

    async def _awaited(self, request: HttpRequest) -> HttpResponseBase:
        admit = self.gate.admit if self.gate.mode is Async else sync_to_async(self.gate.admit, thread_sensitive=False)
        seen = _seen(request)
        admitted = self.gate.at_once(seen) or await admit(seen)
        if isinstance(admitted, Response):
            return _answer(admitted)
        request.principal, headers, stands = admitted  # type: ignore[attr-defined]
        return _added(await self.get_response(request), whole(headers, stands))

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer a refusal that a view raised."""
        return _answer(self.gate.refuse(error, _seen(request))) if isinstance(error, AuthError) else None


def requires(permission: str) -> Callable[[Callable[Concatenate[R, P], T]], Callable[Concatenate[R, P], T]]:
    """Decorate a view, plain or ``async def``, that needs `permission` on top of what the policy asks for.

    Raises:
        ConfigurationError: `permission` is not one permission; on a request, that the middleware is not installed.
    """
    demandable(permission)

    def decorate(view: Callable[Concatenate[R, P], T]) -> Callable[Concatenate[R, P], T]:
        @functools.wraps(view)
        def demanding(request: R, /, *args: P.args, **kwargs: P.kwargs) -> T:
            demand(permission, getattr(request, "principal", ...))
            return view(request, *args, **kwargs)

        return markcoroutinefunction(demanding) if _is_awaited(view) else demanding

    return decorate


def principal(request: HttpRequest) -> dict[str, Principal | None]:
    """A context processor: ``principal`` for templates; none too on a page that an outer middleware made."""
    return {"principal": getattr(request, "principal", None)}


def _configured() -> tuple[Auth | AsyncAuth, Policy]:
    told: dict[str, object] = dict(getattr(conf.settings, "PLEXE_AUTH", {}))
    auth, policy = _named(told.pop("auth", None)), _named(told.pop("policy", Policy()))
    if told or not isinstance(auth, Auth | AsyncAuth) or not isinstance(policy, Policy):
        raise ConfigurationError('PLEXE_AUTH is {"auth": "package.module:name", "policy": Policy(…)}')
    return auth, policy


def _named(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return resolve_name(value)
    except (AttributeError, ImportError, ValueError) as error:
        raise ConfigurationError(f"PLEXE_AUTH names {value!r}, which cannot be imported") from error


def _is_awaited(thing: object) -> bool:
    # Python 3.11 has no other function that knows the marks which Django sets; from 3.12 on it is inspect's.
    return iscoroutinefunction(thing)  # pyright: ignore[reportDeprecated]


def _seen(request: HttpRequest) -> Request:
    # From the raw scope: META joins fields that were sent twice, and drops those with an underscore.
    if isinstance(request, ASGIRequest):
        query = request.META["QUERY_STRING"].encode()  # in the scope of Django's own test client it is a text
        return asgi.request_from({**request.scope, "query_string": query})._replace(path=request.path_info)
    decoded = {name: request.META.get(name, "") for name in ("SCRIPT_NAME", "PATH_INFO")}  # by Django, in place
    as_sent = {name: text.encode().decode("latin-1") for name, text in decoded.items()}
    return wsgi.request_from(request.META | as_sent)._replace(path=request.path_info)


def _added(response: HttpResponseBase, headers: tuple[Header, ...]) -> HttpResponseBase:
    for name, value in headers:
        response.headers.setdefault(name, value)
    return response


def _answer(response: Response) -> HttpResponse:
    return HttpResponse(response.body, status=response.status, headers=dict(response.headers))
