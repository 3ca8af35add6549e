"""All that is good once, in one table, and two processes that redeem each of it at the same instant."""

import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from multiprocessing.synchronize import Barrier
from typing import Any, NamedTuple

from pyotp.totp import TOTP

from plexe_auth import AsyncAuth, Auth, AuthError, Client
from plexe_auth.testing.mailbox import Mailbox
from tests.conftest import Clock
from tests.faces import Plainly, running_loop
from tests.people.authenticator import Authenticator
from tests.people.conftest import HOME, PASSWORD, done
from tests.people.test_by_passkey import ORIGIN, Device, seen
from tests.people.test_mfa import App, challenge, mailed
from tests.people.test_oauth import SETTINGS, GitHub, awaited, begun

PROCESSES = 2
THREADS = 16
MANY = PROCESSES * THREADS
PATIENCE = 60
NEW = "new-"  # before an address: the one that takes its place


class Stage(NamedTuple):
    """Where things that are good once are made."""

    auth: Any
    clock: Clock
    mailbox: Mailbox


@dataclass(frozen=True)
class Once:
    """Something that is good once.

    Attributes:
        name: what it is, after the weakness that it guards against.
        prepare: makes one for whoever has an address that is new, and returns what each of `MANY` sends.
        redeem: sends it; who is refused raises.
        effects: how often it was redeemed, by what the store holds.
        refused: the codes of those who come too late.
    """

    name: str
    prepare: Callable[[Stage, str], list[Any]]
    redeem: Callable[[Any, Any], object]
    effects: Callable[[Any, str], int]
    refused: frozenset[str] = frozenset({"invalid_credentials"})


class Round(NamedTuple):
    """One thing of the table that is redeemed by all at once: its place there, the time, and what each sends."""

    place: int
    now: datetime
    sent: list[Any]


def somebody(stage: Stage, email: str) -> Any:
    return stage.auth.users.create(email, PASSWORD)


def registration(stage: Stage, email: str) -> list[Any]:
    stage.auth.users.register(email, PASSWORD)
    return [stage.mailbox.token()] * MANY


def proof_of_address(stage: Stage, email: str) -> list[Any]:
    stage.auth.users.request_verification(somebody(stage, email).id)
    return [stage.mailbox.token()] * MANY


def new_address(stage: Stage, email: str) -> list[Any]:
    stage.auth.users.change_email(somebody(stage, email).id, NEW + email)
    return [stage.mailbox.token()] * MANY


def reset(stage: Stage, email: str) -> list[Any]:
    somebody(stage, email)
    stage.auth.users.request_reset(email)
    return [(stage.mailbox.token(), f"{number} long and lovely words") for number in range(MANY)]


def from_everywhere(number: int) -> Client:
    """One of several networks, so that no budget of one of them ends the race before it has begun."""
    return Client(f"198.51.100.{number % 4}")


def challenges(stage: Stage, email: str) -> list[str]:
    signed = [stage.auth.sign_in.with_password(email, PASSWORD, from_everywhere(number)) for number in range(MANY)]
    return [asked.token.reveal() for asked in signed]


def one_challenge(stage: Stage, email: str) -> list[Any]:
    app = App(stage.auth, somebody(stage, email).id, stage.clock)
    token = challenge(stage.auth, email).token.reveal()
    return [(token, "recovery", app.codes[number % len(app.codes)]) for number in range(MANY)]


def one_time_password(stage: Stage, email: str) -> list[Any]:
    app = App(stage.auth, somebody(stage, email).id, stage.clock)
    code = app.next()
    return [(token, "totp", code) for token in challenges(stage, email)]


def recovery_code(stage: Stage, email: str) -> list[Any]:
    app = App(stage.auth, somebody(stage, email).id, stage.clock)
    return [(token, "recovery", app.codes[0]) for token in challenges(stage, email)]


def mailed_code(stage: Stage, email: str) -> list[Any]:
    [token, *_rest] = proof_of_address(stage, email)
    App(stage.auth, stage.auth.users.verify_email(token).id, stage.clock)
    asked = challenge(stage.auth, email).token.reveal()
    stage.auth.sign_in.send_code(asked)
    return [(asked, "email", mailed(stage.mailbox))] * MANY


def enrolment(stage: Stage, email: str) -> list[Any]:
    user_id = somebody(stage, email).id
    app = stage.auth.mfa.begin_totp(user_id)
    return [(user_id, app.id, TOTP(app.secret.reveal()).at(stage.clock.now))] * MANY


def session(stage: Stage, email: str) -> list[Any]:
    somebody(stage, email)
    token = stage.auth.sign_in.with_password(email, PASSWORD, HOME).token.reveal()
    return [(token, from_everywhere(number)) for number in range(MANY)]


def flow(stage: Stage, _email: str) -> list[Any]:
    return [begun(stage.auth)] * MANY


def passkey_alone(stage: Stage, email: str) -> list[Any]:
    return [Device(stage.auth, somebody(stage, email).id).asked()] * MANY


def passkey_after_a_password(stage: Stage, email: str) -> list[Any]:
    device = Device(stage.auth, somebody(stage, email).id)
    token, response = device.asked(challenge(stage.auth, email).token.reveal())
    return [(token, "passkey", response)] * MANY


def new_passkey(stage: Stage, email: str) -> list[Any]:
    user_id = somebody(stage, email).id
    begun = stage.auth.mfa.begin_passkey(user_id)
    return [(user_id, begun.id, Authenticator().create(seen(begun.options), ORIGIN))] * MANY


def invitation(stage: Stage, email: str) -> list[Any]:
    stage.auth.invitations.create("acct_42", email)
    return [stage.mailbox.token()] * MANY


def users_of(auth: Any, email: str) -> int:
    return [one.email for one in auth.users.page(limit=200)].count(email)


def sessions_of(auth: Any, email: str) -> int:
    return len(auth.sessions.page(auth.users.find(email).id).items)


def changes_of(auth: Any, email: str) -> int:
    row = done(auth, auth.world.store.get("users", "canonical", email))
    return row["version"] - 1


def answer(auth: Any, sent: Any) -> object:
    token, method, response = sent
    return auth.sign_in.answer(token, method=method, response=response, client=HOME)


def verify_email(auth: Any, token: str) -> object:
    return auth.users.verify_email(token)


# Of all who answer for one person ten are heard in a quarter of an hour; the others come too late for that reason.
OF_A_FACTOR = frozenset({"invalid_credentials", "rate_limit_exceeded"})

TABLE = (
    Once("L17 the link of a registration", registration, verify_email, users_of),
    Once("L18 the link that proves an address", proof_of_address, verify_email, changes_of),
    Once("L18 the link to a new address", new_address, verify_email, lambda auth, email: changes_of(auth, NEW + email)),
    Once("L19 the link of a reset", reset, lambda auth, sent: auth.users.reset(*sent, client=HOME), sessions_of),
    Once("M05 a challenge", one_challenge, answer, sessions_of, OF_A_FACTOR),
    Once("M01 a one-time password", one_time_password, answer, sessions_of, OF_A_FACTOR),
    Once("M07 a recovery code", recovery_code, answer, sessions_of, OF_A_FACTOR),
    Once("M06 a code by mail", mailed_code, answer, sessions_of, OF_A_FACTOR),
    Once(
        "M04 an app that is added",
        enrolment,
        lambda auth, sent: auth.mfa.confirm_totp(*sent),
        changes_of,
        frozenset({"conflict", "not_found", "rate_limit_exceeded"}),
    ),
    Once(
        "S01 a session that is proven anew",
        session,
        lambda auth, sent: auth.sign_in.reauthenticate(sent[0], PASSWORD, client=sent[1]),
        sessions_of,
        frozenset({"conflict", "invalid_session"}),
    ),
    Once(
        "M13 a passkey that signs in alone",
        passkey_alone,
        lambda auth, sent: auth.sign_in.with_passkey(*sent, client=HOME),
        sessions_of,
    ),
    Once("M13 a passkey after a password", passkey_after_a_password, answer, sessions_of, OF_A_FACTOR),
    Once(
        "M13 a passkey that is added",
        new_passkey,
        lambda auth, sent: auth.mfa.finish_passkey(*sent),
        changes_of,
        frozenset({"conflict", "invalid_credentials", "not_found"}),
    ),
    Once(
        "H16 an invitation",
        invitation,
        lambda auth, token: auth.invitations.accept(token, PASSWORD, client=HOME),
        users_of,
    ),
    Once(
        "O01 a flow at a provider",
        flow,
        lambda auth, sent: auth.oauth.complete("github", state_cookie=sent[0], query=sent[1], client=HOME),
        lambda auth, _email: sessions_of(auth, "octo@example.com"),
        frozenset({"invalid_request"}),
    ),
)


def outcome(once: Once, auth: Any, sent: Any) -> str:
    try:
        once.redeem(auth, sent)
    except AuthError as refused:
        return refused.code
    return "done"


@contextmanager
def opened(face: str, url: str, clock: Clock, mailbox: Mailbox) -> Iterator[Any]:
    """An `Auth`, or an `AsyncAuth` that any number of threads may call plainly, each call a task of one loop."""
    provider = GitHub()
    if face == "blocking":
        with Auth.open(url, settings=SETTINGS, clock=clock, mailer=mailbox, fetch=provider) as auth:
            yield auth
        return
    with running_loop() as loop:
        asynchronous = AsyncAuth.open(url, settings=SETTINGS, clock=clock, mailer=mailbox, fetch=awaited(provider))
        loop.run(asynchronous.__aenter__())
        yield Plainly(asynchronous, loop)
        loop.run(asynchronous.close())


class Two:
    """Two processes that are started once and meet in every round."""

    def __init__(self, processes: ProcessPoolExecutor) -> None:
        self._processes = processes

    @classmethod
    @contextmanager
    def started(cls) -> Iterator["Two"]:
        context = multiprocessing.get_context("spawn")
        start = context.Barrier(MANY, timeout=PATIENCE)
        with ProcessPoolExecutor(PROCESSES, context, _Here.begin, (start,)) as processes:
            yield cls(processes)

    def redeem(self, face: str, url: str, rounds: list[Round]) -> list[list[str]]:
        """Return for each round what became of each who took part."""
        parts = [[one._replace(sent=one.sent[part::PROCESSES]) for one in rounds] for part in range(PROCESSES)]
        working = [self._processes.submit(_work, face, url, part) for part in parts]
        found = [work.result() for work in working]
        return [[one for part in found for one in part[place]] for place in range(len(rounds))]


class _Here:
    """What a process is given when it begins: a barrier can be handed over at no other time."""

    start: Barrier

    @classmethod
    def begin(cls, start: Barrier) -> None:
        cls.start = start


def _work(face: str, url: str, rounds: list[Round]) -> list[list[str]]:
    clock = Clock()
    with opened(face, url, clock, Mailbox()) as auth, ThreadPoolExecutor(THREADS) as threads:

        def wait_and_redeem(once: Once, sent: Any) -> str:
            _Here.start.wait()
            return outcome(once, auth, sent)

        found = []
        for place, now, sent in rounds:
            clock.now = now
            found.append(list(threads.map(wait_and_redeem, [TABLE[place]] * THREADS, sent)))
        return found
