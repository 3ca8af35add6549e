"""Mailers of both colours, called plainly, and a certificate authority to trust."""

from collections.abc import Callable
from typing import Any

import pytest
import trustme

from plexe_auth.mail.asynchronous import AsyncSMTPMailer
from plexe_auth.mail.smtp import SMTPMailer
from tests.faces import Loop, Plainly

Mailers = Callable[..., Any]


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def mailers(face: str, loop: Loop) -> Mailers:
    """Makes a mailer of each colour; its ``send`` is called plainly."""

    def make(url: str, **more: Any) -> Any:
        more = {"sender": "Example <no-reply@example.com>"} | more
        return SMTPMailer(url, **more) if face == "blocking" else Plainly(AsyncSMTPMailer(url, **more), loop)

    return make
