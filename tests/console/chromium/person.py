"""A person at a browser: goes to pages, reads labels, presses buttons, and keeps what the browser complains of."""

import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from playwright.sync_api import Browser, ConsoleMessage, Error, Page, Playwright
from pyotp.totp import TOTP

from tests.console.chromium.served import API, PASSWORD, Site

# No way of a browser's own out of this machine. Root's Chromium has no sandbox; it sees our own pages alone.
ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
# A device that knows who holds it, and keeps for whom its passkeys are.
AUTHENTICATOR = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip
KEY = re.compile(r"plx_sk_[0-9A-Za-z]{40,}")
# A form that is refused has the status that says so, which Chromium writes down as if a file were missing.
_REFUSED = re.compile(r"Failed to load resource: the server responded with a status of 4\d\d ")


def started(playwright: Playwright, program: str) -> Browser:
    """Start Chromium."""
    return playwright.chromium.launch(executable_path=program, args=ARGUMENTS)


class Person:
    """Somebody in front of a browser that knows nothing yet.

    Attributes:
        page: the tab they look at.
        complaints: what the browser says is wrong with the pages: errors of scripts, and what the policy forbids.
    """

    def __init__(self, page: Page, site: Site, email: str, account_id: str) -> None:
        self.page, self.site, self.email, self.account_id = page, site, email, account_id
        self.complaints: list[str] = []
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _said(self, message: ConsoleMessage) -> None:
        place = message.location.get("url", "")
        is_page = place.partition("?")[0] == self.page.url.partition("?")[0]
        if is_page and _REFUSED.match(message.text):
            return
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.text} ({place})")

    def go(self, path: str) -> "Person":
        """Go to a page of the Console."""
        self.page.goto(self.site.url(path))
        return self

    def reload_until(self, text: str) -> "Person":
        """Load the page anew until it shows a text, which is on its way, for ten seconds at most."""
        until = time.monotonic() + 10
        while text not in self.words:
            assert time.monotonic() < until, f"{text} did not come"
            self.page.reload()
        return self

    def is_at(self, path: str) -> "Person":
        """Wait until they are at a page of the Console, whatever its query is."""
        self.page.wait_for_url(lambda url: url.partition("?")[0] == self.site.url(path))
        return self

    @property
    def path(self) -> str:
        """Which page of the Console that is."""
        return self.page.url.removeprefix(self.site.url("")).partition("?")[0]

    @property
    def words(self) -> str:
        """What stands on it."""
        return self.page.inner_text("main")

    def type(self, label: str, text: str) -> "Person":
        """Type into the field of that label."""
        self.page.get_by_label(label).fill(text)
        return self

    def press(self, name: str) -> "Person":
        """Press a button, and have the page that comes of it."""
        self.page.get_by_role("button", name=name, exact=True).click()
        return self

    def follow(self, name: str) -> "Person":
        """Follow a link."""
        self.page.get_by_role("link", name=name, exact=True).click()
        return self

    def sign_in(self, password: str = PASSWORD) -> "Person":
        """Say who they are."""
        if self.path != "/sign-in":
            self.go("/sign-in")
        return self.type("E-mail address", self.email).type("Password", password).press("Sign in")

    def make_key(self, name: str) -> str:
        """Make a key by the form, and return its text."""
        self.go("/new-key").type("Name", name).press("Create")
        return self.key_shown()

    def move(self, way: Literal["back", "forward"]) -> "Person":
        """Press the browser's own button; it may say that it keeps nothing to show, and ask whether to send anew."""
        try:
            self.page.go_back() if way == "back" else self.page.go_forward()
        except Error as error:
            if "ERR_CACHE_MISS" not in error.message:
                raise
            self.page.wait_for_url("chrome-error://**")
        return self

    def key_shown(self) -> str:
        """The text of the key that the page shows."""
        self.page.wait_for_selector("[data-secret]")
        [found] = KEY.findall(self.words)
        return found

    def sign_out(self) -> "Person":
        """Press the button of that name."""
        self.press("Sign out").is_at("/sign-in")
        return self

    def add_app(self) -> TOTP:
        """Add an authenticator app, which is on the page with the recovery codes then, and return it."""
        self.go("/security/two-step").press("Add an app")
        app = TOTP(self.page.inner_text("[data-secret]").strip())
        self.type("Code that the app shows", app.now()).press("Confirm")
        self.page.get_by_role("heading", name="recovery codes").wait_for()
        return app

    def meet_second_factor(self) -> TOTP:
        """Add an app, and sign in anew up to where it is asked for."""
        app = self.add_app()
        self.go("/keys").sign_out().sign_in().is_at("/sign-in/second-factor")
        return app

    def add_passkey(self) -> "Person":
        """Add a passkey, which a device of software keeps."""
        line = self.page.context.new_cdp_session(self.page)
        line.send("WebAuthn.enable")
        line.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
        self.go("/security/passkeys").type("Name", "Laptop").press("Add a passkey")
        self.follow("I have kept them").is_at("/security/passkeys")  # the first factor brings recovery codes
        return self

    def key_id(self) -> str:
        """The id of the only key that is not replaced."""
        return next(one.id for one in self.site.auth.keys.page(self.account_id).items if one.rotated_to is None)


def asked(site: Site, key: str) -> tuple[int, Any]:
    """Ask the REST API who has a key, as a program of its owner's does."""
    request = Request(f"{site.origin}{API}/v1/me", headers={"x-api-key": key})
    try:
        with urlopen(request, timeout=10) as answer:
            return answer.status, json.load(answer)
    except HTTPError as refused:
        with refused:
            return refused.code, json.load(refused)


@contextmanager
def at_browser(browser: Browser, site: Site, role: str = "owner", name: str = "Ada", **how: Any) -> Iterator[Person]:
    """Put somebody new in front of a browser that keeps nothing of those before; `how` are its context's."""
    user = site.somebody(role, name)
    context = browser.new_context(**how)
    context.set_default_timeout(10_000)
    try:
        yield Person(context.new_page(), site, user.email, user.account_id or "")
    finally:
        context.close()
