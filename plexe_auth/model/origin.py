"""Where a request comes from, and whether every hop was encrypted; only trusted proxies are believed about it.

The chain of addresses is read from its near end. The first that is no trusted proxy is the client; whatever that client
wrote further to the left counts for nothing (RFC 7239, section 8.1).
"""

import re
from dataclasses import dataclass
from typing import NamedTuple

from plexe_auth.model.network import Address, address, contains
from plexe_auth.wire import Request

_ENCRYPTED = ("https", "wss")
_PAIR = re.compile(r'\s*([A-Za-z]+)=(?:"([^"\\]*)"|([^\s",;=]+))\s*', re.ASCII)
_PORT = re.compile(r"(?:\[([0-9A-Fa-f:.%\w]+)\](?::\d+)?|([0-9.]+):\d+)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request comes from.

    Attributes:
        ip: the client's address, or ``None`` where it is not known.
        encrypted: every hop that we know of was HTTPS.
        local: it came over the loopback interface or inside this process, through no proxy.
    """

    ip: str | None
    encrypted: bool
    local: bool


class Chain(NamedTuple):
    """What proxies wrote down, the nearest last: from whom each received the request, and by which scheme."""

    nodes: list[str | None]
    schemes: list[str | None]


def origin(request: Request, trusted: tuple[str, ...]) -> Origin:
    """Return where a request comes from."""
    peer = address(request.peer)
    if peer is None or not contains(trusted, peer):
        ip = None if peer is None else str(peer)
        return Origin(ip, request.scheme in _ENCRYPTED, local=peer is None or peer.is_loopback)
    told = [chain for chain in (_standard(request), _customary(request)) if chain is not None]
    return Origin(_agreed_client(told, trusted), _all_encrypted(told), local=False)


def _agreed_client(told: list[Chain], trusted: tuple[str, ...]) -> str | None:
    clients = {_client(chain.nodes, trusted) for chain in told}
    client = clients.pop() if len(clients) == 1 else None  # where two accounts disagree, nobody knows
    return None if client is None else str(client)


def _client(nodes: list[str | None], trusted: tuple[str, ...]) -> Address | None:
    client: Address | None = None
    for node in reversed(nodes):
        client = _node(node)
        if client is None or not contains(trusted, client):
            return client
    return client


def _all_encrypted(told: list[Chain]) -> bool:
    named = [scheme for chain in told for scheme in chain.schemes if scheme is not None]
    nearest = [chain.schemes[-1] for chain in told if chain.schemes]
    return any(nearest) and all(scheme in _ENCRYPTED for scheme in named)


def _node(text: str | None) -> Address | None:
    found = _PORT.fullmatch(text or "")
    return address(text) if found is None else address(found[1] or found[2])


def _customary(request: Request) -> Chain | None:
    nodes, schemes = request.joined("x-forwarded-for"), request.joined("x-forwarded-proto")
    if nodes is None and schemes is None:
        return None
    return Chain([*_listed(nodes)], [scheme.lower() for scheme in _listed(schemes)])


def _listed(value: str | None) -> list[str]:
    return [] if value is None else [item.strip(" \t") for item in value.split(",")]


def _standard(request: Request) -> Chain | None:
    value = request.joined("forwarded")
    if value is None:
        return None
    elements = [_element(element) for element in _split(value, ",")]
    return Chain([said.get("for") for said in elements], [said.get("proto") for said in elements])


def _element(text: str) -> dict[str, str]:
    pairs = [found for pair in _split(text, ";") if (found := _PAIR.fullmatch(pair))]
    said = {found[1].lower(): found[2] if found[2] is not None else found[3] for found in pairs}
    if len(said) != len(_split(text, ";")):
        return {"proto": "unreadable"}
    return said | {"proto": said["proto"].lower()} if "proto" in said else said


def _split(text: str, sign: str) -> list[str]:
    # Only where the sign stands outside quotes; an open quote keeps the rest together, which is then unreadable.
    return re.findall(rf'(?:"[^"]*"?|[^"{sign}])+', text) or [""]
