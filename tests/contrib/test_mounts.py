"""A gate guards all that is behind it, mounted apps, files and error pages too, by the path on which that is routed."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.wsgi import WSGIHandler
from django.test import override_settings
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.routing import Host as HostRoute
from starlette.routing import Mount
from werkzeug.exceptions import NotFound
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from plexe_auth import AuthError, Policy, asgi, wsgi
from plexe_auth.contrib.starlette import install
from tests.contrib import django_site, fastapi_app, flask_app, starlette_app
from tests.contrib.behaviour import STATIC
from tests.contrib.hosts import Host, asgi_host, wsgi_host
from tests.contrib.world import World

INNER = Policy(public=("/healthz",))
OUTER = Policy(public=("/api/healthz",))


@pytest.fixture
def site(world: World) -> Iterator[Callable[..., None]]:
    """Settles a Django site, guarded by itself or not."""
    with ExitStack() as stack:

        def settle(auth: Any = None) -> None:
            django_site.configure()
            chain = [django_site.MIDDLEWARE] if auth else []
            told = {"auth": auth, "policy": INNER}
            stack.enter_context(override_settings(PLEXE_AUTH=told, MIDDLEWARE=chain, ROOT_URLCONF=django_site.__name__))

        yield settle


def mounted_on_wsgi(app: Any) -> Any:
    return DispatcherMiddleware(NotFound(), {"/api": app})


def mounted_on_asgi(app: Any, host: Any = None) -> Any:
    host = host or Starlette()
    host.mount("/api", app)
    return host


def guarded(host: Any, world: World, policy: Policy) -> Any:
    install(host, world.awaited, policy)
    return host


# Each builds an app whose small app lies under /api, with one gate: around the host, or around the mounted app.
Builder = Callable[[World, Callable[..., None]], Host]

OUTSIDE: dict[str, Builder] = {
    "flask": lambda w, _: wsgi_host(
        wsgi.AuthMiddleware(mounted_on_wsgi(flask_app.create_app(None)), w.blocking, OUTER)
    ),
    "django": lambda w, site: (
        site() or wsgi_host(wsgi.AuthMiddleware(mounted_on_wsgi(WSGIHandler()), w.blocking, OUTER))
    ),
    "django on asgi": lambda w, site: (
        site() or asgi_host(asgi.AuthMiddleware(mounted_on_asgi(ASGIHandler()), w.awaited, OUTER))
    ),
    "starlette": lambda w, _: asgi_host(
        asgi.AuthMiddleware(mounted_on_asgi(starlette_app.create_app(None)), w.awaited, OUTER)
    ),
    "starlette, installed": lambda w, _: asgi_host(
        mounted_on_asgi(starlette_app.create_app(None), guarded(Starlette(), w, OUTER))
    ),
    "fastapi": lambda w, _: asgi_host(
        asgi.AuthMiddleware(mounted_on_asgi(fastapi_app.create_app(None)), w.awaited, OUTER)
    ),
    "fastapi, installed": lambda w, _: asgi_host(
        mounted_on_asgi(fastapi_app.create_app(None), guarded(FastAPI(), w, OUTER))
    ),
}

INSIDE: dict[str, Builder] = {
    "flask": lambda w, _: wsgi_host(mounted_on_wsgi(flask_app.create_app(w.blocking, INNER))),
    "django": lambda w, site: site(w.blocking) or wsgi_host(mounted_on_wsgi(WSGIHandler())),
    "django on asgi": lambda w, site: site(w.awaited) or asgi_host(mounted_on_asgi(ASGIHandler())),
    "starlette": lambda w, _: asgi_host(mounted_on_asgi(starlette_app.create_app(w.awaited, INNER))),
    "fastapi": lambda w, _: asgi_host(mounted_on_asgi(fastapi_app.create_app(w.awaited, INNER), FastAPI())),
    "fastapi in starlette": lambda w, _: asgi_host(mounted_on_asgi(fastapi_app.create_app(w.awaited, INNER))),
}

GATES = [pytest.param(build, id=f"outside {name}") for name, build in OUTSIDE.items()]
GATES += [pytest.param(build, id=f"inside {name}") for name, build in INSIDE.items()]


@pytest.mark.parametrize("build", GATES)
def test_P08_nothing_of_a_mounted_app_is_reached_around_the_gate(
    build: Builder, world: World, site: Callable[..., None]
) -> None:
    send = build(world, site)
    for path in ("/models", "/static/file.txt", "/nowhere", "/broken", "/strict", "/static/", "//healthz", "/healthz/"):
        assert send("GET", "/api" + path).code == "invalid_key", path
    reader = {"x_api_key": world.keys["reader"]}
    assert send("GET", "/api/static/file.txt", **reader).body == b"a static file\n"
    assert send("GET", "/api/nowhere", **reader).status == 404
    assert send("GET", "/api/broken", **reader).status == 500
    assert send("POST", "/api/models", **reader).code == "insufficient_permissions"


@pytest.mark.parametrize("build", OUTSIDE.values(), ids=OUTSIDE)
def test_P08_a_gate_around_the_host_sees_the_prefix(build: Builder, world: World, site: Callable[..., None]) -> None:
    send = build(world, site)
    assert send("GET", "/api/healthz").body == b"nobody"
    assert send("GET", "/healthz").code == "invalid_key"


@pytest.mark.parametrize("build", INSIDE.values(), ids=INSIDE)
def test_P08_a_gate_around_the_mounted_app_sees_the_path_below_the_prefix(
    build: Builder, world: World, site: Callable[..., None]
) -> None:
    send = build(world, site)
    assert send("GET", "/api/healthz").body == b"nobody"
    assert send("GET", "/api/api/healthz").code == "invalid_key"
    assert send("GET", "/healthz").status == 404


def test_P08_one_gate_serves_two_frameworks(world: World, site: Callable[..., None]) -> None:
    site()
    both = DispatcherMiddleware(flask_app.create_app(None), {"/site": WSGIHandler()})
    send = wsgi_host(wsgi.AuthMiddleware(both, world.blocking, INNER))
    for path in ("/static/file.txt", "/site/static/file.txt"):
        assert send("GET", path).code == "invalid_key"
        assert send("GET", path, x_api_key=world.keys["reader"]).body == b"a static file\n"
    assert [send("GET", path).status for path in ("/healthz", "/site/healthz")] == [200, 401]


def test_P08_files_that_django_serves_before_its_middleware_are_behind_an_outer_gate(
    world: World, site: Callable[..., None]
) -> None:
    site()
    with override_settings(STATICFILES_DIRS=[STATIC]):
        send = wsgi_host(wsgi.AuthMiddleware(StaticFilesHandler(WSGIHandler()), world.blocking))
        assert send("GET", "/static/file.txt").code == "invalid_key"
        assert send("GET", "/static/file.txt", x_api_key=world.keys["reader"]).body == b"a static file\n"


def deep(app: Any) -> list[Mount]:
    return [Mount("/api", routes=[Mount("/v1", app=Starlette(routes=[Mount("/sub", app=app)]))])]


MOUNTED = {
    "starlette": (Starlette, starlette_app.create_app, lambda app: [Mount("/sub", app=app)], "/sub"),
    "fastapi": (FastAPI, fastapi_app.create_app, lambda app: [Mount("/sub", app=app)], "/sub"),
    "fastapi in starlette": (Starlette, fastapi_app.create_app, deep, "/api/v1/sub"),
    "by host": (Starlette, starlette_app.create_app, lambda app: [HostRoute("testserver", app=app)], ""),
}


@pytest.mark.parametrize(("host", "create", "routes", "prefix"), MOUNTED.values(), ids=MOUNTED)
def test_P08_what_a_mounted_app_refuses_is_answered_as_the_gate_answers(
    world: World, host: Callable[[], Starlette], create: Callable[..., Any], routes: Callable[..., Any], prefix: str
) -> None:
    app = guarded(host(), world, INNER)
    app.routes.extend(routes(create(None)))
    send = asgi_host(app)
    limit = send("GET", f"{prefix}/refuse/limit", x_api_key=world.keys["reader"])
    assert (limit.status, limit.code, limit.headers["retry-after"]) == (429, "rate_limit_exceeded", "7")
    assert send("GET", f"{prefix}/strict", x_api_key=world.keys["reader"]).code == "insufficient_permissions"
    assert send("GET", f"{prefix}/strict", x_api_key=world.keys["writer"]).body == b"acct_42"


def test_a_mounted_app_may_answer_refusals_of_its_handlers_itself(world: World) -> None:
    inner = starlette_app.create_app(None)
    inner.add_exception_handler(AuthError, lambda request, error: starlette_app.PlainTextResponse("ours"))
    send = asgi_host(mounted_on_asgi(inner, guarded(Starlette(), world, INNER)))
    assert send("GET", "/api/refuse/limit", x_api_key=world.keys["reader"]).body == b"ours"
