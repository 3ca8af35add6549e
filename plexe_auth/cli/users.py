"""``plexe-auth users``: the people who sign in are made, looked at, signed out and removed."""

from typing import Any

import click

from plexe_auth.auth import Auth
from plexe_auth.cli.answer import Answer, document
from plexe_auth.cli.asking import confirm, new_password
from plexe_auth.cli.gathered import gathered, listing, remark_on_more
from plexe_auth.cli.opened import begins, opens, yes_option
from plexe_auth.cli.table import Column
from plexe_auth.model.role import ROLES
from plexe_auth.model.user import User

_MOST = 200
_COLUMNS = (
    Column("ID"),
    Column("EMAIL", least=10),
    Column("STATUS"),
    Column("ROLE", rank=2),
    Column("NAME", least=6, rank=3),
    Column("ACCOUNT", least=8, rank=1),
    Column("CREATED", rank=4),
)
_SESSIONS = (
    Column("ID"),
    Column("LAST USED"),
    Column("IP", rank=1),
    Column("BY", least=8, rank=3),
    Column("EXPIRES", rank=4),
    Column("CLIENT", least=10, rank=2),
)
_user = click.argument("user_id", metavar="ID")
_role = click.Choice(tuple(ROLES))


@click.group()
def users() -> None:
    """Make, list, disable and remove the people who sign in."""


@users.command()
@click.argument("email")
@click.option("--name", default="", help="What they are called.")
@click.option("--account", "account_id", help="The account they belong to; a new one by default.")
@click.option("--role", type=_role, help="What they may do; owner for the first of an account, else member.")
@click.option("--no-password", is_flag=True, help="They sign in in another way, or reset it by mail.")
@begins
def create(auth: Auth, answer: Answer, email: str, no_password: bool, **more: Any) -> None:
    """Make a user. The password is asked for twice, or read from two lines of standard input."""
    password = None if no_password else new_password().reveal()
    try:
        user = auth.users.create(email, password, **more)
    finally:
        del password
    _tell(answer, user)


@users.command("list")
@click.option("--account", help="Only those of this account.")
@listing(50)
@opens
def list_(auth: Auth, answer: Answer, account: str | None, limit: int, after: str | None, everything: bool) -> None:
    """List users, newest first."""
    found = gathered(lambda cursor, many: auth.users.page(account, cursor, many), _MOST, limit, after, everything)
    rows = [(one.id, one.email, one.status, one.role, one.name, one.account_id, one.created_at) for one in found.items]
    answer.table(_COLUMNS, rows, {"items": [_told(user) for user in found.items], "next": found.next})
    remark_on_more(answer, found, "users")


@users.command()
@click.argument("who", metavar="ID|EMAIL")
@opens
def show(auth: Auth, answer: Answer, who: str) -> None:
    """Show what is known of a user."""
    _tell(answer, auth.users.find(who) if "@" in who else auth.users.get(who))


@users.command()
@_user
@opens
def disable(auth: Auth, answer: Answer, user_id: str) -> None:
    """Let a user sign in no more, and end their sessions."""
    _tell(answer, auth.users.disable(user_id))


@users.command()
@_user
@opens
def enable(auth: Auth, answer: Answer, user_id: str) -> None:
    """Let a user sign in again."""
    _tell(answer, auth.users.enable(user_id))


@users.command()
@_user
@yes_option
@opens
def delete(auth: Auth, answer: Answer, user_id: str, yes: bool) -> None:
    """Remove a user and their sessions. What the access log tells of them stays."""
    user = auth.users.get(user_id)
    confirm(f"This removes {user.email} for good. Go on?", yes=yes)
    auth.users.delete(user_id)
    answer.done(f"{user_id} is removed.", {"id": user_id, "removed": True})


@users.command()
@_user
@click.argument("role", type=_role)
@opens
def role(auth: Auth, answer: Answer, user_id: str, role: str) -> None:
    """Give a user another role, which their sessions have from now on."""
    _tell(answer, auth.users.change_role(user_id, role))


@users.command()
@_user
@listing(50)
@opens
def sessions(auth: Auth, answer: Answer, user_id: str, limit: int, after: str | None, everything: bool) -> None:
    """List the sessions of a user that can still be used, newest first."""
    found = gathered(lambda cursor, many: auth.sessions.page(user_id, cursor, many), _MOST, limit, after, everything)
    rows = [
        (one.id, one.last_used_at, one.ip, one.methods, min(one.idles_at, one.expires_at), one.user_agent)
        for one in found.items
    ]
    answer.table(_SESSIONS, rows, {"items": found.items, "next": found.next})
    remark_on_more(answer, found, "sessions")


@users.command("sign-out")
@_user
@click.option("--session", "session_id", metavar="ID", help="Only this one.")
@opens
def sign_out(auth: Auth, answer: Answer, user_id: str, session_id: str | None) -> None:
    """End the sessions of a user. When this has returned, no process accepts them."""
    if session_id is None:
        count = auth.sessions.revoke_all(user_id)
    else:
        auth.sessions.revoke(session_id, user_id=user_id)
        count = 1
    answer.done(f"{count} ended.", {"user_id": user_id, "ended": count})


def _told(user: User) -> dict[str, Any]:
    return {**document(user), "status": user.status}


def _tell(answer: Answer, user: User) -> None:
    values = {name: getattr(user, name) for name in User.__dataclass_fields__}
    answer.fields(_told(user) if answer.as_json else {"id": user.id, "status": user.status, **values})
