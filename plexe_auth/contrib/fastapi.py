"""The gate in a FastAPI app; what an operation demands is a dependency and stands in the app's OpenAPI document."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Security
from fastapi.openapi.models import APIKey, APIKeyIn
from fastapi.security.base import SecurityBase
from starlette.requests import HTTPConnection

from plexe_auth.asgi import PRINCIPAL
from plexe_auth.contrib.demand import demand, demandable
from plexe_auth.contrib.starlette import install
from plexe_auth.model.principal import Principal
from plexe_auth.wire import KEY_FIELD

__all__ = ["install", "requires"]


class _Scheme(SecurityBase):
    """The security scheme of the document. It reads nothing: FastAPI's own would hand the key's text around."""

    def __init__(self) -> None:
        self.model = APIKey.model_validate({"in": APIKeyIn.header, "name": KEY_FIELD})
        self.scheme_name = "ApiKey"

    async def __call__(self) -> None:
        pass


def requires(permission: str) -> Callable[[HTTPConnection, None], Awaitable[Principal]]:
    """Return a dependency that needs `permission` on top of what the policy asks for; its value is the principal.

    It serves HTTP and WebSocket. The operation's security requirement in OpenAPI names the permission.

    Raises:
        ConfigurationError: `permission` is not one permission; on a request, that the middleware is not installed.

    Example:
        >>> import asyncio
        >>> from fastapi import Depends, FastAPI
        >>> from fastapi.testclient import TestClient
        >>> from plexe_auth import AsyncAuth
        >>> app, auth = FastAPI(), AsyncAuth.open("memory://")
        >>> install(app, auth)
        >>> @app.get("/models")
        ... async def models(principal: Annotated[Principal, Depends(requires("models:read"))]):
        ...     return f"the models of {principal.account_id}"
        >>> key = asyncio.run(auth.keys.create("acct_42", name="CI")).secret.reveal()
        >>> TestClient(app).get("/models", headers={"x-api-key": key}).json()
        'the models of acct_42'
        >>> app.openapi()["paths"]["/models"]["get"]["security"]
        [{'ApiKey': ['models:read']}]
    """
    demandable(permission)

    async def demanded(
        connection: HTTPConnection, _shown: Annotated[None, Security(_Scheme(), scopes=[permission])]
    ) -> Principal:
        return demand(permission, connection.scope.get(PRINCIPAL, ...))

    return demanded
