"""What a host wants guarded and how: which paths are public, which permission each request needs, whom to believe.

Everything that no rule names is guarded: reading needs ``read``, everything else needs ``write``.
"""

import functools
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from plexe_auth.errors import ConfigurationError, InvalidRequest
from plexe_auth.model.network import checked_networks
from plexe_auth.model.path import Patterns, forms
from plexe_auth.model.permission import pair
from plexe_auth.model.rate import checked_rate

_READING = ("GET", "HEAD")
_MOST_KEPT, _LONGEST_KEPT = 1024, 256  # requirements, and characters of a request; whoever asks chooses the path
HSTS = "max-age=31536000"  # a year, the least that browsers' preload lists ask for


def action(method: str) -> Literal["read", "write"]:
    """Return what a method needs. Only ``GET`` and ``HEAD``, spelled just so, read; what is unknown writes."""
    return "read" if method in _READING else "write"


@dataclass(frozen=True, slots=True)
class Rule:
    """What requests to some paths need.

    Args:
        pattern: an exact path, or a folder and ``/*`` for everything below it.
        permission: what such requests need, such as ``admin:write``.
        resource: in its place, a resource of which they need ``read`` or ``write`` by method.
        methods: only for requests by these methods, in capitals; ``HEAD`` goes with ``GET``. ``None`` is all.

    Raises:
        ConfigurationError: a value has no such form, or both `permission` and `resource` are given.

    Example:
        >>> Rule("/admin/*", permission="admin:write").permission
        'admin:write'
    """

    pattern: str
    permission: str | None = None
    resource: str | None = None
    methods: tuple[str, ...] | None = None
    _patterns: Patterns = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.permission is not None and self.resource is not None:
            raise ConfigurationError("a rule has a permission or a resource, not both")
        if self.methods is not None:
            object.__setattr__(self, "methods", _methods(self.methods))
        _check_permission(self.needs("GET"))
        object.__setattr__(self, "_patterns", Patterns((self.pattern,)))

    def concerns(self, path: str, method: str) -> bool:
        """Tell whether the rule is about this request."""
        if not self._patterns.match(path):
            return False
        return self.methods is None or method in self.methods or (method == "HEAD" and "GET" in self.methods)

    def needs(self, method: str) -> str:
        """Return the permission that a request needs under this rule."""
        if self.permission is not None:
            return self.permission
        return action(method) if self.resource is None else f"{self.resource}:{action(method)}"


@dataclass(frozen=True, slots=True)
class Requirement:
    """What a request needs: nothing on a public path, else all `permissions`; `optional` lets it come without a key."""

    public: bool = False
    optional: bool = False
    permissions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Policy:
    """How requests are judged.

    Args:
        public: patterns of paths on which credentials are not even looked at.
        rules: the first one that concerns a request says what it needs.
        optional: patterns of paths where a request may come without a credential; a bad one is refused all the same.
        trusted_proxies: addresses and CIDR blocks whose ``Forwarded`` and ``X-Forwarded-*`` fields are believed.
        https: ``"required"`` refuses plain HTTP from the network, ``"redirect"`` sends reading requests to HTTPS,
            ``"off"`` leaves it to somebody else.
        hsts: the value of ``Strict-Transport-Security`` on answers over HTTPS; ``None`` sends none.
        bearer: also take the key from ``Authorization: Bearer``.
        preflight: let true CORS preflight requests through.
        cookie: also take the session cookie, where there is no key.
        origins: other origins whose pages may change things by that cookie, such as ``https://app.example.com``; our
            own may in any case, as far as the host they were asked under is told.
        rate: a rate for each key or session.
        address_rate: a rate for each client address, public paths included.
        rate_headers: tell in the answer how a rate stands.

    Raises:
        ConfigurationError: a value has no such form.

    Example:
        >>> policy = Policy(public=("/healthz",), rules=(Rule("/admin/*", permission="admin:write"),))
        >>> policy.requirement("POST", "/admin/users").permissions
        ('admin:write',)
        >>> policy.requirement("GET", "/models").permissions
        ('read',)
    """

    public: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    trusted_proxies: tuple[str, ...] = ()
    https: Literal["required", "redirect", "off"] = "required"
    rate: str | None = None
    cookie: bool = True
    origins: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    hsts: str | None = HSTS
    bearer: bool = False
    preflight: bool = False
    address_rate: str | None = None
    rate_headers: bool = True
    _public: Patterns = field(init=False, repr=False, compare=False)
    _optional: Patterns = field(init=False, repr=False, compare=False)
    _kept: Callable[[str, str, str], Requirement] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for name in ("public", "optional", "rules", "trusted_proxies", "origins"):
            object.__setattr__(self, name, _several(name, getattr(self, name)))
        if not all(isinstance(rule, Rule) for rule in self.rules):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise ConfigurationError("rules are Rules")
        if self.https not in ("required", "redirect", "off"):
            raise ConfigurationError('https is "required", "redirect" or "off"')
        if not isinstance(self.rate_headers, bool):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise ConfigurationError("rate_headers is true or false")
        _check_rate("rate", self.rate)
        _check_rate("address_rate", self.address_rate)
        _check_field_value("hsts", self.hsts)
        _check_proxies(self.trusted_proxies)
        _check_origins(self.origins)
        object.__setattr__(self, "_public", Patterns(self.public))
        object.__setattr__(self, "_optional", Patterns(self.optional))
        object.__setattr__(self, "_kept", functools.lru_cache(maxsize=_MOST_KEPT)(self._required))

    def requirement(self, method: str, path: str, raw_path: str = "") -> Requirement:
        """Return what a request needs. One that can be read in several ways needs what every reading needs.

        Args:
            method: as it was sent.
            path: decoded, as the app routes on it.
            raw_path: as it was sent, where the server tells.
        """
        if len(method) + len(path) + len(raw_path) > _LONGEST_KEPT:
            return self._required(method, path, raw_path)
        return self._kept(method, path, raw_path)

    def _required(self, method: str, path: str, raw_path: str) -> Requirement:
        paths = forms(path, raw_path)
        if len(paths) == 1 and self._public.match(path):
            return Requirement(public=True)
        methods = (method,) if method.isupper() else (method, method.upper())
        needed = dict.fromkeys(self._needs(way, form) for form in paths for way in methods)
        return Requirement(optional=all(map(self._optional.match, paths)), permissions=tuple(needed))

    def _needs(self, method: str, path: str) -> str:
        rule = next((rule for rule in self.rules if rule.concerns(path, method)), None)
        return action(method) if rule is None else rule.needs(method)


def _several(name: str, values: Iterable[Any]) -> tuple[Any, ...]:
    # A tuple of our own: an iterator would serve the first request and be empty for the second.
    if isinstance(values, str | bytes) or not hasattr(values, "__iter__"):
        raise ConfigurationError(f"{name} are several, not one: write ({name}[0],)")
    return tuple(values)


def _methods(values: Iterable[Any]) -> tuple[str, ...]:
    methods = _several("methods", values)
    if not methods or not all(isinstance(method, str) and method.isupper() for method in methods):
        raise ConfigurationError('methods are written as they are sent, ("GET", "POST"); None is all of them')
    return methods


def _check_field_value(name: str, value: object) -> None:
    if value is not None and not (isinstance(value, str) and re.fullmatch(r"[!-~](?:[ -~]*[!-~])?", value)):
        raise ConfigurationError(f"{name} is the value of a header field, in printable ASCII, or None")


def _check_proxies(proxies: tuple[str, ...]) -> None:
    try:
        checked_networks("trusted_proxies", proxies)
    except InvalidRequest as error:
        raise ConfigurationError(error.detail) from None


def _check_origins(origins: tuple[str, ...]) -> None:
    if not all(re.fullmatch(r"https?://[a-z0-9.-]+(?::[0-9]{1,5})?", str(one)) for one in origins):
        raise ConfigurationError("origins are written as browsers send them, such as https://app.example.com")


def _check_rate(name: str, rate: str | None) -> None:
    try:
        checked_rate(rate)
    except InvalidRequest as error:
        raise ConfigurationError(f"{name}: {error.detail}") from None


def _check_permission(permission: str) -> None:
    try:
        pair(permission)
    except InvalidRequest as error:
        raise ConfigurationError(error.detail) from None
