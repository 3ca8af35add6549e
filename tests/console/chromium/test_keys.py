"""An API key's life in a browser: made, copied, used, rotated, revoked; going back shows it to nobody again."""

from tests.console.chromium.person import KEY, Person, asked


def test_a_key_is_made_and_used_and_rotated_and_revoked(person: Person) -> None:
    person.sign_in().follow("Create a key").type("Name", "CI").press("Create")
    first = person.key_shown()
    status, told = asked(person.site, first)
    assert (status, told["account_id"]) == (200, person.account_id)

    person.follow("I have kept it").type("Hours for which the old key goes on", "1").press("Rotate")
    second = person.key_shown()
    assert second != first
    assert [asked(person.site, one)[0] for one in (first, second)] == [200, 200]

    person.follow("I have kept it").type("Reason", "it leaked").press("Revoke for good")
    person.page.get_by_text("it leaked").wait_for()
    assert asked(person.site, second)[0] == 401
    assert asked(person.site, first)[0] == 200  # each key is revoked by itself


def test_the_button_copies_the_key(person: Person) -> None:
    person.page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=person.site.origin)
    text = person.sign_in().make_key("CI")
    person.press("Copy the key").page.get_by_text("Copied.").wait_for()
    assert person.page.evaluate("navigator.clipboard.readText()") == text


def test_K20_neither_going_back_nor_loading_anew_shows_a_key_again_or_makes_another(person: Person) -> None:
    person.sign_in().make_key("CI")
    person.page.reload()  # sends the form again
    assert person.path == f"/keys/{person.key_id()}"
    assert not KEY.search(person.page.content())

    person.make_key("Nightly")
    person.follow("I have kept it").page.wait_for_url("**/keys/*")
    for way in ("back", "forward", "back", "back"):
        person.move(way)
        assert not KEY.search(person.page.content())
    assert len(person.site.auth.keys.page(person.account_id).items) == 2


def test_K04_whoever_has_signed_out_sees_nothing_by_going_back(person: Person) -> None:
    person.sign_in().make_key("CI")
    person.go("/keys").press("Sign out").is_at("/sign-in")
    person.move("back")
    assert person.path == "/sign-in"
    assert "CI" not in person.words
