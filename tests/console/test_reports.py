"""Access log, usage and members in the Console: one's own account's, and nobody else's."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any

import pytest

from plexe_auth import AuthError
from plexe_auth.testing.mailbox import Mailbox
from tests.conftest import Clock
from tests.console.browser import Browser
from tests.console.conftest import ACCOUNT, signed_in


def used(auth: Any, times: int, account: str = ACCOUNT, name: str = "CI") -> str:
    issued = auth.keys.create(account, name=name)
    for _ in range(times):
        auth.keys.verify(issued.secret.reveal(), permission="read")
    with pytest.raises(AuthError):
        auth.keys.verify(issued.secret.reveal(), permission="models:write")
    auth.log.flush()  # the pages wait for no storing, which comes within a second
    return issued.key.id


def test_the_log_shows_ones_own_account_and_no_other(ada: Browser, auth: Any) -> None:
    mine, theirs = used(auth, 2), used(auth, 2, "acct_2", "theirs")
    words = ada.get("/logs").words
    assert mine in words
    assert theirs not in words
    assert theirs not in ada.get(f"/logs?key_id={theirs}").words.replace(f"key_id={theirs}", "")


def test_the_log_is_filtered_and_paged_so_that_each_entry_is_shown_once(ada: Browser, auth: Any) -> None:
    key = used(auth, 60)
    page, shown = ada.get(f"/logs?key_id={key}&action=key.verify&outcome=allowed"), 0
    while True:
        shown += page.text.count('<span class="state allowed">')
        assert '<span class="state denied">' not in page.text
        older = re.findall(r'href="/console(/logs\?after=[^"]*)"', page.text)
        if not older:
            break
        page = ada.get(older[0].replace("&amp;", "&"))
    assert shown == 60


def test_htmx_is_given_the_entries_alone(ada: Browser, auth: Any) -> None:
    used(auth, 1)
    answer = ada.get("/logs", hx_request="true")
    assert "<table>" in answer.text
    assert "<html" not in answer.text


def test_a_file_holds_what_is_shown_and_no_formula(ada: Browser, auth: Any) -> None:
    key = used(auth, 3, name="=HYPERLINK(1)")
    answer = ada.get(f"/logs/export?format=jsonl&key_id={key}")
    assert [json.loads(line)["key_id"] for line in answer.text.splitlines()] == [key] * 5
    assert "attachment" in (answer.header("content-disposition") or "")
    table = ada.get("/logs/export?format=csv").text
    assert not re.search(r'(?m)(^|,)"?[=+@]', table)


def test_usage_of_more_hours_than_one_read_gives_adds_up(
    ada: Browser, auth: Any, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("plexe_auth.service.usage._PAGE", 2)
    for _hour in range(5):
        clock.advance(timedelta(hours=1))
        used(auth, 1)
    ada = signed_in(ada)
    assert "5 verifications allowed (below), 5 denied (on top)" in ada.get("/usage").words


@pytest.mark.parametrize(
    "query",
    ["format=xml", "since=2020-01-01", "since=tomorrow", "until=%00", "outcome=maybe", "action=fly"],
)
def test_what_cannot_be_asked_of_the_log_is_refused(ada: Browser, query: str) -> None:
    assert ada.get(f"/logs/export?{query}").status == 422


def test_the_chart_of_the_last_day_shows_what_was_verified(ada: Browser, auth: Any) -> None:
    used(auth, 3)
    answer = ada.get("/logs/chart.svg")
    assert answer.header("content-type") == "image/svg+xml"
    assert 'aria-label="3 allowed, 1 denied"' in answer.text


def test_usage_adds_up_by_day_and_by_key(ada: Browser, auth: Any, clock: Clock) -> None:
    used(auth, 3, name="nightly")
    clock.advance(timedelta(minutes=1))
    used(auth, 2, name="hourly")
    used(auth, 9, "acct_2", "theirs")
    words = ada.get("/usage").words
    assert "5 verifications allowed (below), 2 denied (on top)" in words
    assert "nightly 3 1 by day hourly 2 1 by day" in words
    assert "theirs" not in words
    assert "0 verifications allowed" in ada.get("/usage?since=2026-03-01&until=2026-03-02").words


def test_usage_of_one_key_is_charted_by_the_day(ada: Browser, auth: Any) -> None:
    used(auth, 3, name="nightly")
    used(auth, 2, name="hourly")
    theirs = used(auth, 9, "acct_2", "theirs")
    page = ada.get("/usage")
    links = dict(re.findall(r'href="/console(/usage\?[^"]*key=[^"]*)" aria-label="([^"]*) by day"', page.text))
    assert sorted(links.values()) == ["hourly", "nightly"]
    by_name = {name: unescape(link) for link, name in links.items()}
    nightly = ada.get(by_name["nightly"])
    assert "3 verifications allowed (below), 1 denied (on top)" in nightly.words
    assert "hourly 2 1" in nightly.words
    [every] = re.findall(r'href="/console(/usage[^"]*)">All keys', nightly.text)
    assert "5 verifications allowed" in ada.get(unescape(every)).words
    other = ada.get(f"/usage?key={theirs}")
    assert ("0 verifications allowed" in other.words, "theirs" in other.words) == (True, False)


@pytest.mark.parametrize(
    "query",
    ["since=2024-01-01", "since=2026-04-02&until=2026-04-01", "since=x", "until=9999-12-31", "since=0001-01-01"],
)
def test_a_span_that_is_no_year_is_refused(ada: Browser, query: str) -> None:
    assert ada.get(f"/usage?{query}").status == 422


def test_somebody_is_invited_and_the_invitation_taken_back(ada: Browser, mailbox: Mailbox) -> None:
    page = ada.submit(ada.get("/members/invitations"), "/members/invite", email="grace@example.com", role="viewer")
    assert "grace@example.com viewer" in " ".join(page.words.split())
    assert mailbox.last().to == "grace@example.com"
    assert "grace@example.com" in ada.get("/members/invitations").words
    assert "Nobody has an open invitation." in ada.submit(page, "/revoke").words
    assert "grace@example.com" not in ada.get("/members/invitations").words


def test_invitations_go_on_on_a_next_page(ada: Browser, auth: Any) -> None:
    for number in range(51):
        auth.invitations.create("acct_1", f"asked-{number}@example.com")
    page = ada.get("/members/invitations")
    [older] = re.findall(r'href="/console(/members/invitations\?after=[^"]*)"', page.text)
    shown = {page.words.count(f"asked-{number}@") for number in range(51)}, ada.get(older).words.count("asked-")
    assert shown == ({0, 1}, 1)


def test_a_role_is_changed_and_somebody_disabled(ada: Browser, auth: Any, as_role: Callable[[str], Browser]) -> None:
    as_role("viewer")
    grace = auth.users.find("viewer@example.com")
    ada.submit(ada.get("/members"), f"/members/{grace.id}/role", role="admin")
    assert auth.users.get(grace.id).role == "admin"
    ada.submit(ada.get("/members"), f"/members/{grace.id}/disable")
    assert auth.users.get(grace.id).disabled_at is not None
    ada.submit(ada.get("/members"), f"/members/{grace.id}/enable")
    assert auth.users.get(grace.id).disabled_at is None


def test_nobody_touches_or_gives_more_than_they_have(auth: Any, owner: Any, as_role: Callable[[str], Browser]) -> None:
    admin = as_role("admin")
    as_role("viewer")
    viewer = auth.users.find("viewer@example.com")
    for path, sent, status in (
        (f"/members/{owner.id}/role", {"role": "viewer"}, 403),
        (f"/members/{owner.id}/disable", {}, 403),
        (f"/members/{viewer.id}/role", {"role": "owner"}, 403),
        ("/members/invite", {"email": "x@example.com", "role": "owner"}, 403),
        (f"/members/{viewer.id}/role", {"role": "king"}, 422),
        (f"/members/{auth.users.find('admin@example.com').id}/role", {"role": "viewer"}, 409),
    ):
        assert admin.post(path, sent).status == status, path
    assert auth.users.get(owner.id) == owner
    assert auth.users.get(viewer.id) == viewer


def test_K23_a_person_of_another_account_is_the_same_as_none(ada: Browser, auth: Any) -> None:
    theirs = auth.users.create("eve@example.com", "a long and lovely word", account_id="acct_2")
    for verb, sent in (("role", {"role": "viewer"}), ("disable", {}), ("enable", {})):
        answers = [ada.post(f"/members/{one}/{verb}", sent) for one in (theirs.id, "usr_unknown")]
        assert {(one.status, one.words) for one in answers} == {(404, answers[0].words)}
    assert auth.users.get(theirs.id) == theirs


def test_H15_a_form_cannot_say_more_than_it_shows(ada: Browser, auth: Any, owner: Any) -> None:
    for path, sent in (
        ("/members/invite", {"email": "x@example.com", "role": "viewer", "account_id": "acct_2"}),
        ("/new-key", {"name": "x", "once": "0123456789", "account_id": "acct_2"}),
        ("/new-key", {"name": "x", "once": "0123456789", "id": "key_1"}),
    ):
        assert ada.post(path, sent).status == 422
    assert auth.keys.page("acct_2").items == auth.keys.page(ACCOUNT).items == ()


def test_S18_whatever_somebody_wrote_is_inert(ada: Browser, auth: Any, browser: Browser) -> None:
    hostile = "<script>alert(1)</script>\u202egro.live\u200b"
    auth.keys.create(ACCOUNT, name=hostile)
    auth.users.create("eve@example.com", "a long and lovely word", account_id=ACCOUNT, name=hostile, role="viewer")
    [key] = auth.keys.page(ACCOUNT).items
    for path in ("/keys", f"/keys/{key.id}", "/members", "/usage"):
        page = ada.get(path)
        assert "<script>alert" not in page.text
        assert not set("\u202e\u200b") & set(page.text)


def test_a_form_with_a_field_twice_is_refused(ada: Browser, auth: Any) -> None:
    sent = [("name", "one"), ("name", "two"), ("once", "0123456789")]
    assert ada.post("/new-key", sent).status == 422


def test_signing_out_ends_the_session_for_good(ada: Browser) -> None:
    old = ada.another_with_cookies()
    assert ada.submit(ada.get("/keys"), "/sign-out").path == "/sign-in"
    assert old.get("/keys").path == "/sign-in"
