"""The pages that are looked at whole, for barriers and for pictures: a new page of the Console is one line here."""

from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

from tests.console.chromium.person import Person
from tests.console.chromium.served import PASSWORD


def nobody(person: Person) -> None:
    """Stay outside."""


def owner(person: Person) -> None:
    """Be signed in, with a key in the account."""
    person.site.auth.keys.create(person.account_id, name="CI", expires_in=timedelta(days=365))
    person.sign_in().is_at("/keys")


def busy(person: Person) -> None:
    """Be signed in to an account that has keys of every state, and two days of requests."""
    person.site.two_days_of_requests(person.account_id)
    person.sign_in().is_at("/keys")


def together(person: Person) -> None:
    """Be signed in to an account that others are in as well."""
    for name, role in (("Grace", "admin"), ("Alan", "viewer")):
        email = f"{name.lower()}.of.{person.account_id}@example.com"
        person.site.auth.users.create(email, PASSWORD, account_id=person.account_id, name=name, role=role)
    owner(person)


class Looked(NamedTuple):
    """A page, and how it is reached.

    Attributes:
        name: what its pictures are called.
        path: where it is; ``{key}`` stands for the id of a key.
        as_: who looks at it.
        then: what is pressed there to have the page.
    """

    name: str
    path: str
    as_: Callable[[Person], None] = owner
    then: Callable[[Person], object] | None = None

    def open(self, person: Person) -> Person:
        """Have somebody look at it."""
        self.as_(person)
        path = self.path.replace("{key}", person.key_id()) if "{key}" in self.path else self.path
        person.go(path)
        assert person.path == path.partition("?")[0], f"{self.name} leads to {person.path}"
        if self.then is not None:
            self.then(person)
            person.page.wait_for_load_state()
        return person


PAGES = (
    Looked("sign-in", "/sign-in", nobody),
    Looked("sign-in-refused", "/sign-in", nobody, lambda one: one.sign_in("not the word")),
    Looked("sign-up", "/sign-up", nobody),
    Looked("sign-up-sent", "/sign-up/sent", nobody),
    Looked("verify-email", "/verify-email", nobody),
    Looked("forgot-password", "/forgot-password", nobody),
    Looked("forgot-password-sent", "/forgot-password/sent", nobody),
    Looked("reset-password", "/reset-password", nobody),
    Looked("accept-invitation", "/accept-invitation", nobody),
    Looked("confirm", "/confirm"),
    Looked("keys", "/keys", busy),
    Looked("keys-none", "/keys?status=expired"),
    Looked("key", "/keys/{key}", busy),
    Looked("key-new", "/new-key"),
    Looked("key-refused", "/new-key", then=lambda one: one.type("Name", "CI").type("Rate", "often").press("Create")),
    Looked("key-made", "/new-key", then=lambda one: one.type("Name", "CI").press("Create")),
    Looked("not-found", "/keys/key_unknown"),
    Looked("logs", "/logs", busy),
    Looked("usage", "/usage", busy),
    Looked("members", "/members", together),
    Looked(
        "invitations",
        "/members/invitations",
        then=lambda one: one.type("E-mail address", "linus@example.com").press("Invite"),
    ),
    Looked("security", "/security"),
    Looked("two-step", "/security/two-step"),
    Looked("two-step-app", "/security/two-step", then=lambda one: one.press("Add an app")),
    Looked("recovery-codes", "/security/two-step", then=lambda one: one.add_app()),
    Looked("second-factor", "/security/two-step", then=lambda one: one.meet_second_factor()),
    Looked("passkeys", "/security/passkeys", then=lambda one: one.add_passkey()),
    Looked("linked", "/security/linked"),
    Looked("sessions", "/security/sessions"),
)
