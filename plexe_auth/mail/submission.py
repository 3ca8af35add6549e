"""What both mailers know: the server, who letters come from, how TLS is checked, and how long a letter may take."""

import ssl
from dataclasses import dataclass
from datetime import timedelta

from plexe_auth.clock import system_clock
from plexe_auth.errors import ConfigurationError
from plexe_auth.mail.message import Envelope, envelope
from plexe_auth.mail.server import Sender, Server, sender, server
from plexe_auth.model.letter import Letter
from plexe_auth.secret import without_frames


@dataclass(frozen=True, slots=True)
class Submission:
    """How letters are handed over.

    Attributes:
        server: to whom.
        sender: from whom.
        context: how the server's certificate is checked, or ``None`` where nothing is encrypted.
        seconds: how long one letter may take, from the first look for the server to its last answer.
    """

    server: Server
    sender: Sender
    context: ssl.SSLContext | None
    seconds: float

    def envelope(self, letter: Letter) -> Envelope:
        """Return what the server is given."""
        return envelope(letter, self.sender, system_clock())

    def __str__(self) -> str:
        where = f"{self.server.host}:{self.server.port}"
        return f"{where!r}, {self.server.encryption}, sender={self.sender.address!r}"


def submission(url: object, from_: object, encryption: object, context: object, timeout: object) -> Submission:
    """Return how letters are handed over. The arguments are those of `plexe_auth.mail.smtp.SMTPMailer`.

    Raises:
        ConfigurationError: one of them is not what it should be. Nothing of the URL is in it or its frames.
    """
    try:
        to = server(url, encryption)
    except ConfigurationError as error:
        raise without_frames(error) from None  # the URL stood in them, and a password in the URL
    finally:
        del url
    if not isinstance(timeout, timedelta) or timeout <= timedelta(0):
        raise ConfigurationError("timeout must be a timedelta above nothing")
    checks = None if to.encryption == "none" else _verifying(context)
    return Submission(to, sender(from_), checks, timeout.total_seconds())


def _verifying(context: object) -> ssl.SSLContext:
    if context is None:
        return ssl.create_default_context()
    if not isinstance(context, ssl.SSLContext):
        raise ConfigurationError("context must be an ssl.SSLContext")
    if not context.check_hostname or context.verify_mode != ssl.CERT_REQUIRED:
        raise ConfigurationError("context must check the certificate of the mail server and the name in it")
    return context
