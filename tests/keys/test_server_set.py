"""What the server alone sets cannot be set by anybody through anything that is given."""

import inspect
from datetime import timedelta
from typing import Any

import pytest

from plexe_auth.service.keys import Keys
from plexe_auth.storage.key_tables import KEYS
from tests.conftest import Clock

GIVEN = {"account_id", "name", "permissions", "expires_at", "allowed_ips", "rate", "metadata"}
SERVER_SET = set(KEYS.names) - GIVEN
OPERATIONS = ("create", "update", "rotate", "revoke", "revoke_all", "revoke_leaked", "disable", "enable")


def row(auth: Any, key_id: str) -> dict[str, Any]:
    return dict(auth.world.store._store._tables["keys"][key_id])


def difference(before: dict[str, Any], after: dict[str, Any]) -> set[str]:
    return {name for name in after if after[name] != before.get(name)}


@pytest.mark.parametrize("operation", OPERATIONS)
def test_H15_no_operation_takes_a_value_that_the_server_sets(operation: str) -> None:
    taken = set(inspect.signature(getattr(Keys, operation)).parameters)
    assert taken.isdisjoint(SERVER_SET | {"account"})
    assert operation in {"create", "revoke_all"} or "account_id" not in taken


@pytest.mark.parametrize("name", sorted(SERVER_SET))
def test_H15_a_value_that_the_server_sets_is_refused_by_name(quick: Any, name: str) -> None:
    key = quick.keys.create("acct", name="CI").key
    before = row(quick, key.id)
    with pytest.raises(TypeError):
        quick.keys.create("acct", **{"name": "CI", name: "x"})
    with pytest.raises(TypeError):
        quick.keys.update(key.id, **{name: "x"})
    assert row(quick, key.id) == before
    assert len(quick.keys.page("acct").items) == 1


def test_H15_metadata_that_names_columns_sets_none(quick: Any, clock: Clock) -> None:
    plain = quick.keys.create("acct", name="CI").key
    named = quick.keys.create("acct", name="CI", metadata=dict.fromkeys(KEYS.names, "*:*")).key
    columns = difference(row(quick, plain.id), row(quick, named.id))
    assert columns == {"id", "digest", "hint", "family", "metadata"}


@pytest.mark.parametrize(
    ("operation", "asked", "columns"),
    [
        ("update", {"name": "other"}, {"name"}),
        ("update", {"permissions": "*:*"}, {"permissions"}),
        ("update", {"expires_at": None}, {"expires_at"}),
        ("update", {"allowed_ips": ["::1"]}, {"allowed_ips"}),
        ("update", {"rate": "1/day"}, {"rate"}),
        ("update", {"metadata": {"id": "x", "account_id": "victim"}}, {"metadata"}),
        ("revoke", {"reason": "x"}, {"revoked_at", "revoked_reason"}),
        ("disable", {}, {"disabled_at"}),
        ("rotate", {"overlap": timedelta(1)}, {"rotated_to", "rotated_at", "retires_at"}),
    ],
)
def test_H15_an_operation_changes_its_own_columns_alone(
    quick: Any, operation: str, asked: dict[str, Any], columns: set[str]
) -> None:
    key = quick.keys.create("acct", name="CI", expires_in=timedelta(1)).key
    before = row(quick, key.id)
    getattr(quick.keys, operation)(key.id, **asked)
    assert difference(before, row(quick, key.id)) == columns | {"version"}
