"""A FastAPI app that asks for API keys and says so in its OpenAPI document.   python examples/fastapi_app.py"""

import asyncio
import os
from typing import Annotated, Any

import uvicorn
from fastapi import Depends, FastAPI

from plexe_auth import READ_WRITE, AsyncAuth, Policy, Principal
from plexe_auth.contrib.fastapi import install, requires

Reader = Annotated[Principal, Depends(requires("models:read"))]
Trainer = Annotated[Principal, Depends(requires("models:train"))]


def create_app(auth: AsyncAuth) -> FastAPI:
    """Return the app, guarded by `auth`."""
    app = FastAPI()
    install(app, auth, Policy(public=("/healthz", "/docs", "/openapi.json")))

    @app.get("/healthz")
    async def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/models")
    async def models(principal: Reader) -> dict[str, Any]:
        return {"account": principal.account_id, "models": ["churn", "fraud"]}

    @app.post("/models/train", status_code=202)
    async def train(_principal: Trainer) -> dict[str, str]:
        return {"status": "training"}

    return app


async def main(port: int) -> None:
    """Serve it, with a first key."""
    async with AsyncAuth.open("sqlite:///fastapi_app.db") as auth:
        key = (await auth.keys.create("acct_42", name="first", permissions=READ_WRITE)).secret.reveal()
        print(f"curl -i http://127.0.0.1:{port}/models -H 'x-api-key: {key}'", flush=True)
        await uvicorn.Server(uvicorn.Config(create_app(auth), port=port)).serve()


if __name__ == "__main__":
    asyncio.run(main(int(os.environ.get("PORT", "8000"))))
