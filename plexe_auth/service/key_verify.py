"""A text becomes a principal, or a refusal; nothing is written on the way, and the text stays in no frame of ours."""

from collections.abc import Callable, Coroutine
from typing import Any

from plexe_auth.bridge import M, Sync, finish, operation
from plexe_auth.errors import InvalidKey, InvalidRequest
from plexe_auth.model.permission import pair
from plexe_auth.model.principal import Principal
from plexe_auth.model.verdict import Case, Check, Explanation, checks
from plexe_auth.rows import Row
from plexe_auth.service.judging import NO_TEXT, Question
from plexe_auth.service.key_base import KeyService
from plexe_auth.service.telling import END, UNSIGNED, place, quoted


class KeyVerify(KeyService[M]):
    """Deciding on keys."""

    @operation
    async def verify(
        self, text: str, permission: str | None = None, ip: str | None = None, fresh: bool = False
    ) -> Principal:
        """Return whom the key acts for, if it may be used now, from this address and for this permission.

        A good key is remembered for a while, and then it is no read at all; else it is one indexed read. It is no write
        in any case. A text that has not the exact form of a key is refused without either.

        Args:
            text: the key as it was sent.
            permission: what the request needs, such as ``models:read``; ``None`` asks for nothing more than a good key.
            ip: the client's address. A key that is bound to addresses is refused without it.
            fresh: ask the store itself, whatever this process remembers of the key.

        Raises:
            InvalidKey: malformed or unknown; `MissingKey` where there is no text at all.
            RevokedKey: revoked, or rotated and the overlap is over.
            DisabledKey: disabled.
            AccountSuspended: its account is suspended.
            ExpiredKey: at or past its expiry.
            IPNotAllowed: bound to other addresses.
            InsufficientPermissions: it lacks `permission`.
            RateLimitExceeded: it was used too often, or too many unknown keys came from this address.
            InvalidRequest: `permission` is not one permission, `ip` no text, or `fresh` neither true nor false.
            Unavailable: the store does not answer; nothing was decided.

        Example:
            >>> from plexe_auth import Auth
            >>> with Auth.open("memory://") as auth:
            ...     issued = auth.keys.create("acct_42", name="CI")
            ...     auth.keys.verify(issued.secret.reveal(), permission="models:read").account_id
            'acct_42'
        """
        candidate = self._judge.candidate(text)
        del text
        _check_asked(permission, ip, fresh)
        needed = () if permission is None else (permission,)
        question = Question(needed, ip, place(ip), fresh=fresh)
        return (await self._judge.judged(candidate, question))[0]

    @verify.faces
    def _at_once(self, body: Callable[..., Coroutine[Any, Any, Principal]]) -> Callable[..., Any]:
        passed, encoded = self._judge.passed, str.encode

        def plainly(text: str, permission: str | None = None, ip: str | None = None, fresh: bool = False) -> Principal:
            try:
                try:
                    rest = END if ip is None else f"{UNSIGNED},{quoted(ip)}{END}"
                    accepted = passed(encoded(text), permission, ip, rest, None) if fresh is False else None
                except NO_TEXT:
                    accepted = None
                if accepted is not None:
                    return accepted[0]
                coroutine = body(text, permission, ip, fresh)
            finally:
                del text  # it must not stand in this frame when something goes wrong
            return finish(coroutine)

        async def awaited(
            text: str, permission: str | None = None, ip: str | None = None, fresh: bool = False
        ) -> Principal:
            try:
                try:
                    rest = END if ip is None else f"{UNSIGNED},{quoted(ip)}{END}"
                    accepted = passed(encoded(text), permission, ip, rest, None) if fresh is False else None
                except NO_TEXT:
                    accepted = None
                if accepted is not None:
                    return accepted[0]
                coroutine = body(text, permission, ip, fresh)
            finally:
                del text
            return await coroutine

        return plainly if self.mode is Sync else awaited

    @operation
    async def explain(self, text: str, permission: str | None = None, ip: str | None = None) -> Explanation:
        """Return what `verify` would decide and every check that leads there. It consumes and changes nothing.

        It never raises for a `text`. Show the answer only to who may manage the key: it tells more than a refusal does.

        Raises:
            InvalidRequest: `permission` is not one permission, or `ip` no text.
            Unavailable: the store does not answer.

        Example:
            >>> from plexe_auth import Auth
            >>> with Auth.open("memory://") as auth:
            ...     auth.keys.explain("plx_sk_nonsense").checks
            (Check(name='format', passed=False, detail='This is not the exact form of a key.'),)
        """
        digests = self._digests.all(text) if self._format.accepts(text) else ()
        del text
        _check_asked(permission, ip)
        shape = Check("format", bool(digests), "" if digests else "This is not the exact form of a key.")
        if not digests:
            return Explanation(False, InvalidKey.code, (shape,))
        return self._explained(shape, await self._judge.row(digests), permission, ip)

    def _explained(self, shape: Check, row: Row | None, permission: str | None, ip: str | None) -> Explanation:
        known = Check("known", row is not None, "" if row is not None else "No such key was ever made here.")
        if row is None:
            return Explanation(False, InvalidKey.code, (shape, known))
        made: tuple[tuple[Check, str | None], ...] = tuple(checks(Case.of(row, self._world.now(), permission, ip)))
        code = next((code for _check, code in made if code), None)
        return Explanation(code is None, code, (shape, known, *(check for check, _code in made)))


def _check_asked(permission: str | None, ip: object, fresh: object = False) -> None:
    if permission is not None:
        pair(permission)
    if not (ip is None or isinstance(ip, str)):
        raise InvalidRequest("ip must be a text.", field="ip")
    if not isinstance(fresh, bool):
        raise InvalidRequest("fresh must be true or false.", field="fresh")
