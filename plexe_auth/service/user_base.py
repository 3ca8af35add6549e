"""Steps that operations on users share: finding one, changing one without a lost update, and signing them out."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, cast

from plexe_auth.blocklist.common_passwords import common_passwords
from plexe_auth.bridge import M, Service
from plexe_auth.errors import InvalidRequest, NotFound
from plexe_auth.model.challenge import has_factor
from plexe_auth.model.email import Address
from plexe_auth.model.instant import to_microseconds
from plexe_auth.model.letter import Letter
from plexe_auth.model.links import Links
from plexe_auth.model.note import Note
from plexe_auth.model.password import checked_password
from plexe_auth.model.ticket import Kind
from plexe_auth.model.user import User, from_row
from plexe_auth.rows import Add, Change, Compare, Row, Update, Value, equal
from plexe_auth.secret import Secret
from plexe_auth.service.attempts import Attempts
from plexe_auth.service.committing import commit
from plexe_auth.service.factors import kinds
from plexe_auth.service.finding import by_id
from plexe_auth.service.posting import link, post
from plexe_auth.service.telling import refusals_told
from plexe_auth.world import World

if TYPE_CHECKING:
    from plexe_auth.mail.letters import Letters

Ticketed = Callable[["Letters", str, str, timedelta], Letter]
Posted = Callable[["Letters", Links, str], Letter]


class UserService(Service[M]):
    """What the parts of ``auth.users`` have in common."""

    def __init__(self, world: World, mode: type[M]) -> None:
        super().__init__(mode)
        self._world = world
        self._epochs = (world.session_epoch,)
        self._attempts = Attempts(world)

    async def _row(self, user_id: str) -> Row:
        found = await by_id(self._world, "users", user_id)
        if found is None:
            raise NotFound
        return found

    async def _change(self, row: Row, columns: Mapping[str, Value], note: Note, *more: Change) -> User:
        """Set columns of a user who is still as they were, and let every process know."""
        with refusals_told(self._world, note):
            here = (equal("id", row["id"]), equal("version", row["version"]))
            change = Update("users", here, {**columns, "version": Add(1)})
            await commit(self._world, change, *more, notes=[note], effect="narrowed", on=self._epochs)
            return from_row({**row, **columns})

    def _now(self) -> int:
        return to_microseconds(self._world.now())

    async def _checked(self, password: object, where: Address, name: str, *, only_factor: bool = True) -> Secret:
        """Return a new password, if it is acceptable, and not known from a breach.

        Args:
            password: what was typed; in a `Secret`, it stands in no frame while others are asked.
            where: whose.
            name: likewise.
            only_factor: nothing else is asked for when they sign in.

        Raises:
            InvalidRequest: it is not.
        """
        secret = self._acceptable(password, where, name, only_factor=only_factor)
        del password
        await self._check_breaches(secret)
        return secret

    def _acceptable(self, password: object, where: Address, name: str, *, only_factor: bool = True) -> Secret:
        about = (where.canonical.partition("@")[0], name, self._world.product)
        secret = password if isinstance(password, Secret) else Secret(cast("str", password))  # which is looked at here
        del password
        checked_password(secret.reveal(), only_factor=only_factor, about=about, common=common_passwords())
        return secret

    async def _check_breaches(self, secret: Secret) -> None:
        breaches = self._world.breaches
        if breaches is not None and await breaches.know(secret):
            raise InvalidRequest("password is known from a breach.", field="password")

    async def _is_only_factor(self, user_id: str) -> bool:
        return not has_factor(await kinds(self._world, user_id))

    def _send(self, to: str, kind: Kind, text: Secret, write: Ticketed) -> None:
        self._post(to, lambda letters, links, there: write(letters, there, link(links, kind, text), kind.lasts))

    def _post(self, to: str, write: Posted) -> None:
        post(self._world, lambda letters, links: write(letters, links, to))


def sessions_ended(user_id: str, now: int, keep: str | None = None) -> Change:
    """Return the change that ends a user's sessions, but for one."""
    others = () if keep is None else (Compare("id", "!=", keep),)
    standing = (equal("user_id", user_id), *others, equal("revoked_at", None))
    return Update("sessions", standing, {"revoked_at": now}, several=True)
