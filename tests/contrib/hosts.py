"""The small app in every framework, each driven by the framework's own test client through one face."""

import asyncio
import json
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, Protocol

import werkzeug.test
from django.test import AsyncClient, Client, override_settings
from starlette.testclient import TestClient

from plexe_auth import AsyncAuth, Auth, Policy
from tests.contrib import django_site, fastapi_app, flask_app, starlette_app
from tests.contrib.world import World


@dataclass(frozen=True)
class Answer:
    """An answer, whatever client received it. Header names are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def code(self) -> str:
        """The wire code of a refusal, the empty text for any other answer."""
        return json.loads(self.body)["code"] if self.headers["content-type"] == "application/problem+json" else ""


class Host(Protocol):
    """Sends one request to an app. Several fields of one name arrive as the framework's own client delivers them."""

    def __call__(self, method: str, path: str, **headers: str) -> Answer: ...


def _answer(status: int, headers: Iterable[tuple[str, str]], body: bytes) -> Answer:
    return Answer(status, {name.lower(): value for name, value in headers}, body)


def _fields(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


def flask_host(world: World, policy: Policy | None, stack: ExitStack) -> Host:
    client = flask_app.create_app(world.blocking if policy else None, policy).test_client()

    def send(method: str, path: str, **headers: str) -> Answer:
        got = client.open(path, method=method, headers=_fields(headers), buffered=True)
        return _answer(got.status_code, got.headers, got.data)

    return send


def wsgi_host(app: Any) -> Host:
    client = werkzeug.test.Client(app)

    def send(method: str, path: str, **headers: str) -> Answer:
        got = client.open(path, method=method, headers=_fields(headers), buffered=True)
        return _answer(got.status_code, got.headers, got.data)

    return send


def asgi_host(app: Any) -> Host:
    client = TestClient(app, raise_server_exceptions=False, follow_redirects=False, client=("127.0.0.1", 50000))

    def send(method: str, path: str, **headers: str) -> Answer:
        got = client.request(method, path, headers=_fields(headers))
        return _answer(got.status_code, got.headers.items(), got.content)

    return send


def starlette_host(world: World, policy: Policy | None, stack: ExitStack) -> Host:
    return asgi_host(starlette_app.create_app(world.awaited if policy else None, policy))


def fastapi_host(world: World, policy: Policy | None, stack: ExitStack) -> Host:
    return asgi_host(fastapi_app.create_app(world.awaited if policy else None, policy))


def _django(auth: Auth | AsyncAuth, policy: Policy | None, stack: ExitStack) -> None:
    django_site.configure()
    guard = [django_site.MIDDLEWARE] if policy else []
    stack.enter_context(override_settings(PLEXE_AUTH={"auth": auth, "policy": policy}, MIDDLEWARE=guard))


def django_wsgi_host(world: World, policy: Policy | None, stack: ExitStack) -> Host:
    _django(world.blocking, policy, stack)
    client: Any = Client(raise_request_exception=False)

    def send(method: str, path: str, **headers: str) -> Answer:
        headers.setdefault("host", "testserver")  # which this client alone leaves out
        got = client.generic(method, path, headers=_fields(headers))
        return _answer(got.status_code, got.items(), got.getvalue())

    return send


def _django_asgi_host(auth: Auth | AsyncAuth, policy: Policy | None, stack: ExitStack) -> Host:
    _django(auth, policy, stack)
    client: Any = AsyncClient(raise_request_exception=False)

    def send(method: str, path: str, **headers: str) -> Answer:
        got = asyncio.run(client.generic(method, path, headers=_fields(headers)))
        return _answer(got.status_code, got.items(), got.getvalue())

    return send


def django_asgi_host(world: World, policy: Policy | None, stack: ExitStack) -> Host:
    return _django_asgi_host(world.awaited, policy, stack)


def django_threaded_host(world: World, policy: Policy | None, stack: ExitStack) -> Host:
    return _django_asgi_host(world.blocking, policy, stack)


HOSTS: dict[str, Callable[[World, Policy | None, ExitStack], Host]] = {
    "flask": flask_host,
    "starlette": starlette_host,
    "fastapi": fastapi_host,
    "django-wsgi": django_wsgi_host,
    "django-asgi": django_asgi_host,
    "django-asgi-in-threads": django_threaded_host,
}
