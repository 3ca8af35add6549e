"""The REST API for managing keys, reading the access log and billing usage: mount it anywhere in an app.

Its table of routes is `plexe_auth.manage.routes.ROUTES`; ``GET /openapi.json`` tells it to machines.
"""

from typing import TYPE_CHECKING

from plexe_auth.asgi import App
from plexe_auth.auth import AsyncAuth, Auth
from plexe_auth.errors import ConfigurationError
from plexe_auth.model.policy import Policy

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

    from plexe_auth.web.site import Site

__all__ = ["asgi_app", "wsgi_app"]


def wsgi_app(auth: Auth, policy: Policy | None = None) -> "WSGIApplication":
    """Return the API as a WSGI app.

    Args:
        auth: whose keys.
        policy: how its own gate treats transport, rates and cookies. Which path needs what is not the host's to say.

    Raises:
        TypeError: `auth` is no `Auth`.
        ConfigurationError: `policy` has rules, or public or optional paths; or the extra ``manage`` is not installed.

    Example:
        >>> from plexe_auth import Auth
        >>> app = wsgi_app(Auth.open("memory://"))
    """
    if not isinstance(auth, Auth):  # pyright: ignore[reportUnnecessaryIsInstance]  # callers are not all typed
        raise TypeError("plexe_auth.manage.wsgi_app takes an Auth")
    site = _site(auth)
    from plexe_auth.web.wsgi import mounted

    return mounted(site, auth, policy)


def asgi_app(auth: AsyncAuth, policy: Policy | None = None) -> App:
    """Return the API as an ASGI app; see `wsgi_app`.

    Args:
        auth: whose keys.
        policy: how its own gate treats transport, rates and cookies.

    Raises:
        TypeError: `auth` is no `AsyncAuth`.
        ConfigurationError: as for `wsgi_app`.

    Example:
        >>> from plexe_auth import AsyncAuth
        >>> app = asgi_app(AsyncAuth.open("memory://"))
    """
    if not isinstance(auth, AsyncAuth):  # pyright: ignore[reportUnnecessaryIsInstance]  # callers are not all typed
        raise TypeError("plexe_auth.manage.asgi_app takes an AsyncAuth")
    site = _site(auth)
    from plexe_auth.web.asgi import mounted

    return mounted(site, auth, policy)


def _site(auth: Auth | AsyncAuth) -> "Site":
    try:
        from plexe_auth.manage.routes import ROUTES
        from plexe_auth.manage.services import Services
        from plexe_auth.web.site import Site
    except ModuleNotFoundError as error:
        raise ConfigurationError(f"{error.name} is not installed; install plexe-auth[manage] for this") from None
    return Site(ROUTES, Services.of(auth.world))
