"""The schema has to be the one that we know, and the clocks of this host and of the database have to agree."""

from collections.abc import Iterator
from datetime import timedelta

from plexe_auth.auth import Auth
from plexe_auth.cli.checkup.finding import Finding
from plexe_auth.storage.sql.prepare import COMMAND
from plexe_auth.storage.sql.revision import Revision

_UNNOTICED = timedelta(seconds=2)
_STEP = timedelta(seconds=30)  # of a one-time password (RFC 6238): further apart, none of them is right
_SYNCHRONISE = "Have both hosts keep time by NTP (chrony, systemd-timesyncd)."


def of_schema(found: Revision) -> Finding:
    """Return what is to be said of the schema."""
    if found.now == found.newest:
        return Finding("schema", "ok", f"{found.now}, the newest")
    if found.now is not None and found.now > found.newest:
        means = f"{found.now}, and this version knows none newer than {found.newest}"
        return Finding("schema", "fail", means, "Install a newer plexe-auth.")
    return Finding("schema", "fail", f"{found.now or 'none'}, and {found.newest} is needed", f"Run {COMMAND}.")


def of_clock(ahead: timedelta | None) -> Iterator[Finding]:
    """Give what is to be said of the clock, when this host's is so far ahead of the database's."""
    if ahead is None:
        return
    apart = abs(ahead)
    seconds = f"{apart.total_seconds():.1f} s {'ahead of' if ahead > timedelta(0) else 'behind'} the database's"
    if apart <= _UNNOTICED:
        yield Finding("clock", "ok", "agrees with the database's")
    else:
        yield Finding("clock", "fail" if apart >= _STEP else "warn", f"is {seconds}", _SYNCHRONISE)


def of_entries(auth: Auth) -> Finding:
    """Return whether the newest entry of the access log lies in the future."""
    newest = auth.log.page(limit=1).items
    now = auth.world.now()
    if newest and newest[0].at > now + _UNNOTICED:
        means = f"an entry of the access log is from {newest[0].at:%Y-%m-%dT%H:%M:%SZ}, and here it is {now:%H:%M:%SZ}"
        return Finding("clock", "fail", means, "Set the clock of whichever host is wrong: keys expire by it.")
    return Finding("clock", "ok", "nothing was written in the future")
