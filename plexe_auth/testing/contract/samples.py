"""Rows to test with. Each is new: an id of a sample was in no store before."""

from typing import Any
from uuid import uuid4

from plexe_auth.rows import Row
from plexe_auth.storage.key_tables import KEYS
from plexe_auth.storage.store import Store

NOW = 1_774_785_600_123_456  # an instant in microseconds, as every store keeps them
SECOND = 1_000_000


def fresh(kind: str = "x") -> str:
    """Return an id that no store has seen."""
    return f"{kind}_{uuid4().hex}"


def key(**columns: Any) -> dict[str, Any]:
    """Return a row for ``keys``, with these columns."""
    base: dict[str, Any] = dict.fromkeys(KEYS.names)
    base |= {"id": fresh("key"), "account_id": fresh("account"), "digest": uuid4().bytes * 2, "created_at": NOW}
    base |= {"name": "a key", "hint": "plx_sk_…", "permissions": "read", "allowed_ips": "", "metadata": "{}"}
    return base | {"family": "a family", "version": 1} | columns


def account(**columns: Any) -> dict[str, Any]:
    """Return a row for ``accounts``, with these columns."""
    nothing = dict.fromkeys(("suspended_at", "suspended_reason", "mfa_required_at"))
    return {"id": fresh("account"), **nothing} | columns


def found(store: Store, table: str, row_id: Any) -> Row:
    """Return the row with this id, which must be there."""
    row = store.get(table, "id", row_id)
    assert row is not None, f"{row_id!r} is not in {table}"
    return row
