"""The service on FastAPI."""

from collections import defaultdict
from typing import Annotated

from fastapi import Depends, FastAPI

from model_service.policy import POLICY
from plexe_auth import AsyncAuth, Principal
from plexe_auth.contrib.fastapi import install, requires

Reader = Annotated[Principal, Depends(requires("models:read"))]
Writer = Annotated[Principal, Depends(requires("models:write"))]
Manager = Annotated[Principal, Depends(requires("models:manage"))]


def create_app(auth: AsyncAuth) -> FastAPI:
    """Return the app. In production: ``create_app(AsyncAuth.open(os.environ["DATABASE_URL"]))``."""
    app = FastAPI(title="Models")
    install(app, auth, POLICY)
    models: defaultdict[str, set[str]] = defaultdict(set)

    @app.get("/healthz")
    async def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/models")
    async def listed(principal: Reader) -> dict[str, list[str]]:
        return {"models": sorted(models[principal.account_id])}

    @app.put("/models/{name}", status_code=201)
    async def added(name: str, principal: Writer) -> dict[str, str]:
        models[principal.account_id].add(name)
        return {"name": name}

    @app.delete("/models/{name}", status_code=204)
    async def removed(name: str, principal: Manager) -> None:
        models[principal.account_id].discard(name)

    return app
