"""The small app as a Django site; this module is its URL configuration."""

from contextlib import closing
from typing import Any

import django
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import path, re_path
from django.views.static import serve

from plexe_auth.contrib.django import requires
from tests.contrib.behaviour import REFUSALS, STATIC

MIDDLEWARE = "plexe_auth.contrib.django.AuthMiddleware"


def configure() -> None:
    """Settle Django's settings, which can be done once in a process; a test overrides what it wants otherwise."""
    if not settings.configured:
        settings.configure(
            ALLOWED_HOSTS=["*"],
            APPEND_SLASH=False,
            LOGGING_CONFIG=None,
            MIDDLEWARE=[MIDDLEWARE],
            ROOT_URLCONF=__name__,
            SECRET_KEY="for tests only",
            STATIC_URL="/static/",
        )
        django.setup()


def who(request: Any) -> HttpResponse:
    principal = getattr(request, "principal", None)
    return HttpResponse("nobody" if principal is None else principal.account_id)


def refuse(request: HttpRequest, what: str) -> HttpResponse:
    raise REFUSALS[what]()


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("the app is broken")


@requires("models:write")
def strict(request: Any) -> HttpResponse:
    return who(request)


@requires("models:write")
async def awaited(request: Any) -> HttpResponse:
    return who(request)


def static(request: HttpRequest, path: str) -> HttpResponse:
    file: Any = serve(request, path, document_root=str(STATIC))
    with closing(file):
        return HttpResponse(file.getvalue())  # whole: of a file in pieces Django warns under ASGI


urlpatterns = [
    path("models", who),
    path("admin/users", who),
    path("optional", who),
    path("healthz", who),
    path("strict", strict),
    path("awaited", awaited),
    path("healthz/strict", strict),
    path("refuse/<what>", refuse),
    path("broken", broken),
    re_path("^static/(?P<path>.*)$", static),
]
