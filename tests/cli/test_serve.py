"""The Console and the API are served side by side, for a browser on this machine, and the demo lets one of them in."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

import pytest

from plexe_auth import Auth, console
from plexe_auth.cli.demo import asked, behind_a_door, checked, settings
from plexe_auth.cli.seeding import ACCOUNT, Hands, seed
from plexe_auth.cli.side_by_side import side_by_side
from plexe_auth.errors import ConfigurationError
from tests.cli.conftest import Command
from tests.people.mail.server import Received, links
from tests.people.mail.server import listening as mail_server
from tests.storage.test_database_command import COMMAND

EMAIL, PASSWORD = "ada@example.com", "a long and lovely word"


class Got(NamedTuple):
    status: int
    headers: dict[str, str]
    body: str


def send(base: str, method: str, path: str, sent: dict[str, str] | None = None, **fields: str) -> Got:
    connection = http.client.HTTPConnection(urlsplit(base).netloc, timeout=30)
    body = None if sent is None else urlencode(sent)
    told = {} if sent is None else {"content-type": "application/x-www-form-urlencoded"}
    try:
        connection.request(method, path, body, told | fields)
        response = connection.getresponse()
        headers = {name.lower(): value for name, value in response.getheaders()}
        return Got(response.status, headers, response.read().decode())
    finally:
        connection.close()


@contextmanager
def serving(*arguments: str, **environ: str) -> Iterator[tuple["subprocess.Popen[str]", list[str]]]:
    """Give a process that serves, and all that it has said until it serves; it ends with the block."""
    command = [str(COMMAND), *arguments, "--port", "0"]
    kept = {name: text for name, text in os.environ.items() if not name.startswith("PLEXE_AUTH_")}
    env = {**kept, "PYTHONUNBUFFERED": "1", **environ}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=env) as process:
        try:
            yield process, list(until_it_serves(process))
        finally:
            process.kill()


def until_it_serves(process: "subprocess.Popen[str]") -> Iterator[str]:
    assert process.stdout is not None
    for line in process.stdout:
        yield line
        if line.startswith("Serving on "):
            return
    raise AssertionError("it ended")


def link(lines: list[str], pattern: str) -> str:
    [found] = re.findall(pattern, "".join(lines), re.MULTILINE)
    return found


def test_the_console_and_the_api_are_served_by_the_installed_command(url: str, library: Auth) -> None:
    library.users.create(EMAIL, PASSWORD)
    with serving("serve", "--url", url) as (process, lines):
        port = link(lines, r"^Serving on http://127\.0\.0\.1:(\d+)$")
        base = f"http://localhost:{port}"
        assert process.stdout is not None
        assert process.stdout.readline() == f"Console: {base}/console\n"
        assert json.loads(send(base, "GET", "/openapi.json").body)["openapi"].startswith("3.1")
        assert send(base, "GET", "/console").headers["location"] == "/console/sign-in?next=/console/"
        entered = send(base, "POST", "/console/sign-in", {"email": EMAIL, "password": PASSWORD}, origin=base)
        cookie = entered.headers["set-cookie"].partition(";")[0]
        assert send(base, "GET", "/console/keys", cookie=cookie).status == 200
        assert json.loads(send(base, "GET", "/v1/me", cookie=cookie).body)
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0


def test_behind_a_proxy_a_form_comes_from_the_address_that_people_know(url: str, library: Auth) -> None:
    library.users.create(EMAIL, PASSWORD)
    known = "https://auth.example.com"
    with serving("serve", "--url", url, PLEXE_AUTH_BASE_URL=f"{known}/console") as (_process, lines):
        base = link(lines, r"^Serving on (\S+)$")
        given = {"email": EMAIL, "password": PASSWORD}
        assert send(base, "POST", "/console/sign-in", given, origin=known, host="auth.example.com").status == 303
        assert send(base, "POST", "/console/sign-in", given, origin="https://evil.example").status == 403


@pytest.mark.parametrize(("options", "ip"), [((), "127.0.0.1"), (("--trusted-proxy", "127.0.0.0/8"), "192.0.2.9")])
def test_who_asks_is_told_by_a_proxy_that_is_trusted_alone(
    url: str, library: Auth, options: tuple[str, ...], ip: str
) -> None:
    with serving("serve", "--url", url, *options) as (process, lines):
        base = link(lines, r"^Serving on (\S+)$")
        said = {"x-forwarded-for": "192.0.2.9", "x-forwarded-proto": "https", "x-api-key": "plx_sk_x"}
        assert send(base, "GET", "/v1/me", None, **said).status == 401
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    [entry] = library.log.page(action="key.verify").items
    assert entry.ip == ip


def test_letters_go_by_the_mail_server_that_the_environment_names(url: str, library: Auth) -> None:
    library.users.create(EMAIL, PASSWORD)
    received = Received()
    with mail_server(received, None, "plain") as port:
        where = {"PLEXE_AUTH_SMTP_URL": f"smtp://127.0.0.1:{port}", "PLEXE_AUTH_SENDER": "no-reply@example.com"}
        with serving("serve", "--url", url, **where) as (process, lines):
            base = link(lines, r"^Serving on (\S+)$")
            asked_for = {"email": EMAIL}
            assert send(base, "POST", "/console/forgot-password", asked_for, origin=base).status == 303
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0
    [letter] = received.messages()
    text: Any = letter.get_body(("plain",))
    [place] = links(text.get_content())
    assert place.startswith(base.replace("127.0.0.1", "localhost") + "/console/reset-password#token=")


def test_a_mail_server_without_a_sender_is_refused(command: Command) -> None:
    result = command("serve", "--port", "0", PLEXE_AUTH_SMTP_URL="smtp://localhost")
    assert (result.exit_code, "PLEXE_AUTH_SENDER" in result.stderr) == (2, True)


def test_without_the_console_the_api_is_alone(url: str) -> None:
    with serving("serve", "--url", url, "--no-console") as (_process, lines):
        base = link(lines, r"^Serving on (\S+)$")
        paths = ("/console", "/console/sign-in", "/openapi.json")
        assert [send(base, "GET", path).status for path in paths] == [401, 401, 200]  # as every path that is none


@pytest.mark.parametrize("command", ["serve", "demo"])
def test_a_port_that_is_taken_is_a_refusal(url: str, command: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        where = ["--url", url] if command == "serve" else []
        result = subprocess.run(
            [str(COMMAND), command, *where, "--port", str(port)],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    assert (result.returncode, f"127.0.0.1:{port}: Address already in use" in result.stderr) == (1, True)


def test_a_database_that_is_not_there_is_not_served_and_frees_the_port(command: Command, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    result = command("serve", "--url", f"sqlite:///{tmp_path}/none.db", "--port", str(port))
    assert (result.exit_code, "Serving" in result.stderr) == (2, False)
    socket.create_server(("127.0.0.1", port)).close()


def told(name: str) -> Any:
    return lambda environ, start_response: [name, environ["SCRIPT_NAME"], environ["PATH_INFO"]]


@pytest.mark.parametrize(
    ("path", "there"),
    [
        ("/console", ["console", "/host/console", ""]),
        ("/console/", ["console", "/host/console", "/"]),
        ("/console/keys", ["console", "/host/console", "/keys"]),
        ("/console//keys", ["console", "/host/console", "//keys"]),
        ("/consoles", ["api", "/host", "/consoles"]),
        ("/v1/console", ["api", "/host", "/v1/console"]),
        ("//console", ["api", "/host", "//console"]),
        ("/CONSOLE", ["api", "/host", "/CONSOLE"]),
        ("", ["api", "/host", ""]),
    ],
)
def test_each_path_belongs_to_one_app_which_sees_what_is_below_it(path: str, there: list[str]) -> None:
    app: Any = side_by_side(told("api"), told("console"))
    environ = {"SCRIPT_NAME": "/host", "PATH_INFO": path}
    assert app(environ, None) == there
    assert environ == {"SCRIPT_NAME": "/host", "PATH_INFO": path}  # which whoever is before us may look at again


@pytest.fixture
def demo() -> Iterator[tuple[Auth, Any]]:
    hands = Hands()
    with Auth.open("memory://", settings=settings("http://localhost:8000/console"), clock=hands) as auth:
        yield auth, behind_a_door(auth, seed(auth, hands), console.wsgi_app(auth))


def test_the_demo_has_keys_in_every_state_people_in_three_roles_and_requests_of_two_days(
    demo: tuple[Auth, Any],
) -> None:
    auth, _door = demo
    states = {
        one: len(auth.keys.page(ACCOUNT, status=one).items) for one in ("active", "disabled", "expired", "revoked")
    }  # type: ignore[arg-type]
    assert min(states.values()) >= 1
    assert any(key.rotated_to for key in auth.keys.page(ACCOUNT).items)
    assert {one.role for one in auth.users.page(ACCOUNT).items} == {"owner", "admin", "viewer"}
    entries = [*auth.log.page(ACCOUNT, limit=1000).items]
    assert {one.outcome for one in entries if one.action == "key.verify"} == {"allowed", "denied"}
    assert len(entries) > 300
    assert 40 * 3600 < (entries[0].at - entries[-1].at).total_seconds() < 49 * 3600


def test_the_door_of_the_demo_opens_once(demo: tuple[Auth, Any]) -> None:
    auth, door = demo
    status, headers = asked(door, door.path)
    cookie = headers["set-cookie"].partition(";")[0]
    assert (status, headers["location"], headers["cache-control"]) == (303, "/console/keys", "no-store")
    assert "Secure; HttpOnly; SameSite=Lax; Path=/" in headers["set-cookie"]
    assert auth.sessions.verify(cookie.partition("=")[2]).account_id == ACCOUNT
    for path in (door.path, "/demo/", "/demo/" + "0" * 32):
        assert "set-cookie" not in asked(door, path)[1]


def test_a_look_ahead_and_a_guess_do_not_use_the_door_up(demo: tuple[Auth, Any]) -> None:
    _auth, door = demo
    asked(door, "/demo/guessed")
    for more in ({"REQUEST_METHOD": "HEAD"}, {"REQUEST_METHOD": "GET", "HTTP_SEC_PURPOSE": "prefetch"}):
        begun: list[Any] = []
        door({"PATH_INFO": door.path, **more}, lambda *told, begun=begun: begun.extend(told))
        assert "set-cookie" not in dict(begun[1])
    assert "set-cookie" in asked(door, door.path)[1]


def test_the_demo_is_checked_and_ends(command: Command) -> None:
    result = command("demo", "--once")
    assert (result.exit_code, result.stderr) == (0, "")
    assert "All 7 pages answer." in result.stdout


def test_a_demo_whose_pages_do_not_answer_is_refused(demo: tuple[Auth, Any]) -> None:
    _auth, door = demo
    asked(door, door.path)  # somebody else has been let in
    with pytest.raises(ConfigurationError, match="the door, /keys"):
        checked(door)


def test_the_demo_that_stays_up_lets_somebody_in_and_stops(tmp_path: Path) -> None:
    with serving("demo", HOME=str(tmp_path)) as (process, lines):
        first = link(lines, r"(http://localhost:\d+/console/demo/\w+)")
        entered = send(first, "GET", urlsplit(first).path)
        cookie = entered.headers["set-cookie"].partition(";")[0]
        assert "Training pipeline" in send(first, "GET", "/console/keys", cookie=cookie).body
        assert "set-cookie" not in send(first, "GET", urlsplit(first).path).headers
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130
    assert list(tmp_path.iterdir()) == []  # nothing is left on the disk
