"""A Flask app that asks for API keys.   python examples/flask_app.py"""

import os

from flask import Flask
from flask.typing import ResponseReturnValue

from plexe_auth import READ_WRITE, Auth, Policy
from plexe_auth.contrib.flask import current_principal, init_app, requires


def create_app(auth: Auth) -> Flask:
    """Return the app, guarded by `auth`."""
    app = Flask(__name__)
    init_app(app, auth, Policy(public=("/healthz",)))

    @app.get("/healthz")
    def healthz() -> ResponseReturnValue:
        return {"status": "ok"}

    @app.get("/models")
    def models() -> ResponseReturnValue:
        return {"account": current_principal.account_id, "models": ["churn", "fraud"]}

    @app.post("/models/train")
    @requires("models:train")
    def train() -> ResponseReturnValue:
        return {"status": "training"}, 202

    return app


if __name__ == "__main__":
    port = int(os.environ.get("PORT", "5000"))
    with Auth.open("sqlite:///flask_app.db") as auth:
        key = auth.keys.create("acct_42", name="first", permissions=READ_WRITE).secret.reveal()
        print(f"curl -i http://127.0.0.1:{port}/models -H 'x-api-key: {key}'", flush=True)
        create_app(auth).run(port=port)
