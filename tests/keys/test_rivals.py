"""What one process does to a key, every other one sees at its next look; and of many rivals one wins."""

from typing import Any

import pytest

from tests.keys.rival import rival, rotate, verify
from tests.stores import SHARED


def test_K21_of_32_rotations_at_once_one_wins(auth: Any) -> None:
    old = auth.keys.create("acct", name="CI")
    assert rotate(auth, old.key.id, "32") == "1"
    assert len(auth.keys.page("acct").items) == 2
    assert auth.keys.get(old.key.id).rotated_to == auth.keys.page("acct").items[0].id


@pytest.mark.parametrize("store_url", SHARED, indirect=True)
def test_K21_of_rotations_in_two_processes_one_wins(store_url: str, face: str, opened: Any) -> None:
    auth = opened(face, store_url)
    with rival(store_url) as other:
        for _ in range(3):
            old = auth.keys.create("acct", name="CI")
            other.begin("rotate", old.key.id, "16")
            mine = rotate(auth, old.key.id, "16")
            assert sorted([mine, other.answer()]) == ["0", "1"]
    assert len(auth.keys.page("acct").items) == 6


@pytest.mark.parametrize("store_url", SHARED, indirect=True)
def test_P06_another_process_sees_every_change_at_its_next_verification(store_url: str, face: str, opened: Any) -> None:
    auth = opened(face, store_url)
    issued = auth.keys.create("acct", name="CI", permissions="read write")
    text, key_id = issued.secret.reveal(), issued.key.id
    with rival(store_url) as other:
        assert other.ask("verify", text, "models:write") == "allowed"
        auth.keys.update(key_id, permissions="read")
        assert other.ask("verify", text, "models:write") == "insufficient_permissions"
        assert other.ask("verify", text, "models:read") == "allowed"
        auth.keys.disable(key_id)
        assert other.ask("verify", text, "models:read") == "disabled_key"
        auth.keys.enable(key_id)
        auth.accounts.suspend("acct")
        assert other.ask("verify", text, "models:read") == "account_suspended"
        auth.accounts.resume("acct")
        assert other.ask("verify", text, "models:read") == "allowed"
        auth.keys.revoke(key_id)
        assert other.ask("verify", text, "models:read") == verify(auth, text, "models:read") == "revoked_key"
