"""A door to the demo that opens once: its path cannot be guessed, lasts for one visit, and is of no use elsewhere."""

from collections.abc import Callable, Iterable
from hmac import compare_digest
from threading import Lock
from typing import TYPE_CHECKING

from plexe_auth.model.cookie import set_cookie
from plexe_auth.secret import random_text
from plexe_auth.service.signed_in import SignedIn
from plexe_auth.wire import Response
from plexe_auth.wsgi import answer

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_FOLDER = "/demo/"
_PRIVATE = (("cache-control", "no-store"), ("referrer-policy", "no-referrer"), ("content-length", "0"))


class Once:
    """Stands before an app, and lets whoever comes first by its path be somebody.

    Args:
        app: what answers everything else.
        enters: signs somebody in.
        then: the page of the app to which they are led.
    """

    def __init__(self, app: "WSGIApplication", enters: Callable[[], SignedIn], then: str) -> None:
        self._app, self._enters, self._then = app, enters, then
        self.path: str = _FOLDER + random_text(32)
        self._is_open, self._lock = True, Lock()

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if not path.startswith(_FOLDER):
            return self._app(environ, start_response)
        place = environ.get("SCRIPT_NAME", "") + self._then
        # A browser that asks for a page ahead of any click, or a HEAD, does not use it up.
        ours = environ.get("REQUEST_METHOD") == "GET" and "HTTP_SEC_PURPOSE" not in environ
        if ours and compare_digest(path.encode(), self.path.encode()) and self._opened():
            return answer(self._let_in(place), start_response)
        return answer(Response(303, (("location", place), *_PRIVATE)), start_response)

    def _opened(self) -> bool:
        with self._lock:
            was_open, self._is_open = self._is_open, False
            return was_open

    def _let_in(self, place: str) -> Response:
        came = self._enters()
        seconds = int((came.session.expires_at - came.session.created_at).total_seconds())
        cookie = set_cookie(came.token.reveal(), seconds)
        return Response(303, (("location", place), ("set-cookie", cookie), *_PRIVATE))
