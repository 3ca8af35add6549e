"""One description of a request and of a host's app, put through either shim just as its servers would put it."""

import asyncio
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import unquote, unquote_to_bytes

from plexe_auth import asgi, wsgi
from plexe_auth.shortcut import Admit, Target

Fields = tuple[tuple[str, str], ...]


class Ask(NamedTuple):
    """A request: its target as sent, its fields in order with values in latin-1."""

    method: str = "GET"
    target: str = "/models"
    fields: Fields = ()
    peer: str | None = "127.0.0.1"
    scheme: str = "http"
    prefix: str = ""  # where the guarded app is mounted

    def by(self, key: str) -> "Ask":
        return self.having(("x-api-key", key))

    def having(self, *fields: tuple[str, str]) -> "Ask":
        return self._replace(fields=(*self.fields, *fields))


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def code(self) -> str:
        """The wire code of a refusal, or `ok`."""
        if self.headers.get("content-type") == "application/problem+json":
            return json.loads(self.body)["code"] if self.body else "no body"
        return "ok" if self.status == 200 else str(self.status)

    @property
    def principal(self) -> str | None:
        return json.loads(self.body)["principal"]


@dataclass
class Host:
    """An app that tells whom it serves, and how it behaves otherwise."""

    headers: Fields = ()
    raises: BaseException | None = None
    after_beginning: bool = False
    calls: list[str | None] = field(default_factory=list)  # the key ids that it has served

    def served(self, principal: Any) -> bytes:
        who = None if principal is None else principal.id
        self.calls.append(who)
        if self.raises is not None and not self.after_beginning:
            raise self.raises
        return json.dumps({"principal": who}).encode()

    def wsgi(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        body = self.served(environ["plexe_auth.principal"])
        start_response("200 OK", list(self.headers))
        if self.raises is not None:
            raise self.raises
        return [body]

    async def asgi(self, scope: Any, receive: Any, send: Any) -> None:
        body = self.served(scope["plexe_auth.principal"])
        headers = [(name.encode(), value.encode()) for name, value in self.headers]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        if self.raises is not None:
            raise self.raises
        await send({"type": "http.response.body", "body": body})


def unique(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The headers of an answer, which never holds two of the same."""
    found = [(name.lower(), value) for name, value in headers]
    assert len(dict(found)) == len(found), found
    return dict(found)


class Wsgi:
    """An app behind the WSGI shim, asked as gunicorn asks."""

    face = "blocking"

    def __init__(self, auth: Any, policy: Any, app: Any, loop: Any) -> None:
        self.guarded = wsgi.AuthMiddleware(app.wsgi if isinstance(app, Host) else app, auth, policy)

    def __call__(self, ask: Ask) -> Answer:
        begun: list[Any] = []

        def start_response(status: str, headers: Any, failure: Any = None) -> Callable[[bytes], None]:
            begun[:] = [status, headers]
            return written.append

        written: list[bytes] = []
        body = self.guarded(environ(ask), start_response)
        try:
            written.extend(body)
        finally:
            getattr(body, "close", lambda: None)()
        return Answer(int(begun[0][:3]), unique(begun[1]), b"".join(written))


def environ(ask: Ask) -> dict[str, Any]:
    """What a documented WSGI server makes of a request: no names with underscores, repeated fields joined."""
    path, _mark, query = ask.target.partition("?")
    told: dict[str, Any] = {"RAW_URI": ask.target, "SCRIPT_NAME": ask.prefix, "QUERY_STRING": query}
    told["PATH_INFO"] = unquote_to_bytes(path.removeprefix(ask.prefix)).decode("latin-1")
    told |= {"REQUEST_METHOD": ask.method, "wsgi.url_scheme": ask.scheme, "REMOTE_ADDR": ask.peer or ""}
    for name, value in ask.fields:
        if "_" not in name:
            key = "HTTP_" + name.upper().replace("-", "_")
            told[key] = f"{told[key]},{value}" if key in told else value
    return told


class Asgi:
    """An app behind the ASGI shim, asked as uvicorn asks."""

    face = "async"

    def __init__(self, auth: Any, policy: Any, app: Any, loop: Any) -> None:
        self.guarded = asgi.AuthMiddleware(app.asgi if isinstance(app, Host) else app, auth.awaited, policy)
        self.loop = loop

    def __call__(self, ask: Ask) -> Answer:
        return self.loop.run(self.answered(scope(ask)))

    async def answered(self, scope: dict[str, Any]) -> Answer:
        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        await self.guarded(scope, _nothing, send)
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in sent[0]["headers"]]
        return Answer(sent[0]["status"], unique(headers), b"".join(message["body"] for message in sent[1:]))


async def _nothing() -> Any:
    """What comes from a client that says nothing more."""
    await asyncio.Event().wait()


def scope(ask: Ask) -> dict[str, Any]:
    """What an ASGI server makes of a request."""
    path, _mark, query = ask.target.partition("?")
    return {
        "type": "http",
        "method": ask.method,
        "path": unquote(path),
        "raw_path": path.encode("latin-1"),
        "root_path": ask.prefix,
        "query_string": query.encode("latin-1"),
        "scheme": ask.scheme,
        "client": None if ask.peer is None else (ask.peer, 4711),
        "headers": [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in ask.fields],
    }


Shim = Wsgi | Asgi
SHIMS: dict[str, type[Shim]] = {"wsgi": Wsgi, "asgi": Asgi}


class Seen:
    """What a shim's shortcut has said, one for each request: whether it admitted it."""

    def __init__(self, shim: Shim) -> None:
        self.said: list[bool] = []
        self._shim, self._gate = shim, shim.guarded.gate
        self._admits, self._gate.admits = self._gate.admits, self._heard

    def _heard(self, target: Target) -> Admit:
        admit = self._admits(target)

        def heard(*request: Any) -> Any:
            admitted = admit(*request)
            self.said.append(admitted is not None)
            return admitted

        return heard

    def __call__(self, ask: Ask) -> tuple[Answer, bool]:
        self.said.clear()
        return self._shim(ask), any(self.said)
