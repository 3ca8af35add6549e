"""What is sealed opens under its key, for its purpose and in its row, and nowhere else."""

import itertools
import sys
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given
from hypothesis import strategies as st

from plexe_auth import ConfigurationError, Secret, Unavailable
from plexe_auth.vault import Vault
from tests.keys.frames import held_by, ours

OLD, NEW, OTHER = "an older key: 7f3Qz0mW", b"the newest key: k2Vx9tRb", "the key of others: p8Lc4d"
ROW = ("user_7", "factor_1")
SECRET = Secret("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")
VAULT = Vault((NEW, OLD), "totp")


def refused(vault: Vault, sealed: Any, *row: str) -> Unavailable:
    with pytest.raises(Unavailable) as info:
        vault.open(sealed, *row)
    assert info.value.detail == "A stored secret does not open."
    assert info.value.__context__ is None
    return info.value


@given(st.text(max_size=500), st.lists(st.text(max_size=20), max_size=3))
def test_what_was_sealed_opens_just_as_it_was(text: str, row: list[str]) -> None:
    assert VAULT.open(VAULT.seal(Secret(text), *row), *row).reveal() == text


def test_what_is_sealed_tells_nothing_and_is_another_text_each_time() -> None:
    sealed = [VAULT.seal(SECRET, *ROW) for _ in range(200)]
    assert len({one[9:21] for one in sealed}) == 200
    assert not any(SECRET.reveal().encode() in one for one in sealed)
    assert {len(one) for one in sealed} == {9 + 12 + 32 + 16}


def test_it_is_AES_256_GCM_under_HKDF_SHA_256_as_another_hand_does_it() -> None:
    sealed = VAULT.seal(SECRET, *ROW)
    derived = HKDF(SHA256(), length=40, salt=None, info=b"plexe_auth vault totp").derive(NEW)
    row = b"\0\0\0\6user_7\0\0\0\x08factor_1"
    assert sealed[:9] == b"\1" + derived[32:]
    assert AESGCM(derived[:32]).decrypt(sealed[9:21], sealed[21:], sealed[:9] + row) == SECRET.reveal().encode()


def test_S09_the_newest_key_seals_and_older_ones_open() -> None:
    older = Vault((OLD,), "totp").seal(SECRET, *ROW)
    assert VAULT.open(older, *ROW) == SECRET
    assert Vault((NEW,), "totp").open(VAULT.seal(SECRET, *ROW), *ROW) == SECRET
    refused(Vault((OLD,), "totp"), VAULT.seal(SECRET, *ROW), *ROW)


def test_S09_a_removed_key_opens_nothing() -> None:
    older = Vault((OLD,), "totp").seal(SECRET, *ROW)
    for keys in ((NEW,), (OTHER,), (NEW, OTHER)):
        refused(Vault(keys, "totp"), older, *ROW)


@pytest.mark.parametrize("purpose", ["", "TOTP", "totp ", "oauth", "totp\0"])
def test_S08_what_was_sealed_for_one_purpose_opens_for_no_other(purpose: str) -> None:
    refused(Vault((NEW, OLD), purpose), VAULT.seal(SECRET, *ROW), *ROW)
    refused(VAULT, Vault((NEW, OLD), purpose).seal(SECRET, *ROW), *ROW)


ROWS = [(), ("user_7",), ("user_7", "factor_2"), ("user_8", "factor_1"), ("factor_1", "user_7"), ("user_7factor_1",)]
ROWS += [("user_7", "factor_1", ""), ("user_7f", "actor_1"), ("", "user_7", "factor_1"), ("user_7\0", "factor_1")]


@pytest.mark.parametrize(("one", "other"), list(itertools.permutations([ROW, *ROWS], 2)))
def test_what_was_moved_to_another_row_does_not_open(one: tuple[str, ...], other: tuple[str, ...]) -> None:
    refused(VAULT, VAULT.seal(SECRET, *one), *other)


def test_every_changed_bit_shows() -> None:
    sealed = VAULT.seal(SECRET, *ROW)
    for place, bit in itertools.product(range(len(sealed)), range(8)):
        changed = sealed[:place] + bytes([sealed[place] ^ 1 << bit]) + sealed[place + 1 :]
        refused(VAULT, changed, *ROW)


def test_whatever_is_cut_or_added_shows() -> None:
    sealed = VAULT.seal(SECRET, *ROW)
    for place in range(len(sealed)):
        refused(VAULT, sealed[:place], *ROW)
        refused(VAULT, sealed[:place] + b"\0" + sealed[place:], *ROW)
    refused(VAULT, sealed + b"\0", *ROW)
    refused(VAULT, sealed + bytes(1_000_000), *ROW)


def test_the_name_of_one_key_does_not_open_what_another_sealed() -> None:
    newer, older = VAULT.seal(SECRET, *ROW), Vault((OLD,), "totp").seal(SECRET, *ROW)
    refused(VAULT, older[:9] + newer[9:], *ROW)
    refused(VAULT, newer[:9] + older[9:], *ROW)


@given(st.binary() | st.text() | st.none() | st.integers() | st.binary(min_size=28, max_size=80).map(bytearray))
def test_S09_whatever_is_stored_it_opens_not_and_one_error_says_so(stored: Any) -> None:
    refused(VAULT, stored, *ROW)
    if isinstance(stored, bytes):
        refused(VAULT, VAULT.seal(SECRET, *ROW)[:9] + stored, *ROW)


def test_S09_no_other_decoder_has_a_look_at_what_does_not_open() -> None:
    for stored in (SECRET.reveal().encode(), SECRET.reveal(), b"gAAAAA" + b"A" * 60, b"{}", b""):
        refused(VAULT, stored, *ROW)


def test_no_frame_of_a_refusal_holds_a_key_or_a_secret() -> None:
    error = refused(VAULT, VAULT.seal(SECRET, *ROW)[:-1], *ROW)
    held = list(held_by(error, ours(error)))
    assert held
    assert not [one for one in held if SECRET.reveal() in one or NEW.decode() in one or OLD in one]


@pytest.mark.parametrize("keys", [(), ("short",), ("example" * 5,), (NEW, "changeme changeme changeme")])
def test_S09_a_vault_without_a_good_key_is_refused_when_it_is_made(keys: Any) -> None:
    with pytest.raises(ConfigurationError, match="secret_keys"):
        Vault(keys, "totp")


def test_without_the_extra_it_says_which_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "cryptography"]:
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ConfigurationError, match=r"install plexe-auth\[mfa\]"):
        Vault((NEW,), "totp")
