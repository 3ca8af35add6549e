"""The reference tells of every public name, and of none that is not there."""

import re
from importlib import import_module
from pathlib import Path

import pytest

import plexe_auth
import plexe_auth.client
import plexe_auth.testing

PAGES = sorted((Path(__file__).parents[1] / "docs" / "reference").glob("*.md"))
DIRECTIVE = re.compile(r"\.\. (?:auto\w+|py:\w+):: ([\w.]+)")
TOLD = {name for page in PAGES for name in DIRECTIVE.findall(page.read_text())}
SERVED = {
    "plexe_auth.console.asgi_app",
    "plexe_auth.console.look.Look",
    "plexe_auth.console.wsgi_app",
    "plexe_auth.contrib.django.AuthMiddleware",
    "plexe_auth.contrib.fastapi.requires",
    "plexe_auth.contrib.flask.init_app",
    "plexe_auth.contrib.limits.AsyncStoreStorage",
    "plexe_auth.contrib.limits.StoreStorage",
    "plexe_auth.contrib.opentelemetry.instrument",
    "plexe_auth.contrib.prometheus.instrument",
    "plexe_auth.contrib.starlette.install",
    "plexe_auth.manage.asgi_app",
    "plexe_auth.manage.wsgi_app",
    "plexe_auth.service.accounts.Accounts",
    "plexe_auth.service.keys.Keys",
    "plexe_auth.storage.sql.autogenerate.include_object",
    "plexe_auth.storage.store.Store",
    "plexe_auth.wsgi.AuthMiddleware",
    "plexe_auth.asgi.AuthMiddleware",
}


FACES = [plexe_auth, plexe_auth.client, plexe_auth.testing]


@pytest.mark.parametrize("package", FACES, ids=lambda package: package.__name__)
def test_every_public_name_is_told(package: object) -> None:
    name = getattr(package, "__name__", "")
    assert {f"{name}.{public}" for public in getattr(package, "__all__", ())} - TOLD == set()


def test_what_is_reached_by_another_path_is_told_too() -> None:
    assert SERVED <= TOLD


@pytest.mark.parametrize("name", sorted(TOLD - {"plexe_auth.rows"}))
def test_every_name_that_is_told_is_there(name: str) -> None:
    module, _, attribute = name.rpartition(".")
    assert hasattr(import_module(module), attribute)
