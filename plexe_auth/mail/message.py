"""A letter as the bytes that go over the wire; every header is made here (RFC 5322, 2047, 3834)."""

from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from plexe_auth.mail.server import Sender
from plexe_auth.model.letter import Letter
from plexe_auth.secret import random_text

# A server need not take eight bits (RFC 6152); quoted-printable and base64 pass everywhere.
_SEVEN_BITS = SMTP.clone(cte_type="7bit")


@dataclass(frozen=True, slots=True, repr=False)
class Envelope:
    """What a mail server is given. ``repr`` shows nothing of it.

    Attributes:
        sender: where refusals go.
        to: the one recipient.
        data: the message.
    """

    sender: str
    to: str
    data: bytes


def envelope(letter: Letter, sender: Sender, now: datetime) -> Envelope:
    """Return what a mail server is given for `letter`.

    Args:
        letter: what is sent.
        sender: who it comes from.
        now: its date.
    """
    message = EmailMessage(_SEVEN_BITS)
    message["From"] = Address(sender.name, addr_spec=sender.address)
    message["To"] = Address(addr_spec=letter.to)
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{random_text(22)}@{sender.domain}>"
    message["Auto-Submitted"] = "auto-generated"  # so that nobody's absence is told to it (RFC 3834, section 5)
    message.set_content(letter.text)
    if letter.html is not None:
        message.add_alternative(letter.html, subtype="html")
    return Envelope(sender.address, letter.to, message.as_bytes())
