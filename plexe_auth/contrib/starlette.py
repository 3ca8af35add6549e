"""The gate in a Starlette app, for HTTP and WebSocket, and for all that is mounted in the app. It decides nothing."""

import functools
import inspect
from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import Any, ParamSpec, cast

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from plexe_auth.asgi import PRINCIPAL, App, AuthMiddleware, Scope, request_from
from plexe_auth.auth import AsyncAuth
from plexe_auth.contrib.demand import demand, demandable
from plexe_auth.errors import AuthError, ConfigurationError
from plexe_auth.model.policy import Policy

P = ParamSpec("P")


def install(app: Starlette, auth: AsyncAuth, policy: Policy | None = None) -> None:
    """Guard `app`, and have a refusal that an endpoint raises answered as the gate answers.

    Middleware that is added later stands outside the gate; CORS belongs there.

    Args:
        app: the app to guard, before it has started; routes and apps may be mounted before or after.
        auth: an `AsyncAuth`.
        policy: what to guard and how; by default everything.

    Raises:
        TypeError: `auth` is not an `AsyncAuth`.

    Example:
        >>> import asyncio
        >>> from starlette.responses import PlainTextResponse
        >>> from starlette.testclient import TestClient
        >>> from plexe_auth import AsyncAuth
        >>> app, auth = Starlette(), AsyncAuth.open("memory://")
        >>> install(app, auth)
        >>> @requires("models:read")
        ... async def models(request):
        ...     return PlainTextResponse(f"the models of {request['plexe_auth.principal'].account_id}")
        >>> app.add_route("/models", models)
        >>> key = asyncio.run(auth.keys.create("acct_42", name="CI")).secret.reveal()
        >>> TestClient(app).get("/models", headers={"x-api-key": key}).text
        'the models of acct_42'
        >>> TestClient(app).get("/models").json()["code"]
        'invalid_key'
    """
    guard = AuthMiddleware(app.router, auth, policy)

    async def refused(request: Request, error: Exception) -> Response:
        if request.scope["type"] == "websocket":
            raise error  # nothing catches it on its way to the gate, which knows how to refuse a WebSocket
        answer = guard.gate.refuse(cast(AuthError, error), request_from(request.scope))
        return Response(answer.body, answer.status, dict(answer.headers))

    def around(inner: App) -> App:
        guard.app = inner
        for mounted in _mounted(app.routes):  # only now, as the app starts, are all of them there
            mounted.exception_handlers.setdefault(AuthError, refused)
        return guard

    app.exception_handlers.setdefault(AuthError, refused)
    app.add_middleware(around)


def _mounted(routes: Iterable[BaseRoute]) -> Iterator[Starlette]:
    # Each of them turns an unknown exception into an answer of its own before it could reach the gate.
    for route in routes:
        inner = getattr(route, "app", None)
        if isinstance(inner, Starlette):
            yield inner
        yield from _mounted(getattr(route, "routes", ()))


def requires(permission: str) -> Callable[[Callable[P, Any]], Callable[P, Awaitable[Any]]]:
    """Decorate an endpoint that needs `permission` on top of what the policy asks for.

    It fits functions and methods that take the request or the WebSocket.

    Raises:
        ConfigurationError: `permission` is not one permission; on a request, that the middleware is not installed.
    """
    demandable(permission)

    def decorate(endpoint: Callable[P, Any]) -> Callable[P, Awaitable[Any]]:
        awaited = inspect.iscoroutinefunction(endpoint)

        @functools.wraps(endpoint)
        async def demanding(*args: P.args, **kwargs: P.kwargs) -> Any:
            demand(permission, _scope(*args, **kwargs).get(PRINCIPAL, ...))
            if awaited:
                return await endpoint(*args, **kwargs)
            return await run_in_threadpool(endpoint, *args, **kwargs)

        return demanding

    return decorate


def _scope(*args: object, **kwargs: object) -> Scope:
    for value in (*args, *kwargs.values()):
        if isinstance(value, HTTPConnection):
            return value.scope
    raise ConfigurationError("requires decorates what takes a request or a WebSocket")
