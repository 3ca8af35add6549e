"""Mistakes that a checker finds before anybody runs them. A line that is no mistake any more is an error here."""

from typing import Any

from plexe_auth import AsyncAuth, Auth, Principal
from plexe_auth.asgi import App
from plexe_auth.asgi import AuthMiddleware as AsgiMiddleware
from plexe_auth.bridge import Async, Sync
from plexe_auth.service.keys import Keys
from plexe_auth.storage.memory import MemoryStore
from plexe_auth.storage.store import AsyncStore, Store
from plexe_auth.storage.threaded import Threaded
from plexe_auth.wsgi import AuthMiddleware as WsgiMiddleware


def a_store_of_the_wrong_colour(store: Store, awaited: AsyncStore) -> None:
    Auth(store)
    AsyncAuth(awaited)
    Auth(awaited)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    AsyncAuth(store)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Auth(Threaded(MemoryStore()))  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    AsyncAuth(MemoryStore())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


async def a_lost_await(auth: AsyncAuth) -> None:
    auth.keys.verify("text")  # type: ignore[unused-coroutine]  # pyright: ignore[reportUnusedCoroutine]
    auth.keys.revoke("key_1")  # type: ignore[unused-coroutine]  # pyright: ignore[reportUnusedCoroutine]
    lost = auth.keys.verify("text")
    lost.require("write")  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    if auth.keys.verify("text"):  # type: ignore[truthy-bool]  # pyright: ignore[reportUnnecessaryComparison]
        return
    principal: Principal = auth.keys.verify("text")  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
    principal.require("write")


async def an_await_too_many(auth: Auth) -> None:
    await auth.keys.verify("text")  # type: ignore[misc]  # pyright: ignore[reportGeneralTypeIssues]


def a_misspelt_argument(auth: Auth) -> None:
    auth.keys.verify("text", permision="write")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    auth.keys.create("acct_42", name="CI", scopes="read")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


async def a_misspelt_argument_there(auth: AsyncAuth) -> None:
    await auth.keys.verify("text", permision="write")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def an_argument_of_the_wrong_type(auth: Auth) -> None:
    auth.keys.verify(b"text")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    auth.keys.create("acct_42", name="CI", expires_in=60)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    auth.keys.create("acct_42", name="CI", by="acct_42")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    auth.keys.page("acct_42", status="dead")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def a_missing_argument(auth: Auth) -> None:
    auth.keys.verify()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    auth.keys.create("acct_42")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def a_middleware_of_the_wrong_colour(app: Any, asgi_app: App, auth: Auth, awaited: AsyncAuth) -> None:
    WsgiMiddleware(app, auth)
    AsgiMiddleware(asgi_app, awaited)
    WsgiMiddleware(app, awaited)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    AsgiMiddleware(asgi_app, auth)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def a_service_of_the_wrong_mode(keys: Keys[Sync], awaited: Keys[Async]) -> None:
    plain: Keys[Sync] = awaited  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
    later: Keys[Async] = keys  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
    del plain, later


def a_secret_taken_for_its_text(auth: Auth) -> None:
    secret = auth.keys.create("acct_42", name="CI").secret
    auth.keys.verify(secret)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    headers: dict[str, str] = {"x-api-key": secret}  # type: ignore[dict-item]  # pyright: ignore[reportAssignmentType]
    del headers
