"""In a FastAPI app a demand is a dependency: it gives the principal and stands in the OpenAPI document."""

from typing import Annotated, Any

import pytest
from fastapi import APIRouter, Depends, FastAPI
from fastapi.testclient import TestClient

from plexe_auth import ConfigurationError, Policy, Principal
from plexe_auth.contrib.fastapi import install, requires
from tests.contrib.world import World

reads = Depends(requires("models:read"))
writes = Depends(requires("models:write"))
managers = APIRouter(prefix="/keys", dependencies=[Depends(requires("keys:manage"))])


@managers.get("")
async def keys() -> str:
    return "the keys"


def app_of(world: World | None, policy: Policy | None = None) -> FastAPI:
    app = FastAPI(title="models")
    if world is not None:
        install(app, world.awaited, policy)

    @app.get("/models")
    async def read(principal: Annotated[Principal, reads]) -> dict[str, str]:
        return {"account": principal.account_id}

    @app.get("/models/both", dependencies=[reads, writes])
    def both() -> str:
        return "both"

    @app.get("/plain")
    async def plain() -> str:
        return "plain"

    app.include_router(managers)
    return app


def test_the_document_names_the_field_that_carries_the_key(world: World) -> None:
    document = app_of(world).openapi()
    assert document["components"]["securitySchemes"] == {
        "ApiKey": {"type": "apiKey", "in": "header", "name": "x-api-key"}
    }


def test_each_operation_tells_what_it_demands(world: World) -> None:
    paths: dict[str, Any] = app_of(world).openapi()["paths"]
    assert {path: operations["get"].get("security") for path, operations in paths.items()} == {
        "/models": [{"ApiKey": ["models:read"]}],
        "/models/both": [{"ApiKey": ["models:read", "models:write"]}],
        "/plain": None,
        "/keys": [{"ApiKey": ["keys:manage"]}],
    }


def test_a_demand_shows_no_parameter_and_no_body_in_the_document(world: World) -> None:
    operation = app_of(world).openapi()["paths"]["/models"]["get"]
    assert "parameters" not in operation
    assert "requestBody" not in operation
    assert operation["responses"].keys() == {"200"}


@pytest.mark.parametrize("path", ["/openapi.json", "/docs", "/redoc"])
def test_the_document_and_its_pages_are_guarded_unless_they_are_public(world: World, path: str) -> None:
    guarded, public = TestClient(app_of(world)), TestClient(app_of(world, Policy(public=(path,))))
    assert guarded.get(path).json()["code"] == "invalid_key"
    assert guarded.get(path, headers={"x-api-key": world.keys["reader"]}).status_code == 200
    assert public.get(path).status_code == 200


@pytest.mark.parametrize(
    ("path", "key", "status"),
    [
        ("/models", "reader", 200),
        ("/models/both", "reader", 403),
        ("/models/both", "writer", 200),
        ("/keys", "writer", 403),
        ("/keys", "admin", 200),
    ],
)
def test_every_demand_of_an_operation_and_of_its_router_is_checked(
    world: World, path: str, key: str, status: int
) -> None:
    assert TestClient(app_of(world)).get(path, headers={"x-api-key": world.keys[key]}).status_code == status


def test_the_dependency_gives_the_principal(world: World) -> None:
    got = TestClient(app_of(world)).get("/models", headers={"x-api-key": world.keys["reader"]})
    assert got.json() == {"account": "acct_42"}


def test_without_a_gate_a_demand_tells_the_programmer(world: World) -> None:
    with pytest.raises(ConfigurationError, match="install"):
        TestClient(app_of(None)).get("/models", headers={"x-api-key": world.keys["admin"]})


def test_a_demand_on_a_public_path_lacks_a_key(world: World) -> None:
    got = TestClient(app_of(world, Policy(public=("/models",)))).get(
        "/models", headers={"x-api-key": world.keys["admin"]}
    )
    assert (got.status_code, got.json()["code"]) == (401, "invalid_key")
