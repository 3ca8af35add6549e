"""The Console: the pages on which people sign up and in, and look after their keys; mount it anywhere in an app.

Links in letters lead to its pages, so mount it where ``Settings.base_url`` says.
"""

from typing import TYPE_CHECKING

from plexe_auth.asgi import App
from plexe_auth.auth import AsyncAuth, Auth
from plexe_auth.errors import ConfigurationError
from plexe_auth.model.policy import Policy

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

    from plexe_auth.console.look import Look
    from plexe_auth.console.site import Console

__all__ = ["asgi_app", "wsgi_app"]


def wsgi_app(auth: Auth, policy: Policy | None = None, look: "Look | None" = None) -> "WSGIApplication":
    """Return the Console as a WSGI app.

    Args:
        auth: whose people and keys.
        policy: how its own gate treats transport, rates and origins. Which page needs what is not the host's to say.
        look: name, logo, colours and templates, in place of ours.

    Raises:
        TypeError: `auth` is no `Auth`.
        ConfigurationError: `policy` has rules, or public or optional paths; or the extra ``console`` is not installed.

    Example:
        >>> from plexe_auth import Auth
        >>> app = wsgi_app(Auth.open("memory://"))
    """
    if not isinstance(auth, Auth):  # pyright: ignore[reportUnnecessaryIsInstance]  # callers are not all typed
        raise TypeError("plexe_auth.console.wsgi_app takes an Auth")
    site = _site(auth, policy, look)
    from plexe_auth.web.wsgi import served

    return served(site)


def asgi_app(auth: AsyncAuth, policy: Policy | None = None, look: "Look | None" = None) -> App:
    """Return the Console as an ASGI app; see `wsgi_app`.

    Args:
        auth: whose people and keys.
        policy: how its own gate treats transport, rates and origins.
        look: name, logo, colours and templates, in place of ours.

    Raises:
        TypeError: `auth` is no `AsyncAuth`.
        ConfigurationError: as for `wsgi_app`.

    Example:
        >>> from plexe_auth import AsyncAuth
        >>> app = asgi_app(AsyncAuth.open("memory://"))
    """
    if not isinstance(auth, AsyncAuth):  # pyright: ignore[reportUnnecessaryIsInstance]  # callers are not all typed
        raise TypeError("plexe_auth.console.asgi_app takes an AsyncAuth")
    site = _site(auth, policy, look)
    from plexe_auth.web.asgi import served

    return served(site)


def _site(auth: Auth | AsyncAuth, policy: Policy | None, look: "Look | None") -> "Console":
    try:
        from plexe_auth.console.site import opened
    except ModuleNotFoundError as error:
        raise ConfigurationError(f"{error.name} is not installed; install plexe-auth[console] for this") from None
    return opened(auth.world, policy, look)
