"""Which addresses may be connected to: public ones, and the networks that the operator names; all of a host's, or none.

A URL of a customer's could name a host whose name leads inside: to a database, to the cloud's metadata service (OWASP
API7:2023). What is checked are the very addresses that are then connected to, so a name that changes between check and
use changes nothing.
"""

import socket
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from plexe_auth.errors import ConfigurationError, InvalidRequest
from plexe_auth.model.endpoint import is_loopback
from plexe_auth.model.network import Address, address, checked_networks, contains
from plexe_auth.model.public_address import is_public

_MOST = 16
Resolved = Iterable[tuple[Any, ...]]


class OutOfReach(Exception):
    """Where the question would go, nobody may go."""


@dataclass(frozen=True, slots=True)
class Reach:
    """What may be reached.

    Attributes:
        inside: addresses and CIDR blocks that may be reached though they are not public: that of a provider in your
            own network, ``127.0.0.0/8`` in development. None by default.
    """

    inside: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        try:
            object.__setattr__(self, "inside", checked_networks("inside", self.inside))
        except InvalidRequest as error:
            raise ConfigurationError(error.detail) from None

    def permits(self, found: Address) -> bool:
        """Tell whether an address may be connected to."""
        return is_public(found) or contains(self.inside, found)

    def checked(self, host: str, resolved: Resolved) -> list[str]:
        """Return the addresses that `socket.getaddrinfo` found for a host, in its order.

        Raises:
            OutOfReach: one of them may not be connected to, or there is none. Whoever answers with some of each means
                us to try again.
        """
        found = [address(entry[4][0]) for entry in resolved]
        if not found or any(one is None or not self.permits(one) for one in found):
            raise OutOfReach
        if is_loopback(host) and not all(one is not None and one.is_loopback for one in found):
            raise OutOfReach  # plain HTTP is good for this machine alone
        return [str(one) for one in dict.fromkeys(found)][:_MOST]


TCP: dict[str, Any] = {"type": socket.SOCK_STREAM, "proto": socket.IPPROTO_TCP}
"""What `socket.getaddrinfo` is asked for."""
