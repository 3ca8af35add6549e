"""A person's whole life, driven by chance beside its model: each step is refused or done as the model says."""

from collections.abc import Callable
from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from tests.people.life import Life, client, pick
from tests.people.model import LASTS, LIFETIME, MAILED, MINUTE, WRONG, App, Challenge, Link, Person, Session
from tests.people.test_mfa import mailed

NAMES = st.sampled_from(["ada", "bob", "grace"])
FIRST = "one long and lovely word"
WORDS = st.sampled_from([f"{number} long and lovely words" for number in ("two", "three", "four")])
GUESS = st.none() | st.none() | WORDS  # the right password, mostly
ROLES = st.sampled_from(["owner", "admin", "member", "viewer"])
SPANS = st.sampled_from([1, 2, 9, 11, 20, 29, 29, 31, 31, 61, 24 * 60]).map(lambda minutes: minutes * MINUTE)
BACK = st.sampled_from([0, 0, 0, 0, 1, 1, 2, 3, 5, 8])  # which one: the last, the one before, …
KEPT = st.none() | BACK
RARELY = st.sampled_from([False, False, False, True])
MOSTLY = st.sampled_from([True, True, True, False])


class LifeMachine(Life):
    """A few people on a store that may hold others."""

    @initialize(both=st.booleans())
    def begin(self, both: bool) -> None:
        """One who was made by somebody else, and one who has registered and signs in by two factors, time and again."""
        self.create("bob", FIRST, "member")
        self.register("ada", FIRST)
        self.open_link(0, FIRST)
        for back in (1, 0):
            self.sign_in(back, None)
        for back in (1, 0) if both else (0,):
            self.add_app(back, 0, False)
        for _ in range(3):
            self.sign_in(0, None)
        self.answer_by_app(2, 0, False)
        self.request_reset(0, False, FIRST)

    # Coming to be

    @rule(name=NAMES, password=WORDS)
    def register(self, name: str, password: str) -> None:
        email = self.email(name)
        assert self.auth.users.register(email, password) is None
        known = self.town.whose(email) is not None
        self.send(None if known else Link("register", "", email, self.ends(LASTS["register"]), None, password), email)

    @rule(name=NAMES, password=WORDS, role=ROLES)
    def create(self, name: str, password: str, role: str) -> None:
        email, account = self.email(name), f"shared {self.run}"
        taken = "conflict" if self.town.whose(email) else None
        user = self.step(taken, lambda: self.auth.users.create(email, password, account, role=role))
        if user is not None:
            self.town.people.append(Person(user.id, account, email, password, role))

    @precondition(lambda self: self.town.links)
    @rule(back=BACK, password=WORDS)
    def open_link(self, back: int, password: str) -> None:
        link = pick(self.town.links, back)
        if link.kind == "reset":
            self.reset(link, password)
            return
        code = None if link.good(self.clock.now) else WRONG
        owner = self.town.whose(link.email)
        taken = link.kind != "verify" and owner not in (None, link.person)
        user = self.step(code or (WRONG if taken else None), lambda: self.auth.users.verify_email(link.text))
        if user is None:
            return
        link.over = True
        if link.person is None:
            self.town.people.append(Person(user.id, user.account_id, link.email, link.password, verified=True))
            return
        link.person.verified = True
        if link.kind == "email":
            link.person.email = link.email
            self.town.forget(link.person)
            self.town.end(link.person)

    def reset(self, link: Link, password: str) -> None:
        code = WRONG if link.person is None or not link.good(self.clock.now) else self.is_suspended(link.person)
        result = self.step(code, lambda: self.auth.users.reset(link.text, password, client()))
        if result is not None and link.person is not None:
            link.person.take_password(password)
            link.person.verified = True
            self.town.forget(link.person)
            self.town.end(link.person)
            self.let_in(link.person, result, ("reset",))

    # Letters

    @rule(back=BACK, opened=st.booleans(), password=WORDS)
    def request_reset(self, back: int, opened: bool, password: str) -> None:
        person = pick(self.town.people, back)
        assert self.auth.users.request_reset(person.email) is None
        if not person.deleted:
            sent = Link("reset", "", person.email, self.ends(LASTS["reset"]), person)
            self.send(None if person.disabled else sent, person, "reset")
            if opened:
                self.open_link(0, password)

    @rule(back=BACK)
    def request_verification(self, back: int) -> None:
        person = pick(self.town.people, back)
        gone = "not_found" if person.deleted else None
        self.step(gone, lambda: self.auth.users.request_verification(person.id))
        if person.usable and not person.verified:
            self.send(Link("verify", "", person.email, self.ends(LASTS["verify"]), person), person)

    @rule(back=BACK, name=NAMES, other=MOSTLY, opened=st.booleans())
    def change_email(self, back: int, name: str, other: bool, opened: bool) -> None:
        person = self.one_who_waits(back)
        email = self.email(f"new-{name}" if other else name)
        self.step("not_found" if person.deleted else None, lambda: self.auth.users.change_email(person.id, email))
        if not person.deleted:
            taken = self.town.whose(email) not in (None, person)
            sent = Link("email", "", email, self.ends(LASTS["email"]), person)
            self.send(None if taken else sent, person, "email")
            if opened:
                self.open_link(0, FIRST)

    def send(self, link: Link | None, whose: Person | str, kind: str = "register") -> None:
        if link is not None:
            link.text, kind = self.mailbox.token(), link.kind
            assert self.mailbox.last().to == link.email
        self.town.send(link, kind, whose)

    # Coming in, going out

    @rule(back=BACK, guess=GUESS)
    def sign_in(self, back: int, guess: str | None) -> None:
        self.signs_in(pick(self.town.people, back), guess)

    def signs_in(self, person: Person, guess: str | None) -> None:
        password = person.password if guess is None else guess
        owner = self.town.whose(person.email)
        right = owner is not None and owner.usable and owner.password == password
        code = None if right else WRONG
        code = code or (None if owner is None else self.is_suspended(owner))
        result = self.step(code, lambda: self.auth.sign_in.with_password(person.email, password, client()))
        if result is not None and owner is not None:
            self.let_in(owner, result, ("password",))

    @precondition(lambda self: self.town.sessions)
    @rule(back=BACK)
    def sign_out(self, back: int) -> None:
        session = self.session(back)
        self.auth.sign_in.out(session.token)
        session.ended = True

    @precondition(lambda self: self.town.sessions)
    @rule(back=BACK)
    def revoke(self, back: int) -> None:
        session = self.session(back)
        gone = "not_found" if session.person.deleted else None
        self.step(gone, lambda: self.auth.sessions.revoke(session.id, session.person.id))
        session.ended = True

    @rule(back=BACK, kept=KEPT)
    def revoke_all(self, back: int, kept: int | None) -> None:
        person = pick(self.town.people, back)
        keep = self.kept(person, kept)
        gone = "not_found" if person.deleted else None
        count = self.step(gone, lambda: self.auth.sessions.revoke_all(person.id, keep))
        assert count is None or count == self.town.end(person, keep)

    @precondition(lambda self: self.town.sessions)
    @rule(back=BACK, guess=GUESS)
    def reauthenticate_by_password(self, back: int, guess: str | None) -> None:
        session = self.session(back)
        password = session.person.password if guess is None else guess
        code = None if password == session.person.password else WRONG
        self.reauthenticate(session, code, "password", {"password": password})

    @precondition(lambda self: self.town.sessions)
    @rule(back=BACK, which=BACK, by_app=st.booleans())
    def reauthenticate_by_factor(self, back: int, which: int, by_app: bool) -> None:
        session = self.session(back)
        method, (response, use) = (
            ("totp", self.totp(session.person, which)) if by_app else ("recovery", self.code(session.person, which))
        )
        code = WRONG if use is None else None
        if self.reauthenticate(session, code, method, {"method": method, "response": response}) and use:
            use()

    def session(self, back: int) -> Session:
        """A session, rather one that is alive."""
        return pick(sorted(self.town.sessions, key=lambda one: one.alive(self.clock.now)), back)

    def reauthenticate(self, session: Session, code: str | None, method: str, proof: dict[str, str]) -> bool:
        code = session.fault(self.clock.now, self.town.suspended) or code
        ask = self.auth.sign_in.reauthenticate
        result = self.step(code, lambda: ask(session.token, client=client(), **proof))
        if result is None:
            return False
        session.ended = True
        self.signed_in(session.person, result, tuple(dict.fromkeys((*session.methods, method))), session.expires_at)
        return True

    # Second factors

    @rule(back=BACK, kept=KEPT, twice=st.booleans())
    def add_app(self, back: int, kept: int | None, twice: bool) -> None:
        """Begun and confirmed in one go, which chance would seldom come upon; begun twice, the first one is no more."""
        self.begin_app(back)
        if twice:
            self.begin_app(back)
            self.confirm_app(back, kept, 1, True)
        self.confirm_app(back, kept, 0, True)

    @rule(back=BACK)
    def begin_app(self, back: int) -> None:
        person = pick(self.town.people, back)
        begun = self.step("not_found" if person.deleted else None, lambda: self.auth.mfa.begin_totp(person.id))
        if begun is not None:
            person.former_apps += [person.begun] if person.begun else []
            person.begun = App(begun.id, begun.secret.reveal())

    @rule(back=BACK, kept=KEPT, which=BACK, right=MOSTLY)
    def confirm_app(self, back: int, kept: int | None, which: int, right: bool) -> None:
        person = pick(self.town.people, back)
        apps = [*person.former_apps, *([person.begun] if person.begun else [])]
        if not apps:
            return
        app = pick(apps, which)
        text = app.shown(self.clock.now, 0 if right else 100)
        gone = "not_found" if person.deleted or app is not person.begun else None
        step, keep = app.step_of(text, self.clock.now), self.kept(person, kept)
        code = gone or (None if step is not None else WRONG)
        codes = self.step(code, lambda: self.auth.mfa.confirm_totp(person.id, app.id, text, keep))
        if codes is not None:
            app.last_step, person.app, person.begun = step, app, None
            person.former_apps.append(app)
            person.former_totps.append(text)
            person.take_codes([one.reveal() for one in codes])
            self.town.forget(person)
            self.town.end(person, keep)

    @rule(back=BACK, kept=KEPT, again=MOSTLY)
    def remove_app(self, back: int, kept: int | None, again: bool) -> None:
        person = pick(self.town.people, back)
        keep = self.kept(person, kept)
        self.step("not_found" if person.deleted else None, lambda: self.auth.mfa.disable_totp(person.id, keep))
        if not person.deleted:
            person.app = person.begun = None
            person.take_codes([])
            self.town.forget(person)
            self.town.end(person, keep)
        self.signs_in(person, None)
        self.look_around()
        if again:
            self.add_app(back, kept, False)

    @rule(back=BACK)
    def renew_codes(self, back: int) -> None:
        person = pick(self.town.people, back)
        code = "not_found" if person.deleted else None if person.app else "conflict"
        codes = self.step(code, lambda: self.auth.mfa.renew_recovery_codes(person.id))
        if codes is not None:
            person.take_codes([one.reveal() for one in codes])

    @precondition(lambda self: self.town.challenges)
    @rule(back=BACK, which=BACK, anew=MOSTLY)
    def answer_by_app(self, back: int, which: int, anew: bool) -> None:
        asked = self.asked(back, anew)
        self.answer(asked, "totp", *self.totp(asked.person, which))

    @precondition(lambda self: self.town.challenges)
    @rule(back=BACK, which=BACK, anew=MOSTLY)
    def answer_by_code(self, back: int, which: int, anew: bool) -> None:
        asked = self.asked(back, anew)
        self.answer(asked, "recovery", *self.code(asked.person, which))

    @precondition(lambda self: self.town.challenges)
    @rule(back=BACK, send=MOSTLY, which=BACK, anew=MOSTLY)
    def answer_by_mail(self, back: int, send: bool, which: int, anew: bool) -> None:
        asked = self.asked(back, anew)
        if send:
            self.send_code(back)
        sent = [code for one in self.town.challenges for code in one.codes]
        if sent:
            code = pick(sent, which)
            self.answer(asked, "email", code, (lambda: None) if asked.fits(code, self.clock.now) else None)

    @precondition(lambda self: self.town.challenges)
    @rule(back=BACK)
    def send_code(self, back: int) -> None:
        asked = pick(self.town.challenges, back)
        code = self.refusal(asked) or (None if "email" in asked.person.ways(asked.shown) else WRONG)
        good = code is None
        self.heard()
        self.mailbox.clear()
        self.step(code, lambda: self.auth.sign_in.send_code(asked.token))
        assert len(self.mailbox) == good
        if good:
            asked.codes.append(mailed(self.mailbox))
            asked.code_ends_at = self.ends(MAILED)

    def asked(self, back: int, anew: bool) -> Challenge:
        """A challenge; mostly there are two new ones first, so that what answers one can be tried on the other."""
        for _ in range(2 if anew else 0):
            self.signs_in(pick(self.town.challenges, back).person, None)
        return pick(self.town.challenges, back)

    def answer(self, asked: Challenge, method: str, response: str, use: Callable[[], object] | None) -> None:
        right = method in asked.person.ways(asked.shown) and use is not None
        code = self.refusal(asked) or (None if right else WRONG)
        result = self.step(code, lambda: self.answered(asked, method, response))
        if result is not None and use is not None:
            use()
            asked.over = True
            self.signed_in(asked.person, result, (*asked.shown, method), self.ends(LIFETIME))

    # What others do to them

    def one_who_waits(self, back: int) -> Person:
        """Somebody who has a link in a letter, is signed in, and is asked for a second factor, if they have one."""
        person = pick(self.town.people, back)
        self.request_reset(back, False, FIRST)
        self.signs_in(person, None)
        if not self.alive(person) and person.usable and person.app is not None:
            self.answer_by_app(0, 0, False)
            self.signs_in(person, None)
        return person

    @rule(back=BACK, guess=GUESS, new=WORDS, kept=KEPT)
    def change_password(self, back: int, guess: str | None, new: str, kept: int | None) -> None:
        person = self.one_who_waits(back)
        old, keep = person.password if guess is None else guess, self.kept(person, kept)
        code = "not_found" if person.deleted else None if old == person.password else WRONG
        if self.step(code, lambda: self.auth.users.change_password(person.id, old, new, keep)) is not None:
            person.take_password(new)
            self.town.forget(person)
            self.town.end(person, keep)

    @rule(back=BACK, again=MOSTLY)
    def disable(self, back: int, again: bool) -> None:
        person = self.one_who_waits(back)
        if self.step("not_found" if person.deleted else None, lambda: self.auth.users.disable(person.id)) is not None:
            person.disabled = True
            self.town.forget(person)
            self.town.end(person)
        if again:
            self.look_around()
            self.enable(back)

    @rule(back=BACK)
    def enable(self, back: int) -> None:
        person = pick(self.town.people, back)
        self.step("not_found" if person.deleted else None, lambda: self.auth.users.enable(person.id))
        person.disabled = False

    @rule(back=BACK, again=MOSTLY)
    def suspend(self, back: int, again: bool) -> None:
        account = pick(self.town.people, back).account
        self.auth.accounts.suspend(account)
        self.town.suspended.add(account)
        if again:
            self.look_around()
            self.resume(back)

    @rule(back=BACK)
    def resume(self, back: int) -> None:
        account = pick(self.town.people, back).account
        self.auth.accounts.resume(account)
        self.town.suspended.discard(account)

    @rule(back=BACK, role=ROLES)
    def change_role(self, back: int, role: str) -> None:
        person = pick(self.town.people, back)
        self.step("not_found" if person.deleted else None, lambda: self.auth.users.change_role(person.id, role))
        person.role = role

    @rule(back=BACK, really=RARELY)
    def delete(self, back: int, really: bool) -> None:
        person = pick(self.town.people, back)
        if really:
            self.step("not_found" if person.deleted else None, lambda: self.auth.users.delete(person.id))
            person.deleted = True
            self.town.forget(person)

    @rule(span=SPANS, back=BACK, waits=st.booleans())
    def advance(self, span: timedelta, back: int, waits: bool) -> None:
        if waits:
            self.one_who_waits(back)
        self.clock.advance(span)
