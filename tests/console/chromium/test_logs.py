"""What keys are used for is read in the browser, at once, and narrowed without a new page."""

from tests.console.chromium.person import Person, asked


def test_what_a_key_was_used_for_is_in_the_log_and_can_be_narrowed(person: Person) -> None:
    text = person.sign_in().make_key("CI")
    asked(person.site, text)
    person.site.auth.keys.revoke(person.key_id())
    asked(person.site, text)

    person.go("/logs").reload_until("revoked_key")  # decisions are stored within a second
    entries = person.page.locator("#entries")
    assert "key.revoke" in entries.inner_text()
    assert "revoked_key" in entries.inner_text()
    assert text not in person.page.content()

    page_so_far = person.page.locator("h1").element_handle()
    person.page.get_by_label("Outcome").select_option("denied")
    person.press("Show").page.wait_for_url("**/logs?*outcome=denied*")
    assert "revoked_key" in entries.inner_text()
    assert "key.create" not in entries.inner_text()
    assert page_so_far is not None
    assert page_so_far.evaluate("one => one.isConnected")  # the entries alone were put in
