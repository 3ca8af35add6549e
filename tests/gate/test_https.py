"""Plain HTTP from the network is refused, or sent to HTTPS, before anything else is looked at; public paths too."""

from collections.abc import Callable
from typing import Any

import pytest

from plexe_auth import Policy
from tests.gate.keys import Made
from tests.gate.shims import Ask, Shim

Guarded = Callable[..., Shim]
FAR = "203.0.113.7"
PROXY = "10.0.0.1"
BEHIND = Policy(trusted_proxies=("10.0.0.0/8",), public=("/healthz",))
HSTS = "max-age=31536000"


@pytest.mark.parametrize("key", ["good", "unknown", "revoked", None])
@pytest.mark.parametrize("target", ["/models", "/healthz", "//healthz"])
def test_plain_http_from_the_network_is_refused_first(
    guarded: Guarded, keys: Made, key: str | None, target: str
) -> None:
    ask = Ask(target=target, peer=FAR, fields=(("host", "example.com"),))
    answer = guarded(Policy(public=("/healthz",)))(ask if key is None else ask.by(keys.text[key]))
    assert (answer.status, answer.code) == (403, "https_required")
    assert "www-authenticate" not in answer.headers


@pytest.mark.parametrize("peer", ["127.0.0.1", "::1", "::ffff:127.0.0.1", None, "testclient"])
def test_a_loopback_peer_or_a_test_client_passes(guarded: Guarded, keys: Made, peer: str | None) -> None:
    answer = guarded()(Ask(peer=peer).by(keys.text["good"]))
    assert answer.code == "ok"
    assert "strict-transport-security" not in answer.headers


def test_off_leaves_it_to_somebody_else(guarded: Guarded, keys: Made) -> None:
    answer = guarded(Policy(https="off"))(Ask(peer=FAR).by(keys.text["good"]))
    assert answer.code == "ok"
    assert "strict-transport-security" not in answer.headers


def test_https_passes_and_says_hsts_on_every_answer(guarded: Guarded, keys: Made) -> None:
    app = guarded(Policy(public=("/healthz",), optional=("/feed",)))
    for ask in (
        Ask(),
        Ask().by(keys.text["good"]),
        Ask(target="/healthz"),
        Ask(target="/feed"),
        Ask("POST", "/x").by(""),
    ):
        answer = app(ask._replace(peer=FAR, scheme="https"))
        assert answer.code in ("ok", "invalid_key")
        assert answer.headers["strict-transport-security"] == HSTS


def test_hsts_can_be_another_or_none(guarded: Guarded) -> None:
    ask = Ask(peer=FAR, scheme="https")
    assert guarded(Policy(hsts="max-age=1"))(ask).headers["strict-transport-security"] == "max-age=1"
    assert "strict-transport-security" not in guarded(Policy(hsts=None))(ask).headers


@pytest.mark.parametrize("fields", [(("x-forwarded-proto", "https"),), (("forwarded", "for=1.1.1.1;proto=https"),)])
def test_R01_forwarding_fields_of_a_peer_that_is_not_trusted_change_nothing(
    guarded: Guarded, keys: Made, fields: Any
) -> None:
    for policy in (Policy(), Policy(trusted_proxies=(PROXY,))):
        assert guarded(policy)(Ask(peer=FAR, fields=fields).by(keys.text["good"])).code == "https_required"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ((), "https_required"),
        ((("x-forwarded-for", "203.0.113.7"),), "https_required"),
        ((("x-forwarded-proto", "http"),), "https_required"),
        ((("x-forwarded-proto", "https"), ("x-forwarded-proto", "http")), "https_required"),
        ((("x-forwarded-proto", "https, http"),), "https_required"),
        ((("x-forwarded-proto", "https"), ("forwarded", "proto=http")), "https_required"),
        ((("forwarded", "for=203.0.113.7, for=10.0.0.2;proto=https"),), "https_required"),
        ((("x-forwarded-ssl", "on"), ("front-end-https", "on"), ("x-scheme", "https")), "https_required"),
        ((("x-forwarded-proto", "https"),), "ok"),
        ((("x-forwarded-proto", "https"), ("x-forwarded-proto", "https")), "ok"),
        ((("forwarded", 'for="203.0.113.7:80";proto="https"'),), "ok"),
        ((("forwarded", "proto=https"), ("forwarded", "for=10.0.0.2;proto=https")), "ok"),
    ],
)
def test_behind_a_trusted_proxy_every_hop_must_have_been_https(
    guarded: Guarded, keys: Made, fields: Any, code: str
) -> None:
    app = guarded(BEHIND)
    for scheme in ("http", "https"):  # how the proxy itself comes to us does not count
        assert app(Ask(peer=PROXY, scheme=scheme, fields=fields).by(keys.text["good"])).code == code


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ((("x-forwarded-for", "203.0.113.7"),), "ok"),
        ((("x-forwarded-for", "6.6.6.6"), ("x-forwarded-for", "203.0.113.7")), "ok"),
        ((("x-forwarded-for", "203.0.113.7, 10.0.0.2"),), "ok"),
        ((("x-forwarded-for", "203.0.113.7, 6.6.6.6"),), "ip_not_allowed"),
        ((("x-forwarded-for", "203.0.113.7, 127.0.0.1"),), "ip_not_allowed"),
        ((("x-forwarded-for", "203.0.113.7, junk"),), "ip_not_allowed"),
        ((("x-forwarded-for", "203.0.113.7"), ("forwarded", "for=6.6.6.6")), "ip_not_allowed"),
        ((("forwarded", "for=203.0.113.7;proto=https"),), "ok"),
        ((("x-real-ip", "203.0.113.7"), ("cf-connecting-ip", "203.0.113.7")), "ip_not_allowed"),
        ((), "ip_not_allowed"),
    ],
)
def test_R01_a_bound_key_is_good_from_the_client_that_a_trusted_proxy_names(
    guarded: Guarded, keys: Made, fields: Any, code: str
) -> None:
    ask = Ask(peer=PROXY, fields=(("x-forwarded-proto", "https"), *fields))
    assert guarded(BEHIND)(ask.by(keys.text["bound"])).code == code


@pytest.mark.parametrize("peer", [None, "testclient", ""])
def test_R07_without_a_known_address_a_bound_key_is_refused(guarded: Guarded, keys: Made, peer: str | None) -> None:
    assert guarded()(Ask(peer=peer).by(keys.text["bound"])).code == "ip_not_allowed"
    assert guarded()(Ask(peer=peer).by(keys.text["good"])).code == "ok"


def test_R02_a_bound_key_is_good_from_every_spelling_of_its_address(guarded: Guarded, keys: Made) -> None:
    for peer in ("203.0.113.7", "::ffff:203.0.113.7", "::ffff:cb00:7107", "0:0:0:0:0:FFFF:203.0.113.7"):
        assert guarded()(Ask(peer=peer, scheme="https").by(keys.text["bound"])).code == "ok"


REDIRECT = Policy(https="redirect", public=("/healthz",))


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("target", ["/healthz", "/models?a=1&b=%20", "//x/../y%2f"])
def test_reading_is_redirected_to_the_same_place(guarded: Guarded, keys: Made, method: str, target: str) -> None:
    ask = Ask(method, target, (("host", "api.example.com:80"),), peer=FAR)
    answer = guarded(REDIRECT)(ask.by(keys.text["good"]))
    assert (answer.status, answer.body) == (308, b"")
    assert answer.headers["location"] == f"https://api.example.com{target}"
    assert answer.headers["cache-control"] == "no-store"
    assert "strict-transport-security" not in answer.headers


def test_below_a_mount_the_whole_place_is_kept(guarded: Guarded) -> None:
    ask = Ask(target="/api/x?y", fields=(("host", "a.example"),), peer=FAR, prefix="/api")
    assert guarded(REDIRECT)(ask).headers["location"] == "https://a.example/api/x?y"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "get", ""])
def test_all_else_is_not_redirected_but_refused(guarded: Guarded, keys: Made, method: str) -> None:
    ask = Ask(method, fields=(("host", "api.example.com"),), peer=FAR)
    assert guarded(REDIRECT)(ask.by(keys.text["good"])).code == "https_required"


@pytest.mark.parametrize(
    "fields",
    [
        (),
        (("host", "a.example"), ("host", "b.example")),
        (("host", "a.example/x?"),),
        (("host", "u@a.example"),),
        (("host", "a.example\r\nx: y"),),
        (("x-forwarded-host", "a.example"), ("forwarded", "host=a.example")),
    ],
)
def test_L21_without_one_plain_host_there_is_no_redirect(guarded: Guarded, fields: Any) -> None:
    assert guarded(REDIRECT)(Ask(peer=FAR, fields=fields)).code == "https_required"


def test_L21_only_the_host_field_names_the_host(guarded: Guarded) -> None:
    lies = (("x-forwarded-host", "evil.example"), ("x-forwarded-port", "1"), ("forwarded", "host=evil.example"))
    answer = guarded(REDIRECT)(Ask(peer=FAR, target="/x", fields=(("host", "a.example"), *lies)))
    assert answer.headers["location"] == "https://a.example/x"


def test_redirect_holds_behind_a_trusted_proxy(guarded: Guarded, keys: Made) -> None:
    app = guarded(Policy(https="redirect", trusted_proxies=(PROXY,)))
    ask = Ask(peer=PROXY, fields=(("host", "a.example"),)).by(keys.text["good"])
    assert app(ask.having(("x-forwarded-proto", "http"))).status == 308
    assert app(ask.having(("x-forwarded-proto", "https"))).code == "ok"
