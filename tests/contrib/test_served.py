"""What holds in a test client holds on a real server, over a real socket."""

import http.client
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from signal import SIGTERM

import pytest

from plexe_auth import Auth
from tests.contrib.served import URL
from tests.servers import starting

PROJECT = Path(__file__).parents[2]
GUNICORN = (
    "gunicorn",
    "--bind",
    "127.0.0.1:{port}",
    "--workers",
    "1",
    "--log-level",
    "error",
    "tests.contrib.served:{app}()",
)
UVICORN = ("uvicorn", "--port", "{port}", "--log-level", "error", "--factory", "tests.contrib.served:{app}")
SERVED = {
    "flask": GUNICORN,
    "django_wsgi": GUNICORN,
    "starlette": UVICORN,
    "fastapi": UVICORN,
    "django_asgi": UVICORN,
}

Sent = tuple[int, dict[str, str], bytes]


def send(port: int, method: str, path: str, *fields: tuple[str, str]) -> Sent:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.putrequest(method, path)
        for name, value in fields:
            connection.putheader(name, value)
        connection.endheaders()
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()


def code(sent: Sent) -> tuple[int, str]:
    return sent[0], json.loads(sent[2])["code"]


def answers(port: int) -> bool:
    try:
        return send(port, "GET", "/healthz")[0] == 200
    except ConnectionError:
        return False


@dataclass(frozen=True)
class Served:
    port: int
    auth: Auth


@pytest.fixture(params=SERVED)
def served(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Served]:
    url, port = f"sqlite:///{tmp_path}/auth.db", starting.free_port()
    environment = ["env", f"PYTHONPATH={PROJECT}", f"{URL}={url}", sys.executable, "-m"]
    command = [word.format(port=port, app=request.param) for word in SERVED[request.param]]
    with (
        Auth.open(url) as auth,
        starting.folder_of("") as folder,
        starting.kept(folder, "", SIGTERM, [[*environment, *command]], lambda: answers(port)),
    ):
        yield Served(port, auth)


def test_P08_a_served_app_is_guarded_whole(served: Served) -> None:
    port, issued = served.port, served.auth.keys.create("acct_42", name="CI", permissions="read")
    key = ("x-api-key", issued.secret.reveal())
    for path in ("/models", "/static/file.txt", "/nowhere", "/broken", "//healthz", "/healthz/%2e%2e/models"):
        assert code(send(port, "GET", path)) == (401, "invalid_key"), path
    assert send(port, "GET", "/models", key)[2] == b"acct_42"
    assert send(port, "GET", "/static/file.txt", key)[2] == b"a static file\n"
    assert code(send(port, "GET", "/strict", key)) == (403, "insufficient_permissions")
    assert code(send(port, "POST", "/models", key, ("content-length", "0"))) == (403, "insufficient_permissions")
    assert code(send(port, "GET", "/models", key, key)) == (401, "invalid_key")
    assert send(port, "GET", "/refuse/limit", key)[1]["retry-after"] == "7"
    served.auth.keys.revoke(issued.key.id)
    assert code(send(port, "GET", "/models", key)) == (401, "revoked_key")


HANDSHAKE = (
    ("upgrade", "websocket"),
    ("connection", "Upgrade"),
    ("sec-websocket-version", "13"),
    ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
)


@pytest.mark.parametrize("served", ["starlette"], indirect=True)
def test_P07_a_served_websocket_is_refused_in_its_handshake(served: Served) -> None:
    keys = {
        grant: served.auth.keys.create("acct_42", name=grant, permissions=grant).secret.reveal()
        for grant in ("read", "read write")
    }
    shake = partial(send, served.port, "GET", "/feed", *HANDSHAKE)
    assert code(shake()) == (401, "invalid_key")
    assert code(shake(("x-api-key", keys["read"]))) == (403, "insufficient_permissions")
    assert shake(("x-api-key", keys["read write"]))[0] == 101
