"""A key looks the same whether it is shown by its row or by what the library makes of that."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from plexe_auth.manage.shown import Key
from plexe_auth.model.instant import to_microseconds
from plexe_auth.model.key import from_row

NOW = datetime(2026, 3, 29, 12, tzinfo=UTC)
LATER = st.none() | st.sampled_from([-1, 0, 1, 1_000_000]).map(lambda more: to_microseconds(NOW) + more)
TEXTS = st.text("abc ", max_size=5)

ROWS = st.fixed_dictionaries(
    {
        "id": TEXTS,
        "account_id": TEXTS,
        "name": TEXTS,
        "hint": TEXTS,
        "permissions": st.sampled_from(
            ["", "read", "read write", "*:read models:write", "models:read jobs:write", "!"]
        ),
        "created_at": st.integers(0, to_microseconds(NOW)),
        "expires_at": LATER,
        "last_used_at": LATER,
        "revoked_at": LATER,
        "revoked_reason": st.none() | TEXTS,
        "disabled_at": LATER,
        "rotated_to": st.none() | TEXTS,
        "rotated_at": LATER,
        "retires_at": LATER,
        "allowed_ips": st.sampled_from([None, "", "192.0.2.1", "192.0.2.0/24 2001:db8::/32"]),
        "rate": st.none() | st.just("5/second"),
        "metadata": st.sampled_from(["{}", '{"a": [1, null, "x"]}']),
        "family": TEXTS,
        "version": st.integers(1, 9),
    }
)


@given(ROWS, st.sampled_from([timedelta(0), timedelta(microseconds=1), timedelta(days=1)]))
def test_a_row_is_shown_as_its_key_is(row: dict[str, Any], later: timedelta) -> None:
    assert Key.kept(row, NOW + later) == Key.of(from_row(row), NOW + later)
