"""Processes that verify a key without a pause never accept it once another one has narrowed it."""

from pathlib import Path

import pytest

from plexe_auth import Auth
from tests.cache.rounds import CHANGES, played
from tests.stores import emptied


@pytest.mark.parametrize(
    ("kind", "staleness"), [("sqlite", 0.0), ("sqlite", 0.05), ("postgresql", 0.05), ("mariadb", 0.05)]
)
def test_K05_no_process_accepts_a_key_after_the_change_has_returned(
    kind: str, staleness: float, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path}/auth.db" if kind == "sqlite" else emptied(request.getfixturevalue(f"{kind}_url"))
    Auth.open(url).close()
    seen = played(url, len(CHANGES), staleness, verifiers=3)
    assert seen.accepted >= 2 * 3 * len(CHANGES)
    assert seen.late == 0
