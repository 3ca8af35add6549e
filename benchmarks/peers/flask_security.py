"""Flask-Security: who a request with its session cookie is from, on SQLite, in a request context of its own."""

import tempfile
from collections.abc import Iterable
from pathlib import Path

from flask import Flask
from flask_security import Security, SQLAlchemyUserDatastore, current_user, login_user
from flask_security.models import fsqla_v3
from flask_sqlalchemy import SQLAlchemy
from werkzeug.test import create_environ

from benchmarks.peers.protocol import serve

SETTINGS = {
    "SECRET_KEY": "for measuring only",
    "SECURITY_PASSWORD_SALT": "for measuring only",
    "SECURITY_PASSWORD_HASH": "argon2",
}


def main() -> None:
    """Verify a session."""
    with tempfile.TemporaryDirectory() as folder:
        app = made(Path(folder) / "users.db")
        cookie = signed_in(app)
        environ = create_environ("/me", headers={"Cookie": cookie})  # once: servers have a quicker way to make it

        def many(turns: Iterable[int]) -> None:
            for _ in turns:
                with app.request_context(dict(environ)):
                    if not current_user.is_authenticated:
                        raise SystemExit("Flask-Security refused its own session")

        serve(many)


def made(file: Path) -> Flask:
    """Return an app with one user."""
    app, database = Flask(__name__), SQLAlchemy()
    app.config.update(SETTINGS, SQLALCHEMY_DATABASE_URI=f"sqlite:///{file}")
    database.init_app(app)
    fsqla_v3.FsModels.set_db_info(database)

    class Role(database.Model, fsqla_v3.FsRoleMixin):
        pass

    class User(database.Model, fsqla_v3.FsUserMixin):
        pass

    store = SQLAlchemyUserDatastore(database, User, Role)
    Security(app, store)
    with app.app_context():
        database.create_all()
        store.create_user(email="ada@example.com", password="x")
        store.commit()
    app.add_url_rule("/sign-in", view_func=lambda: str(login_user(store.find_user(email="ada@example.com"))))
    return app


def signed_in(app: Flask) -> str:
    """Return the cookie of a session."""
    answer = app.test_client().get("/sign-in")
    return answer.headers["Set-Cookie"].partition(";")[0]


if __name__ == "__main__":
    main()
