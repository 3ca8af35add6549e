"""In a Flask app `init_app` guards everything, and `current_principal` is who the present request acts for."""

import flask
import pytest
from flask.views import MethodView
from werkzeug.exceptions import HTTPException

from plexe_auth import AuthError, ConfigurationError, InvalidKey, Policy, Principal
from plexe_auth.contrib.flask import current_principal, init_app, requires
from plexe_auth.wsgi import PRINCIPAL
from tests.contrib.flask_app import create_app
from tests.contrib.world import World


def test_the_blocking_face_is_asked_for_at_once(world: World) -> None:
    app = flask.Flask(__name__)
    with pytest.raises(TypeError):
        init_app(app, world.awaited)  # type: ignore[arg-type]
    assert app.test_client().get("/").status_code == 404


def test_the_proxy_stands_for_the_principal_itself(world: World) -> None:
    app = create_app(world.blocking)
    principal = world.blocking.keys.verify(world.keys["reader"])
    with app.test_request_context(environ_overrides={PRINCIPAL: principal}):
        assert isinstance(current_principal, Principal)
        assert current_principal == principal
        assert current_principal.require("models:read") is principal


def test_the_proxy_is_false_where_nobody_had_to_say_who_they_are(world: World) -> None:
    with create_app(world.blocking).test_request_context(environ_overrides={PRINCIPAL: None}):
        assert not current_principal


def test_without_a_gate_the_proxy_stands_for_nobody_at_all(world: World) -> None:
    with create_app(None).test_request_context(), pytest.raises(ConfigurationError, match="init_app"):
        bool(current_principal)


def test_without_a_request_the_proxy_is_an_error_as_it_is_with_any_other() -> None:
    with pytest.raises(RuntimeError, match="request context"):
        _ = current_principal.account_id


def test_without_a_gate_a_demand_tells_the_programmer(world: World) -> None:
    app = create_app(None)
    app.testing = True
    with pytest.raises(ConfigurationError, match="install"):
        app.test_client().get("/strict", headers={"x-api-key": world.keys["admin"]})


def test_a_refusal_is_answered_even_where_errors_are_propagated(world: World) -> None:
    app = create_app(world.blocking)
    app.testing = True
    answer = app.test_client().get("/refuse/missing", headers={"x-api-key": world.keys["reader"]})
    assert (answer.status_code, answer.json["code"]) == (404, "not_found")  # type: ignore[index]


def test_a_handler_for_all_errors_does_not_swallow_refusals(world: World) -> None:
    app = create_app(world.blocking)
    app.register_error_handler(Exception, lambda error: ("swallowed", 200))
    app.register_error_handler(HTTPException, lambda error: ("swallowed", 200))
    get = app.test_client().get
    assert get("/refuse/expired", headers={"x-api-key": world.keys["reader"]}).status_code == 401
    assert get("/nowhere").status_code == 401


def test_the_host_may_answer_refusals_of_its_handlers_itself(world: World) -> None:
    app = create_app(world.blocking)
    app.register_error_handler(AuthError, lambda error: ("ours: " + error.code, error.status))
    got = app.test_client().get("/refuse/expired", headers={"x-api-key": world.keys["reader"]})
    assert (got.status_code, got.text) == (401, "ours: expired_key")


@pytest.mark.parametrize(("key", "status"), [("reader", 403), ("writer", 200)])
@pytest.mark.parametrize("path", ["/awaited", "/method"])
def test_async_views_and_class_based_views_can_demand(world: World, path: str, key: str, status: int) -> None:
    app = create_app(world.blocking)

    @app.get("/awaited")
    @requires("models:write")
    async def awaited() -> str:
        return current_principal.account_id

    class Method(MethodView):
        @requires("models:write")
        def get(self) -> str:
            return current_principal.account_id

    app.add_url_rule("/method", view_func=Method.as_view("method"))
    answer = app.test_client().get(path, headers={"x-api-key": world.keys[key]})
    assert answer.status_code == status
    assert (answer.text == "acct_42") is (status == 200)


def test_two_apps_of_one_factory_are_guarded_each_by_its_own_policy(world: World) -> None:
    open_, closed = (create_app(world.blocking, policy) for policy in (Policy(public=("/healthz",)), None))
    assert open_.test_client().get("/healthz").text == "nobody"
    assert closed.test_client().get("/healthz").json["code"] == InvalidKey.code  # type: ignore[index]
