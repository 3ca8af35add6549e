"""A Django site in one file that asks for API keys.   python examples/django_app.py"""

import os
from wsgiref.simple_server import make_server

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, JsonResponse
from django.urls import path

from plexe_auth import READ_WRITE, Auth, Policy, Principal
from plexe_auth.contrib.django import requires


class Request(HttpRequest):
    """What the middleware hands on."""

    principal: Principal


def healthz(_request: HttpRequest) -> JsonResponse:
    """Needs no key."""
    return JsonResponse({"status": "ok"})


def models(request: Request) -> JsonResponse:
    """Needs ``read``, as every GET does."""
    return JsonResponse({"account": request.principal.account_id, "models": ["churn", "fraud"]})


@requires("models:train")
def train(_request: HttpRequest) -> JsonResponse:
    """Needs ``write``, as every POST does, and ``models:train`` as well."""
    return JsonResponse({"status": "training"}, status=202)


urlpatterns = [path("healthz", healthz), path("models", models), path("models/train", train)]


def create_app(auth: Auth) -> WSGIHandler:
    """Return the site as a WSGI app. In a project of several files these are lines of its settings."""
    settings.configure(
        ALLOWED_HOSTS=["127.0.0.1", "testserver"],
        ROOT_URLCONF=__name__,
        MIDDLEWARE=["plexe_auth.contrib.django.AuthMiddleware"],
        PLEXE_AUTH={"auth": auth, "policy": Policy(public=("/healthz",))},
    )
    django.setup()
    return WSGIHandler()


if __name__ == "__main__":
    port = int(os.environ.get("PORT", "8000"))
    with Auth.open("sqlite:///django_app.db") as auth:
        key = auth.keys.create("acct_42", name="first", permissions=READ_WRITE).secret.reveal()
        print(f"curl -i http://127.0.0.1:{port}/models -H 'x-api-key: {key}'", flush=True)
        make_server("127.0.0.1", port, create_app(auth)).serve_forever()
