"""A WSGI app on a free port of this machine, in a thread, for as long as a ``with`` block lasts."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from werkzeug.serving import WSGIRequestHandler, make_server

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

_HOST = "127.0.0.1"


class Quiet(WSGIRequestHandler):
    """Says nothing of requests: the tour shows them better."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


def listening() -> socket.socket:
    """Return a socket that listens on a free port: where that is, is a setting of what will answer there."""
    return socket.create_server((_HOST, 0))


def port_of(listener: socket.socket) -> int:
    """Return the port on which it listens."""
    port: int = listener.getsockname()[1]
    return port


@contextmanager
def serving(listener: socket.socket, app: "WSGIApplication") -> Iterator[str]:
    """Give the base URL under which `app` answers."""
    server = make_server(_HOST, 0, app, threaded=True, request_handler=Quiet, fd=listener.fileno())
    thread = threading.Thread(target=server.serve_forever, name="api")
    thread.start()
    try:
        yield f"http://{_HOST}:{port_of(listener)}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
