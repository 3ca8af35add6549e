"""Runs the tiny app on one server: `python -m tests.gate.parity.serve SERVER DESCRIPTOR URL`.

The listening socket comes from the parent, so that no port can be taken meanwhile and nobody has to wait for a start.
No server is told to believe what proxies write: that is the gate's to decide.
"""

import asyncio
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from socketserver import ThreadingMixIn
from typing import Any, NoReturn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from tests.gate.parity.app import asgi_app, wsgi_app


def gunicorn(listener: socket.socket, url: str) -> None:
    from gunicorn.app.base import BaseApplication

    class Served(BaseApplication):
        def load_config(self) -> None:
            told = {"bind": f"fd://{listener.fileno()}", "threads": 4, "forwarded_allow_ips": "", "loglevel": "warning"}
            for name, value in told.items():
                self.cfg.set(name, value)

        def load(self) -> Any:
            return wsgi_app(url)

    Served().run()


def waitress(listener: socket.socket, url: str) -> None:
    from waitress import serve

    serve(wsgi_app(url), sockets=[listener], clear_untrusted_proxy_headers=False, _quiet=True)


def wsgiref(listener: socket.socket, url: str) -> None:
    class Threads(ThreadingMixIn, WSGIServer):
        daemon_threads = True

    class Quiet(WSGIRequestHandler):
        def log_message(self, *_said: Any) -> None:  # type: ignore[override]
            """The requests are in the corpus."""

    server = Threads(listener.getsockname(), Quiet, bind_and_activate=False)
    server.socket.close()
    server.socket = listener
    server.server_name, server.server_port = "localhost", listener.getsockname()[1]
    server.setup_environ()
    server.set_app(wsgi_app(url))
    server.serve_forever()


def uvicorn(listener: socket.socket, url: str) -> None:
    from uvicorn import Config, Server

    told: dict[str, Any] = {"http": "h11", "ws": "wsproto", "proxy_headers": False, "log_level": "warning"}
    Server(Config(asgi_app(url), lifespan="on", access_log=False, **told)).run([listener])


def hypercorn(listener: socket.socket, url: str) -> None:
    import hypercorn.asyncio
    from hypercorn.config import Config

    config = Config()
    config.bind = [f"fd://{listener.fileno()}"]
    config.loglevel = "warning"
    asyncio.run(hypercorn.asyncio.serve(asgi_app(url), config))  # type: ignore[arg-type]


WSGI: dict[str, Callable[[socket.socket, str], None]] = {"gunicorn": gunicorn, "waitress": waitress, "wsgiref": wsgiref}
ASGI: dict[str, Callable[[socket.socket, str], None]] = {"uvicorn": uvicorn, "hypercorn": hypercorn}
SERVERS = WSGI | ASGI


def _end(*_received: object) -> NoReturn:
    sys.exit(0)


def _end_with_the_parent() -> None:
    sys.stdin.read()  # ends when the parent does, however it ends
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _end)  # the servers that know better replace it
    threading.Thread(target=_end_with_the_parent, daemon=True).start()
    SERVERS[sys.argv[1]](socket.socket(fileno=int(sys.argv[2])), sys.argv[3])
