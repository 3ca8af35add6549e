"""`Mailbox` keeps every mail in the order it was sent, and sends none."""

from itertools import islice

import pytest

from plexe_auth.testing import Mailbox


def test_the_last_mail_is_the_newest() -> None:
    mailbox = Mailbox()
    mailbox.send("first")
    mailbox.send("second")
    assert mailbox.last() == "second"


def test_all_mails_are_there_in_order() -> None:
    mailbox = Mailbox()
    for mail in ("first", "second"):
        mailbox.send(mail)
    assert (list(mailbox), len(mailbox)) == (["first", "second"], 2)


def test_an_empty_mailbox_says_that_no_mail_was_sent() -> None:
    with pytest.raises(LookupError, match="no mail was sent"):
        Mailbox().last()


def test_a_cleared_mailbox_is_empty() -> None:
    mailbox = Mailbox()
    mailbox.send("first")
    mailbox.clear()
    assert list(mailbox) == []


def test_mails_that_come_while_it_is_read_do_not_disturb_the_reading() -> None:
    mailbox = Mailbox()
    mailbox.send("first")
    assert [mailbox.send("second") or mail for mail in islice(mailbox, 5)] == ["first"]


def test_its_repr_shows_no_mail() -> None:
    mailbox = Mailbox()
    mailbox.send("code 123456")
    assert repr(mailbox) == "Mailbox(1 mails)"
