"""Users are made by trusted code: with a new password, or with the hash of the one that they have elsewhere."""

from collections.abc import Mapping

from plexe_auth.bridge import M, operation
from plexe_auth.errors import InvalidRequest
from plexe_auth.identifier import new_id
from plexe_auth.model.email import Address, address
from plexe_auth.model.note import Note
from plexe_auth.model.role import checked_role
from plexe_auth.model.text import LONGEST_ID, LONGEST_NAME, checked
from plexe_auth.model.user import User, from_row, new_row
from plexe_auth.rows import Insert, Query, Value, equal
from plexe_auth.secret import Secret
from plexe_auth.service.committing import commit
from plexe_auth.service.telling import refusals_told
from plexe_auth.service.user_mail import UserMail


class UserMaking(UserMail[M]):
    """Making users by trusted code."""

    @operation
    async def create(
        self,
        email: str,
        password: str | None,
        account_id: str | None = None,
        name: str = "",
        role: str | None = None,
    ) -> User:
        """Make a user. For trusted code: it tells whether the address is taken, and asks for no proof of it.

        Args:
            email: their address. Two that differ in case alone are one.
            password: at least 15 characters, at most 1,024 bytes, and not a common one; ``None`` for somebody who
                signs in another way.
            account_id: the account they belong to; ``None`` makes a new one.
            name: what they are called.
            role: what they may do; by default ``"owner"`` for the first of an account and ``"member"`` for others.

        Raises:
            Conflict: the address is taken.
            InvalidRequest: an argument is not acceptable; ``field`` names it.
            Unavailable: the store does not answer. They may have been made or not; ask `find`.

        Example:
            >>> from plexe_auth import Auth
            >>> with Auth.open("memory://") as auth:
            ...     user = auth.users.create("ada@example.com", "a long and lovely word", name="Ada")
            ...     user.role, user.status
            ('owner', 'active')
        """
        given = None if password is None else Secret(password)
        del password
        where = address(email)
        _check(account_id, name, role)
        secret = None if given is None else await self._checked(given, where, name)
        hashed = None if secret is None else await self._world.hasher.hash(secret.reveal())
        return await self._born(where, account_id, {"name": name, "role": role, "password": hashed})

    @operation
    async def import_user(
        self,
        email: str,
        password_hash: str | None,
        account_id: str | None = None,
        name: str = "",
        role: str | None = None,
        verified: bool = False,
    ) -> User:
        """Make a user who signs in by the password that they have elsewhere; then its hash is replaced by ours.

        For trusted code, as `create` is. What the password is made of cannot be judged, and is not.

        Args:
            email: their address.
            password_hash: as another system has stored it: Argon2, bcrypt, or PBKDF2 or scrypt as Django, Werkzeug
                and passlib write them. ``None`` for somebody who has none.
            account_id: the account they belong to; ``None`` makes a new one.
            name: what they are called.
            role: as for `create`.
            verified: they have proven there that the address is theirs. Never say so on trust: whoever has proven it is
                let in by a provider that says it is theirs.

        Raises:
            Conflict: the address is taken.
            InvalidRequest: an argument is not acceptable, or the hash is none that is ever read; ``field`` names it.
            ConfigurationError: the hash is bcrypt's, and the extra ``bcrypt`` is not installed.
            Unavailable: the store does not answer. They may have been made or not; ask `find`.

        Example:
            >>> from plexe_auth import Auth
            >>> theirs = "pbkdf2_sha256$1000$NaCl$wugblnTdIgyPmU393kEQRRIjQasLAy1/6CBGw8xHyF4="
            >>> with Auth.open("memory://") as auth:
            ...     user = auth.users.import_user("ada@example.com", theirs, verified=True)
            ...     auth.sign_in.with_password("ada@example.com", "a long and lovely word").user.id == user.id
            True
        """
        stored = None if password_hash is None else Secret(password_hash)
        del password_hash
        where = address(email)
        _check(account_id, name, role)
        if not isinstance(verified, bool):  # pyright: ignore[reportUnnecessaryIsInstance]  # "false" is no yes
            raise InvalidRequest("verified must be true or false.", field="verified")
        if stored is not None and not self._world.hasher.reads(stored.reveal()):
            raise InvalidRequest("password_hash is in no form that can be read.", field="password_hash")
        kept = {
            "password": None if stored is None else stored.reveal(),
            "verified_at": self._now() if verified else None,
        }
        return await self._born(where, account_id, {"name": name, "role": role, **kept}, "imported")

    async def _first(self, account_id: str | None) -> str:
        if account_id is None:
            return "owner"
        here = Query("users", (equal("account_id", account_id),), ("created_at", "id"), limit=1)
        return "member" if await self._world.store.page(here) else "owner"

    async def _born(
        self, where: Address, account_id: str | None, columns: Mapping[str, Value], detail: str | None = None
    ) -> User:
        owner, role = account_id or new_id("acct"), columns["role"] or await self._first(account_id)
        fixed = {**columns, "account_id": owner, "role": role, "email": where.text, "canonical": where.canonical}
        row = new_row(new_id("usr"), fixed, self._world.now())
        note = Note("user.create", owner, user_id=str(row["id"]), detail=detail)
        with refusals_told(self._world, note):
            await commit(self._world, Insert("users", row), notes=[note])
        return from_row(row)


def _check(account_id: object, name: object, role: object) -> None:
    checked("name", name, LONGEST_NAME, shortest=0)
    if account_id is not None:
        checked("account_id", account_id, LONGEST_ID)
    if role is not None:
        checked_role(role)
