"""What is served sends its letters by the mail server that the environment names, or writes them down."""

from collections.abc import Mapping

import click

from plexe_auth.errors import ConfigurationError
from plexe_auth.mail.console import ConsoleMailer
from plexe_auth.mail.mailer import Mailer
from plexe_auth.settings import SENDER_VARIABLE, SMTP_VARIABLE


def mailer_of(environ: Mapping[str, str]) -> Mailer:
    """Return what sends letters.

    Raises:
        ConfigurationError: there is a mail server without a sender, or one of them is not as it should be.
    """
    url, sender = environ.get(SMTP_VARIABLE), environ.get(SENDER_VARIABLE)
    if not url:
        click.echo(f"Letters are written here, with their links; {SMTP_VARIABLE} would send them.", err=True)
        return ConsoleMailer()
    if not sender:
        raise ConfigurationError(f"{SENDER_VARIABLE} says whom letters come from")
    from plexe_auth.mail.smtp import SMTPMailer

    return SMTPMailer(url, sender=sender)
