"""Letters are handed to a mail server over SMTP, one connection for each, by blocking code."""

import contextlib
import smtplib
import ssl
from datetime import timedelta
from typing import Literal

from plexe_auth.errors import Undelivered
from plexe_auth.mail.failure import BROKE_OFF, LACKS, refused, unreached
from plexe_auth.mail.message import Envelope
from plexe_auth.mail.submission import submission
from plexe_auth.mail.timed import Line
from plexe_auth.model.letter import Letter

# What a reply is an answer to, by the error that smtplib makes of it; the first that fits.
_ASKED: tuple[tuple[type[smtplib.SMTPResponseException], str], ...] = (
    (smtplib.SMTPAuthenticationError, "login"),
    (smtplib.SMTPSenderRefused, "sender"),
    (smtplib.SMTPDataError, "letter"),
    (smtplib.SMTPConnectError, "connection"),
    (smtplib.SMTPResponseException, "command"),
)


class SMTPMailer:
    """Sends letters through a mail server. It keeps no connection, so threads and forked workers may share it.

    Args:
        url: ``smtps://user:password@host`` for TLS from the first byte (port 465); ``smtp://user:password@host`` for
            STARTTLS (port 587), which is demanded. Without encryption only on this machine: ``smtp://localhost`` (port
            25). User and password are percent-encoded ASCII.
        sender: who letters come from: ``no-reply@example.com`` or ``Example <no-reply@example.com>``.
        encryption: for ``smtp://``: ``"starttls"``, or ``"none"`` for a network that you trust with one-time links. A
            password is sent unencrypted to this machine alone.
        context: how the server's certificate is checked; as the system does it by default. One that checks nothing is
            refused.
        timeout: how long a letter may take altogether, the look for the server's address aside, which has the
            resolver's own limits. 30 seconds: a person waits about as long for a mail.

    Raises:
        ConfigurationError: an argument is not what it should be.

    Example:
        >>> SMTPMailer("smtps://postmaster:open%20sesame@mail.example.com", sender="Example <no-reply@example.com>")
        SMTPMailer('mail.example.com:465', tls, sender='no-reply@example.com')
    """

    reaches_people = True

    def __init__(
        self,
        url: str,
        *,
        sender: str,
        encryption: Literal["starttls", "none"] | None = None,
        context: ssl.SSLContext | None = None,
        timeout: timedelta = timedelta(seconds=30),
    ) -> None:
        try:
            self._how = submission(url, sender, encryption, context, timeout)
        finally:
            del url

    def send(self, letter: Letter, /) -> None:
        """Hand `letter` over.

        Raises:
            Undelivered: the server did not take it; `Undelivered.temporary` tells whether it may take it later.
        """
        failure = self._sent(self._how.envelope(letter))
        if failure is not None:
            raise failure  # outside the frames that knew the password, and without the error that names the address

    def _sent(self, envelope: Envelope) -> Undelivered | None:
        line = Line(self._how)
        try:
            line.open()
            line.sendmail(envelope.sender, [envelope.to], envelope.data)
        except Exception as error:
            return _told(error)
        else:
            with contextlib.suppress(OSError, smtplib.SMTPException):  # the letter is theirs: whatever comes now
                line.quit()
        finally:
            line.close()
        return None

    def __repr__(self) -> str:
        return f"SMTPMailer({getattr(self, '_how', '…')})"  # what failed to be made is shown, too


def _told(error: Exception) -> Undelivered:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return refused("recipient", *next(iter(error.recipients.values())))
    for kind, asked in _ASKED:
        if isinstance(error, kind):
            said: bytes | str = error.smtp_error
            return refused(asked, error.smtp_code, said)
    if isinstance(error, smtplib.SMTPServerDisconnected):
        led = error.__context__  # why: smtplib reads every failure as the end of the line
        if isinstance(led, TimeoutError | smtplib.SMTPResponseException):
            return _told(led)
        return Undelivered(reason=BROKE_OFF)
    return Undelivered(reason=LACKS) if isinstance(error, smtplib.SMTPException) else unreached(error)
