"""An address has one form: IPv4 stays IPv4 also when mapped into IPv6, and a zone does not count."""

import functools
import ipaddress
import itertools
from collections.abc import Iterable
from typing import cast

from plexe_auth.errors import InvalidRequest

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_MAPPED = ipaddress.IPv6Network("::ffff:0:0/96")
_MOST = 100
_LONGEST = 64


def address(text: object) -> Address | None:
    """Return the address that a text stands for, or ``None`` where it stands for none (RFC 4291, section 2.5.5.2)."""
    return _address(text) if isinstance(text, str) and len(text) <= _LONGEST else None


@functools.lru_cache(maxsize=4096)
def _address(text: str) -> Address | None:
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return None
    if isinstance(found, ipaddress.IPv6Address):
        return found.ipv4_mapped or ipaddress.IPv6Address(int(found))
    return found


@functools.lru_cache(maxsize=4096)
def neighbourhood(text: str | None) -> str:
    """Return what shares one budget with an address: IPv4 itself, IPv6 its /64; all that is no address has one.

    A client has a whole /64 to choose from (RFC 4291, section 2.5.4; RFC 6177).

    Example:
        >>> neighbourhood("2001:db8::1"), neighbourhood("::ffff:192.0.2.1"), neighbourhood(None)
        ('2001:db8::/64', '192.0.2.1', 'unknown')
    """
    client = address(text)
    if isinstance(client, ipaddress.IPv6Address):
        return str(ipaddress.IPv6Network((int(client) >> 64 << 64, 64)))
    return "unknown" if client is None else str(client)


@functools.lru_cache(maxsize=4096)
def network(text: str) -> Network:
    """Return the network that an address or a CIDR block stands for (RFC 4632).

    Raises:
        ValueError: it stands for none, or has bits set outside its prefix.
    """
    found = ipaddress.ip_network(text)
    if isinstance(found, ipaddress.IPv6Network) and found.subnet_of(_MAPPED):
        inner = int(found.network_address) & 0xFFFF_FFFF
        return ipaddress.IPv4Network((inner, found.prefixlen - 96))
    return found


def contains(networks: Iterable[str], client: Address) -> bool:
    """Tell whether `client` lies in one of the `networks`. One that is none holds nobody."""
    return any(_is_network(text) and client in network(text) for text in networks)


def inside(inner: Iterable[str], outer: Iterable[str]) -> bool:
    """Tell whether each of the `inner` networks lies wholly in one of the `outer` ones."""
    return all(any(_subnet(network(one), network(other)) for other in outer) for one in inner)


def _subnet(one: Network, other: Network) -> bool:
    return one.version == other.version and one.subnet_of(other)  # type: ignore[arg-type]


def checked_networks(field: str, values: object) -> tuple[str, ...]:
    """Return addresses and CIDR blocks as given, in the order given.

    Raises:
        InvalidRequest: one of them is neither, has host bits set, names a zone, or they are too many.
    """
    if isinstance(values, str | bytes) or not isinstance(values, Iterable):
        raise InvalidRequest(f"{field} must be several texts.", field=field)
    given = tuple(itertools.islice(cast("Iterable[str]", values), _MOST + 1))
    if len(given) > _MOST:
        raise InvalidRequest(f"{field} must be no more than {_MOST}.", field=field)
    if not all(map(_is_network, given)):
        raise InvalidRequest(f"{field} must be IP addresses or CIDR blocks.", field=field)
    return given


def _is_network(text: object) -> bool:
    if not isinstance(text, str) or not 0 < len(text) <= _LONGEST or not text.isascii() or "%" in text:
        return False
    _address, slash, bits = text.partition("/")
    if slash and not bits.isdigit():  # a mask in dots is read in two ways, from either end
        return False
    try:
        network(text)
    except ValueError:
        return False
    return True
