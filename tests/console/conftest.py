"""What the tests of the Console share: it is mounted in a host's app, on both mounts, and somebody is signed in."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from plexe_auth import Settings
from plexe_auth.testing.mailbox import Mailbox
from tests.conftest import Clock
from tests.console.browser import FACES, PREFIX, Browser
from tests.faces import Loop

ACCOUNT = "acct_1"
EMAIL, PASSWORD = "ada@example.com", "a long and lovely word"


@pytest.fixture(params=FACES)
def kind(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def store_url() -> str:
    """Whatever the store, the pages are the same."""
    return "memory://"


@pytest.fixture
def settings() -> Settings:
    return Settings(
        max_staleness=timedelta(milliseconds=1),
        hash_cost="insecure_tests",
        secret_keys=("a secret of these tests, and of them alone",),
        base_url=f"http://localhost{PREFIX}",
        product="Lovelace",
    )


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def auth(
    kind: str, store_url: str, opened: Callable[..., Any], clock: Clock, settings: Settings, mailbox: Mailbox
) -> Any:
    return opened(FACES[kind], store_url, clock=clock, settings=settings, mailer=mailbox)


@pytest.fixture
def browser(kind: str, auth: Any, loop: Loop) -> Browser:
    """A browser in which nobody is signed in."""
    return Browser(kind, auth, loop)


@pytest.fixture
def owner(auth: Any) -> Any:
    """Ada, who owns the account."""
    return auth.users.create(EMAIL, PASSWORD, account_id=ACCOUNT, name="Ada", role="owner")


def signed_in(browser: Browser, email: str = EMAIL, password: str = PASSWORD) -> Browser:
    answer = browser.submit(browser.get("/sign-in"), "/sign-in", email=email, password=password)
    assert answer.status == 200, answer.words
    return browser


@pytest.fixture
def ada(browser: Browser, owner: Any) -> Browser:
    """A browser in which Ada has just signed in."""
    return signed_in(browser)


@pytest.fixture
def as_role(auth: Any, browser: Browser) -> Callable[[str], Browser]:
    """Gives a browser in which somebody with a role in Ada's account has just signed in."""

    def make(role: str) -> Browser:
        auth.users.create(f"{role}@example.com", PASSWORD, account_id=ACCOUNT, role=role)
        return signed_in(browser.another(), f"{role}@example.com")

    return make
