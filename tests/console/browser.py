"""A browser without a screen: it keeps cookies, follows redirects, fills in forms, and asks either mount in process."""

import io
import re
from html import unescape
from html.parser import HTMLParser
from typing import Any, NamedTuple
from urllib.parse import urlencode, urljoin, urlsplit

from starlette.applications import Starlette
from starlette.routing import Mount as StarletteMount
from werkzeug.exceptions import NotFound
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from plexe_auth import console
from tests.faces import Loop

ORIGIN = "http://localhost"
PREFIX = "/console"
FACES = {"wsgi": "blocking", "asgi": "async"}


class Answer(NamedTuple):
    status: int
    headers: list[tuple[str, str]]
    body: bytes
    url: str

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def words(self) -> str:
        """What a person reads on it."""
        plain = re.sub(r"<[^>]*>", " ", re.sub(r"(?s)<head>.*?</head>", "", self.text))
        return " ".join(unescape(plain).split())

    @property
    def path(self) -> str:
        """Where it is, without the mount."""
        return urlsplit(self.url).path.removeprefix(PREFIX)

    def header(self, name: str) -> str | None:
        return next((value for one, value in self.headers if one == name), None)

    def all(self, name: str) -> list[str]:
        return [value for one, value in self.headers if one == name]

    def forms(self) -> list["Form"]:
        reader = _Forms()
        reader.feed(self.text)
        return reader.found

    def form(self, action: str) -> "Form":
        """The form whose action ends in that path."""
        [found] = [one for one in self.forms() if one.action.endswith(action)]
        return found


class Form:
    def __init__(self, action: str, method: str) -> None:
        self.action, self.method = action, method
        self.fields: list[tuple[str, str]] = []
        self.names: set[str] = set()


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[Form] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag == "form":
            self.found.append(Form(told.get("action") or "", told.get("method") or "get"))
        elif tag in ("input", "select", "textarea") and told.get("name") and self.found and "disabled" not in told:
            form, name = self.found[-1], told["name"] or ""
            form.names.add(name)
            if tag == "input" and (told.get("type") not in ("radio", "checkbox") or "checked" in told):
                form.fields.append((name, told.get("value") or ""))


class Browser:
    """Asks the Console under `PREFIX` of a host's app; `peer` is where it does so from."""

    peer = "127.0.0.1"

    def __init__(self, kind: str, auth: Any, loop: Loop, policy: Any = None, look: Any = None) -> None:
        self.kind, self.loop = kind, loop
        self.cookies: dict[str, str] = {}
        if kind == "wsgi":
            self.app: Any = DispatcherMiddleware(NotFound(), {PREFIX: console.wsgi_app(auth, policy, look)})
        else:
            self.app = Starlette(routes=[StarletteMount(PREFIX, console.asgi_app(auth.awaited, policy, look))])

    def another(self) -> "Browser":
        """Another browser of the same Console, which knows nothing of what this one does."""
        other: Browser = object.__new__(type(self))
        other.kind, other.loop, other.app, other.cookies = self.kind, self.loop, self.app, {}
        return other

    def another_with_cookies(self) -> "Browser":
        """Another browser that has the cookies of this one, and takes none from it."""
        other = self.another()
        other.cookies = dict(self.cookies)
        return other

    def get(self, path: str, *, follow: bool = True, **fields: str) -> Answer:
        return self.asked("GET", PREFIX + path, b"", follow=follow, **fields)

    def post(self, path: str, sent: Any = (), *, follow: bool = True, **fields: str) -> Answer:
        """Send a form from a page of the Console; `fields` are its header fields, with ``_`` for ``-``."""
        body = (
            sent
            if isinstance(sent, bytes)
            else urlencode(dict(sent) if isinstance(sent, dict) else list(sent)).encode()
        )
        told = {"origin": ORIGIN, "content_type": "application/x-www-form-urlencoded", **fields}
        return self.asked("POST", PREFIX + path, body, follow=follow, **told)

    def submit(self, page: Answer, action: str, **typed: str) -> Answer:
        """Fill in the form of a page that leads to `action`, and send it."""
        form = page.form(action)
        assert set(typed) <= form.names, f"the form has {sorted(form.names)}"
        sent = [(name, value) for name, value in form.fields if name not in typed] + list(typed.items())
        path = urlsplit(urljoin(page.url, form.action)).path.removeprefix(PREFIX)
        return self.post(path, sent)

    def asked(self, method: str, target: str, body: bytes, *, follow: bool = True, **fields: str) -> Answer:
        told = {"host": "localhost", **{name.replace("_", "-"): value for name, value in fields.items() if value}}
        if self.cookies and "cookie" not in told:
            told["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        status, headers, data = (self._by_wsgi if self.kind == "wsgi" else self._by_asgi)(method, target, told, body)
        answer = Answer(status, headers, data, ORIGIN + target)
        self._keep(answer)
        place = answer.header("location")
        if follow and status in (302, 303) and place is not None and place.startswith("/"):
            return self.asked("GET", place, b"")
        return answer

    def _keep(self, answer: Answer) -> None:
        for field in answer.all("set-cookie"):
            pair, *attributes = field.split("; ")
            name, _equals, value = pair.partition("=")
            assert {"Secure", "HttpOnly", "Path=/"} <= set(attributes), field
            self.cookies[name] = value
            if "Max-Age=0" in attributes:
                del self.cookies[name]

    def _by_wsgi(self, method: str, target: str, told: dict[str, str], body: bytes) -> tuple[int, Any, bytes]:
        path, _mark, query = target.partition("?")
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": path,
            "QUERY_STRING": query,
        }
        environ |= {"wsgi.url_scheme": "http", "REMOTE_ADDR": self.peer, "wsgi.input": io.BytesIO(body)}
        environ |= {"CONTENT_LENGTH": str(len(body)), "RAW_URI": target}
        for name, value in told.items():
            field = name.upper().replace("-", "_")
            environ[field if field == "CONTENT_TYPE" else f"HTTP_{field}"] = value
        begun: list[Any] = []
        data = b"".join(self.app(environ, lambda status, headers, failure=None: begun.extend([status, headers])))
        return int(begun[0][:3]), begun[1], data

    def _by_asgi(self, method: str, target: str, told: dict[str, str], body: bytes) -> tuple[int, Any, bytes]:
        path, _mark, query = target.partition("?")
        headers = [(name.encode(), value.encode("latin-1")) for name, value in told.items()]
        scope = {"type": "http", "method": method, "path": path, "raw_path": path.encode(), "root_path": ""}
        scope |= {"query_string": query.encode(), "headers": headers, "client": (self.peer, 1), "scheme": "http"}
        sent: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        async def answered() -> None:
            await self.app(scope, receive, send)

        self.loop.run(answered())
        headers = [(name.decode(), value.decode("latin-1")) for name, value in sent[0]["headers"]]
        return sent[0]["status"], headers, b"".join(one.get("body", b"") for one in sent[1:])
