"""Each kind of text that opens, proves or names something, and each place that takes one and what it says to others."""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from pyotp.totp import TOTP

from plexe_auth import AuthError, Policy
from plexe_auth.model.cookie import NAME
from plexe_auth.model.creation import NEW_KEY
from plexe_auth.model.ticket import FLOW
from plexe_auth.rows import Delete, Query, at_most
from plexe_auth.storage.tables import TABLES
from plexe_auth.testing.mailbox import Mailbox
from tests.conftest import Clock
from tests.gate.shims import SHIMS, Ask, Host
from tests.people.authenticator import Authenticator
from tests.people.conftest import HOME, PASSWORD, done
from tests.people.test_by_passkey import ORIGIN, Device, seen
from tests.people.test_mfa import App, mailed
from tests.people.test_oauth import CALLBACK

OTHER = "another long lovely word"
FOR_EVER = 2**62
# What a refusal may change: it is counted and told.
TOLD = {"budgets", "entries", "writers", "usage", "rates", "rate_hits"}


class Cast:
    """One good text of each kind, all of them good at the same time.

    Ada has an app and has begun to add another one; Bob has not proven his address; Grace is registering.
    """

    def __init__(self, auth: Any, face: str, clock: Clock, mailbox: Mailbox) -> None:
        self.auth, self.clock = auth, clock
        self.text: dict[str, str] = {}
        shim = SHIMS["wsgi" if face == "blocking" else "asgi"]
        self.guarded = shim(auth, Policy(), Host(), getattr(auth, "loop", None))
        self.ada = auth.users.create("ada@example.com", PASSWORD)
        self.grace = auth.users.create("hopper@example.com", PASSWORD)
        auth.users.request_verification(self.ada.id)
        auth.users.verify_email(mailbox.token())
        self.app = App(auth, self.ada.id, clock)
        self._factors(mailbox)
        self._letters(mailbox)
        self._flow()
        self._keys()
        self._passkeys()
        auth.invitations.create(self.ada.account_id, "joan@example.com")
        self.text |= {"invite ticket": mailbox.token(), "invitation id": self.rows("invitations")[0]["id"]}
        self.text |= {"user id": self.ada.id, "account id": self.ada.account_id}
        self.text |= {"password": PASSWORD, "flow ticket": FLOW.format.make().reveal()}
        self.text |= {"new_key ticket": NEW_KEY.format.make().reveal()}
        self.text |= {"request id": auth.world.request_ids.new(), "entry id": auth.log.page().items[0].id}

    def _factors(self, mailbox: Mailbox) -> None:
        asked, again = (self.auth.sign_in.with_password("ada@example.com", PASSWORD, HOME) for _ in range(2))
        signed = self.auth.sign_in.answer(again.token.reveal(), "recovery", self.app.codes[9], HOME)
        self.text |= {"session token": signed.token.reveal(), "session id": signed.session.id}
        self.text |= {"challenge token": asked.token.reveal(), "challenge id": self.rows("challenges")[0]["id"]}
        self.auth.sign_in.send_code(asked.token.reveal())
        self.text |= {"mailed code": mailed(mailbox), "one-time password": self.app.next()}
        self.text |= {"recovery code": self.app.codes[0]}
        begun = self.auth.mfa.begin_totp(self.ada.id)
        self.text |= {"app id": begun.id, "app secret": begun.secret.reveal()}
        self.text |= {"first password of an app": TOTP(begun.secret.reveal()).at(self.clock.now)}

    def _letters(self, mailbox: Mailbox) -> None:
        bob, users = self.auth.users.create("bob@example.com", PASSWORD), self.auth.users
        for name, send in {
            "register ticket": lambda: users.register("grace@example.com", PASSWORD),
            "verify ticket": lambda: users.request_verification(bob.id),
            "email ticket": lambda: users.change_email(self.ada.id, "ada@example.org"),
            "reset ticket": lambda: users.request_reset("ada@example.com"),
        }.items():
            send()
            self.text[name] = mailbox.token()
        self.text["ticket id"] = self.rows("tickets")[0]["id"]

    def _flow(self) -> None:
        begun = self.auth.oauth.begin("github", redirect_uri=CALLBACK)
        self.query = {one: value for one, [value] in parse_qs(urlsplit(begun.url).query).items() if one == "state"}
        self.query["code"] = "c0de"
        self.text |= {"flow cookie": begun.state_cookie, "flow state": self.query["state"]}
        linking = self.auth.oauth.begin("github", redirect_uri=CALLBACK, user_id=self.ada.id)
        self.linking = self.query | {"state": parse_qs(urlsplit(linking.url).query)["state"][0]}
        self.text |= {"linking cookie": linking.state_cookie}

    def _keys(self) -> None:
        issued = self.auth.keys.create(self.ada.account_id, name="CI")
        self.text |= {"API key": issued.secret.reveal(), "key id": issued.key.id, "key hint": issued.key.hint}

    def _passkeys(self) -> None:
        device = Device(self.auth, self.grace.id)
        self.text |= {"passkey id": device.passkey.id}
        token, self.signed = device.asked()
        self.text |= {"ceremony token": token, "passkey ticket": challenge_of(self.signed)}
        begun = self.auth.mfa.begin_passkey(self.grace.id)
        self.created = Authenticator().create(seen(begun.options), ORIGIN)
        self.text |= {"new passkey id": begun.id, "new_passkey ticket": challenge_of(self.created)}

    def rows(self, table: str) -> list[Any]:
        query = Query(table, (), (TABLES[table].key,), limit=200)
        return list(done(self.auth, self.auth.world.store.page(query)))

    def everything(self) -> dict[str, list[Any]]:
        """All that is kept, but for what a refusal may change."""
        return {table: self.rows(table) for table in TABLES if table not in TOLD}

    def unspent(self) -> None:
        """As if a day had gone by: what is refused here is refused for what it is, and not for how often it came."""
        over = Delete("budgets", (at_most("resets_at", FOR_EVER),), several=True)
        done(self.auth, self.auth.world.store.commit(over))

    def asked(self, field: str, value: str) -> str:
        """What the gate says of a request with this field."""
        return self.guarded(Ask().having((field, value.encode().decode("latin-1")))).code

    def signed_out(self, text: str) -> str:
        """Whether anybody is signed out by that; who had no session is told nothing."""
        before = len(self.auth.sessions.page(self.ada.id).items)
        self.auth.sign_in.out(text)
        return "ok" if len(self.auth.sessions.page(self.ada.id).items) < before else "nothing"


@dataclass(frozen=True)
class Slot:
    """A place that takes a text.

    Attributes:
        name: where.
        call: puts a text there; a code that it returns is what was told.
        refused: what is told of every text of another kind.
        takes: the kinds that are taken.
    """

    name: str
    call: Callable[[Cast, str], object]
    refused: str
    takes: tuple[str, ...]


def answer(method: str) -> Callable[[Cast, str], object]:
    return lambda cast, text: cast.auth.sign_in.answer(cast.text["challenge token"], method, text, HOME)


def proof(method: str) -> Callable[[Cast, str], object]:
    def call(cast: Cast, text: str) -> object:
        session = cast.text["session token"]
        if method == "password":
            return cast.auth.sign_in.reauthenticate(session, text, client=HOME)
        return cast.auth.sign_in.reauthenticate(session, method=method, response=text, client=HOME)

    return call


def revoke_leaked(cast: Cast, text: str) -> object:
    return "nothing" if cast.auth.keys.revoke_leaked(text) is None else "ok"


def complete(cast: Cast, cookie: str) -> object:
    return cast.auth.oauth.complete("github", state_cookie=cookie, query=cast.query, client=HOME)


def complete_with(cast: Cast, state: str) -> object:
    query = cast.query | {"state": state}
    return cast.auth.oauth.complete("github", state_cookie=cast.text["flow cookie"], query=query, client=HOME)


def link(cast: Cast, text: str) -> object:
    return cast.auth.oauth.link(cast.ada.id, "github", state_cookie=text, query=cast.linking)


def confirm(cast: Cast, app_id: str, code: str) -> object:
    return cast.auth.mfa.confirm_totp(cast.ada.id, app_id, code)


def again(cast: Cast, text: str) -> object:
    return cast.auth.sign_in.reauthenticate(text, PASSWORD, client=HOME)


def with_password(cast: Cast, text: str) -> object:
    return cast.auth.sign_in.with_password("ada@example.com", text, HOME)


def recovery(cast: Cast, text: str) -> object:
    return cast.auth.sign_in.answer(text, "recovery", cast.text["recovery code"], HOME)


def finish(cast: Cast, enrolment_id: str) -> object:
    return cast.auth.mfa.finish_passkey(cast.grace.id, enrolment_id, cast.created)


def join(cast: Cast, token: str) -> object:
    return cast.auth.invitations.accept(token, OTHER)


def by_passkey(cast: Cast, token: str) -> object:
    return cast.auth.sign_in.with_passkey(token, cast.signed, HOME)


def rename(cast: Cast, passkey_id: str) -> object:
    return cast.auth.mfa.rename_passkey(cast.grace.id, passkey_id, "Mine")


def challenge_of(response: Any) -> str:
    """The challenge that a browser's response answers, which is a token of ours."""
    said = json.loads(base64.urlsafe_b64decode(response["response"]["clientDataJSON"] + "=="))
    return base64.urlsafe_b64decode(said["challenge"] + "==").decode()


BY_MAIL = ("register ticket", "verify ticket", "email ticket")
WRONG = "invalid_credentials"
FIRST = "first password of an app"

SLOTS = (
    Slot("keys.verify", lambda cast, text: cast.auth.keys.verify(text), "invalid_key", ("API key",)),
    Slot("keys.revoke_leaked", revoke_leaked, "nothing", ("API key",)),
    Slot("keys.revoke", lambda cast, text: cast.auth.keys.revoke(text), "not_found", ("key id",)),
    Slot("x-api-key", lambda cast, text: cast.asked("x-api-key", text), "invalid_key", ("API key",)),
    Slot("cookie", lambda cast, text: cast.asked("cookie", f"{NAME}={text}"), "invalid_session", ("session token",)),
    Slot("sessions.verify", lambda cast, text: cast.auth.sessions.verify(text), "invalid_session", ("session token",)),
    Slot("sessions.revoke", lambda cast, text: cast.auth.sessions.revoke(text), "not_found", ("session id",)),
    Slot("sign_in.out", Cast.signed_out, "nothing", ("session token",)),
    Slot("sign_in.with_password", with_password, WRONG, ("password",)),
    Slot("sign_in.reauthenticate", again, "invalid_session", ("session token",)),
    Slot("sign_in.reauthenticate password", proof("password"), WRONG, ("password",)),
    Slot("sign_in.reauthenticate totp", proof("totp"), WRONG, ("one-time password",)),
    Slot("sign_in.reauthenticate recovery", proof("recovery"), WRONG, ("recovery code",)),
    Slot("sign_in.reauthenticate email", proof("email"), WRONG, ()),
    Slot("sign_in.answer", recovery, WRONG, ("challenge token",)),
    Slot("sign_in.answer totp", answer("totp"), WRONG, ("one-time password",)),
    Slot("sign_in.answer email", answer("email"), WRONG, ("mailed code",)),
    Slot("sign_in.answer recovery", answer("recovery"), WRONG, ("recovery code",)),
    Slot("sign_in.answer password", answer("password"), WRONG, ()),
    Slot("sign_in.send_code", lambda cast, text: cast.auth.sign_in.send_code(text), WRONG, ("challenge token",)),
    Slot("users.verify_email", lambda cast, text: cast.auth.users.verify_email(text), WRONG, BY_MAIL),
    Slot("users.reset", lambda cast, text: cast.auth.users.reset(text, OTHER), WRONG, ("reset ticket",)),
    Slot("users.disable", lambda cast, text: cast.auth.users.disable(text), "not_found", ("user id",)),
    Slot("oauth.complete", complete, "invalid_request", ("flow cookie",)),
    Slot("oauth.complete state", complete_with, "invalid_request", ("flow state",)),
    Slot("oauth.link", link, "invalid_request", ("linking cookie",)),
    Slot("mfa.confirm_totp", lambda cast, text: confirm(cast, text, cast.text[FIRST]), "not_found", ("app id",)),
    Slot("sign_in.with_passkey", by_passkey, WRONG, ("ceremony token",)),
    Slot("mfa.finish_passkey", finish, "not_found", ("new passkey id",)),
    Slot("mfa.rename_passkey", rename, "not_found", ("passkey id",)),
    Slot("invitations.accept", join, WRONG, ("invite ticket",)),
    Slot("invitations.look", lambda cast, text: cast.auth.invitations.look(text), WRONG, ("invite ticket",)),
    Slot("invitations.revoke", lambda cast, text: cast.auth.invitations.revoke(text), "not_found", ("invitation id",)),
    Slot("mfa.confirm_totp code", lambda cast, text: confirm(cast, cast.text["app id"], text), WRONG, (FIRST,)),
)


def told(slot: Slot, cast: Cast, text: str) -> str:
    """What is told of a text in a slot: `ok`, or the code of the refusal."""
    cast.unspent()
    try:
        result = slot.call(cast, text)
    except AuthError as refused:
        return refused.code
    return result if isinstance(result, str) else "ok"
