"""The Console in an app of each framework, on a live server: people sign in, and every address holds the mount."""

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.test import override_settings
from fastapi import FastAPI
from flask import Flask
from starlette.applications import Starlette
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from plexe_auth import AsyncAuth, Auth, Settings, console, manage
from tests.cli.test_serve import EMAIL, PASSWORD, send
from tests.client.serving import listening, uvicorn_on, waitress_on
from tests.contrib import django_site

PREFIX, API = "/team/console", "/team/api"
SETTINGS = Settings(base_url=f"http://localhost{PREFIX}", hash_cost="insecure_tests")


def django() -> Any:
    django_site.configure()
    with override_settings(MIDDLEWARE=[]):  # a site that has no gate of ours
        return WSGIHandler()


@contextmanager
def by_waitress(host: Any, url: str) -> Iterator[str]:
    with listening() as listener, Auth.open(url, settings=SETTINGS) as auth:
        app = DispatcherMiddleware(host(), {PREFIX: console.wsgi_app(auth), API: manage.wsgi_app(auth)})
        with waitress_on(listener, app):
            yield f"http://localhost:{listener.getsockname()[1]}"


@contextmanager
def by_uvicorn(host: Any, url: str) -> Iterator[str]:
    def app(auth: AsyncAuth) -> Any:
        site = host()
        site.mount(PREFIX, console.asgi_app(auth))
        site.mount(API, manage.asgi_app(auth))
        return site

    with listening() as listener, uvicorn_on(listener, app, lambda: AsyncAuth.open(url, settings=SETTINGS)):
        yield f"http://localhost:{listener.getsockname()[1]}"


HOSTS: dict[str, tuple[Callable[..., AbstractContextManager[str]], Any]] = {
    "flask": (by_waitress, lambda: Flask("host").wsgi_app),
    "django": (by_waitress, django),
    "starlette": (by_uvicorn, Starlette),
    "fastapi": (by_uvicorn, FastAPI),
}


@pytest.mark.parametrize("host", HOSTS)
def test_people_sign_in_below_the_mount_of_every_framework(host: str, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/auth.db"
    with Auth.open(url, settings=SETTINGS) as auth:
        auth.users.create(EMAIL, PASSWORD)
    served, app = HOSTS[host]
    with served(app, url) as base:
        assert send(base, "GET", f"{PREFIX}/keys").headers["location"] == f"{PREFIX}/sign-in?next={PREFIX}/keys"
        page = send(base, "GET", f"{PREFIX}/sign-in").body
        links = re.findall(r'(?:href|src|action)="(/[^"]*)"', page)
        assert links
        assert [one for one in links if not one.startswith(f"{PREFIX}/")] == []
        assert {send(base, "GET", one).status for one in links if "/assets/" in one} == {200}
        entered = send(base, "POST", f"{PREFIX}/sign-in", {"email": EMAIL, "password": PASSWORD}, origin=base)
        assert (entered.status, entered.headers["location"]) == (303, f"{PREFIX}/")
        cookie = entered.headers["set-cookie"].partition(";")[0]
        assert send(base, "GET", f"{PREFIX}/keys", cookie=cookie).status == 200
        assert send(base, "GET", f"{API}/v1/me", cookie=cookie).status == 200
