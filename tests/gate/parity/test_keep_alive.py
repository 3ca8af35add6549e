"""A refused request leaves nothing on its connection that is taken for the next one."""

import re
import socket
from collections.abc import Callable, Iterator

import pytest

from plexe_auth import Auth
from tests.gate.keys import Made
from tests.gate.parity.raw import PATIENCE, Address
from tests.gate.parity.serve import SERVERS

Framing = Callable[[str, bytes], bytes]

SMUGGLED, AFTER = "/smuggled", "/after"
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


@pytest.fixture(scope="module")
def refused(parity_url: str, wire_keys: Made) -> dict[int, str]:
    """A key for each status, with which nobody may post."""
    with Auth.open(parity_url) as auth:
        used_up = auth.keys.create("acct_1", name="used up", permissions="read write", rate="1/day")
        auth.keys.verify(used_up.secret.reveal())
    return {401: wire_keys.text["malformed"], 403: wire_keys.text["reader"], 429: used_up.secret.reveal()}


def asked(line: str, key: str, *more: str) -> bytes:
    return "\r\n".join([f"{line} HTTP/1.1", "host: localhost", f"x-api-key: {key}", *more, "", ""]).encode()


def with_length(key: str, body: bytes) -> bytes:
    return asked("POST /models", key, f"content-length: {len(body)}") + body


def in_chunks(key: str, body: bytes) -> bytes:
    head = asked("POST /models", key, "transfer-encoding: chunked")
    return head + f"{len(body):x}\r\n".encode() + body + b"\r\n0\r\n\r\n"


def conversation(address: Address, data: bytes) -> bytes:
    """Send `data` and return all that comes back until the server hangs up."""
    told = b""
    with socket.create_connection(address, PATIENCE) as connection:
        try:
            connection.sendall(data)
            while more := connection.recv(65536):
                told += more
        except ConnectionError:  # it hung up on what was still being sent
            pass
    return told


def answers(told: bytes) -> Iterator[tuple[int, bytes]]:
    """The status and body of each answer, which has one length and is as long as it says."""
    while told:
        head, _end, rest = told.partition(b"\r\n\r\n")
        (length,) = _LENGTH.findall(head)
        assert b"\r\ntransfer-encoding" not in head.lower()
        assert len(rest) >= int(length)
        yield int(head.split()[1]), rest[: int(length)]
        told = rest[int(length) :]


@pytest.mark.parametrize("status", [401, 403, 429])
@pytest.mark.parametrize("framed", [with_length, in_chunks])
@pytest.mark.parametrize("server", SERVERS)
def test_H04_the_body_of_a_refused_request_is_no_request(
    servers: dict[str, Address], wire_keys: Made, refused: dict[int, str], server: str, framed: Framing, status: int
) -> None:
    good = wire_keys.text["good"]
    body = asked(f"GET {SMUGGLED}", good)
    last = asked(f"GET {AFTER}", good, "connection: close")
    told = conversation(servers[server], framed(refused[status], body) + last)
    assert SMUGGLED.encode() not in told
    first, *others = answers(told)
    assert first[0] == status
    assert [(one, AFTER.encode() in said) for one, said in others] in ([], [(200, True)])
