"""The gate's policy for a site is read from its table of routes; a host decides on transport and rates, on no path."""

from dataclasses import dataclass, field, fields

from plexe_auth.errors import ConfigurationError
from plexe_auth.model.path import forms
from plexe_auth.model.policy import Policy, Requirement
from plexe_auth.web.route import ANYBODY, PUBLIC, Route, Routes

_OURS = ("public", "optional", "rules")
_NO_ROUTES = Routes[Route](())


@dataclass(frozen=True, slots=True)
class Guard(Policy):
    """A policy under which a request needs what the table says; to be told that it is not there, a good credential."""

    routes: Routes[Route] = field(default=_NO_ROUTES, repr=False, compare=False)

    def _required(self, method: str, path: str, raw_path: str) -> Requirement:
        found = self.routes.find(method, path)
        needed = ANYBODY if found is None else found.route.permission
        if needed is PUBLIC:
            return Requirement(public=len(forms(path, raw_path)) == 1)  # what is sent in an odd way is never public
        return Requirement(permissions=(needed,) if needed else ())


def guard(routes: Routes[Route], policy: Policy | None) -> Guard:
    """Return the policy for these routes, in all else as the host's.

    Raises:
        ConfigurationError: the host's says something of paths, which the table alone decides.
    """
    given = {one.name: getattr(own(policy), one.name) for one in fields(Policy) if one.init}
    return Guard(**given, routes=routes)


def own(policy: Policy | None) -> Policy:
    """Return the host's policy for a site of ours.

    Raises:
        ConfigurationError: it says something of paths, which the site's table alone decides.
    """
    policy = Policy() if policy is None else policy
    if not isinstance(policy, Policy):  # pyright: ignore[reportUnnecessaryIsInstance]  # callers are not all typed
        raise ConfigurationError("policy is a plexe_auth.Policy")
    if any(getattr(policy, name) for name in _OURS):
        raise ConfigurationError(
            "which path needs what is not the host's to say here: leave out public, optional, rules"
        )
    return policy
