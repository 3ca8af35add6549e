"""``plexe-auth accounts``: an account is suspended and resumed as one, and may demand a second factor."""

from datetime import timedelta

import click

from plexe_auth.auth import Auth
from plexe_auth.cli.answer import Answer, document
from plexe_auth.cli.opened import opens
from plexe_auth.model.account import Account
from plexe_auth.service.accounts import GRACE

_account = click.argument("account")


@click.group()
def accounts() -> None:
    """Suspend and resume accounts, and demand second factors."""


@accounts.command()
@_account
@opens
def show(auth: Auth, answer: Answer, account: str) -> None:
    """Show what is known of ACCOUNT. One that was never heard of is active."""
    _tell(answer, auth.accounts.get(account))


@accounts.command()
@_account
@click.option("--reason", default="", help="Why; kept with the account.")
@opens
def suspend(auth: Auth, answer: Answer, account: str, reason: str) -> None:
    """Refuse all keys and sessions of ACCOUNT until it is resumed."""
    _tell(answer, auth.accounts.suspend(account, reason=reason))


@accounts.command()
@_account
@opens
def resume(auth: Auth, answer: Answer, account: str) -> None:
    """Accept the keys and sessions of ACCOUNT again."""
    _tell(answer, auth.accounts.resume(account))


@accounts.command("require-mfa")
@_account
@click.option("--grace-days", type=click.IntRange(0, 366), default=GRACE.days, show_default=True, help="Until then.")
@opens
def require_mfa(auth: Auth, answer: Answer, account: str, grace_days: int) -> None:
    """Let nobody of ACCOUNT in without a second factor, once a time of grace is over."""
    _tell(answer, auth.accounts.require_mfa(account, grace=timedelta(days=grace_days)))


@accounts.command("waive-mfa")
@_account
@opens
def waive_mfa(auth: Auth, answer: Answer, account: str) -> None:
    """Leave it to the people of ACCOUNT again whether they have a second factor."""
    _tell(answer, auth.accounts.waive_mfa(account))


def _tell(answer: Answer, account: Account) -> None:
    answer.fields(document(account) if answer.as_json else {name: getattr(account, name) for name in _NAMES})


_NAMES = tuple(Account.__dataclass_fields__)
