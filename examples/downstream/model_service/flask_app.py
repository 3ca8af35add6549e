"""The service on Flask."""

from collections import defaultdict

from flask import Flask
from flask.typing import ResponseReturnValue

from model_service.policy import POLICY
from plexe_auth import Auth
from plexe_auth.contrib.flask import current_principal, init_app


def create_app(auth: Auth) -> Flask:
    """Return the app. In production: ``create_app(Auth.open(os.environ["DATABASE_URL"]))``."""
    app = Flask(__name__)
    init_app(app, auth, POLICY)
    models: defaultdict[str, set[str]] = defaultdict(set)

    @app.get("/healthz")
    def healthz() -> ResponseReturnValue:
        return {"status": "ok"}

    @app.get("/models")
    def listed() -> ResponseReturnValue:
        return {"models": sorted(models[current_principal.account_id])}

    @app.put("/models/<name>")
    def added(name: str) -> ResponseReturnValue:
        models[current_principal.account_id].add(name)
        return {"name": name}, 201

    @app.delete("/models/<name>")
    def removed(name: str) -> ResponseReturnValue:
        current_principal.require("models:manage")  # more than the policy asks; a refusal becomes the right answer
        models[current_principal.account_id].discard(name)
        return "", 204

    return app
