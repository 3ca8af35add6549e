"""Tests of the FastAPI service. All that they know of plexe_auth is its fixtures."""

from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from model_service.fastapi_app import create_app


@pytest.fixture
def client(plexe_auth_async):
    with TestClient(create_app(plexe_auth_async)) as client:
        yield client


def test_health_needs_no_key(client):
    assert client.get("/healthz").status_code == 200


def test_without_a_key_nobody_gets_in(client):
    answer = client.get("/models")
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_key")


def test_a_model_that_is_added_is_listed(client, plexe_key):
    key = plexe_key("models:read models:write")
    assert client.put("/models/churn", headers=key).status_code == 201
    assert client.get("/models", headers=key).json() == {"models": ["churn"]}


def test_one_account_does_not_see_anothers_models(client, plexe_key):
    client.put("/models/churn", headers=plexe_key("models:write", account_id="acct_1"))
    assert client.get("/models", headers=plexe_key("models:read", account_id="acct_2")).json() == {"models": []}


def test_removing_takes_more_than_writing(client, plexe_key):
    answer = client.delete("/models/churn", headers=plexe_key("models:write"))
    assert (answer.status_code, answer.json()["code"]) == (403, "insufficient_permissions")
    assert client.delete("/models/churn", headers=plexe_key("models:*")).status_code == 204


def test_a_trial_ends_after_thirty_days(client, plexe_key, plexe_clock):
    trial = plexe_key("models:read", expires_in=timedelta(days=30))
    assert client.get("/models", headers=trial).status_code == 200
    plexe_clock.advance(timedelta(days=30))
    assert client.get("/models", headers=trial).json()["code"] == "expired_key"


def test_a_key_revoked_between_two_requests_is_refused(client, plexe_auth, plexe_key):
    key = plexe_key("models:read")
    assert client.get("/models", headers=key).status_code == 200
    plexe_auth.keys.revoke(key.key.id)  # the blocking face works on the same keys
    assert client.get("/models", headers=key).json()["code"] == "revoked_key"


@pytest.mark.anyio
async def test_a_key_is_verified_in_a_coroutine(plexe_auth_async, plexe_key):
    principal = await plexe_auth_async.keys.verify(plexe_key("models:read")["x-api-key"])
    assert principal.can("models:read")


@pytest.fixture
def anyio_backend():
    return "asyncio"
