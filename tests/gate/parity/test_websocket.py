"""Over real sockets a WebSocket is judged before it is accepted, and refused by an HTTP answer that says why."""

import pytest

from tests.gate.keys import Made
from tests.gate.parity.raw import Address, exchange
from tests.gate.parity.serve import ASGI, WSGI

HANDSHAKE = (
    "Host: example.com",
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
)
REFUSED = {
    "": (401, "invalid_key"),
    "unknown": (401, "invalid_key"),
    "expired": (401, "expired_key"),
    "revoked": (401, "revoked_key"),
    "disabled": (403, "disabled_key"),
    "bound": (403, "ip_not_allowed"),
    "writer": (403, "insufficient_permissions"),
    "models": (403, "insufficient_permissions"),
}


def handshake(target: str = "/models", *fields: str) -> bytes:
    return "\r\n".join([f"GET {target} HTTP/1.1", *HANDSHAKE, *fields, "", ""]).encode("latin-1")


@pytest.mark.parametrize("server", ASGI)
@pytest.mark.parametrize("key", ["good", "reader", "rotated", "bound here"])
def test_P07_a_good_key_is_accepted(servers: dict[str, Address], wire_keys: Made, server: str, key: str) -> None:
    got = exchange(servers[server], handshake("/models", f"x-api-key: {wire_keys.text[key]}"))
    assert got.status == 101
    assert got.headers["cache-control"] == "no-store"
    assert ("sunset" in got.headers) == (key == "rotated")


@pytest.mark.parametrize("server", ASGI)
@pytest.mark.parametrize("key", REFUSED)
def test_P07_every_other_is_refused(servers: dict[str, Address], wire_keys: Made, server: str, key: str) -> None:
    got = exchange(servers[server], handshake("/models", f"x-api-key: {wire_keys.text[key]}" if key else "x-own: 1"))
    assert (got.status, got.code) == REFUSED[key]
    assert ("www-authenticate" in got.headers) == (got.status == 401)


@pytest.mark.parametrize("server", ASGI)
def test_P07_two_keys_are_refused(servers: dict[str, Address], wire_keys: Made, server: str) -> None:
    for name in ("x-api-key", "X_API_KEY"):
        fields = (f"x-api-key: {wire_keys.text['good']}", f"{name}: {wire_keys.text['good']}")
        got = exchange(servers[server], handshake("/models", *fields))
        assert (got.status, got.code) == (401, "invalid_key")


@pytest.mark.parametrize("server", ASGI)
def test_P07_public_and_optional_paths_and_rules_hold(
    servers: dict[str, Address], wire_keys: Made, server: str
) -> None:
    address, good = servers[server], f"x-api-key: {wire_keys.text['good']}"
    assert exchange(address, handshake("/healthz")).status == 101
    assert exchange(address, handshake("/feed")).status == 101
    assert exchange(address, handshake("//healthz")).status == 401
    assert exchange(address, handshake("/admin/x", good)).code == "insufficient_permissions"
    assert exchange(address, handshake("/models", "x-policy: proxied", good)).code == "https_required"
    assert exchange(address, handshake("/models", "x-policy: proxied", "x-forwarded-proto: https", good)).status == 101


@pytest.mark.parametrize("server", WSGI)
def test_P07_for_a_wsgi_server_it_is_a_request_like_any(
    servers: dict[str, Address], wire_keys: Made, server: str
) -> None:
    for key, refused in REFUSED.items():
        field = f"x-api-key: {wire_keys.text[key]}" if key else "x-own: 1"
        got = exchange(
            servers[server], handshake("/models", field).replace(b"Connection: Upgrade", b"Connection: close")
        )
        assert (got.status, got.code) == refused
