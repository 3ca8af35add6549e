"""Both mounts give the same answers, header for header, and each is a citizen of the host it is mounted in."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from plexe_auth import AsyncAuth, Policy, Settings, manage
from plexe_auth.web.asgi import exchange_from
from tests.conftest import Clock
from tests.faces import Loop
from tests.manage.conftest import ACCOUNT
from tests.manage.mounts import MOUNTS, Asgi, Got, Mount, Wsgi, scope
from tests.manage.test_hostile import BROKEN
from tests.manage.test_keys import KEYS, NEW, made
from tests.stores import sqlite_url

ANSWERS: list[tuple[str, str, Any, dict[str, str]]] = [
    *(("GET", path, b"", {}) for path in ("/", "/v1/no", KEYS, f"{KEYS}/ID", f"{KEYS}/x", "/v1/me", "/openapi.json")),
    *((method, KEYS, b"", {}) for method in ("HEAD", "OPTIONS", "PUT", "DELETE", "get", "PURGE", "POST")),
    *((method, f"{KEYS}/ID", b"", {}) for method in ("HEAD", "OPTIONS", "PUT", "POST")),
    *(("POST", KEYS, data, {"content_type": "application/json"}) for data in BROKEN.values()),
    ("POST", KEYS, b"x" * 70_000, {"content_type": "application/json"}),
    ("POST", KEYS, NEW, {"content_length": "99999999999999999999"}),
    ("POST", KEYS, b"{}", {}),
    ("POST", KEYS, {**NEW, "id": "x"}, {}),
    ("POST", KEYS, NEW, {"idempotency_key": "x"}),
    ("POST", f"{KEYS}?x=1", NEW, {}),
    ("GET", f"{KEYS}?limit=1", b"", {}),
    ("GET", f"{KEYS}?limit=x", b"", {}),
    ("GET", "/v1/usage?by=x", b"", {}),
    ("GET", f"{KEYS}//ID", b"", {}),
    ("GET", f"{KEYS}/%2e%2e", b"", {}),
    ("GET", f"/v1/../{KEYS}", b"", {}),
    ("GET", f"{KEYS}/%ff", b"", {}),
    ("PATCH", f"{KEYS}/ID", {"name": "other"}, {"if_match": '"9"'}),
    ("PATCH", f"{KEYS}/ID", {"name": "same"}, {}),
    ("PATCH", f"{KEYS}/ID", {}, {"if_match": "*"}),
    ("DELETE", f"{KEYS}/x", b"", {}),
    ("POST", f"{KEYS}/x/rotate", {}, {}),
]  # fmt: skip


def test_H05_both_mounts_answer_alike(
    opened: Callable[..., Any], tmp_path: Path, sqlite_template: Path, clock: Clock, settings: Settings, loop: Loop
) -> None:
    url = sqlite_url(sqlite_template, tmp_path, rollback=False)
    auths = {name: opened(kind.face, url, clock=clock, settings=settings) for name, kind in MOUNTS.items()}
    mounts = [kind(auths[name], None, loop) for name, kind in MOUNTS.items()]
    auth = auths["wsgi"]
    key = auth.keys.create(ACCOUNT, name="root", permissions="*:*").secret.reveal()
    id_ = auth.keys.create(ACCOUNT, name="same").key.id
    for method, path, body, fields in ANSWERS:
        for sent in (key, None):
            one, other = (untagged(mount(method, path.replace("ID", id_), sent, body, **fields)) for mount in mounts)
            assert one == other, (method, path)


def untagged(got: Got) -> Got:
    """The answer, but for the tag of what both mounts change in turn."""
    return got._replace(headers={name: value for name, value in got.headers.items() if name != "etag"})


def test_H05_both_mounts_make_the_same_of_a_creation(
    opened: Callable[..., Any], clock: Clock, settings: Settings, loop: Loop
) -> None:
    born = []
    for kind in MOUNTS.values():
        auth = opened(kind.face, "memory://", clock=clock, settings=settings)
        key = auth.keys.create(ACCOUNT, name="root", permissions="*:*").secret.reveal()
        got = kind(auth, None, loop)("POST", KEYS, key, NEW)
        born.append((got.status, sorted(got.headers), {**got.json, "id": "", "key": "", "hint": ""}))
    assert born[0] == born[1]


@pytest.mark.parametrize("path", [KEYS, f"{KEYS}/ID", "/v1/access-logs", "/v1/usage", "/v1/me", "/openapi.json"])
def test_H03_HEAD_is_GET_without_its_body(api: Mount, key: str, path: str) -> None:
    target = path.replace("ID", made(api, key)["id"])
    get, head = api("GET", target, key), api("HEAD", target, key)
    assert (head.status, head.body) == (get.status, b"")
    assert head.headers.keys() == get.headers.keys()
    assert api("HEAD", target, "plx_sk_x").status == (200 if path == "/openapi.json" else 401)


def test_H03_OPTIONS_tells_the_methods_and_a_preflight_reveals_nothing(
    api: Mount, mount: Callable[..., Mount], key: str
) -> None:
    assert api("OPTIONS", KEYS, key).headers["allow"] == "POST, GET, HEAD, OPTIONS"
    assert api("OPTIONS", f"{KEYS}/x/rotate", key).headers["allow"] == "POST, OPTIONS"
    assert api("PUT", f"{KEYS}/x", key).headers["allow"] == "GET, HEAD, PATCH, DELETE, OPTIONS"
    preflight = {"origin": "https://a.example", "access_control_request_method": "DELETE"}
    assert api("OPTIONS", KEYS, **preflight).status == 401
    got = mount(Policy(preflight=True))("OPTIONS", KEYS, **preflight)
    assert (got.status, got.body) == (204, b"")
    assert not any(name.startswith("access-control") for name in got.headers)
    assert mount(Policy(preflight=True))("DELETE", f"{KEYS}/x", **preflight).status == 401


def test_a_body_that_is_cut_off_rotates_nothing(api: Mount, auth: Any, key: str) -> None:
    one = auth.keys.create(ACCOUNT, name="CI").key
    if isinstance(api, Wsgi):
        got = api("POST", f"{KEYS}/{one.id}/rotate", key, b"", content_type="application/json", content_length="20")
        assert got.told == (422, "body")
    else:
        told = api.loop.run(left(api, f"/manage{KEYS}/{one.id}/rotate", key))
        assert told["status"] == 422
    assert auth.keys.get(one.id) == one


async def left(api: Mount, target: str, key: str) -> Any:
    """Send half of a body, and go away."""
    sent: list[Any] = []
    messages = [{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}]

    async def receive() -> Any:
        return messages.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    await api.app(
        scope("POST", target, [("x-api-key", key), ("content-type", "application/json")], b"{}"), receive, send
    )
    return sent[0]


def test_H06_a_hundred_principals_at_once_see_each_their_own(loop: Loop, clock: Clock) -> None:
    async def asked() -> None:
        async with AsyncAuth.open("memory://", clock=clock) as auth:
            app = manage.asgi_app(auth)
            issued = [await auth.keys.create(f"acct_{n}", name="CI", permissions="*:*") for n in range(100)]

            async def me(number: int) -> None:
                sent: list[Any] = []

                async def receive() -> Any:
                    await asyncio.sleep(0)
                    return {"type": "http.request", "body": b'{"name": "CI", "permissions": []}'}

                async def send(message: Any) -> None:
                    await asyncio.sleep(0)
                    sent.append(message)

                fields = [("x-api-key", issued[number % 100].secret.reveal()), ("content-type", "application/json")]
                await app(scope("POST", KEYS, fields, b""), receive, send)
                assert f'"account_id":"acct_{number % 100}"'.encode() in sent[1]["body"]

            await asyncio.gather(*map(me, range(1_000)))

    loop.run(asked())


def test_a_websocket_is_refused_before_it_is_accepted(auth: Any, kind: type[Mount], key: str, loop: Loop) -> None:
    if kind is not Asgi:
        return
    sent: list[Any] = []

    async def nothing() -> Any:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    for path in ("/v1/me", "/openapi.json", "/"):
        asked = {**scope("GET", path, [("x-api-key", key)], b""), "type": "websocket"}
        loop.run(manage.asgi_app(auth.awaited)(asked, nothing, send))
    assert [message["type"] for message in sent] == ["websocket.close"] * 3


def test_a_server_that_has_nobody_else_to_ask_may_begin_and_end(auth: Any, kind: type[Mount], loop: Loop) -> None:
    if kind is not Asgi:
        return
    messages, sent = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}], []

    async def receive() -> Any:
        return messages.pop(0)

    async def send(message: Any) -> None:
        sent.append(message["type"])

    loop.run(manage.asgi_app(auth.awaited)({"type": "lifespan"}, receive, send))
    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


def test_K01_neither_an_exchange_nor_an_answer_prints_a_secret(api: Mount, key: str) -> None:
    async def receive() -> Any:
        return {"type": "http.request"}

    exchange = exchange_from(scope("GET", "/v1/me", [("if-match", "s3cret")], b""), receive)
    assert "s3cret" not in repr(exchange)
    assert repr(exchange) == "Exchange('GET', '/v1/me', …)"
