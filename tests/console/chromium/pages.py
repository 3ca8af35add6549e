"""The pages that are looked at whole, for barriers and for pictures: a new page of the Console is one line here."""

from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

from tests.console.chromium.person import Person


def nobody(person: Person) -> None:
    """Stay outside."""


def owner(person: Person) -> None:
    """Be signed in, with keys of each state in the account."""
    auth, account = person.site.auth, person.account_id
    auth.keys.create(
        account, name="Deploys", permissions="read write", expires_in=timedelta(days=90), rate="100/minute"
    )
    auth.keys.disable(auth.keys.create(account, name="Nightly report", permissions="models:read").key.id)
    auth.keys.revoke(
        auth.keys.create(account, name="An old laptop", expires_in=timedelta(days=30)).key.id, "it was lost"
    )
    auth.keys.create(account, name="CI", expires_in=timedelta(days=365))
    person.sign_in().is_at("/keys")


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
    Looked("keys", "/keys"),
    Looked("keys-none", "/keys?status=expired"),
    Looked("key", "/keys/{key}"),
    Looked("key-new", "/new-key"),
    Looked("key-refused", "/new-key", then=lambda one: one.type("Name", "CI").type("Rate", "often").press("Create")),
    Looked("key-made", "/new-key", then=lambda one: one.type("Name", "CI").press("Create")),
    Looked("not-found", "/keys/key_unknown"),
    Looked("logs", "/logs"),
    Looked("usage", "/usage"),
    Looked("members", "/members"),
    Looked("security", "/security"),
    Looked("two-step", "/security/two-step"),
    Looked("two-step-app", "/security/two-step", then=lambda one: one.press("Add an app")),
    Looked("recovery-codes", "/security/two-step", then=lambda one: one.add_app()),
    Looked("second-factor", "/security/two-step", then=lambda one: one.meet_second_factor()),
    Looked("passkeys", "/security/passkeys", then=lambda one: one.add_passkey()),
    Looked("sessions", "/security/sessions"),
)
