"""An address is public where a packet to it leaves for the internet; all others are somebody's inside.

The registries of special addresses (RFC 6890; IANA, "IPv4" and "IPv6 Special-Purpose Address Registry") are written out
here, because `ipaddress` has changed its mind about them between versions of Python.
"""

import ipaddress

from plexe_auth.model.network import Address, contains

# Two entries are in no registry: 168.63.129.16 is Azure's host agent, which answers virtual machines alone;
# 192.88.99.0/24 led to whatever relay of 6to4 was near (RFC 7526).
_INSIDE = (
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "168.63.129.16/32",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
)
_UNICAST = ipaddress.IPv6Network("2000::/3")  # all that IANA has given out (RFC 4291, section 2.4)
# Of these: protocol assignments, Teredo among them; documentation; 6to4, which may lead to any IPv4 address.
_INSIDE_6 = ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052; the local one of RFC 8215 is somebody's inside


def is_public(address: Address) -> bool:
    """Tell whether an address is public; IPv4 inside IPv6 is judged as IPv4.

    Example:
        >>> is_public(ipaddress.ip_address("8.8.8.8")), is_public(ipaddress.ip_address("::ffff:169.254.169.254"))
        (True, False)
    """
    if isinstance(address, ipaddress.IPv4Address):
        return not contains(_INSIDE, address)
    inner = address.ipv4_mapped or (ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF) if address in _NAT64 else None)
    if inner is not None:
        return is_public(inner)
    return address in _UNICAST and not contains(_INSIDE_6, address)
