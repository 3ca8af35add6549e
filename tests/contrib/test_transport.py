"""Where a request came from, and whether by HTTPS, is told to the gate alike by every framework."""

from collections.abc import Callable

import pytest

from plexe_auth import Policy
from tests.contrib.hosts import Host
from tests.contrib.world import World

BEHIND_PROXY = Policy(public=("/healthz",), trusted_proxies=("127.0.0.1",))

FORWARDED = [
    ("/models", "203.0.113.7", "https", 200, ""),
    ("/models", "203.0.113.8", "https", 403, "ip_not_allowed"),
    ("/models", "203.0.113.7", "http", 403, "https_required"),
    ("/models", "203.0.113.7", "", 403, "https_required"),
    ("/healthz", "203.0.113.7", "http", 403, "https_required"),
    ("/healthz", "203.0.113.8", "https", 200, ""),
]


def test_a_trusted_proxy_is_believed_alike(built: Callable[[Policy], Host], world: World) -> None:
    send = built(BEHIND_PROXY)
    for path, client, scheme, status, code in FORWARDED:
        came = {"x_forwarded_for": client, "x_forwarded_proto": scheme}
        got = send("GET", path, x_api_key=world.keys["elsewhere"], **came)
        assert (got.status, got.code) == (status, code), (path, client, scheme)
        assert got.headers.get("strict-transport-security") == ("max-age=31536000" if scheme == "https" else None)


def test_an_untrusted_peer_is_not_believed(host: Host, world: World) -> None:
    came = {"x_forwarded_for": "203.0.113.7", "x_forwarded_proto": "http"}
    assert host("GET", "/models", x_api_key=world.keys["reader"], **came).status == 200
    assert host("GET", "/models", x_api_key=world.keys["elsewhere"], **came).code == "ip_not_allowed"


def test_a_refusal_by_a_handler_tells_of_https_as_one_by_the_gate(
    built: Callable[[Policy], Host], world: World
) -> None:
    got = built(BEHIND_PROXY)("GET", "/refuse/limit", x_api_key=world.keys["reader"], x_forwarded_proto="https")
    assert (got.status, got.headers["strict-transport-security"]) == (429, "max-age=31536000")


@pytest.mark.parametrize("target", ["/models", "/models?page=2&q=%C3%A9"])
def test_plain_http_is_sent_to_https_with_its_path_and_query(built: Callable[[Policy], Host], target: str) -> None:
    send = built(Policy(https="redirect", trusted_proxies=("127.0.0.1",)))
    got = send("GET", target)
    scheme, _, _host, sent_to = got.headers["location"].split("/", 3)
    assert (got.status, scheme, "/" + sent_to) == (308, "https:", target)
    assert send("POST", target).code == "https_required"
