"""A Starlette app that asks for API keys.   python examples/starlette_app.py"""

import asyncio
import os

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from plexe_auth import READ_WRITE, AsyncAuth, Policy
from plexe_auth.contrib.starlette import install, requires


async def healthz(_request: Request) -> JSONResponse:
    """Needs no key."""
    return JSONResponse({"status": "ok"})


async def models(request: Request) -> JSONResponse:
    """Needs ``read``, as every GET does."""
    return JSONResponse({"account": request.user.account_id, "models": ["churn", "fraud"]})


@requires("models:train")
async def train(_request: Request) -> JSONResponse:
    """Needs ``write``, as every POST does, and ``models:train`` as well."""
    return JSONResponse({"status": "training"}, status_code=202)


def create_app(auth: AsyncAuth) -> Starlette:
    """Return the app, guarded by `auth`."""
    routes = [Route("/healthz", healthz), Route("/models", models), Route("/models/train", train, methods=["POST"])]
    app = Starlette(routes=routes)
    install(app, auth, Policy(public=("/healthz",)))
    return app


async def main(port: int) -> None:
    """Serve it, with a first key."""
    async with AsyncAuth.open("sqlite:///starlette_app.db") as auth:
        key = (await auth.keys.create("acct_42", name="first", permissions=READ_WRITE)).secret.reveal()
        print(f"curl -i http://127.0.0.1:{port}/models -H 'x-api-key: {key}'", flush=True)
        await uvicorn.Server(uvicorn.Config(create_app(auth), port=port)).serve()


if __name__ == "__main__":
    asyncio.run(main(int(os.environ.get("PORT", "8000"))))
