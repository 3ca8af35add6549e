"""Tests of the Flask service. All that they know of plexe_auth is its fixtures."""

from datetime import timedelta

import pytest
from model_service.flask_app import create_app


@pytest.fixture
def client(plexe_auth):
    return create_app(plexe_auth).test_client()


def test_health_needs_no_key(client):
    assert client.get("/healthz").status_code == 200


def test_without_a_key_nobody_gets_in(client):
    answer = client.get("/models")
    assert (answer.status_code, answer.json["code"]) == (401, "invalid_key")


def test_a_model_that_is_added_is_listed(client, plexe_key):
    key = plexe_key("models:read models:write")
    assert client.put("/models/churn", headers=key).status_code == 201
    assert client.get("/models", headers=key).json == {"models": ["churn"]}


def test_one_account_does_not_see_anothers_models(client, plexe_key):
    client.put("/models/churn", headers=plexe_key("models:write", account_id="acct_1"))
    assert client.get("/models", headers=plexe_key("models:read", account_id="acct_2")).json == {"models": []}


def test_a_key_that_only_reads_adds_nothing(client, plexe_key):
    answer = client.put("/models/churn", headers=plexe_key("models:read"))
    assert (answer.status_code, answer.json["code"]) == (403, "insufficient_permissions")


def test_removing_takes_more_than_writing(client, plexe_key):
    answer = client.delete("/models/churn", headers=plexe_key("models:write"))
    assert (answer.status_code, answer.json["code"]) == (403, "insufficient_permissions")
    assert client.delete("/models/churn", headers=plexe_key("models:*")).status_code == 204


@pytest.mark.parametrize("state", ["expired", "revoked"])
def test_a_dead_key_is_told_why(client, plexe_key, state):
    answer = client.get("/models", headers=plexe_key("models:read", **{state: True}))
    assert (answer.status_code, answer.json["code"]) == (401, f"{state}_key")


def test_a_trial_ends_after_thirty_days(client, plexe_key, plexe_clock):
    trial = plexe_key("models:read", expires_in=timedelta(days=30))
    assert client.get("/models", headers=trial).status_code == 200
    plexe_clock.advance(timedelta(days=30))
    assert client.get("/models", headers=trial).json["code"] == "expired_key"


def test_a_key_revoked_between_two_requests_is_refused(client, plexe_auth, plexe_key):
    key = plexe_key("models:read")
    assert client.get("/models", headers=key).status_code == 200
    plexe_auth.keys.revoke(key.key.id)
    assert client.get("/models", headers=key).json["code"] == "revoked_key"
