"""A provider is a constant: who it is, who we are to it, where its endpoints are and how it tells who somebody is.

Nothing of it is looked up here. A provider of OpenID Connect is found by its issuer (`plexe_auth.model.discovery`).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal, cast

from plexe_auth.errors import ConfigurationError
from plexe_auth.model.endpoint import endpoint
from plexe_auth.secret import Secret

Kind = Literal["google", "github", "oidc"]

# What a public key can verify. Never ``none``, never HMAC: its key is the client's secret, or, confused, a public key.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
RESERVED = ("google", "github")
_KINDS = (*RESERVED, "oidc")
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,31}", re.ASCII)
_VISIBLE = re.compile(r"[\x20-\x7e]{1,1024}", re.ASCII)  # RFC 6749, appendix A.1 and A.2
_SCOPE = re.compile(r"[!#-\[\]-~]{1,128}", re.ASCII)  # RFC 6749, section 3.3
_CONTEXT = "a provider's"
_GITHUB = "https://github.com/login/oauth"  # as it names itself in callbacks since April 2026 (RFC 9207)


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where a provider answers, and what it says of itself.

    Attributes:
        authorization: where browsers are sent.
        token: where a code is exchanged.
        keys: where the keys are that it signs ID tokens with; empty where it has none.
        userinfo: where it tells more about somebody; empty where it does not.
        emails: where GitHub lists somebody's addresses; empty elsewhere.
        algorithms: by which of `ALGORITHMS` it signs ID tokens.
        client_authentication: how it wants to be shown our secret (RFC 6749, section 2.3.1).
        names_itself: it puts its issuer into each answer to a browser (RFC 9207).
    """

    authorization: str
    token: str
    keys: str = ""
    userinfo: str = ""
    emails: str = ""
    algorithms: tuple[str, ...] = ()
    client_authentication: Literal["basic", "post"] = "basic"
    names_itself: bool = False


@dataclass(frozen=True, slots=True)
class Provider:
    """One provider, as the host set it up.

    Attributes:
        name: what the host calls it: the first argument of ``auth.oauth.begin``.
        kind: which of the constants below made it.
        issuer: the exact text by which it names itself. Half of the key of an identity, so it can never be changed.
        client_id: what it calls us.
        client_secret: how we prove it.
        scopes: what we ask to be told.
        endpoints: where they are known beforehand; ``None``: found by discovery.
        client_authentication: how it wants to be shown our secret; ``None``: as it says itself.

    Raises:
        ConfigurationError: one of these cannot be right.
    """

    name: str
    kind: Kind
    issuer: str
    client_id: str
    client_secret: Secret = field(repr=False, hash=False)
    scopes: tuple[str, ...] = ("openid", "email", "profile")
    endpoints: Endpoints | None = field(default=None, repr=False)
    client_authentication: Literal["basic", "post"] | None = None

    def __post_init__(self) -> None:
        _check_name(self.name, self.kind)
        if endpoint(self.issuer) is None or "?" in self.issuer:
            raise ConfigurationError(f"{_CONTEXT} issuer must be an https URL without query and fragment")
        _check_visible("client_id", self.client_id)
        if not isinstance(self.client_secret, Secret):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise ConfigurationError(f"{_CONTEXT} client_secret must be a Secret")
        _check_visible("client_secret", self.client_secret.reveal())
        _check_scopes(self.scopes, self.endpoints)
        if self.client_authentication not in (None, "basic", "post"):
            raise ConfigurationError(f'{_CONTEXT} client_authentication must be "basic", "post" or None')

    @property
    def id(self) -> str:
        """The kind and the name, so that nothing set up as ``oidc`` can pass for ``google`` (``"oidc:acme"``)."""
        return f"{self.kind}:{self.name}"


def google(client_id: str, client_secret: str) -> Provider:
    """Return Google, as https://developers.google.com/identity/openid-connect has it.

    Args:
        client_id: as Google's console shows it.
        client_secret: likewise.
    """
    return Provider("google", "google", "https://accounts.google.com", client_id, _secret(client_secret))


def github(client_id: str, client_secret: str) -> Provider:
    """Return GitHub, which speaks OAuth 2.0 alone: who somebody is, its API tells.

    Args:
        client_id: as the settings of the OAuth app show it.
        client_secret: likewise.
    """
    endpoints = Endpoints(
        f"{_GITHUB}/authorize",
        f"{_GITHUB}/access_token",
        userinfo="https://api.github.com/user",
        emails="https://api.github.com/user/emails",
        client_authentication="post",
    )
    scopes = ("read:user", "user:email")
    return Provider("github", "github", _GITHUB, client_id, _secret(client_secret), scopes, endpoints)


def oidc(
    name: str,
    issuer: str,
    client_id: str,
    client_secret: str,
    client_authentication: Literal["basic", "post"] | None = None,
) -> Provider:
    """Return any provider of OpenID Connect, found by its issuer (OpenID Connect Discovery 1.0).

    Args:
        name: what you call it: lower-case letters, digits, ``-`` and ``_``; not ``google`` or ``github``.
        issuer: as its discovery document has it, to the letter: ``https://``, no query. Plain ``http`` is only for a
            loopback host, in development.
        client_id: what it calls you.
        client_secret: how you prove it.
        client_authentication: how it is shown, where the provider knows several ways and your client is registered for
            one: in a field (``"basic"``) or in the body (``"post"``; RFC 6749, section 2.3.1).

    Example:
        >>> oidc("acme", "https://id.acme.example", "plexe", "s3cret").id
        'oidc:acme'
    """
    return Provider(
        name, "oidc", issuer, client_id, _secret(client_secret), client_authentication=client_authentication
    )


def known_as(provider_id: str) -> str:
    """Return what people know a provider as, by its `Provider.id`.

    Example:
        >>> known_as("github:github"), known_as("oidc:acme")
        ('GitHub', 'acme')
    """
    kind, _sign, name = provider_id.partition(":")
    return {"google": "Google", "github": "GitHub"}.get(kind, name)


def checked_providers(providers: object) -> tuple[Provider, ...]:
    """Return the providers of a host's settings.

    Raises:
        ConfigurationError: they are something else, or two share a name.
    """
    if isinstance(providers, str | bytes) or not isinstance(providers, Iterable):
        raise ConfigurationError("oauth must be several providers, such as (google(id, secret),)")
    given = tuple(cast("Iterable[Provider]", providers))
    if not all(isinstance(one, Provider) for one in given):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise ConfigurationError("each of oauth must be made by google, github or oidc")
    if len({one.name for one in given}) < len(given):
        raise ConfigurationError("two of oauth have the same name")
    return given


def _secret(text: object) -> Secret:
    if not isinstance(text, str):
        raise ConfigurationError(f"{_CONTEXT} client_secret must be a text")
    return Secret(text)


def _check_name(name: object, kind: object) -> None:
    if kind not in _KINDS:
        raise ConfigurationError(f"{_CONTEXT} kind must be one of {', '.join(_KINDS)}")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ConfigurationError(f"{_CONTEXT} name must be 1 to 32 of a-z, 0-9, - and _, a letter first")
    if (name in RESERVED or kind in RESERVED) and name != kind:
        raise ConfigurationError(f"the names {' and '.join(RESERVED)} are those of Google and GitHub alone")


def _check_visible(what: str, value: object) -> None:
    if not isinstance(value, str) or not _VISIBLE.fullmatch(value) or not value.strip():
        raise ConfigurationError(f"{_CONTEXT} {what} must be 1 to 1024 ASCII characters and not blank")


def _check_scopes(scopes: object, endpoints: object) -> None:
    given = cast("tuple[object, ...]", scopes) if isinstance(scopes, tuple) else ("",)
    if not all(isinstance(one, str) and _SCOPE.fullmatch(one) for one in given):
        raise ConfigurationError(f"{_CONTEXT} scopes must be a tuple of scopes, each a text without spaces")
    if endpoints is not None and not isinstance(endpoints, Endpoints):
        raise ConfigurationError(f"{_CONTEXT} endpoints must be Endpoints, or None to discover them")
    if endpoints is None and "openid" not in given:
        raise ConfigurationError('without the scope "openid" there is no ID token (OpenID Connect Core, 3.1.2.1)')
