"""The API under a path of a host's app, on either mount, and one description of a request to it."""

import json
from typing import Any, NamedTuple
from urllib.parse import unquote_to_bytes

from starlette.applications import Starlette
from starlette.routing import Mount as StarletteMount
from werkzeug.exceptions import NotFound
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from plexe_auth import manage
from tests.faces import Loop
from tests.gate.shims import unique

PREFIX = "/manage"


class Got(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        return self.json["code"]

    @property
    def told(self) -> tuple[int, str | None]:
        """The status, and the field that a refusal names."""
        return self.status, self.json.get("field") if self.body else None


class Mount:
    """The API, mounted; each of its kinds is asked as servers ask."""

    face: str

    def __init__(self, auth: Any, policy: Any, loop: Loop, prefix: str = PREFIX) -> None:
        self.prefix, self.loop = prefix, loop
        self.app = self.mounted(auth, policy)

    def mounted(self, auth: Any, policy: Any) -> Any:
        raise NotImplementedError

    def __call__(self, method: str, target: str, key: str | None = None, body: Any = b"", **more: str) -> Got:
        """Send a request: what is not bytes goes as JSON; `more` are its fields, with ``_`` for ``-``."""
        sent = [(name.replace("_", "-"), value) for name, value in more.items()]
        if key is not None:
            sent.append(("x-api-key", key))
        if not isinstance(body, bytes):
            body = json.dumps(body).encode()
            sent.append(("content-type", "application/json"))
        return self.sent(method, self.prefix + target, sent, body)

    def sent(self, method: str, target: str, fields: list[tuple[str, str]], body: bytes) -> Got:
        raise NotImplementedError


class Wsgi(Mount):
    face = "blocking"

    def mounted(self, auth: Any, policy: Any) -> Any:
        return DispatcherMiddleware(NotFound(), {self.prefix.encode().decode("latin-1"): manage.wsgi_app(auth, policy)})

    def sent(self, method: str, target: str, fields: list[tuple[str, str]], body: bytes) -> Got:
        begun: list[Any] = []

        def start_response(status: str, headers: Any, failure: Any = None) -> Any:
            assert failure is None
            begun[:] = [status, headers]

        answered = self.app(environ(method, target, fields, body), start_response)
        try:
            data = b"".join(answered)
        finally:
            getattr(answered, "close", lambda: None)()
        return Got(int(begun[0][:3]), unique(begun[1]), data)


def environ(method: str, target: str, fields: list[tuple[str, str]], body: bytes) -> dict[str, Any]:
    """What a documented WSGI server makes of a request."""
    path, _mark, query = target.partition("?")
    told: dict[str, Any] = {"RAW_URI": target, "SCRIPT_NAME": "", "QUERY_STRING": query, "REQUEST_METHOD": method}
    told |= {"PATH_INFO": unquote_to_bytes(path).decode("latin-1"), "wsgi.url_scheme": "http"}
    told |= {"REMOTE_ADDR": "127.0.0.1", "wsgi.input": Stream(body)}
    if any(name == "transfer-encoding" for name, _value in fields):
        told["wsgi.input_terminated"] = True
    elif body:
        told["CONTENT_LENGTH"] = str(len(body))
    for name, value in fields:
        field = name.upper().replace("-", "_")
        field = field if field in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{field}"
        told[field] = f"{told[field]},{value}" if field.startswith("HTTP_") and field in told else value
    return told


class Stream:
    """A body that comes in pieces, and must not be read beyond its end."""

    def __init__(self, data: bytes) -> None:
        self.left = data

    def read(self, size: int) -> bytes:
        assert size > 0
        piece, self.left = self.left[: min(size, 7_000)], self.left[min(size, 7_000) :]
        return piece


class Asgi(Mount):
    face = "async"

    def mounted(self, auth: Any, policy: Any) -> Any:
        return Starlette(routes=[StarletteMount(self.prefix, manage.asgi_app(auth.awaited, policy))])

    def sent(self, method: str, target: str, fields: list[tuple[str, str]], body: bytes) -> Got:
        return self.loop.run(self.answered(scope(method, target, fields, body), body))

    async def answered(self, scope: dict[str, Any], body: bytes) -> Got:
        sent: list[Any] = []
        pieces = [body[at : at + 7_000] for at in range(0, len(body), 7_000)] or [b""]

        async def receive() -> Any:
            piece = pieces.pop(0)
            return {"type": "http.request", "body": piece, "more_body": bool(pieces)}

        async def send(message: Any) -> None:
            sent.append(message)

        await self.app(scope, receive, send)
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in sent[0]["headers"]]
        return Got(sent[0]["status"], unique(headers), b"".join(message["body"] for message in sent[1:]))


def scope(method: str, target: str, fields: list[tuple[str, str]], body: bytes) -> dict[str, Any]:
    """What an ASGI server makes of a request."""
    path, _mark, query = target.partition("?")
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in fields]
    if body and not any(name in (b"content-length", b"transfer-encoding") for name, _value in headers):
        headers.append((b"content-length", str(len(body)).encode()))
    return {
        "type": "http",
        "method": method,
        "path": unquote_to_bytes(path).decode("utf-8", "replace"),
        "raw_path": path.encode("latin-1"),
        "root_path": "",
        "query_string": query.encode("latin-1"),
        "scheme": "http",
        "client": ("127.0.0.1", 4711),
        "headers": headers,
    }


MOUNTS: dict[str, type[Mount]] = {"wsgi": Wsgi, "asgi": Asgi}
