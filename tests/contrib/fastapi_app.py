"""The small app in FastAPI, by a router."""

from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.responses import PlainTextResponse
from fastapi.staticfiles import StaticFiles

from plexe_auth import AsyncAuth, Policy, Principal
from plexe_auth.contrib.fastapi import install, requires
from tests.contrib.behaviour import REFUSALS, STATIC

router = APIRouter(default_response_class=PlainTextResponse)


def create_app(auth: AsyncAuth | None, policy: Policy | None = None) -> FastAPI:
    """Return the app, guarded unless `auth` is ``None``."""
    app = FastAPI()
    if auth is not None:
        install(app, auth, policy)
    app.include_router(router)
    app.mount("/static", StaticFiles(directory=STATIC))
    return app


@router.api_route("/models", methods=["GET", "HEAD", "POST"])
@router.get("/admin/users")
@router.get("/optional")
@router.get("/healthz")
async def who(request: Request) -> str:
    principal = request["plexe_auth.principal"]
    return "nobody" if principal is None else principal.account_id


@router.get("/refuse/{what}")
def refuse(what: str) -> str:
    raise REFUSALS[what]()


@router.get("/broken")
async def broken() -> str:
    raise RuntimeError("the app is broken")


@router.get("/strict")
@router.get("/healthz/strict")
async def strict(principal: Annotated[Principal, Depends(requires("models:write"))]) -> str:
    return principal.account_id
