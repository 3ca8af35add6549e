"""Whoever has proven who they are gets a session, or a challenge where a second factor is due. There is no third."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from plexe_auth.identifier import new_id
from plexe_auth.model.account import from_row as account_from
from plexe_auth.model.challenge import FORMAT, Challenge, is_due, new_row, open_to
from plexe_auth.model.client import Client
from plexe_auth.model.instant import from_microseconds, to_microseconds
from plexe_auth.model.note import Note
from plexe_auth.model.strength import is_strong
from plexe_auth.rows import Change, Delete, Insert, Row, Value, at_most
from plexe_auth.secret import digest
from plexe_auth.service.committing import Effect, commit
from plexe_auth.service.factors import kinds
from plexe_auth.service.key_base import refuse_suspended
from plexe_auth.service.signed_in import SignedIn, signed_in, unchanged, with_columns
from plexe_auth.world import World


async def let_in(
    world: World,
    user: Row,
    methods: tuple[str, ...],
    client: Client,
    note: Note,
    *,
    columns: Mapping[str, Value] = MappingProxyType({}),
    more: Sequence[Change] = (),
    effect: Effect = "none",
) -> SignedIn | Challenge:
    """Return the session of a user who has shown `methods`, or the challenge that comes before it.

    The arguments are those of `signed_in`; what else is done is done in both cases.

    Raises:
        AccountSuspended: their account is suspended; nothing was done.
        Conflict: the user was changed meanwhile; nothing was done.
    """
    row = await world.store.get("accounts", "id", user["account_id"])
    refuse_suspended(user["account_id"], row)
    account = account_from(user["account_id"], row)
    factors, alone = await kinds(world, user["id"]), world.settings.passkey_alone
    if not is_due(factors, methods, demanded=account.demands_mfa(world.now()), passkey_alone=alone):
        result = await signed_in(world, user, methods, client, note, columns=columns, more=more, effect=effect)
        return (
            result if is_strong(methods, passkey_alone=alone) else replace(result, mfa_due_at=account.mfa_required_at)
        )
    ways = open_to({**user, **columns}, factors, methods, by_mail=world.can_mail_codes)
    token, now = FORMAT.make(), world.now()
    asked = new_row(new_id("chl"), digest(token.reveal().encode()), user["id"], methods, now)
    expired = Delete("challenges", (at_most("expires_at", to_microseconds(now)),), several=True)
    told = Note("session.challenge", user["account_id"], None, user["id"], None, note.action, client)
    effect = with_columns(effect, columns)
    changes = (unchanged(user, columns, effect), *more, expired, Insert("challenges", asked))
    await commit(world, *changes, notes=[told], effect=effect, on=(world.session_epoch,))
    return Challenge(token, ways, from_microseconds(int(asked["expires_at"] or 0)))
