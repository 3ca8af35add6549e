"""The small app in Flask, by a factory and a blueprint."""

import flask

from plexe_auth import Auth, Policy
from plexe_auth.contrib.flask import current_principal, init_app, requires
from tests.contrib.behaviour import REFUSALS, STATIC

views = flask.Blueprint("views", __name__)


def create_app(auth: Auth | None, policy: Policy | None = None) -> flask.Flask:
    """Return the app, guarded unless `auth` is ``None``."""
    app = flask.Flask(__name__, static_folder=STATIC, static_url_path="/static")
    if auth is not None:
        init_app(app, auth, policy)
    app.register_blueprint(views)
    return app


@views.route("/models", methods=["GET", "POST"])
@views.route("/admin/users")
@views.route("/optional")
@views.route("/healthz")
def who() -> str:
    return current_principal.account_id if current_principal else "nobody"


@views.route("/refuse/<what>")
def refuse(what: str) -> str:
    raise REFUSALS[what]()


@views.route("/broken")
def broken() -> str:
    raise RuntimeError("the app is broken")


@views.route("/strict")
@views.route("/healthz/strict")
@requires("models:write")
def strict() -> str:
    return who()
