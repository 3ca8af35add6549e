"""What the handlers of the API ask: the services of one world, to be awaited in either colour."""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple, Self

from plexe_auth.bridge import Async
from plexe_auth.errors import MissingKey
from plexe_auth.model.principal import Principal
from plexe_auth.service.key_rows import KeyRows
from plexe_auth.service.keys import Keys
from plexe_auth.service.log import Log
from plexe_auth.service.usage import Usage
from plexe_auth.web.route import Asked
from plexe_auth.world import World


class Services(NamedTuple):
    """The services, and the time. Over a blocking world nothing that they do ever suspends."""

    keys: Keys[Async]
    rows: KeyRows
    log: Log[Async]
    usage: Usage[Async]
    now: Callable[[], datetime]

    @classmethod
    def of(cls, world: World) -> Self:
        """Return the services of a world."""
        return cls(Keys(world, Async), KeyRows(world), Log(world, Async), Usage(world, Async), world.now)


def who(asked: Asked) -> Principal:
    """Return who asks; all that they see and do is their own account's."""
    principal = asked.exchange.principal
    if principal is None:
        raise MissingKey
    return principal
