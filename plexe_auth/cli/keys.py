"""``plexe-auth keys``: keys are made, replaced, looked at and ended; a new key's text is printed this once."""

from datetime import timedelta
from typing import Any

import click

from plexe_auth.auth import Auth
from plexe_auth.cli.answer import Answer
from plexe_auth.cli.asking import confirm, hidden
from plexe_auth.cli.gathered import gathered, listing, remark_on_more
from plexe_auth.cli.key_shown import COLUMNS, issued, row, told, whole
from plexe_auth.cli.opened import begins, opens, yes_option
from plexe_auth.cli.table import Column
from plexe_auth.model.key import STATUSES, Status

_MOST = 200
_LONGEST_DAYS = 36_500

_account = click.argument("account")
_key = click.argument("key_id", metavar="ID")
_reason = click.option("--reason", default="", help="Why; kept with the key.")
_quiet = click.option("--quiet", is_flag=True, help="Print the new key's text alone.")
_days = click.IntRange(1, _LONGEST_DAYS)


def _metadata(_context: click.Context, _option: click.Parameter, pairs: tuple[str, ...]) -> dict[str, str] | None:
    split = [pair.partition("=") for pair in pairs]
    names = [name for name, _sign, _value in split]
    if not all(name and sign for name, sign, _value in split) or len(set(names)) < len(names):
        raise click.BadParameter("give each as name=value, and each name once")
    return {name: value for name, _sign, value in split} or None


@click.group()
def keys() -> None:
    """Make, list, rotate and revoke API keys."""


@keys.command()
@_account
@click.option("--name", required=True, help="What its owner calls it.")
@click.option("--permissions", multiple=True, help='Such as "models:read jobs:write"; reading by default.')
@click.option("--expires-in-days", type=_days, help="How long it lives; for ever by default.")
@click.option("--allow-ip", "allowed_ips", multiple=True, help="An address or block it may be used from; repeatable.")
@click.option("--rate", help='How often it may be used, such as "100/minute; 5000/day".')
@click.option("--metadata", multiple=True, callback=_metadata, metavar="NAME=VALUE", help="Kept with it; repeatable.")
@_quiet
@begins
def create(
    auth: Auth,
    answer: Answer,
    account: str,
    permissions: tuple[str, ...],
    expires_in_days: int | None,
    quiet: bool,
    **terms: Any,
) -> None:
    """Make a key for ACCOUNT, and print its text, which cannot be had again."""
    _check_quiet(answer, quiet)
    more: dict[str, Any] = {"permissions": " ".join(permissions)} if permissions else {}
    lives = None if expires_in_days is None else timedelta(days=expires_in_days)
    issued(answer, auth.keys.create(account, expires_in=lives, **more, **terms), auth.world.now(), quiet=quiet)


@keys.command("list")
@_account
@click.option("--status", type=click.Choice(STATUSES), help="Only those.")
@listing(50)
@opens
def list_(
    auth: Auth, answer: Answer, account: str, status: Status | None, limit: int, after: str | None, everything: bool
) -> None:
    """List the keys of ACCOUNT, newest first."""
    found = gathered(
        lambda cursor, many: auth.keys.page(account, cursor, many, status), _MOST, limit, after, everything
    )
    now = auth.world.now()
    items = [told(key, now) for key in found.items]
    answer.table(COLUMNS, [row(key, now) for key in found.items], {"items": items, "next": found.next})
    remark_on_more(answer, found, "keys")


@keys.command()
@_key
@opens
def show(auth: Auth, answer: Answer, key_id: str) -> None:
    """Show all that is known of a key."""
    whole(answer, auth.keys.get(key_id), auth.world.now())


@keys.command()
@_key
@click.option(
    "--overlap-hours",
    type=click.IntRange(0, _LONGEST_DAYS * 24),
    default=24,
    show_default=True,
    help="How long the old key goes on working.",
)
@_quiet
@opens
def rotate(auth: Auth, answer: Answer, key_id: str, overlap_hours: int, quiet: bool) -> None:
    """Make the key that takes another one's place, and print its text."""
    _check_quiet(answer, quiet)
    made = auth.keys.rotate(key_id, overlap=timedelta(hours=overlap_hours))
    issued(answer, made, auth.world.now(), quiet=quiet)


@keys.command()
@_key
@click.option("--name", help="What its owner calls it.")
@click.option("--permissions", multiple=True, help="In place of those it has.")
@click.option("--expires-in-days", type=_days, help="From now on.")
@click.option("--never-expires", is_flag=True, help="It lives for ever.")
@click.option("--rate", help='How often it may be used; "" for as often as it likes.')
@opens
def update(
    auth: Auth,
    answer: Answer,
    key_id: str,
    permissions: tuple[str, ...],
    expires_in_days: int | None,
    never_expires: bool,
    name: str | None,
    rate: str | None,
) -> None:
    """Change what is named of a key, and leave the rest."""
    if never_expires and expires_in_days is not None:
        raise click.UsageError("--never-expires and --expires-in-days exclude each other.")
    named: dict[str, Any] = {} if name is None else {"name": name}
    named |= {"permissions": " ".join(permissions)} if permissions else {}
    named |= {} if rate is None else {"rate": rate or None}
    if expires_in_days is not None or never_expires:
        days = expires_in_days
        named["expires_at"] = None if days is None else auth.world.now() + timedelta(days=days)
    whole(answer, auth.keys.update(key_id, **named), auth.world.now())


@keys.command()
@_key
@_reason
@opens
def revoke(auth: Auth, answer: Answer, key_id: str, reason: str) -> None:
    """End a key for good. When this has returned, no process accepts it."""
    key = auth.keys.revoke(key_id, reason=reason)
    answer.done(f"{key.id} is revoked.", told(key, auth.world.now()))


@keys.command("revoke-all")
@_account
@_reason
@yes_option
@opens
def revoke_all(auth: Auth, answer: Answer, account: str, reason: str, yes: bool) -> None:
    """End every key of ACCOUNT for good."""
    confirm(f"This ends every key of {account} for good. Go on?", yes=yes)
    count = auth.keys.revoke_all(account, reason=reason)
    answer.done(f"{count} revoked.", {"account_id": account, "revoked": count})


@keys.command("revoke-leaked")
@_reason
@opens
def revoke_leaked(auth: Auth, answer: Answer, reason: str) -> None:
    """End the key whose text was found somewhere. The text is asked for, or read from standard input."""
    key = auth.keys.revoke_leaked(hidden("Key").reveal(), reason=reason)
    sentence = "This is no key of ours." if key is None else f"{key.id} of {key.account_id} is revoked."
    answer.done(sentence, {"revoked": None if key is None else told(key, auth.world.now())})


@keys.command()
@_key
@opens
def disable(auth: Auth, answer: Answer, key_id: str) -> None:
    """Refuse a key until it is enabled again."""
    key = auth.keys.disable(key_id)
    answer.done(f"{key.id} is disabled.", told(key, auth.world.now()))


@keys.command()
@_key
@opens
def enable(auth: Auth, answer: Answer, key_id: str) -> None:
    """Accept a disabled key again."""
    key = auth.keys.enable(key_id)
    answer.done(f"{key.id} is enabled.", told(key, auth.world.now()))


@keys.command()
@click.option("--permission", help="What it is to be used for, such as models:read.")
@click.option("--ip", help="Where it is to be used from.")
@opens
def explain(auth: Auth, answer: Answer, permission: str | None, ip: str | None) -> None:
    """Make every check of a key, and change nothing. Its text is asked for, or read from standard input."""
    found = auth.keys.explain(hidden("Key").reveal(), permission=permission, ip=ip)
    columns = (Column("CHECK"), Column("PASSED"), Column("WHY NOT", least=8))
    rows = [(check.name, check.passed, check.detail) for check in found.checks]
    answer.table(columns, rows, {"allowed": found.allowed, "code": found.code, "checks": found.checks})
    answer.remark("It would be accepted." if found.allowed else f"It would be refused: {found.code}.")


def _check_quiet(answer: Answer, quiet: bool) -> None:
    if quiet and answer.as_json:
        raise click.UsageError("--quiet and --json exclude each other.")
