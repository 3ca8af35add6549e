"""`plexe_key` makes a key in the state that is asked for and returns the header to send, good for both faces."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from plexe_auth import (
    READ_WRITE,
    AccountSuspended,
    AsyncAuth,
    Auth,
    AuthError,
    InsufficientPermissions,
    InvalidRequest,
    IPNotAllowed,
)
from plexe_auth.testing import FakeClock, KeyFactory


def test_a_key_is_one_header(plexe_key: KeyFactory) -> None:
    header = plexe_key()
    assert list(header) == ["x-api-key"]
    assert header["x-api-key"].startswith("plx_sk_")


def test_a_key_is_good_for_both_faces(plexe_auth: Auth, plexe_auth_async: AsyncAuth, plexe_key: KeyFactory) -> None:
    text = plexe_key()["x-api-key"]
    assert plexe_auth.keys.verify(text).id == asyncio.run(plexe_auth_async.keys.verify(text)).id


def test_a_key_reads_and_does_not_write_unless_told(plexe_auth: Auth, plexe_key: KeyFactory) -> None:
    plexe_auth.keys.verify(plexe_key()["x-api-key"], "read")
    plexe_auth.keys.verify(plexe_key(READ_WRITE)["x-api-key"], "write")
    with pytest.raises(InsufficientPermissions):
        plexe_auth.keys.verify(plexe_key()["x-api-key"], "write")


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ({"expired": True}, "expired_key"),
        ({"disabled": True}, "disabled_key"),
        ({"revoked": True}, "revoked_key"),
        ({"expired": True, "disabled": True}, "disabled_key"),
        ({"expired": True, "revoked": True}, "revoked_key"),
        ({"disabled": True, "revoked": True}, "revoked_key"),
        ({"expired": True, "disabled": True, "revoked": True}, "revoked_key"),
        ({"expired": True, "expires_in": timedelta(days=1)}, "expired_key"),
    ],
)
def test_a_key_in_a_bad_state_is_refused_with_its_code(
    plexe_auth: Auth, plexe_key: KeyFactory, state: dict[str, Any], code: str
) -> None:
    with pytest.raises(AuthError) as refused:
        plexe_auth.keys.verify(plexe_key(**state)["x-api-key"])
    assert refused.value.code == code


def test_an_expired_key_does_not_move_the_clock(plexe_key: KeyFactory, plexe_clock: FakeClock) -> None:
    before = plexe_clock()
    plexe_key(expired=True)
    assert plexe_clock() == before


def test_the_arguments_of_create_reach_the_key(plexe_auth: Auth, plexe_key: KeyFactory, plexe_clock: FakeClock) -> None:
    header = plexe_key(
        "models:read",
        account_id="acct_42",
        name="CI",
        expires_in=timedelta(days=30),
        allowed_ips=("192.0.2.0/24",),
        rate="100/minute",
        metadata={"team": "ml"},
    )
    key = plexe_auth.keys.get(header.key.id)
    assert (str(key.permissions), key.account_id, key.name) == ("models:read", "acct_42", "CI")
    assert (key.expires_at, key.rate) == (plexe_clock() + timedelta(days=30), "100/minute")
    assert (key.allowed_ips, key.metadata) == (("192.0.2.0/24",), {"team": "ml"})
    with pytest.raises(IPNotAllowed):
        plexe_auth.keys.verify(header["x-api-key"], ip="198.51.100.1")


def test_the_header_knows_its_key_for_the_rest_of_the_test(plexe_auth: Auth, plexe_key: KeyFactory) -> None:
    header = plexe_key()
    plexe_auth.keys.revoke(header.key.id)
    assert plexe_auth.keys.explain(header["x-api-key"]).code == "revoked_key"


def test_a_printed_header_shows_no_key(plexe_key: KeyFactory) -> None:
    header = plexe_key()
    assert repr(header) == str(header) == f"KeyHeader(x-api-key: {header.key.hint})"
    assert header["x-api-key"] not in f"{header!r}{header}{[header]}"


def test_what_create_refuses_is_refused(plexe_auth: Auth, plexe_key: KeyFactory) -> None:
    with pytest.raises(InvalidRequest):
        plexe_key("no such permission")
    plexe_auth.accounts.suspend("acct_test")
    with pytest.raises(AccountSuspended):
        plexe_key()
