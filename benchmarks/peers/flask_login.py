"""Flask-Login: who a request with its session cookie is from, its user loaded from SQLite."""

import tempfile
from collections.abc import Iterable
from pathlib import Path

from flask import Flask
from flask_login import LoginManager, UserMixin, current_user, login_user
from flask_sqlalchemy import SQLAlchemy
from werkzeug.test import create_environ

from benchmarks.peers.protocol import serve


def main() -> None:
    """Verify a session."""
    with tempfile.TemporaryDirectory() as folder:
        app = made(Path(folder) / "users.db")
        cookie = app.test_client().get("/sign-in").headers["Set-Cookie"].partition(";")[0]
        environ = create_environ("/me", headers={"Cookie": cookie})  # once: servers have a quicker way to make it

        def many(turns: Iterable[int]) -> None:
            for _ in turns:
                with app.request_context(dict(environ)):
                    if not current_user.is_authenticated:
                        raise SystemExit("Flask-Login refused its own session")

        serve(many)


def made(file: Path) -> Flask:
    """Return an app with one user."""
    app, database, manager = Flask(__name__), SQLAlchemy(), LoginManager()
    app.config.update(SECRET_KEY="for measuring only", SQLALCHEMY_DATABASE_URI=f"sqlite:///{file}")
    database.init_app(app)
    manager.init_app(app)

    class User(UserMixin, database.Model):
        id = database.Column(database.Integer, primary_key=True)
        email = database.Column(database.String(254), unique=True)

    manager.user_loader(lambda user_id: database.session.get(User, int(user_id)))
    with app.app_context():
        database.create_all()
        database.session.add(User(email="ada@example.com"))
        database.session.commit()
    app.add_url_rule("/sign-in", view_func=lambda: str(login_user(database.session.get(User, 1))))
    return app


if __name__ == "__main__":
    main()
