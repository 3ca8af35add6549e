"""The REST API and the Console share one server: the Console lies below ``/console``, and the API has the rest."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from plexe_auth.auth import Auth
from plexe_auth.cli.serving import lacking
from plexe_auth.model.policy import Policy

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

CONSOLE = "/console"


def apps_of(auth: Auth, policy: Policy) -> tuple["WSGIApplication", "WSGIApplication"]:
    """Return the REST API and the Console.

    Raises:
        ConfigurationError: the extra ``serve`` is not installed.
    """
    try:
        from plexe_auth import console, manage

        return manage.wsgi_app(auth, policy), console.wsgi_app(auth, policy)
    except ModuleNotFoundError as missing:
        raise lacking(missing) from None


def side_by_side(api: "WSGIApplication", pages: "WSGIApplication") -> "WSGIApplication":
    """Return both as one app (PEP 3333)."""

    def app(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        path: str = environ.get("PATH_INFO", "")
        if path != CONSOLE and not path.startswith(f"{CONSOLE}/"):
            return api(environ, start_response)
        below = {"SCRIPT_NAME": environ.get("SCRIPT_NAME", "") + CONSOLE, "PATH_INFO": path[len(CONSOLE) :]}
        return pages({**environ, **below}, start_response)

    return app
