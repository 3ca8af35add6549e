"""A database that fails is never taken for one that has answered, and what it lost is found again at once."""

import contextlib
import itertools
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from plexe_auth import RevokedKey, Unavailable
from plexe_auth.rows import Insert, Spent
from tests.faces import Plainly
from tests.storage.conftest import kill_every_connection
from tests.storage.line import CUT, SWALLOW, Line, at

Opener = Callable[..., Any]

MESSAGES = range(1, 8)


@pytest.fixture
def line(server_url: str) -> Iterator[Line]:
    line = Line(server_url)
    yield line
    line.down()


@pytest.fixture
def auth(line: Line, opened: Opener, face: str) -> Any:
    return opened(face, line.url)


def test_after_the_server_has_dropped_every_connection_the_next_read_works(
    server_url: str, opened: Opener, face: str
) -> None:
    auth = opened(face, server_url)
    issued = auth.keys.create("acct", name="CI")
    kill_every_connection(server_url)
    assert auth.keys.verify(issued.secret.reveal()).id == issued.key.id
    kill_every_connection(server_url)
    assert issued.key in auth.keys.page("acct").items


def test_after_the_server_has_dropped_every_connection_the_next_write_works(
    server_url: str, opened: Opener, face: str
) -> None:
    auth = opened(face, server_url)
    key = auth.keys.create("acct", name="CI").key
    store = plain_store(auth)
    kill_every_connection(server_url)
    assert store.commit(
        Insert("accounts", {"id": key.id, "suspended_at": None, "suspended_reason": None, "mfa_required_at": None})
    ) == (1,)
    kill_every_connection(server_url)
    assert store.spend(key.id, 5, 1_000_000, 0) == Spent(1, 1_000_000)


def plain_store(auth: Any) -> Any:
    """The store below, called plainly."""
    if isinstance(auth, Plainly):
        return Plainly(auth.awaited.world.store, auth.loop)
    return auth.world.store._store


def test_a_server_that_is_down_is_unavailable_and_works_once_it_is_up(line: Line, auth: Any) -> None:
    issued = auth.keys.create("acct-canary", name="name-canary")
    line.down()
    for ask in (
        lambda: auth.keys.verify(issued.secret.reveal()),
        lambda: auth.keys.page("acct-canary"),
        lambda: auth.keys.create("acct-canary", name="name-canary"),
        lambda: auth.keys.revoke(issued.key.id),
        lambda: auth.accounts.suspend("acct-canary"),
    ):
        with pytest.raises(Unavailable) as refused:
            ask()
        assert "canary" not in " ".join(told(refused.value))
    line.up()
    assert auth.keys.verify(issued.secret.reveal()).id == issued.key.id
    auth.keys.revoke(issued.key.id)


def told(error: BaseException | None) -> Iterator[str]:
    """The texts of an error and of all that led to it."""
    while error is not None:
        yield f"{error} {error!r}"
        error = error.__cause__ or error.__context__


def whole_create(auth: Any, name: str) -> Any:
    auth.keys.create(name, name="CI")
    return lambda: len(auth.keys.page(name).items) == 1


def whole_rotate(auth: Any, name: str) -> Any:
    old = auth.keys.page(name).items[-1]
    auth.keys.rotate(old.id)
    return lambda: auth.keys.get(old.id).rotated_to is not None


def whole_revoke(auth: Any, name: str) -> Any:
    key = auth.keys.page(name).items[-1]
    auth.keys.revoke(key.id)
    return lambda: auth.keys.get(key.id).revoked_at is not None


def whole_suspend(auth: Any, name: str) -> Any:
    auth.accounts.suspend(name)
    return lambda: auth.accounts.get(name).status == "suspended"


@pytest.mark.parametrize("cut", [CUT, SWALLOW])
@pytest.mark.parametrize("act", [whole_create, whole_rotate, whole_revoke, whole_suspend])
def test_H07_a_line_that_is_cut_at_any_message_reports_no_success_and_leaves_no_half(
    line: Line, auth: Any, act: Any, cut: str, server_url: str, opened: Opener
) -> None:
    witness = opened("blocking", server_url)
    for message in itertools.count(1):
        name = f"{act.__name__}-{message}-{cut}-{threading.get_ident()}-{id(line)}"
        if act is not whole_create:
            witness.keys.create(name, name="CI")
        auth.keys.page("nobody")  # a connection is at hand
        line.set(at(message, cut))
        done = outcome(act, auth, name)
        was_reached = line.messages >= message
        line.set()
        assert done is None or done()
        assert_whole(witness, name)
        assert {key.id for key in auth.keys.page(name).items} == {key.id for key in witness.keys.page(name).items}
        if not was_reached:
            break
    assert message >= 8  # COMMIT among them


def outcome(act: Any, auth: Any, name: str) -> Callable[[], bool] | None:
    """What tells whether a reported success is one; nothing where none was reported."""
    try:
        return act(auth, name)
    except Unavailable:
        return None


def assert_whole(auth: Any, name: str) -> None:
    """A key that was rotated has its successor, and a successor its predecessor."""
    keys = {key.id: key for key in auth.keys.page(name).items}
    successors = [key.rotated_to for key in keys.values() if key.rotated_to]
    assert all(successor in keys for successor in successors)
    assert len(keys) - len(successors) <= 1


@pytest.mark.parametrize("cut", [CUT, SWALLOW])
def test_H07_a_read_that_is_cut_at_any_message_is_right_or_unavailable(line: Line, auth: Any, cut: str) -> None:
    issued = [auth.keys.create("acct", name="CI") for _ in range(3)]
    auth.keys.revoke(issued[0].key.id)
    for message in (1, 2, 3):
        auth.keys.page("nobody")
        line.set(at(message, cut))
        with pytest.raises((RevokedKey, Unavailable)):
            auth.keys.verify(issued[0].secret.reveal(), fresh=True)  # so that the key is what is asked for first
        line.set()
        assert [auth.keys.verify(one.secret.reveal()).id for one in issued[1:]] == [one.key.id for one in issued[1:]]


@pytest.mark.parametrize("server_url", ["mariadb"], indirect=True)
def test_a_server_that_says_nothing_is_given_up_on(line: Line, opened: Opener, face: str) -> None:
    auth = opened(face, f"{line.url}?read_timeout=1")
    issued = auth.keys.create("acct", name="CI")
    held = threading.Event()
    line.set(lambda _message: str(held.wait(60)))
    with pytest.raises(Unavailable):
        auth.keys.verify(issued.secret.reveal())
    held.set()
    line.set()
    assert auth.keys.verify(issued.secret.reveal()).id == issued.key.id


def test_a_line_that_is_cut_while_opening_is_unavailable(line: Line, opened: Opener, face: str) -> None:
    for message in MESSAGES:
        line.set(at(message, CUT))
        with contextlib.suppress(Unavailable):
            opened(face, line.url).keys.page("acct")
