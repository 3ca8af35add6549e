"""One credential is judged here, for whoever asks: throttle, look-up, every check in order, rate, log; in that order.

What can be decided at once is decided by a plain function; whatever needs more takes the long way, which asks the same
questions again. Nobody is accepted, or refused, whose entry cannot be written.
"""

from collections.abc import Sequence
from typing import NamedTuple

from plexe_auth.cache.known import Known, packed, unpacked
from plexe_auth.errors import (
    AuthError,
    InsufficientPermissions,
    InvalidKey,
    MissingKey,
    RateLimitExceeded,
    Unavailable,
)
from plexe_auth.limiting.limiter import Asked, Tally
from plexe_auth.model.instant import to_microseconds
from plexe_auth.model.network import neighbourhood
from plexe_auth.model.token import KeyDigests, KeyFormat
from plexe_auth.model.verdict import Case, refusal
from plexe_auth.rows import Row
from plexe_auth.secret import same
from plexe_auth.service.key_recall import Accepted, Again, Passed, passing, rates
from plexe_auth.service.telling import NOBODY, Telling, quoted
from plexe_auth.world import World

_NO_DIGEST = bytes(32)

# What is raised where something that is no text was taken for one, on the short way. The long way tells what it is.
NO_TEXT = (TypeError, UnicodeError)


class Candidate(NamedTuple):
    """What is left of a text that may be a key: no part of it, only digests, and none where it has not a key's form.

    Attributes:
        missing: there was no text.
        name: what this process calls it.
        digests: what may be kept of it at rest.
    """

    missing: bool
    name: bytes
    digests: tuple[bytes, ...]


class Question(NamedTuple):
    """What is asked of a credential.

    Attributes:
        permissions: it must hold all of them.
        ip: where it comes from.
        where: the end of its line in the access log.
        rate: a rate that it has to keep besides its own.
        fresh: ask the store itself.
    """

    permissions: tuple[str, ...]
    ip: str | None
    where: str
    rate: str | None = None
    fresh: bool = False


def standing(tally: Tally) -> tuple[int, int, int, int]:
    """Return how a rate stands, as `RateLimitExceeded` tells it."""
    return tally.policy.count, tally.policy.seconds, *tally.stands()


class Judge:
    """Judges credentials in one world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._format = KeyFormat(world.settings.key_prefix)
        self._digests = KeyDigests(world.settings.peppers)
        self._again = Again(world)
        self._failure_rate = world.settings.failure_rate
        self.telling: Telling = Telling(world)
        self.passed: Passed = passing(world, self._format.length)

    def candidate(self, text: object) -> Candidate:
        """Return what is needed to look a text up."""
        if not self._format.accepts(text):
            return Candidate(text is None or text == "", b"", ())
        return Candidate(False, self._world.cache.named(text.encode()).digest(), self._digests.all(text))

    async def judged(self, candidate: Candidate, question: Question) -> Accepted:
        """Return who was accepted.

        Raises:
            AuthError: nobody was; that is written down.
        """
        try:
            known = await self._found(candidate, question)
        except Unavailable:
            self.telling.denied(Unavailable.code, question.where)
            raise
        tally = await self._counted(known, question)
        self.telling.allowed(known, question.where)
        return known.principal, tally

    async def _found(self, candidate: Candidate, question: Question) -> Known:
        known: Known | None = None
        if candidate.digests and not question.fresh and await self._world.epoch.look():
            known = self._again.found(candidate.name, question.permissions, question.ip)
        if known is not None:
            return known
        self._check_throttle(question)
        knowledge = self._world.cache.knowledge
        row = await self.row(candidate.digests)
        if row is None:
            raise self._guessed(candidate, question)
        return self._judged_row(row, candidate, question, knowledge)

    def _judged_row(self, row: Row, candidate: Candidate, question: Question, knowledge: object) -> Known:
        first = question.permissions[0] if question.permissions else None
        now = self._world.now()
        case = Case.of(row, now, first, question.ip)
        refused = refusal(case)
        if refused is None and not all(map(case.key.permissions.covers, question.permissions)):
            refused = InsufficientPermissions()
        if refused is not None:
            raise self._refused(refused, question, f"{quoted(case.key.account_id)},{quoted(case.key.id)}")
        facts = packed(case.key)
        self._world.cache.put(candidate.name, facts, knowledge)
        return unpacked(facts, to_microseconds(now))

    async def row(self, digests: tuple[bytes, ...]) -> Row | None:
        """Return the row of the key that has one of these digests, its account with it."""
        row = await self._world.store.get("keys", "digest", *digests, along=("account",)) if digests else None
        kept = _NO_DIGEST if row is None else row["digest"]
        # The store has found it by its digest already; this holds whatever the store's idea of equality is.
        matches = [same(kept, digest) for digest in digests]
        return row if any(matches) else None

    async def _counted(self, known: Known, question: Question) -> Tally | None:
        asked = rates(known, question.rate)
        return await self.hit(asked, question, known.told) if asked else None

    async def hit(self, asked: Sequence[Asked], question: Question, whose: str = NOBODY) -> Tally:
        """Count a request in all of these, or refuse it.

        Raises:
            RateLimitExceeded: there is no room; nothing was counted.
        """
        try:
            tally = await self._world.limiter.hit(*asked)
        except Unavailable as error:
            raise self._refused(error, question, whose) from None
        if not tally.allowed:
            exceeded = RateLimitExceeded(retry_after=tally.retry_after, standing=standing(tally))
            raise self._refused(exceeded, question, whose)
        return tally

    def _check_throttle(self, question: Question) -> None:
        if question.ip is None:
            return
        tally = self._world.throttle.peek(neighbourhood(question.ip), self._failure_rate)
        if not tally.allowed:
            raise self._refused(RateLimitExceeded(retry_after=tally.retry_after), question)

    def _guessed(self, candidate: Candidate, question: Question) -> AuthError:
        if question.ip is not None and not candidate.missing:
            self._world.throttle.hit_now(neighbourhood(question.ip), self._failure_rate, self._world.nanoseconds())
        return self._refused(MissingKey() if candidate.missing else InvalidKey(), question)

    def _refused(self, error: AuthError, question: Question, whose: str = NOBODY) -> AuthError:
        self.telling.denied(error.code, question.where, whose)
        return error
