"""`Auth` and `AsyncAuth`: one world and every service over it, all in one mode."""

from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Self

from plexe_auth.bridge import Async, Sync, finish
from plexe_auth.clock import Clock
from plexe_auth.errors import AuthError, ConfigurationError
from plexe_auth.model.entry import LogEntry
from plexe_auth.secret import without_frames
from plexe_auth.service.accounts import Accounts
from plexe_auth.service.invitations import Invitations
from plexe_auth.service.keys import Keys
from plexe_auth.service.log import Log
from plexe_auth.service.mfa import MFA
from plexe_auth.service.oauth import OAuth
from plexe_auth.service.sessions import Sessions
from plexe_auth.service.sign_in import SignIn
from plexe_auth.service.usage import Usage
from plexe_auth.service.users import Users
from plexe_auth.settings import Settings
from plexe_auth.storage.colour import Settled, asynchronous
from plexe_auth.storage.opening import open_asynchronous, open_blocking
from plexe_auth.storage.store import AsyncStore, Store
from plexe_auth.world import World, checked

if TYPE_CHECKING:
    from plexe_auth.fetch.port import AsyncFetch, Fetch
    from plexe_auth.mail.letters import Letters
    from plexe_auth.mail.mailer import AsyncMailer, Mailer


class Auth:
    """plexe_auth for blocking code. Use it from as many threads as you like.

    Args:
        store: where everything is kept; most people use `open` instead.
        settings: how it behaves.
        clock: what tells the time, an aware `datetime` in UTC; the host's clock by default.
        mailer: what sends mail, such as a `plexe_auth.mail.smtp.SMTPMailer`.
        letters: what is written to people, where that is not `plexe_auth.mail.letters.Letters`.
        fetch: what asks other servers, such as providers, where that is not `plexe_auth.fetch.opening.open_fetch`.

    Raises:
        ConfigurationError: `store` is an asynchronous one, or `settings` or `clock` is not what it should be.

    Example:
        >>> from plexe_auth import Auth
        >>> with Auth.open("memory://") as auth:
        ...     secret = auth.keys.create("acct_42", name="CI").secret
        ...     auth.keys.verify(secret.reveal()).account_id
        'acct_42'
    """

    keys: Keys[Sync]
    accounts: Accounts[Sync]
    log: Log[Sync]
    usage: Usage[Sync]
    users: Users[Sync]
    invitations: Invitations[Sync]
    sessions: Sessions[Sync]
    sign_in: SignIn[Sync]
    mfa: MFA[Sync]
    oauth: OAuth[Sync]

    def __init__(
        self,
        store: Store,
        *,
        settings: Settings | None = None,
        clock: Clock | None = None,
        mailer: "Mailer | AsyncMailer | None" = None,
        letters: "Letters | None" = None,
        fetch: "Fetch | AsyncFetch | None" = None,
    ) -> None:
        world = World(
            Settled(store),
            *checked(settings, clock),
            is_async=False,
            mailer=mailer,
            own_letters=letters,
            own_fetch=fetch,
        )
        self.world: World = world
        self.keys = Keys(self.world, Sync)
        self.accounts = Accounts(self.world, Sync)
        self.log = Log(self.world, Sync)
        self.usage = Usage(self.world, Sync)
        self.users = Users(self.world, Sync)
        self.invitations = Invitations(self.world, Sync)
        self.sessions = Sessions(self.world, Sync)
        self.sign_in = SignIn(self.world, Sync)
        self.mfa = MFA(self.world, Sync)
        self.oauth = OAuth(self.world, Sync)

    @classmethod
    def open(
        cls,
        url: str,
        *,
        settings: Settings | None = None,
        clock: Clock | None = None,
        mailer: "Mailer | AsyncMailer | None" = None,
        letters: "Letters | None" = None,
        fetch: "Fetch | AsyncFetch | None" = None,
        migrate: bool = False,
    ) -> Self:
        """Open the database at `url`.

        Args:
            url: a SQLAlchemy URL, such as ``sqlite:///auth.db`` or ``postgresql://…``; or ``memory://``.
            settings: how it behaves.
            clock: what tells the time.
            mailer: what sends mail.
            letters: what is written to people, in place of our own words.
            fetch: what asks other servers, such as providers, in place of our own.
            migrate: bring the schema of a database server up to date. A new SQLite file gets its schema in any case.

        Raises:
            ConfigurationError: the URL or its driver is not the right one, or the schema is missing or old.
            Unavailable: the database does not answer.
        """
        settings, clock = checked(settings, clock)
        try:
            store = open_blocking(url, migrate=migrate)
        except (AuthError, ConfigurationError) as error:
            raise without_frames(error) from error.__cause__  # the URL stood in them, and a password in the URL
        finally:
            del url
        return cls(store, settings=settings, clock=clock, mailer=mailer, letters=letters, fetch=fetch)

    def on(self, event: str, callback: Callable[[LogEntry], object]) -> None:
        """Have `callback` called with each entry of the access log of one action, once it is stored.

        Args:
            event: an action such as ``key.revoke``, or ``"*"`` for every one.
            callback: a plain, quick function. For verifications it runs in the thread that stores them. What it raises
                is logged.

        Raises:
            InvalidRequest: there is no such action, or `callback` cannot be called.

        Example:
            >>> from plexe_auth import Auth
            >>> with Auth.open("memory://") as auth:
            ...     auth.on("key.create", lambda entry: print(entry.action, entry.account_id))
            ...     key = auth.keys.create("acct_42", name="CI").key
            key.create acct_42
        """
        self.world.journal.events.on(event, callback)

    def close(self) -> None:
        """Write what is pending and give every connection back. Calling it again does nothing."""
        finish(self.world.close())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


class AsyncAuth:
    """plexe_auth for code that awaits. What `Auth` does plainly is awaited here; all names are the same.

    Args:
        store: where everything is kept; most people use `open` instead.
        settings: how it behaves.
        clock: what tells the time, an aware `datetime` in UTC; the host's clock by default.
        mailer: what sends mail, such as a `plexe_auth.mail.smtp.SMTPMailer`.
        letters: what is written to people, where that is not `plexe_auth.mail.letters.Letters`.
        fetch: what asks other servers, such as providers, where that is not `plexe_auth.fetch.opening.open_fetch`.

    Raises:
        ConfigurationError: `store` is a blocking one, or `settings` or `clock` is not what it should be.

    Example:
        >>> import asyncio
        >>> from plexe_auth import AsyncAuth
        >>> async def main():
        ...     async with AsyncAuth.open("memory://") as auth:
        ...         secret = (await auth.keys.create("acct_42", name="CI")).secret
        ...         return (await auth.keys.verify(secret.reveal())).account_id
        >>> asyncio.run(main())
        'acct_42'
    """

    keys: Keys[Async]
    accounts: Accounts[Async]
    log: Log[Async]
    usage: Usage[Async]
    users: Users[Async]
    invitations: Invitations[Async]
    sessions: Sessions[Async]
    sign_in: SignIn[Async]
    mfa: MFA[Async]
    oauth: OAuth[Async]

    def __init__(
        self,
        store: AsyncStore,
        *,
        settings: Settings | None = None,
        clock: Clock | None = None,
        mailer: "Mailer | AsyncMailer | None" = None,
        letters: "Letters | None" = None,
        fetch: "Fetch | AsyncFetch | None" = None,
    ) -> None:
        world = World(
            asynchronous(store),
            *checked(settings, clock),
            is_async=True,
            mailer=mailer,
            own_letters=letters,
            own_fetch=fetch,
        )
        self.world: World = world
        self.keys = Keys(self.world, Async)
        self.accounts = Accounts(self.world, Async)
        self.log = Log(self.world, Async)
        self.usage = Usage(self.world, Async)
        self.users = Users(self.world, Async)
        self.invitations = Invitations(self.world, Async)
        self.sessions = Sessions(self.world, Async)
        self.sign_in = SignIn(self.world, Async)
        self.mfa = MFA(self.world, Async)
        self.oauth = OAuth(self.world, Async)

    @classmethod
    def open(
        cls,
        url: str,
        *,
        settings: Settings | None = None,
        clock: Clock | None = None,
        mailer: "Mailer | AsyncMailer | None" = None,
        letters: "Letters | None" = None,
        fetch: "Fetch | AsyncFetch | None" = None,
        migrate: bool = False,
    ) -> Self:
        """Open the database at `url`; the arguments are those of `Auth.open`.

        It may be called outside a running loop. A database server is connected to on entering ``async with``, or
        else when it is first used.

        Raises:
            ConfigurationError: the URL or its driver is not the right one, or the schema is missing or old.
        """
        settings, clock = checked(settings, clock)
        try:
            store = open_asynchronous(url, migrate=migrate)
        except (AuthError, ConfigurationError) as error:
            raise without_frames(error) from error.__cause__  # the URL stood in them, and a password in the URL
        finally:
            del url
        return cls(store, settings=settings, clock=clock, mailer=mailer, letters=letters, fetch=fetch)

    def on(self, event: str, callback: Callable[[LogEntry], object]) -> None:
        """Have `callback` called with each entry of the access log of one action; see `Auth.on`."""
        self.world.journal.events.on(event, callback)

    async def close(self) -> None:
        """Write what is pending and give every connection back. Calling it again does nothing."""
        await self.world.close()

    async def __aenter__(self) -> Self:
        try:
            await prepared(self.world.store)
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self.close()


async def prepared(store: AsyncStore) -> None:
    """Have a store that connects late do so now, so that what is wrong with it shows at the start."""
    prepare = getattr(store, "prepare", None)
    if prepare is not None:
        await prepare()
