"""Both faces give the same things under the same names: plainly here, by a coroutine there."""

from collections.abc import Coroutine, Iterable, Mapping
from datetime import timedelta
from typing import Any, Protocol, assert_type

from plexe_auth import (
    READ_ONLY,
    Account,
    APIKey,
    AsyncAuth,
    Auth,
    Challenge,
    Explanation,
    Invitation,
    IssuedKey,
    Page,
    Permissions,
    Policy,
    Principal,
    Secret,
    Settings,
    SignedIn,
)
from plexe_auth.asgi import App
from plexe_auth.asgi import AuthMiddleware as AsgiMiddleware
from plexe_auth.model.key import Status


class Verify(Protocol):
    def __call__(
        self, text: str, permission: str | None = None, ip: str | None = None, fresh: bool = False
    ) -> Principal: ...


class AwaitedVerify(Protocol):
    def __call__(
        self, text: str, permission: str | None = None, ip: str | None = None, fresh: bool = False
    ) -> Coroutine[Any, Any, Principal]: ...


class Create(Protocol):
    def __call__(
        self,
        account_id: str,
        name: str,
        permissions: Permissions | str | Iterable[str] = READ_ONLY,
        expires_in: timedelta | None = None,
        allowed_ips: Iterable[str] = (),
        rate: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        by: Principal | None = None,
    ) -> IssuedKey: ...


class ListPage(Protocol):
    def __call__(
        self, account_id: str, after: str | None = None, limit: int = 50, status: Status | None = None
    ) -> Page[APIKey]: ...


def names_and_defaults_are_kept(auth: Auth, awaited: AsyncAuth) -> tuple[Verify, AwaitedVerify, Create, ListPage]:
    return auth.keys.verify, awaited.keys.verify, auth.keys.create, auth.keys.page


def plainly(auth: Auth) -> None:
    assert_type(auth.keys.verify("text", permission="read", ip="127.0.0.1", fresh=True), Principal)
    issued = auth.keys.create("acct_42", name="CI", permissions=["models:read"], expires_in=timedelta(days=1))
    assert_type(issued, IssuedKey)
    assert_type(issued.secret, Secret)
    assert_type(issued.secret.reveal(), str)
    assert_type(auth.keys.get(issued.key.id), APIKey)
    assert_type(auth.keys.page("acct_42").items, tuple[APIKey, ...])
    assert_type(auth.keys.rotate("key_1", overlap=timedelta(0)), IssuedKey)
    assert_type(auth.keys.revoke("key_1", reason="gone"), APIKey)
    assert_type(auth.keys.revoke_all("acct_42"), int)
    assert_type(auth.keys.revoke_leaked("text"), APIKey | None)
    assert_type(auth.keys.explain("text"), Explanation)
    assert_type(auth.accounts.suspend("acct_42"), Account)
    assert_type(auth.invitations.page("acct_42").items, tuple[Invitation, ...])
    assert_type(auth.invitations.accept("token", "password"), SignedIn | Challenge)
    assert_type(auth.close(), None)


async def awaited(auth: AsyncAuth) -> None:
    to_be_awaited = assert_type(auth.keys.verify("text"), Coroutine[Any, Any, Principal])
    assert_type(await to_be_awaited, Principal)
    assert_type(await auth.keys.verify("text", permission="read", ip="127.0.0.1", fresh=True), Principal)
    issued = await auth.keys.create("acct_42", name="CI", permissions=["models:read"], expires_in=timedelta(days=1))
    assert_type(issued, IssuedKey)
    assert_type(await auth.keys.get(issued.key.id), APIKey)
    assert_type((await auth.keys.page("acct_42")).items, tuple[APIKey, ...])
    assert_type(await auth.keys.rotate("key_1", overlap=timedelta(0)), IssuedKey)
    assert_type(await auth.keys.revoke("key_1", reason="gone"), APIKey)
    assert_type(await auth.keys.revoke_all("acct_42"), int)
    assert_type(await auth.keys.revoke_leaked("text"), APIKey | None)
    assert_type(await auth.keys.explain("text"), Explanation)
    assert_type(await auth.accounts.suspend("acct_42"), Account)
    assert_type((await auth.invitations.page("acct_42")).items, tuple[Invitation, ...])
    assert_type(await auth.invitations.accept("token", "password"), SignedIn | Challenge)
    assert_type(await auth.close(), None)


def opened() -> None:
    with Auth.open("memory://", settings=Settings(peppers=("text of 16 bytes or", b"as many bytes here"))) as auth:
        assert_type(auth, Auth)


async def opened_and_awaited(app: App) -> None:
    async with AsyncAuth.open("memory://") as auth:
        assert_type(auth, AsyncAuth)
        assert_type(AsgiMiddleware(app, auth, Policy(public=("/healthz",))), AsgiMiddleware)


def decided(principal: Principal) -> None:
    assert_type(principal.require("models:read"), Principal)
    assert_type(principal.can("models:read"), bool)
    assert_type(principal.permissions <= READ_ONLY, bool)
    assert_type(Permissions.parse("read").covers("models:read"), bool)
