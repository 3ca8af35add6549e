"""In Django one middleware serves WSGI and ASGI, views may demand, and templates know the principal."""

import asyncio
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

import pytest
from django.core.handlers.asgi import ASGIHandler, ASGIRequest
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse
from django.template import Context, Engine, RequestContext
from django.test import AsyncClient, AsyncRequestFactory, Client, RequestFactory, override_settings
from django.utils.decorators import method_decorator
from django.views import View
from starlette.testclient import TestClient

from plexe_auth import ConfigurationError, InsufficientPermissions, Permissions, Policy, Principal
from plexe_auth.contrib.django import AuthMiddleware, principal, requires
from tests.contrib import django_site
from tests.contrib.behaviour import POLICY
from tests.contrib.world import World

READER = Principal("key", "key_1", "acct_42", Permissions.parse("read"))


@pytest.fixture(autouse=True)
def site(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    django_site.configure()
    monkeypatch.setattr(django_site, "auth", world.blocking, raising=False)
    monkeypatch.setattr(django_site, "awaited", world.awaited, raising=False)
    monkeypatch.setattr(django_site, "policy", POLICY, raising=False)
    with override_settings(PLEXE_AUTH={"auth": "tests.contrib.django_site:auth", "policy": POLICY}):
        yield


def on_asgi(**options: Any) -> TestClient:
    site: Any = ASGIHandler()
    return TestClient(site, **options)


def answered(request: HttpRequest) -> HttpResponse:
    return HttpResponse("let in")


def test_the_setting_names_where_the_auth_and_the_policy_are(world: World) -> None:
    told = {"auth": "tests.contrib.django_site:auth", "policy": "tests.contrib.django_site:policy"}
    with override_settings(PLEXE_AUTH=told):
        assert Client().get("/healthz").content == b"nobody"
        assert Client().get("/models", headers={"x-api-key": world.keys["reader"]}).content == b"acct_42"


def test_without_a_policy_everything_is_guarded() -> None:
    with override_settings(PLEXE_AUTH={"auth": "tests.contrib.django_site:auth"}):
        assert Client().get("/healthz").status_code == 401


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"auth": None},
        {"auth": ""},
        {"auth": "tests.contrib.django_site:nothing"},
        {"auth": "no.such.module:auth"},
        {"auth": "not a name"},
        {"auth": "tests.contrib.django_site:policy"},
        {"auth": "tests.contrib.django_site:auth", "polciy": POLICY},
        {"auth": "tests.contrib.django_site:auth", "policy": None},
        {"auth": "tests.contrib.django_site:auth", "policy": {"public": ("/*",)}},
    ],
)
def test_a_setting_of_another_form_stops_the_site_at_its_start(told: dict[str, object]) -> None:
    with override_settings(PLEXE_AUTH=told), pytest.raises(ConfigurationError, match="PLEXE_AUTH"):
        WSGIHandler()


def test_a_missing_setting_stops_the_site_at_its_start() -> None:
    with override_settings():
        del django_site.settings.PLEXE_AUTH
        with pytest.raises(ConfigurationError, match="PLEXE_AUTH"):
            ASGIHandler()


def plain_middleware(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """A middleware of the host that is not asynchronous."""

    def answer(request: HttpRequest) -> HttpResponse:
        return get_response(request)

    return answer


PLAIN = f"{__name__}.plain_middleware"


def test_an_awaited_face_is_refused_where_nothing_can_be_awaited() -> None:
    with override_settings(PLEXE_AUTH={"auth": "tests.contrib.django_site:awaited"}):
        with pytest.raises(TypeError, match="takes an Auth"):
            WSGIHandler()
        with override_settings(MIDDLEWARE=[django_site.MIDDLEWARE, PLAIN]), pytest.raises(TypeError):
            ASGIHandler()


@pytest.mark.parametrize("chain", [[django_site.MIDDLEWARE, PLAIN], [PLAIN, django_site.MIDDLEWARE]])
def test_a_blocking_face_serves_beside_any_middleware(world: World, chain: list[str]) -> None:
    with override_settings(MIDDLEWARE=chain):
        client = on_asgi()
        assert client.get("/models").json()["code"] == "invalid_key"
        assert client.get("/models", headers={"x-api-key": world.keys["reader"]}).text == "acct_42"


class Strict(View):
    @method_decorator(requires("models:write"))
    def get(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse("let in")


@method_decorator(requires("models:write"), name="dispatch")
class AwaitedStrict(View):
    async def get(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse("let in")


@requires("models:write")
async def awaited_view(request: HttpRequest, *, name: str) -> HttpResponse:
    return HttpResponse("let in")


VIEWS = [(Strict.as_view(), {}), (AwaitedStrict.as_view(), {}), (awaited_view, {"name": "a"})]


@pytest.mark.parametrize(("view", "options"), VIEWS)
def test_views_of_every_kind_can_demand(view: Callable[..., Any], options: dict[str, str]) -> None:
    def respond(held: Principal) -> HttpResponse:
        request: Any = AsyncRequestFactory().get("/strict")
        request.principal = held
        answer = view(request, **options)
        return asyncio.run(answer) if asyncio.iscoroutine(answer) else answer

    assert respond(Principal("key", "key_2", "acct_42", Permissions.parse("write"))).content == b"let in"
    with pytest.raises(InsufficientPermissions):
        respond(READER)


@pytest.mark.parametrize(("key", "status"), [("reader", 403), ("writer", 200)])
def test_an_async_view_can_demand_under_both_kinds_of_server(world: World, key: str, status: int) -> None:
    headers = {"x-api-key": world.keys[key]}
    assert Client().get("/awaited", headers=headers).status_code == status
    assert asyncio.run(AsyncClient().get("/awaited", headers=headers)).status_code == status  # type: ignore[arg-type]


def test_without_the_middleware_a_demand_tells_the_programmer(world: World) -> None:
    with override_settings(MIDDLEWARE=[]), pytest.raises(ConfigurationError, match="install"):
        Client().get("/strict", headers={"x-api-key": world.keys["admin"]})


def test_the_raw_fields_are_judged_and_not_what_django_made_of_them(world: World) -> None:
    key = world.keys["reader"]
    with override_settings(PLEXE_AUTH={"auth": world.awaited, "policy": Policy()}):
        client = on_asgi()
        for fields in ([("x-api-key", key)] * 2, [("x-api-key", key), ("x_api_key", key)], [("x_api_key", key)]):
            assert client.get("/models", headers=fields).json()["code"] == "invalid_key"
        assert client.get("/models", headers=[("x-api-key", key)]).text == "acct_42"


# The prefix, the path as it was sent, and whether the path that is left is the public one.
PREFIXED = [
    ("", "/healthz", 200),
    ("", "/site/healthz", 401),
    ("/site", "/site/healthz", 200),
    ("/site", "/site/models", 401),
    ("/site", "/site/site/healthz", 401),
    ("/healthz", "/healthz/models", 401),
    ("/healthz", "/healthz/healthz", 200),
    ("/site", "/site", 401),
]


@pytest.mark.parametrize(("prefix", "path", "status"), PREFIXED)
def test_P08_rules_are_about_the_path_on_which_django_routes(world: World, prefix: str, path: str, status: int) -> None:
    assert on_asgi(root_path=prefix).get(path).status_code == status
    with override_settings(FORCE_SCRIPT_NAME=prefix or None):
        assert on_asgi().get(path).status_code == status
    below = {"SCRIPT_NAME": prefix, "PATH_INFO": path.removeprefix(prefix)}
    assert Client().generic("GET", path, **below).status_code == status  # type: ignore[arg-type]


@pytest.mark.parametrize("prefix", ["", "/", "/he", "/healthz", "/x", "/x/", "/X"])
@pytest.mark.parametrize("path", ["/healthz", "/x/healthz", "/x//healthz", "/healthz/healthz"])
def test_P08_a_prefix_opens_just_what_django_then_routes_as_public(prefix: str, path: str) -> None:
    # Releases of Django differ on a prefix that ends within a segment or in a slash; we ask the one at hand.
    routed = ASGIRequest({"path": path, "root_path": prefix, "method": "GET"}, BytesIO()).path_info
    public = routed == "/healthz" and "//" not in path
    told = {"auth": "tests.contrib.django_site:auth", "policy": Policy(public=("/healthz",))}
    with override_settings(PLEXE_AUTH=told):
        assert on_asgi(root_path=prefix).get(path).status_code == (200 if public else 401)


def test_a_path_beyond_ascii_is_sent_to_https_as_it_came() -> None:
    policy = Policy(https="redirect", trusted_proxies=("127.0.0.1",))
    with override_settings(PLEXE_AUTH={"auth": "tests.contrib.django_site:auth", "policy": policy}):
        blocking = Client().get("/mod%C3%A9ls", headers={"host": "models.test"})
        awaited = on_asgi(client=("127.0.0.1", 50000), follow_redirects=False).get("/mod%C3%A9ls")
    assert blocking.headers["location"] == "https://models.test/mod%C3%A9ls"
    assert awaited.headers["location"] == "https://testserver/mod%C3%A9ls"


def test_templates_know_the_principal() -> None:
    engine = Engine(context_processors=["plexe_auth.contrib.django.principal"])
    template = engine.from_string("{% if principal %}{{ principal.account_id }}{% else %}nobody{% endif %}")
    request: Any = RequestFactory().get("/")
    assert template.render(RequestContext(request)) == "nobody"
    request.principal = READER
    assert template.render(RequestContext(request)) == "acct_42"
    assert template.render(Context(principal(request))) == "acct_42"


def test_only_refusals_are_answered_for_a_view() -> None:
    middleware = AuthMiddleware(answered)
    assert middleware.process_exception(RequestFactory().get("/"), ValueError("the host's own")) is None


def test_a_field_that_the_app_sends_itself_is_left_alone(world: World) -> None:
    def cached(request: HttpRequest) -> HttpResponse:
        return HttpResponse("let in", headers={"Cache-Control": "private, max-age=60"})

    answer: Any = AuthMiddleware(cached)(RequestFactory().get("/", headers={"x-api-key": world.keys["reader"]}))
    assert answer.headers["cache-control"] == "private, max-age=60"
