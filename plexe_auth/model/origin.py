"""Where a request comes from, and whether every hop was encrypted; only trusted proxies are believed about it.

The chain of addresses is read from its near end. The first that is no trusted proxy is the client; whatever that client
wrote further to the left counts for nothing (RFC 7239, section 8.1).
"""

import functools
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from plexe_auth.model.network import Address, address, contains
from plexe_auth.wire import Request

_LONGEST = 64  # characters of an address
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
        told: the address as the access log writes it.
    """

    ip: str | None
    encrypted: bool
    local: bool
    told: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "told", "null" if self.ip is None else f'"{self.ip}"')


class Chain(NamedTuple):
    """What proxies wrote into one family of fields.

    Attributes:
        vouched: the addresses that trusted proxies received the request from, the nearest first; the client's last.
        schemes: those by which it came; ``None`` stands for a trusted proxy that names none.
    """

    vouched: list[Address | None]
    schemes: list[str | None]


def origin(request: Request, trusted: tuple[str, ...]) -> Origin:
    """Return where a request comes from."""
    found = direct(request.peer, request.scheme, trusted)
    if found is not None:
        return found
    told = [_standard(request, trusted), _customary(request, trusted)]
    return Origin(_agreed_client(told), _all_encrypted(told), local=False)


def direct(peer: object, scheme: str, trusted: tuple[str, ...]) -> Origin | None:
    """Return where a request comes from that has come through no trusted proxy; ``None`` where it has."""
    text = peer if isinstance(peer, str) and len(peer) <= _LONGEST else None
    return _met(text, scheme, trusted) if len(scheme) <= _LONGEST else _seen(text, scheme, trusted)


def _seen(peer: str | None, scheme: str, trusted: tuple[str, ...]) -> Origin | None:
    client, encrypted = address(peer), scheme in _ENCRYPTED
    if client is not None and contains(trusted, client):
        return None
    return Origin(None if client is None else str(client), encrypted, local=client is None or client.is_loopback)


_met = functools.lru_cache(maxsize=4096)(_seen)


def _agreed_client(told: list[Chain]) -> str | None:
    clients = {chain.vouched[-1] for chain in told if chain.vouched}
    client = clients.pop() if len(clients) == 1 else None  # where two disagree, nobody knows
    return None if client is None else str(client)


def _all_encrypted(told: list[Chain]) -> bool:
    is_told = any(chain.schemes and None not in chain.schemes for chain in told)
    return is_told and all(scheme in (None, *_ENCRYPTED) for chain in told for scheme in chain.schemes)


def _customary(request: Request, trusted: tuple[str, ...]) -> Chain:
    nodes, schemes = _listed(request.fields.get("x-forwarded-for")), _listed(request.fields.get("x-forwarded-proto"))
    return Chain(_vouched(nodes, trusted), [scheme.lower() for scheme in schemes])


def _standard(request: Request, trusted: tuple[str, ...]) -> Chain:
    values = request.fields.get("forwarded")
    said = [] if values is None else [_element(text) for text in _split(", ".join(values), ",")]
    vouched = _vouched([one.get("for", "") for one in said], trusted)
    trusted_from = len(said) - len(vouched)  # further left stands what the client made up; even so, http is http
    schemes = [one.get("proto") for place, one in enumerate(said) if place >= trusted_from or "proto" in one]
    return Chain(vouched, schemes)


def _vouched(nodes: list[str], trusted: tuple[str, ...]) -> list[Address | None]:
    vouched: list[Address | None] = []
    for node in reversed(nodes):
        found = _node(node)
        vouched.append(found)
        if found is None or not contains(trusted, found):
            break
    return vouched


def _node(text: str) -> Address | None:
    found = _PORT.fullmatch(text)
    return address(text) if found is None else address(found[1] or found[2])


def _listed(values: Iterable[str] | None) -> list[str]:
    return [item.strip(" \t") for value in values or () for item in value.split(",")]


def _element(text: str) -> dict[str, str]:
    parts = _split(text, ";")
    said = {found[1].lower(): found[2] or found[3] or "" for part in parts if (found := _PAIR.fullmatch(part))}
    if len(said) != len(parts):  # what cannot be read, or says a thing twice, could say anything
        return {"proto": "unreadable"}
    return said | {"proto": said["proto"].lower()} if "proto" in said else said


def _split(text: str, sign: str) -> list[str]:
    # Only where the sign stands outside quotes; an open quote keeps the rest together, which is then unreadable.
    return re.findall(rf'(?:"[^"]*"?|[^"{sign}])+', text) or [""]
