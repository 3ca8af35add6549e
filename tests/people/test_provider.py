"""A provider is a constant that is checked when it is made, and that shows nobody its secret."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from plexe_auth.errors import ConfigurationError
from plexe_auth.model.endpoint import endpoint
from plexe_auth.model.provider import Endpoints, Provider, checked_providers, github, google, oidc
from plexe_auth.secret import Secret

SECRET = "c4nary-of-the-client"


def test_google_and_github_are_short_constants() -> None:
    assert google("id", SECRET).issuer == "https://accounts.google.com"
    assert "openid" in google("id", SECRET).scopes
    assert github("id", SECRET).endpoints is not None
    assert oidc("acme", "https://id.acme.example/realm", "id", SECRET).endpoints is None


@pytest.mark.parametrize("make", [google, github, lambda id_, secret: oidc("acme", "https://id.example", id_, secret)])
def test_a_provider_never_shows_its_secret(make: Callable[..., Provider]) -> None:
    provider = make("id", SECRET)
    assert SECRET not in f"{provider} {provider!r} {provider.client_secret}"
    assert {provider: 1}[make("id", SECRET)] == 1


@pytest.mark.parametrize("make", [google, github, lambda id_, secret: oidc("acme", "https://id.example", id_, secret)])
@pytest.mark.parametrize(
    "secret", ["", " ", "\t\n", None, 7, True, b"secret", ["secret"], "s\0", "s\ud800", "é", "s" * 2000]
)
def test_O15_a_missing_or_odd_secret_is_refused_when_it_is_made(make: Callable[..., Provider], secret: Any) -> None:
    with pytest.raises(ConfigurationError) as caught:
        make("id", secret)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("client_id", ["", "  ", None, 7, b"id", "i\nd", "i" * 2000])
def test_O15_a_missing_or_odd_client_id_is_refused_when_it_is_made(client_id: Any) -> None:
    with pytest.raises(ConfigurationError, match="client_id"):
        google(client_id, SECRET)


BAD_URLS = [
    None, 7, b"https://id.example", "", "id.example", "//id.example", "http://id.example", "ftp://id.example",
    "https://", "https:///path", "https:id.example", "https:\\\\id.example", "HTTPS://id.example/%",
    "https://user@id.example", "https://user:pass@id.example", "https://127.0.0.1@evil.example",
    "https://id.example#fragment", "https://id.example/#", "https://id.example\\@evil.example",
    "https://id.example/a b", "https://id.example/\n", " https://id.example", "https://id.example ",
    "https://id.example:0", "https://id.example:65536", "https://id.example:99999", "https://id.example:4x",
    "https://id.example:", "https://id_x.example", "https://-id.example", "https://id..example", "https://id.example.",
    "https://%69d.example", "https://bücher.example", "https://id\u3002example", "https://id.example/\0",
    "https://0x7f.0.0.1", "https://0x7f000001", "https://2130706433", "https://127.1", "https://0177.0.0.1",
    "https://1.2.3.4.5", "https://256.1.1.1", "https://[::1", "https://[1.2.3.4]", "https://[::1%25eth0]", "https://::1",
    "http://127.0.0.1.nip.example", "http://10.0.0.1", "http://[::ffff:10.0.0.1]", "http://localhost.evil.example",
    "javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "https://id.example/" + "a" * 3000,
    "https://" + "a." * 130 + "example",
]  # fmt: skip


@pytest.mark.parametrize("url", BAD_URLS)
def test_O11_what_is_no_plain_https_URL_is_no_issuer(url: Any) -> None:
    assert endpoint(url) is None
    with pytest.raises(ConfigurationError, match="issuer"):
        oidc("acme", url, "id", SECRET)


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("https://id.example", "id.example", 443),
        ("https://ID.Example:8443/realm", "id.example", 8443),
        ("https://8.8.8.8/x", "8.8.8.8", 443),
        ("https://[2001:4860:4860::8888]:1/x", "2001:4860:4860::8888", 1),
        ("http://localhost:8000", "localhost", 8000),
        ("http://127.0.0.1", "127.0.0.1", 80),
        ("http://[::1]/x", "::1", 80),
        ("https://xn--bcher-kva.example/", "xn--bcher-kva.example", 443),
    ],
)
def test_what_is_a_plain_URL_is_an_issuer_on_loopback_over_http_too(url: str, host: str, port: int) -> None:
    found = endpoint(url)
    assert found is not None
    assert (found.host, found.port) == (host, port)
    assert oidc("acme", url, "id", SECRET).issuer == url


def test_an_issuer_has_no_query() -> None:
    with pytest.raises(ConfigurationError, match="query"):
        oidc("acme", "https://id.example/?tenant=1", "id", SECRET)


@pytest.mark.parametrize(
    "name", ["google", "github", "Google", "", "1acme", "ac me", "a" * 33, "ac:me", "аcme", None, 7, b"x"]
)
def test_O07_a_provider_cannot_be_called_like_a_trusted_one(name: Any) -> None:
    with pytest.raises(ConfigurationError, match="name"):
        oidc(name, "https://evil.example", "id", SECRET)


@pytest.mark.parametrize("kind", ["google", "github"])
def test_O07_nor_can_a_trusted_one_be_called_otherwise(kind: Any) -> None:
    with pytest.raises(ConfigurationError, match="name"):
        Provider("acme", kind, "https://evil.example", "id", Secret(SECRET))


def test_O07_ids_are_namespaced_by_kind() -> None:
    assert google("id", SECRET).id == "google:google"
    assert oidc("google-2", "https://id.example", "id", SECRET).id == "oidc:google-2"


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "saml"}, {"client_secret": SECRET}, {"scopes": "openid"}, {"scopes": ("openid", "a b")},
        {"scopes": ("openid", 7)}, {"scopes": ("email",)}, {"endpoints": "https://id.example"}, {"scopes": ()},
        {"client_authentication": "none"}, {"client_authentication": 7},
    ],
)  # fmt: skip
def test_O15_a_provider_that_cannot_be_right_is_refused_when_it_is_made(change: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError):
        replace(oidc("acme", "https://id.example", "id", SECRET), **change)


def test_an_issuer_without_openid_needs_endpoints() -> None:
    endpoints = Endpoints("https://id.example/a", "https://id.example/t")
    assert Provider("acme", "oidc", "https://id.example", "id", Secret(SECRET), ("email",), endpoints)


def test_O15_settings_take_providers_of_different_names_alone() -> None:
    one, other = google("id", SECRET), oidc("acme", "https://id.example", "id", SECRET)
    assert checked_providers([one, other]) == (one, other)
    assert checked_providers(()) == ()
    for wrong in (None, 7, "google", b"x", one, ["google"], [one, one], [None]):
        with pytest.raises(ConfigurationError):
            checked_providers(wrong)
