"""``plexe-auth usage``: how often an account's keys were verified, with a bar that shows who uses most."""

from datetime import datetime, timedelta

import click

from plexe_auth.auth import Auth
from plexe_auth.cli.answer import Answer
from plexe_auth.cli.instant import instant
from plexe_auth.cli.opened import opens
from plexe_auth.cli.table import Column
from plexe_auth.model.usage import BY, By

_BAR = 16
_EIGHTHS = " ▏▎▍▌▋▊▉"
_COLUMNS = (
    Column("KEY", rank=0),
    Column("FROM", rank=1),
    Column("ALLOWED", right=True),
    Column("DENIED", right=True),
    Column("", rank=2),
)


@click.command()
@click.argument("account")
@click.option(
    "--since", metavar="INSTANT", callback=instant, default="30d", show_default=True, help="From this instant on."
)
@click.option("--until", metavar="INSTANT", callback=instant, help="Up to but not at this instant; now by default.")
@click.option("--by", type=click.Choice(BY), default="key", show_default=True, help="What is added up.")
@opens
def usage(auth: Auth, answer: Answer, account: str, since: datetime, until: datetime | None, by: By) -> None:
    """Tell how often the keys of ACCOUNT were verified.

    It is counted in whole hours of UTC, and an hour counts if any of it lies in the span.
    """
    end = until or auth.world.now() + timedelta(microseconds=1)
    found = auth.usage.totals(account, since, end, by)
    most = max((one.allowed + one.denied for one in found), default=0)
    rows = [(one.key_id, one.start, one.allowed, one.denied, bar(one.allowed + one.denied, most)) for one in found]
    answer.table(_COLUMNS, rows, {"account_id": account, "since": since, "until": end, "by": by, "items": found})
    if not found:
        answer.remark("No usage.")


def bar(count: int, most: int) -> str:
    """Return a bar as long as `count` is to `most`.

    Example:
        >>> bar(1, 2)
        '████████'
    """
    eighths = count * _BAR * 8 // most if most else 0
    return "█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()
