"""Letters are handed to a mail server over SMTP, one connection for each, by code that awaits."""

import asyncio
import functools
import ssl
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from plexe_auth.errors import ConfigurationError, Undelivered
from plexe_auth.mail.failure import BROKE_OFF, LACKS, refused, unreached
from plexe_auth.mail.message import Envelope
from plexe_auth.mail.submission import submission
from plexe_auth.model.letter import Letter

if TYPE_CHECKING:
    import aiosmtplib


class AsyncSMTPMailer:
    """Does what `plexe_auth.mail.smtp.SMTPMailer` does, to be awaited; needs ``plexe-auth[mail]``.

    The arguments are the same.

    Raises:
        ConfigurationError: an argument is not what it should be, or aiosmtplib is not installed.

    Example:
        >>> AsyncSMTPMailer("smtp://mail.example.com", sender="no-reply@example.com")
        AsyncSMTPMailer('mail.example.com:587', starttls, sender='no-reply@example.com')
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
            _installed()
            self._how = submission(url, sender, encryption, context, timeout)
        finally:
            del url

    async def send(self, letter: Letter, /) -> None:
        """Hand `letter` over.

        Raises:
            Undelivered: the server did not take it; `Undelivered.temporary` tells whether it may take it later.
        """
        failure = await self._sent(self._how.envelope(letter))
        if failure is not None:
            raise failure  # outside the frames that knew the password, and without the error that names the address

    async def _sent(self, envelope: Envelope) -> Undelivered | None:
        client = self._client()
        is_taken = False
        try:
            async with asyncio.timeout(self._how.seconds):
                await client.connect()
                await client.mail(envelope.sender)
                await client.rcpt(envelope.to)
                await client.data(envelope.data)
                is_taken = True
                await client.quit()
        except Exception as error:
            return None if is_taken else _told(error)
        finally:
            client.close()
            await asyncio.sleep(0)  # so that the loop lets go of the socket now
        return None

    def _client(self) -> "aiosmtplib.SMTP":
        to = self._how.server
        return _line()(
            hostname=to.host,
            port=to.port,
            use_tls=to.encryption == "tls",
            start_tls=to.encryption == "starttls",
            tls_context=self._how.context,
            username=None if to.user is None else to.user.reveal(),
            password=None if to.password is None else to.password.reveal(),
            local_hostname=self._how.sender.domain,
            timeout=self._how.seconds,
        )

    def __repr__(self) -> str:
        return f"AsyncSMTPMailer({getattr(self, '_how', '…')})"  # what failed to be made is shown, too


def _installed() -> None:
    try:
        import aiosmtplib  # noqa: F401  # pyright: ignore[reportUnusedImport]
    except ImportError as error:
        raise ConfigurationError("AsyncSMTPMailer needs aiosmtplib: pip install 'plexe-auth[mail]'") from error


@functools.cache
def _line() -> type["aiosmtplib.SMTP"]:
    import aiosmtplib

    class Line(aiosmtplib.SMTP):
        """One connection for one letter, which does not wait for the server's leave to end."""

        def close(self) -> None:
            transport = self.transport
            super().close()
            if isinstance(transport, asyncio.WriteTransport):
                transport.abort()

    return Line


def _told(error: Exception) -> Undelivered:
    import aiosmtplib

    if isinstance(error, aiosmtplib.SMTPResponseException):
        return refused(_asked(error), error.code, error.message)
    if isinstance(error, aiosmtplib.SMTPConnectError) and not isinstance(error.__cause__, aiosmtplib.SMTPException):
        return unreached(error.__cause__ or error)
    if isinstance(error, TimeoutError) or not isinstance(error, aiosmtplib.SMTPException):
        return unreached(error)
    return Undelivered(reason=BROKE_OFF if isinstance(error, ConnectionError) else LACKS)


def _asked(error: "aiosmtplib.SMTPResponseException") -> str:
    import aiosmtplib

    asked: dict[type[Exception], str] = {
        aiosmtplib.SMTPAuthenticationError: "login",
        aiosmtplib.SMTPSenderRefused: "sender",
        aiosmtplib.SMTPRecipientRefused: "recipient",
        aiosmtplib.SMTPDataError: "letter",
        aiosmtplib.SMTPConnectResponseError: "connection",
    }
    return asked.get(type(error), "command")
