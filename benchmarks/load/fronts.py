"""What stands before an app that is loaded: nothing, our middleware, the least that does the same, and steps to it."""

import os
from collections.abc import Callable
from typing import Any

from benchmarks import least
from plexe_auth import AsyncAuth, Auth, Policy, Settings, asgi, wsgi

URL, KEY = "BENCHMARK_URL", "BENCHMARK_KEY"
PATH = "/models"

BARE, AGAIN, KEPT, TOLD = "bare", "bare, in another process", "guarded", "guarded, RateLimit fields sent"
LEAST, LEAST_TOLD = "behind the least that does the same", "behind the least, RateLimit fields sent"
PASSED_ON, HEADER = "behind what only passes on", "behind what adds one header"
PUBLIC = "guarded, a public path"

_SETTINGS = Settings(rate_storage="memory://", log_storer="process")
_GUARDED, _TELLING = Policy(rate_headers=False), Policy()
_PUBLIC = Policy(public=(PATH,), rate_headers=False)


def _same(app: Any) -> Any:
    return app


def _asgi(policy: Policy) -> Callable[[Any], Any]:
    return lambda app: asgi.AuthMiddleware(app, AsyncAuth.open(os.environ[URL], settings=_SETTINGS), policy)


def _wsgi(policy: Policy) -> Callable[[Any], Any]:
    return lambda app: wsgi.AuthMiddleware(app, Auth.open(os.environ[URL], settings=_SETTINGS), policy)


def _judge() -> least.Judging:
    return least.judging(os.environ[KEY])


ASGI: dict[str, Callable[[Any], Any]] = {
    BARE: _same,
    AGAIN: _same,
    KEPT: _asgi(_GUARDED),
    LEAST: lambda app: least.asgi(app, _judge()),
    TOLD: _asgi(_TELLING),
    LEAST_TOLD: lambda app: least.asgi(app, _judge(), tells=True),
    PASSED_ON: least.passing_on,
    HEADER: lambda app: least.passing_on(app, least.PRIVATE_FIELD),
    PUBLIC: _asgi(_PUBLIC),
}
WSGI: dict[str, Callable[[Any], Any]] = {
    BARE: _same,
    AGAIN: _same,
    KEPT: _wsgi(_GUARDED),
    LEAST: lambda app: least.wsgi(app, _judge()),
    PASSED_ON: least.handing_on,
    HEADER: lambda app: least.handing_on(app, least.PRIVATE),
    PUBLIC: _wsgi(_PUBLIC),
}
