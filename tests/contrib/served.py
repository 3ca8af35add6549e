"""The small app as a real server loads it: by name, on the store that the environment names."""

import os
from typing import Any

from django.conf import settings
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.wsgi import WSGIHandler

from plexe_auth import AsyncAuth, Auth
from tests.contrib import django_site, fastapi_app, flask_app, starlette_app
from tests.contrib.behaviour import POLICY

URL = "PLEXE_AUTH_CONTRIB_URL"


def flask() -> Any:
    return flask_app.create_app(Auth.open(os.environ[URL]), POLICY)


def starlette() -> Any:
    return starlette_app.create_app(AsyncAuth.open(os.environ[URL]), POLICY)


def fastapi() -> Any:
    return fastapi_app.create_app(AsyncAuth.open(os.environ[URL]), POLICY)


def django_wsgi() -> Any:
    return _django(Auth.open(os.environ[URL]), WSGIHandler)


def django_asgi() -> Any:
    return _django(AsyncAuth.open(os.environ[URL]), ASGIHandler)


def _django(auth: Auth | AsyncAuth, handler: Any) -> Any:
    django_site.configure()
    settings.PLEXE_AUTH = {"auth": auth, "policy": POLICY}
    return handler()
