"""However somebody signs in, it ends here: a session is born in the same commit as its entry, or nobody is let in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from plexe_auth.identifier import new_id
from plexe_auth.model.client import Client
from plexe_auth.model.note import Note
from plexe_auth.model.session import Session, ends, forgotten_at, new_row
from plexe_auth.model.session import from_row as session_from
from plexe_auth.model.user import User
from plexe_auth.model.user import from_row as user_from
from plexe_auth.rows import Add, Change, Delete, Insert, Row, Update, Value, at_most, equal
from plexe_auth.secret import Secret, digest
from plexe_auth.service import new_device
from plexe_auth.service.committing import Effect, commit
from plexe_auth.service.session_judging import FORMAT
from plexe_auth.world import World


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Somebody has signed in.

    Attributes:
        token: what the cookie shall hold; here and never again.
        session: the session that it opens.
        user: who it is.
        next: the path to go on to, as `plexe_auth.service.oauth.OAuth.begin` was told.
        mfa_due_at: from when on they will not get in without a second factor, where their account demands one and this
            was none.
        recovery_codes: for whoever has just added their first second factor; shown here, and never again.
    """

    token: Secret
    session: Session
    user: User
    next: str = "/"
    mfa_due_at: datetime | None = None
    recovery_codes: tuple[Secret, ...] = ()


async def signed_in(
    world: World,
    user: Row,
    methods: tuple[str, ...],
    client: Client,
    note: Note,
    *,
    columns: Mapping[str, Value] = MappingProxyType({}),
    more: Sequence[Change] = (),
    until: int | None = None,
    effect: Effect = "none",
    codes: tuple[Secret, ...] = (),
) -> SignedIn:
    """Begin a session of a user who is as they were when they were looked at, and tell of it.

    Args:
        world: where to.
        user: their row.
        methods: how they proved who they are.
        client: where from.
        note: what the access log shall tell.
        columns: what is set of the user's row besides.
        more: what else is done in the same commit.
        until: when it ends in any case, in microseconds since 1970; by default after ``Settings.session_lifetime``.
        effect: that of `more` on sessions.
        codes: recovery codes that `more` makes.

    Raises:
        Conflict: the user was changed meanwhile; nothing was done.
    """
    token, row = _born(world, user, methods, client, until)
    old = Delete("sessions", (at_most("expires_at", forgotten_at(world.now())),), several=True)
    effect = with_columns(effect, columns)
    changes = (unchanged(user, columns, effect), *more, old, Insert("sessions", row))
    is_new = await new_device.is_new(world, user["id"], client)
    await commit(world, *changes, notes=[_about(note, row)], effect=effect, on=(world.session_epoch,))
    if is_new:
        new_device.told(world, {**user, **columns}, client)
    return SignedIn(token, session_from(row), user_from({**user, **columns}), recovery_codes=codes)


def with_columns(effect: Effect, columns: Mapping[str, Value]) -> Effect:
    """Return the effect on sessions, where columns of their user are set as well: these are remembered beside them."""
    return "altered" if columns and effect == "none" else effect


def unchanged(user: Row, columns: Mapping[str, Value], effect: Effect) -> Change:
    """Return the change that sets columns of a user who is still as they were; if it alters them, in another version.

    Who was disabled, deleted or given another password since does not match, and is not let in.
    """
    changed: dict[str, Value | Add] = {**columns, "version": Add(1 if columns or effect == "altered" else 0)}
    return Update("users", (equal("id", user["id"]), equal("version", user["version"])), changed)


def _born(
    world: World, user: Row, methods: tuple[str, ...], client: Client, until: int | None
) -> tuple[Secret, dict[str, Value]]:
    now, token = world.now(), FORMAT.make()
    owner: dict[str, Value] = {"user_id": user["id"], "account_id": user["account_id"]}
    row = new_row(new_id("ses"), digest(token.reveal().encode()), owner, methods, client, now)
    return token, row | ends(now, world.settings.session_idle, world.settings.session_lifetime, until)


def _about(note: Note, row: Row) -> Note:
    return Note(note.action, row["account_id"], None, row["user_id"], row["id"], note.detail, note.client)
