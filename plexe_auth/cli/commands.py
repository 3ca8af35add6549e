"""What ``plexe-auth`` can do, a group of commands for each part of the library."""

import click

from plexe_auth.cli.database import database


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="plexe-auth", prog_name="plexe-auth")
def plexe_auth() -> None:
    """Look after what plexe_auth keeps. Exit codes: 0 done, 1 refused, 2 misused."""


plexe_auth.add_command(database)
