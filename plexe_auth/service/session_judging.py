"""A session is judged here, for whoever asks: look-up, every check in order, the slide of its idling, rate, log.

One that is remembered as good passes by a plain function, without a query; everything else takes the long way. Nobody
is accepted, or refused, whose entry cannot be written.
"""

from collections.abc import Callable
from typing import NamedTuple

from plexe_auth.cache.elapsed import CLOCK, elapsed_by
from plexe_auth.cache.known import made
from plexe_auth.cache.signed_in import SignedInAs, packed
from plexe_auth.errors import AuthError, InsufficientPermissions, InvalidSession, RateLimitExceeded, Unavailable
from plexe_auth.journal.spool import NoRoom
from plexe_auth.limiting.limiter import Asked, Tally
from plexe_auth.model.instant import to_microseconds
from plexe_auth.model.principal import Principal
from plexe_auth.model.session import PREFIX, refusal, slid, slides_at, weak_from
from plexe_auth.model.token import KeyFormat
from plexe_auth.rows import Compare, Row, Update, equal
from plexe_auth.secret import digest, same
from plexe_auth.service.judging import Question, standing
from plexe_auth.service.telling import quoted
from plexe_auth.world import World

Recalled = Callable[[bytes, str | None, str], Principal | None]

FORMAT = KeyFormat(PREFIX)
_NOBODY = "null,null,null,null"


class Shown(NamedTuple):
    """What is left of a text that has the form of a session's token.

    Attributes:
        name: what this process calls it.
        digest: what is kept of it at rest.
    """

    name: bytes
    digest: bytes


class SessionJudge:
    """Judges sessions in one world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._cache, self._epoch = world.session_cache, world.session_epoch
        self._idle, self._passkey_alone = world.settings.session_idle, world.settings.passkey_alone
        self.recalled: Recalled = self._recalling()

    def _recalling(self) -> Recalled:
        named, hot, again = self._cache.named, self._cache.hot.get, self._again
        journal, now, length = self._world.journal, self._world.nanoseconds, FORMAT.length

        def recalled(token: bytes, permission: str | None, where: str) -> Principal | None:
            """Return whom a remembered session acts for, by the bytes of its token; ``None`` says nothing of it.

            Nor does a `TypeError`: other arguments were texts.
            """
            if len(token) != length:
                return None
            held = hot(name := named(token).digest())
            del token  # it must not stand in this frame when it cannot be written down
            if held is None or elapsed_by(CLOCK) >= held.until:
                held = again(name)
            at = now() // 1000
            if held is None or at >= held.ends:
                return None
            if permission not in held.granted and not held.covers(permission or ""):
                return None
            line, pen = f"[{at}{held.line}{where}]\n".encode(), journal.pen
            try:
                pen.write(line)
                if pen.asleep:
                    pen.wake()
            except NoRoom:
                journal.write(line)
            principal: Principal = made(Principal, held.facts + (at,))  # noqa: RUF005 - twice as fast as unpacking
            return principal

        return recalled

    def _again(self, name: bytes) -> SignedInAs | None:
        if not self._cache.holds(name):
            return None
        if not self._epoch.stands():
            return None
        held = self._cache.hot.get(name) or self._cache.take_up(name, self._world.nanoseconds() // 1000)
        if held is not None:
            held.until = self._epoch.until
        return held

    def shown(self, token: object) -> Shown | None:
        """Return what is needed to look a token up; ``None`` where the text has not the form of one."""
        if not FORMAT.accepts(token):
            return None
        text = token.encode()
        return Shown(self._cache.named(text).digest(), digest(text))

    async def judged(self, shown: Shown | None, question: Question) -> tuple[Principal, Tally | None]:
        """Return whom the session acts for, and how the rate stands that was asked for.

        Args:
            shown: what was shown of it; ``None`` where the text has not the form of a token.
            question: what is asked of it.

        Raises:
            AuthError: nobody; that is written down.
        """
        try:
            held = await self._held(shown, question)
        except Unavailable:
            self.refused(Unavailable(), question.where)
            raise
        return await self._accepted(held, question)

    async def _accepted(self, held: SignedInAs, question: Question) -> tuple[Principal, Tally | None]:
        tally = await self._counted(held, question)
        at = to_microseconds(self._world.now())
        self._world.journal.append(f"[{at}{held.line}{question.where}]")
        return held.principal(at), tally

    async def _held(self, shown: Shown | None, question: Question) -> SignedInAs:
        if shown is None:
            raise self.refused(InvalidSession(), question.where)
        held = None if question.fresh or not await self._epoch.look() else self._again(shown.name)
        if held is not None and to_microseconds(self._world.now()) < held.ends:
            return self._permitted(held, question)
        return (await self._looked_up(shown, question))[0]

    async def judged_afresh(self, shown: Shown, question: Question) -> tuple[Principal, Row, Tally | None]:
        """Return what `judged` does, as the store has it now, and the session's row, with its user and account along.

        Args:
            shown: what was shown of it.
            question: as for `judged`.

        Raises:
            AuthError: it acts for nobody; that is written down.
        """
        try:
            held, row = await self._looked_up(shown, question)
        except Unavailable:
            self.refused(Unavailable(), question.where)
            raise
        principal, tally = await self._accepted(held, question)
        return principal, row, tally

    async def _looked_up(self, shown: Shown, question: Question) -> tuple[SignedInAs, Row]:
        knowledge = self._cache.knowledge
        row = await self._world.store.get("sessions", "digest", shown.digest, along=("user", "account"))
        if row is None or not same(row["digest"], shown.digest):
            raise self.refused(InvalidSession(), question.where)
        if refused := refusal(row, self._world.now(), passkey_alone=self._passkey_alone):
            raise self.refused(refused, question.where, _told(row))
        row = await self._slid(row, question)
        facts = packed(row, self._good_until(row))
        self._cache.put(shown.name, facts, knowledge)
        return self._permitted(SignedInAs(facts, to_microseconds(self._world.now())), question), row

    def _good_until(self, row: Row) -> int:
        """Return until when nobody has to look at the row again."""
        weak = weak_from(row, passkey_alone=self._passkey_alone)
        ends: int = min(row["idles_at"], row["expires_at"], slides_at(row["last_used_at"], self._idle))
        return ends if weak is None else min(ends, weak)

    def _permitted(self, held: SignedInAs, question: Question) -> SignedInAs:
        if not all(map(held.covers, question.permissions)):
            raise self.refused(InsufficientPermissions(), question.where, held.told)
        return held

    async def _slid(self, row: Row, question: Question) -> Row:
        """Put off the idling of a session, if that is due. One that was ended meanwhile is not revived."""
        now = to_microseconds(self._world.now())
        if now < slides_at(row["last_used_at"], self._idle):
            return row
        columns = slid(row, now, self._idle)
        alive = (equal("id", row["id"]), equal("revoked_at", None), Compare("idles_at", ">", now))
        if (await self._world.store.commit(Update("sessions", alive, columns, several=True)))[0] == 0:
            raise self.refused(InvalidSession(), question.where, _told(row))
        return {**row, **columns}

    async def _counted(self, held: SignedInAs, question: Question) -> Tally | None:
        if question.rate is None:
            return None
        try:
            tally = await self._world.limiter.hit(Asked("gate:" + held.id, question.rate))
        except Unavailable as error:
            raise self.refused(error, question.where, held.told) from None
        if not tally.allowed:
            exceeded = RateLimitExceeded(retry_after=tally.retry_after, standing=standing(tally))
            raise self.refused(exceeded, question.where, held.told)
        return tally

    def refused(self, error: AuthError, where: str, whose: str = _NOBODY) -> AuthError:
        """Write down that a session was refused, and return the refusal; `whose` it is only where that is known."""
        at = to_microseconds(self._world.now())
        who = f",{whose}" if where or whose is not _NOBODY else ""
        self._world.journal.append(f'[{at},"session.verify","denied","{error.code}"{who}{where}]')
        return error


async def alive(world: World, token: object) -> Row:
    """Return the row of a session that can be used, with its user and account along.

    Raises:
        InvalidSession, ExpiredSession, AccountSuspended, MFARequired: it cannot.
    """
    name = digest(token.encode()) if FORMAT.accepts(token) else None
    del token
    row = await world.store.get("sessions", "digest", name, along=("user", "account")) if name else None
    if row is None:
        raise InvalidSession
    if refused := refusal(row, world.now(), passkey_alone=world.settings.passkey_alone):
        raise refused
    return row


def _told(row: Row) -> str:
    return f'{quoted(row["account_id"])},null,"{row["user_id"]}","{row["id"]}"'
