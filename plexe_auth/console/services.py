"""What the pages ask: the services of one world, to be awaited in either colour, and what draws the pages."""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple, Self

from plexe_auth.bridge import Async
from plexe_auth.console.rendering import Renderer
from plexe_auth.console.ways import Ways
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
from plexe_auth.world import World


class Services(NamedTuple):
    """The services, and the time. Over a blocking world nothing that they do ever suspends."""

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
    ways: Ways
    world: World
    draw: Renderer
    now: Callable[[], datetime]

    @classmethod
    def of(cls, world: World, draw: Renderer) -> Self:
        """Return the services of a world."""
        return cls(
            Keys(world, Async),
            Accounts(world, Async),
            Log(world, Async),
            Usage(world, Async),
            Users(world, Async),
            Invitations(world, Async),
            Sessions(world, Async),
            SignIn(world, Async),
            MFA(world, Async),
            OAuth(world, Async),
            Ways(world),
            world,
            draw,
            world.now,
        )
