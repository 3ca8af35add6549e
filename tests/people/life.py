"""What holds of people after each step of their lives, and the steps of which those are made.

All that was ever given out is tried again and again: what the model calls dead is refused, the rest is good.
"""

import itertools
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from hypothesis.stateful import RuleBasedStateMachine, invariant

from plexe_auth import AuthError, Client
from plexe_auth.rows import Delete, at_most
from plexe_auth.testing.mailbox import Mailbox
from tests.conftest import Clock
from tests.people.conftest import done
from tests.people.model import CHALLENGE, LIFETIME, MAY, WRONG, Challenge, Person, Session, Town

T = TypeVar("T")

RUNS = itertools.count()
CLIENTS = itertools.count()
FOR_EVER = 2**62
STEP = timedelta(seconds=30)


def pick(things: Sequence[T], back: int) -> T:
    """The last one, the one before, …"""
    return things[-1 - back % len(things)]


class Life(RuleBasedStateMachine):
    """A few people on a store that may hold others."""

    def __init__(self, auth: Any, clock: Clock, mailbox: Mailbox) -> None:
        super().__init__()
        self.auth, self.clock, self.mailbox = auth, clock, mailbox
        self.run = next(RUNS)
        self.town = Town()

    # What holds after each step

    @invariant()
    def every_session_is_what_the_model_says(self) -> None:
        for session in self.town.sessions:
            for permission, roles in MAY.items():
                code = session.fault(self.clock.now, self.town.suspended)
                lacks = None if session.person.role in roles else "insufficient_permissions"
                if code is None:
                    session.use(self.clock.now)
                self.step(code or lacks, lambda one=session.token, p=permission: self.auth.sessions.verify(one, p))

    @invariant()
    def every_person_is_what_the_model_says(self) -> None:
        for person in (one for one in self.town.people if not one.deleted):
            user = self.auth.users.get(person.id)
            told = (user.email, user.role, user.verified_at is not None, user.status == "disabled")
            assert told == (person.email, person.role, person.verified, person.disabled)
            assert self.auth.mfa.methods(person.id) == person.ways(())
            found = [(one.id, one.idles_at) for one in self.auth.sessions.page(person.id, limit=200)]
            assert found[::-1] == [(one.id, one.idles_at) for one in self.alive(person)]

    @invariant()
    def no_dead_link_opens_anything(self) -> None:
        for link in self.town.links:
            if not link.good(self.clock.now):
                reset = lambda one=link: self.auth.users.reset(one.text, "five long and lovely words")  # noqa: E731
                verify = lambda one=link: self.auth.users.verify_email(one.text)  # noqa: E731
                self.step(WRONG, reset if link.kind == "reset" else verify)

    @invariant()
    def no_dead_challenge_is_answered(self) -> None:
        for asked in self.town.challenges[-4:]:
            if not asked.good(self.clock.now) and asked.person.codes:
                self.step(WRONG, lambda one=asked: self.answered(one, "recovery", one.person.codes[-1]))

    @invariant()
    def no_dead_answer_is_right(self) -> None:
        for asked in [one for one in self.town.challenges if one.good(self.clock.now)][-2:]:
            dead = [*self.dead(asked.person), *(("email", one) for one in asked.codes[-2:-1] if one != asked.codes[-1])]
            for method, code in dead:
                self.step(self.refusal(asked) or WRONG, lambda one=asked, m=method, c=code: self.answered(one, m, c))

    @invariant()
    def no_dead_answer_proves_anybody_anew(self) -> None:
        for session in [alive[-1] for person in self.town.people if (alive := self.alive(person))]:
            for method, code in self.dead(session.person):
                self.heard()
                refused = session.fault(self.clock.now, self.town.suspended) or WRONG
                proof = {"method": method, "response": code, "client": client()}
                self.step(refused, lambda t=session.token, p=proof: self.auth.sign_in.reauthenticate(t, **p))

    @invariant()
    def no_former_password_and_none_of_who_may_not_lets_anybody_in(self) -> None:
        for person in self.town.people:
            former = set(person.former_passwords[-1:]) - {person.password}
            for password in former if person.usable else {*former, person.password}:
                owner = self.town.whose(person.email)
                if owner is person or owner is None:
                    self.step(WRONG, lambda e=person.email, p=password: self.auth.sign_in.with_password(e, p, client()))
        self.heard()

    def teardown(self) -> None:
        for person in self.town.people:
            if not person.deleted:
                self.auth.users.delete(person.id)

    def dead(self, person: Person) -> list[tuple[str, str]]:
        """What they have answered with, what was taken from them, and what is somebody else's."""
        others = [code for one in self.town.people for code in one.codes if one is not person]
        now, app = self.clock.now, person.app
        totps = [code for code in person.former_totps[-2:] if app is None or app.step_of(code, now) is None]
        codes = [*person.former_codes[-2:], *others[:1]]
        return [*(("recovery", one) for one in codes), *(("totp", one) for one in totps)]

    def alive(self, person: Person) -> list[Session]:
        return [one for one in self.town.sessions if one.person is person and one.alive(self.clock.now)]

    def look_around(self) -> None:
        """All that holds after each step, in the middle of one."""
        self.every_session_is_what_the_model_says()
        self.every_person_is_what_the_model_says()
        self.no_dead_answer_proves_anybody_anew()
        self.no_former_password_and_none_of_who_may_not_lets_anybody_in()

    # Steps of steps

    def step(self, code: str | None, ask: Callable[[], Any]) -> Any:
        """Do it, if the model lets it be done; hold the refusal against the model's, if it does not."""
        try:
            done = ask()
        except AuthError as refused:
            if refused.code != code:
                raise
            return None
        assert code is None, f"{code} was expected"
        return done

    def let_in(self, person: Person, result: Any, shown: tuple[str, ...]) -> None:
        """Whoever has shown one thing and has a second factor is challenged; nobody else is."""
        if person.app is None:
            self.signed_in(person, result, shown, self.ends(LIFETIME))
            return
        assert result.methods == person.ways(shown)
        self.town.challenges.append(Challenge(result.token.reveal(), person, shown, self.ends(CHALLENGE)))

    def signed_in(self, person: Person, result: Any, methods: tuple[str, ...], ends_at: datetime) -> None:
        session = result.session
        assert (result.user.id, session.methods, session.expires_at) == (person.id, methods, ends_at)
        self.town.sessions.append(Session(result.token.reveal(), session.id, person, methods, self.clock.now, ends_at))

    def answered(self, asked: Challenge, method: str, response: str) -> Any:
        self.heard()
        return self.auth.sign_in.answer(asked.token, method, response, client())

    def heard(self) -> None:
        """As if nobody had asked for long: budgets have tests of their own."""
        over = Delete("budgets", (at_most("resets_at", FOR_EVER),), several=True)
        done(self.auth, self.auth.world.store.commit(over))

    def totp(self, person: Person, which: int) -> tuple[str, Callable[[], object] | None]:
        """What an app shows, now or when an earlier answer was given, and what its use changes."""
        app = person.app
        if app is None:
            return "000000", None
        if which == 0:
            self.clock.advance(STEP)
        text = pick(person.former_totps, which) if which > 1 and person.former_totps else app.shown(self.clock.now)
        step = app.step_of(text, self.clock.now)

        def use() -> None:
            app.last_step = step
            person.former_totps.append(text)

        return text, None if step is None else use

    def code(self, person: Person, which: int) -> tuple[str, Callable[[], object] | None]:
        """One of all recovery codes that anybody ever had, rather theirs, and what its use changes."""
        others = [code for one in self.town.people for code in one.codes if one is not person]
        known = [*others[:1], *person.former_codes[-3:], *person.codes]
        if not known:
            return "7N3KQ0-XW8R2M-B5TZ9C-H4VJ6P", None
        text = pick(known, which)
        return text, (lambda: person.use_code(text)) if text in person.codes else None

    def is_suspended(self, person: Person) -> str | None:
        return "account_suspended" if person.account in self.town.suspended else None

    def refusal(self, asked: Challenge) -> str | None:
        """Why a challenge is not answered, whatever the answer."""
        return self.is_suspended(asked.person) if asked.good(self.clock.now) else WRONG

    def kept(self, person: Person, back: int | None) -> str | None:
        """The id of one of their sessions."""
        theirs = [one.id for one in self.town.sessions if one.person is person]
        return pick(theirs, back) if back is not None and theirs else None

    def email(self, name: str) -> str:
        return f"{name}@run{self.run}.example.com"

    def ends(self, span: timedelta) -> datetime:
        return self.clock.now + span


def client() -> Client:
    """From where nobody has come before: what is guessed from one place is counted, and has tests of its own."""
    number = next(CLIENTS)
    return Client(f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}")
