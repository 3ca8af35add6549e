"""What ``plexe-auth`` can do, a group of commands for each part of the library."""

import click

from plexe_auth.cli.accounts import accounts
from plexe_auth.cli.database import database
from plexe_auth.cli.demo import demo
from plexe_auth.cli.doctor import doctor
from plexe_auth.cli.importing import import_
from plexe_auth.cli.keys import keys
from plexe_auth.cli.logs import logs
from plexe_auth.cli.serve import serve
from plexe_auth.cli.usage import usage
from plexe_auth.cli.users import users


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="plexe-auth", prog_name="plexe-auth")
def plexe_auth() -> None:
    """Look after what plexe_auth keeps. Exit codes: 0 done, 1 refused, 2 misused.

    Settings come from the variables PLEXE_AUTH_…, as the app has them.
    """


users.add_command(import_)
for _one in (database, keys, users, accounts, logs, usage, doctor, serve, demo):
    plexe_auth.add_command(_one)


def run() -> int:
    """Run the command, and return its exit code.

    Raises:
        KeyboardInterrupt: somebody pressed Ctrl-C.
    """
    try:
        return int(plexe_auth.main(prog_name="plexe-auth", standalone_mode=False) or 0)
    except click.ClickException as misuse:
        misuse.show()
        return misuse.exit_code
    except click.Abort as left:
        # click tells of Ctrl-C at a prompt, and of the end of input, in the same way.
        if isinstance(left.__context__, KeyboardInterrupt):
            raise KeyboardInterrupt from None
        return 1
