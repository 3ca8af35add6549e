"""The gate in a Flask app: in front of all of it, error pages and static files included. It decides nothing."""

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

import flask
from werkzeug.local import LocalProxy

from plexe_auth.auth import Auth
from plexe_auth.contrib.demand import demand, demandable
from plexe_auth.errors import AuthError, ConfigurationError
from plexe_auth.model.policy import Policy
from plexe_auth.model.principal import Principal
from plexe_auth.wsgi import PRINCIPAL, AuthMiddleware, request_from

P = ParamSpec("P")
T = TypeVar("T")


def init_app(app: flask.Flask, auth: Auth, policy: Policy | None = None) -> None:
    """Guard `app`, and have a refusal that a view raises answered as the gate answers.

    Args:
        app: the app to guard; blueprints and views may be added before or after.
        auth: a blocking `Auth`.
        policy: what to guard and how; by default everything.

    Raises:
        TypeError: `auth` is not an `Auth`.

    Example:
        >>> from plexe_auth import Auth
        >>> app, auth = flask.Flask("models"), Auth.open("memory://")
        >>> init_app(app, auth)
        >>> @app.get("/models")
        ... @requires("models:read")
        ... def models():
        ...     return f"the models of {current_principal.account_id}"
        >>> key = auth.keys.create("acct_42", name="CI").secret.reveal()
        >>> app.test_client().get("/models", headers={"x-api-key": key}).text
        'the models of acct_42'
        >>> app.test_client().get("/models").json["code"]
        'invalid_key'
    """
    guard = AuthMiddleware(app.wsgi_app, auth, policy)

    def refused(error: AuthError) -> flask.Response:
        answer = guard.gate.refuse(error, request_from(flask.request.environ))
        return flask.Response(answer.body, answer.status, list(answer.headers))

    app.register_error_handler(AuthError, refused)
    app.wsgi_app = guard  # type: ignore[method-assign]  # it is there to be wrapped, says Flask's own documentation


def requires(permission: str) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Decorate a view that needs `permission` on top of what the policy asks for. Put it below ``@app.route``.

    Raises:
        ConfigurationError: `permission` is not one permission; on a request, that the app was not given to `init_app`.
    """
    demandable(permission)

    def decorate(view: Callable[P, T]) -> Callable[P, T]:
        @functools.wraps(view)
        def demanding(*args: P.args, **kwargs: P.kwargs) -> T:
            demand(permission, flask.request.environ.get(PRINCIPAL, ...))
            answer: T = flask.current_app.ensure_sync(view)(*args, **kwargs)  # a view may be `async def`
            return answer

        return demanding

    return decorate


def _principal() -> Principal | None:
    try:
        found: Principal | None = flask.request.environ[PRINCIPAL]
    except KeyError:
        raise ConfigurationError("plexe_auth is not in front of this app; call init_app") from None
    return found


# Typed as Flask types its own proxies. Where the policy asks for no credential it stands for None and is false.
current_principal: Principal = cast(Principal, LocalProxy(_principal))
