"""People in a browser: they sign up by letter, sign in by app, recovery code and passkey, and end other sessions."""

import time

from playwright.sync_api import Browser

from tests.console.chromium.person import Person, at_browser
from tests.console.chromium.served import PASSWORD, Site


def test_somebody_signs_up_and_proves_the_address_by_a_letter_and_signs_in(person: Person) -> None:
    person.email = f"grace.of.{person.account_id}@example.com"
    person.go("/sign-up").type("E-mail address", person.email).type("Password", PASSWORD).press("Create an account")
    person.is_at("/sign-up/sent")
    link = person.site.received.link_to(person.email)
    person.page.goto(link)
    assert "token" in link
    assert "token" not in person.page.url  # neither in what the browser remembers
    person.press("This is my address").is_at("/sign-in")
    person.sign_in().is_at("/keys")
    assert person.site.auth.users.find(person.email).verified_at is not None


def test_somebody_who_forgot_the_password_sets_another_by_a_letter(person: Person) -> None:
    person.go("/forgot-password").type("E-mail address", person.email).page.locator("main button").click()
    person.page.goto(person.site.received.link_to(person.email))
    person.type("New password", "another long and lovely word").press("Set the password")
    person.is_at("/keys").sign_out()
    person.sign_in("another long and lovely word").is_at("/keys")


def test_an_authenticator_app_is_added_and_asked_for_at_the_next_sign_in(person: Person) -> None:
    person.sign_in().is_at("/keys")
    app = person.meet_second_factor()
    person.go("/keys").is_at("/sign-in")  # half a sign-in is none
    person.sign_in().is_at("/sign-in/second-factor")
    # Each code is good once, and that of now has been used to add the app.
    person.type("Code of your authenticator app", app.at(int(time.time()) + app.interval)).press("Go on")
    person.is_at("/keys")


def test_a_recovery_code_is_good_once(person: Person) -> None:
    person.sign_in().is_at("/keys")
    person.add_app()
    code = person.page.locator("[data-secret] code").first.inner_text()
    for ends_at in ("/keys", "/sign-in/second-factor"):
        person.go("/keys").sign_out().sign_in().page.get_by_text("Use a recovery code").click()
        person.type("Recovery code", code).page.locator("details button").click()
        person.is_at(ends_at)
        if ends_at != "/keys":
            person.page.get_by_role("alert").filter(visible=True).wait_for()


def test_a_passkey_is_added_and_signs_in_without_a_password(person: Person) -> None:
    person.sign_in().is_at("/keys")
    person.add_passkey().sign_out()
    person.press("Sign in with a passkey").is_at("/keys")
    assert person.email in person.page.inner_text("header")


def test_a_passkey_that_was_removed_signs_nobody_in(person: Person) -> None:
    person.sign_in().is_at("/keys")
    person.add_passkey().press("Remove Laptop").page.get_by_text("There are none yet.").wait_for()
    person.sign_out().press("Sign in with a passkey").page.get_by_role("alert").filter(visible=True).wait_for()
    assert person.path.startswith("/sign-in")


def test_signing_out_others_ends_their_sessions_and_keeps_this_one(
    person: Person, chromium: Browser, site: Site
) -> None:
    with at_browser(chromium, site) as other:
        other.email = person.email
        other.sign_in().is_at("/keys")
        person.sign_in().is_at("/keys")
        person.go("/security/sessions").press("Sign out others").page.wait_for_load_state()
        assert other.go("/keys").path == "/sign-in"
        assert person.go("/keys").path == "/keys"
