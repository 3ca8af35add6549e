"""`Mailbox` keeps every mail in the order it was sent, and sends none."""

from itertools import islice

import pytest

from plexe_auth.model.letter import Letter
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


def sent(*texts: str) -> Mailbox:
    mailbox = Mailbox()
    for number, text in enumerate(texts):
        mailbox.send(Letter(f"ada{number}@example.com", "Hello", text))
    return mailbox


def test_the_last_letter_to_one_address_is_found_among_others() -> None:
    mailbox = sent("one", "two", "three")
    assert mailbox.last("ada1@example.com").text == "two"
    assert [letter.text for letter in mailbox.all] == ["one", "two", "three"]
    with pytest.raises(LookupError, match="to this address"):
        mailbox.last("eve@example.com")


@pytest.mark.parametrize("sign", ["#", "?", "?next=/&"])
def test_the_link_and_its_token_are_taken_from_a_letter(sign: str) -> None:
    mailbox = sent(f"Confirm:\nhttps://app.example.com/verify{sign}token=Zx81-_.~\n\nBye.", "later")
    letter = mailbox.all[0]
    assert mailbox.link(letter) == f"https://app.example.com/verify{sign}token=Zx81-_.~"
    assert mailbox.token(letter) == "Zx81-_.~"


def test_of_several_links_or_none_none_is_the_one() -> None:
    assert sent("https://a.example http://localhost/b").links() == ("https://a.example", "http://localhost/b")
    for text in ("https://a.example https://b.example", "none"):
        with pytest.raises(LookupError, match=r"the letter has [02] links"):
            sent(text).link()


def test_a_link_without_a_token_has_none() -> None:
    with pytest.raises(LookupError, match="the link has no token"):
        sent("https://a.example/token=1").token()
