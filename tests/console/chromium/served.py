"""A host's app with the Console and the REST API mounted in it, on a real server, with a database and a mail server."""

import itertools
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from starlette.applications import Starlette
from starlette.routing import Mount
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from plexe_auth import AsyncAuth, Auth, Settings, console, manage
from plexe_auth.cli.seeding import Hands, seed_requests
from plexe_auth.mail.asynchronous import AsyncSMTPMailer
from plexe_auth.mail.smtp import SMTPMailer
from plexe_auth.model.user import User
from tests.client.serving import listening as port_of_ours
from tests.client.serving import uvicorn_on, waitress_on
from tests.people.mail.server import Received, links
from tests.people.mail.server import listening as mail_server

PASSWORD = "a long and lovely word"
CONSOLE, API = "/console", "/manage"
SENDER = "no-reply@example.com"


class Letters(Received):
    """The letters that a mail server was given, to be waited for."""

    def __init__(self) -> None:
        super().__init__()
        self._came = threading.Condition()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        reply = await super().handle_DATA(server, session, envelope)
        with self._came:
            self._came.notify_all()
        return reply

    def link_to(self, address: str) -> str:
        """The link in the newest letter to somebody."""
        with self._came:
            assert self._came.wait_for(lambda: self._to(address), timeout=10), f"no letter came to {address}"
        [link] = links(self._to(address)[-1].get_body(("plain",)).get_content())
        return link

    def _to(self, address: str) -> list[Any]:
        return [one for one in self.messages() if one["to"] == address]


@dataclass
class Site:
    """A host's app that answers on `origin`.

    Attributes:
        origin: where it is, by a name: passkeys are bound to one, and an address has none.
        database: the URL of its database.
        auth: another one over the same database, for what a test has to bring about beside the browser.
        received: the letters that the mail server was given.
    """

    origin: str
    database: str
    auth: Auth
    received: Letters
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def url(self, path: str) -> str:
        """The URL of a page of the Console."""
        return self.origin + CONSOLE + path

    def two_days_of_requests(self, account_id: str) -> None:
        """Have an account's keys, of every state, be used for two days."""
        hands = Hands()
        with Auth.open(self.database, clock=hands) as auth:
            seed_requests(auth, hands, account_id)

    def somebody(self, role: str = "owner", name: str = "Ada") -> User:
        """Somebody new, in an account that nobody else is in."""
        number = next(self._numbers)
        email = f"{name.lower()}{number or ''}@example.com"
        return self.auth.users.create(email, PASSWORD, account_id=f"acct_{number}", name=name, role=role)


def by_wsgi(auth: Auth) -> Any:
    app = Flask("host")
    mounted = {CONSOLE: console.wsgi_app(auth), API: manage.wsgi_app(auth)}
    app.wsgi_app = DispatcherMiddleware(app.wsgi_app, mounted)  # type: ignore[method-assign]
    return app


def by_asgi(auth: AsyncAuth) -> Any:
    return Starlette(routes=[Mount(CONSOLE, console.asgi_app(auth)), Mount(API, manage.asgi_app(auth))])


@contextmanager
def _waitress(listener: Any, url: str, settings: Settings, mail: str) -> Iterator[None]:
    mailer = SMTPMailer(mail, sender=SENDER, encryption="none")
    with (
        Auth.open(url, settings=settings, mailer=mailer) as auth,
        waitress_on(listener, by_wsgi(auth)),
    ):
        yield


@contextmanager
def _uvicorn(listener: Any, url: str, settings: Settings, mail: str) -> Iterator[None]:
    def opened() -> AsyncAuth:
        mailer = AsyncSMTPMailer(mail, sender=SENDER, encryption="none")
        return AsyncAuth.open(url, settings=settings, mailer=mailer)

    with uvicorn_on(listener, by_asgi, opened):
        yield


SERVERS: dict[str, Callable[..., Any]] = {"wsgi": _waitress, "asgi": _uvicorn}


@contextmanager
def served(kind: str, folder: Path) -> Iterator[Site]:
    """Have a host's app of a kind answer, with its database in a folder."""
    url, received = f"sqlite:///{folder}/auth.db", Letters()
    with ExitStack() as stack:
        mail = stack.enter_context(mail_server(received, None, "plain"))
        listener = stack.enter_context(port_of_ours())
        origin = f"http://localhost:{listener.getsockname()[1]}"
        settings = Settings(
            base_url=origin + CONSOLE,
            product="Lovelace",
            hash_cost="insecure_tests",
            secret_keys=("a secret of these tests, and of them alone",),
            max_staleness=timedelta(milliseconds=1),
        )
        auth = stack.enter_context(Auth.open(url, settings=settings))  # before the server, for it makes the tables
        stack.enter_context(SERVERS[kind](listener, url, settings, f"smtp://127.0.0.1:{mail}"))
        yield Site(origin, url, auth, received)
