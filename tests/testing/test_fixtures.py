"""Both faces of the test kit stand in one world: one memory, one clock, one mailbox, one set of settings."""

import asyncio
import threading
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any

import pytest

from plexe_auth import AsyncAuth, Auth, ExpiredKey, RevokedKey, Settings
from plexe_auth.bridge import finish
from plexe_auth.testing import FakeClock, Mailbox


def on_a_new_loop(coroutine: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(coroutine)


def test_what_one_face_makes_the_other_knows(plexe_auth: Auth, plexe_auth_async: AsyncAuth) -> None:
    issued = on_a_new_loop(plexe_auth_async.keys.create("acct_42", name="CI"))
    assert plexe_auth.keys.get(issued.key.id) == issued.key


def test_what_one_face_revokes_the_other_refuses(plexe_auth: Auth, plexe_auth_async: AsyncAuth) -> None:
    issued = plexe_auth.keys.create("acct_42", name="CI")
    on_a_new_loop(plexe_auth_async.keys.revoke(issued.key.id))
    with pytest.raises(RevokedKey):
        plexe_auth.keys.verify(issued.secret.reveal())


def test_one_clock_moves_both(plexe_auth: Auth, plexe_auth_async: AsyncAuth, plexe_clock: FakeClock) -> None:
    text = plexe_auth.keys.create("acct_42", name="CI", expires_in=timedelta(hours=1)).secret.reveal()
    faces = (plexe_auth.keys.verify, lambda text: on_a_new_loop(plexe_auth_async.keys.verify(text)))
    plexe_clock.advance(timedelta(minutes=59))
    assert [verify(text).verified_at for verify in faces] == [plexe_clock()] * 2
    plexe_clock.advance(timedelta(minutes=1))
    for verify in faces:
        with pytest.raises(ExpiredKey):
            verify(text)


def test_one_mailbox_receives_from_both(plexe_auth: Auth, plexe_auth_async: AsyncAuth, plexe_mailbox: Mailbox) -> None:
    assert plexe_auth.world.mailer is plexe_auth_async.world.mailer is plexe_mailbox


class TestOfAHost:
    """A host's own settings, by overriding one fixture."""

    @pytest.fixture
    def plexe_settings(self) -> Settings:
        return Settings(key_prefix="host_")

    def test_both_have_them(self, plexe_auth: Auth, plexe_auth_async: AsyncAuth) -> None:
        keys = [plexe_auth.keys.create("acct_42", name="CI")]
        keys += [on_a_new_loop(plexe_auth_async.keys.create("acct_42", name="CI"))]
        assert [issued.key.hint[:5] for issued in keys] == ["host_", "host_"]


@pytest.mark.parametrize("_again", range(2))
def test_every_test_begins_with_nothing(plexe_auth: Auth, plexe_mailbox: Mailbox, _again: int) -> None:
    assert (len(tuple(plexe_auth.keys.page("acct_42"))), len(plexe_mailbox)) == (0, 0)
    plexe_auth.keys.create("acct_42", name="CI")
    plexe_mailbox.send("a mail")


def test_the_asynchronous_face_serves_several_loops(plexe_auth_async: AsyncAuth) -> None:
    issued = on_a_new_loop(plexe_auth_async.keys.create("acct_42", name="CI"))
    assert on_a_new_loop(plexe_auth_async.keys.verify(issued.secret.reveal())).id == issued.key.id


def test_the_asynchronous_face_needs_neither_a_loop_nor_a_thread(plexe_auth_async: AsyncAuth) -> None:
    before = threading.active_count()
    issued = finish(plexe_auth_async.keys.create("acct_42", name="CI"))
    finish(plexe_auth_async.keys.page("acct_42"))
    assert finish(plexe_auth_async.keys.rotate(issued.key.id)).key.id != issued.key.id
    assert threading.active_count() == before


def test_closing_early_is_allowed(plexe_auth: Auth, plexe_auth_async: AsyncAuth) -> None:
    plexe_auth.close()
    on_a_new_loop(plexe_auth_async.close())
