"""The API that is protected: an account's models can be listed and added."""

from collections import defaultdict

from flask import Flask
from flask.typing import ResponseReturnValue

from plexe_auth import Auth, Policy
from plexe_auth.contrib.flask import current_principal, init_app


def create_app(auth: Auth) -> Flask:
    """Return the app. The line with `init_app` is all that protecting it takes."""
    app = Flask(__name__)
    init_app(app, auth, Policy(public=("/healthz",)))
    models: defaultdict[str, list[str]] = defaultdict(list)

    @app.get("/healthz")
    def healthz() -> ResponseReturnValue:
        return {"status": "ok"}

    @app.get("/models")
    def listed() -> ResponseReturnValue:
        return {"models": models[current_principal.account_id]}

    @app.put("/models/<name>")
    def added(name: str) -> ResponseReturnValue:
        models[current_principal.account_id].append(name)
        return {"name": name}, 201

    return app
