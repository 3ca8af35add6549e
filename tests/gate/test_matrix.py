"""Each credential on each kind of route has one expected answer; what nobody thought of is refused."""

from collections.abc import Callable
from pathlib import Path

import pytest

from plexe_auth import Policy, Rule
from tests.gate.keys import Made
from tests.gate.shims import Answer, Ask, Shim

POLICY = Policy(
    public=("/healthz", "/docs/*"),
    optional=("/feed",),
    rules=(
        Rule("/admin/*", permission="admin:write"),
        Rule("/files/*", resource="files"),
        Rule("/runs", permission="models:read", methods=("POST",)),
    ),
)

# ok: served as this key · anon: served as nobody · key: 401 invalid_key · perm: 403 insufficient_permissions
ROUTES = [
    ("GET", "/healthz"),
    ("POST", "/docs/x"),
    ("GET", "/models"),
    ("POST", "/models"),
    ("GET", "/docs"),  # not below itself
    ("GET", "/admin/x"),
    ("GET", "/files/x"),
    ("PUT", "/files/x"),
    ("POST", "/runs"),
    ("GET", "/runs"),
    ("GET", "/feed"),
    ("POST", "/feed"),
    ("GET", "/docs/../x"),  # read in two ways
]
TABLE = """
none        anon anon key   key   key   key   key   key   key   key   anon  anon  key
unknown     anon anon key   key   key   key   key   key   key   key   key   key   key
malformed   anon anon key   key   key   key   key   key   key   key   key   key   key
expired     anon anon exp   exp   exp   exp   exp   exp   exp   exp   exp   exp   exp
revoked     anon anon rev   rev   rev   rev   rev   rev   rev   rev   rev   rev   rev
retired     anon anon rev   rev   rev   rev   rev   rev   rev   rev   rev   rev   rev
disabled    anon anon dis   dis   dis   dis   dis   dis   dis   dis   dis   dis   dis
suspended   anon anon sus   sus   sus   sus   sus   sus   sus   sus   sus   sus   sus
bound       anon anon ip    ip    ip    ip    ip    ip    ip    ip    ip    ip    ip
reader      anon anon ok    perm  ok    perm  ok    perm  ok    ok    ok    perm  ok
writer      anon anon perm  ok    perm  ok    perm  ok    perm  perm  perm  ok    perm
models      anon anon perm  perm  perm  perm  perm  perm  ok    perm  perm  perm  perm
powerless   anon anon perm  perm  perm  perm  perm  perm  perm  perm  perm  perm  perm
good        anon anon ok    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok
admin       anon anon ok    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok
everything  anon anon ok    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok
rotated     anon anon ok    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok
successor   anon anon ok    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok
bound·here  anon anon ok    ok    ok    ok    ok    ok    ok    ok    ok    ok    ok
"""
REFUSED = {
    "key": (401, "invalid_key"),
    "exp": (401, "expired_key"),
    "rev": (401, "revoked_key"),
    "dis": (403, "disabled_key"),
    "sus": (403, "account_suspended"),
    "ip": (403, "ip_not_allowed"),
    "perm": (403, "insufficient_permissions"),
}
ROWS = {name.replace("·", " "): cells for name, *cells in map(str.split, TABLE.strip().splitlines())}


@pytest.fixture(params=["memory", "sqlite"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return "memory://" if request.param == "memory" else f"sqlite:///{tmp_path}/auth.db"


def test_P03_each_credential_on_each_route_has_its_answer(guarded: Callable[..., Shim], keys: Made) -> None:
    app = guarded(POLICY)
    for name, cells in ROWS.items():
        for (method, target), cell in zip(ROUTES, cells, strict=True):
            ask = Ask(method, target)
            answer = app(ask if name == "none" else ask.by(keys.text[name]))
            assert _told(answer) == _expected(cell, keys.id.get(name)), (name, method, target)


def test_P03_the_table_has_a_row_for_every_key(keys: Made) -> None:
    assert set(keys.text) - set(ROWS) == {"heir"}


def test_H03_head_is_answered_as_get_is(guarded: Callable[..., Shim], keys: Made) -> None:
    app = guarded(POLICY)
    for key in keys.text.values():
        for method, target in ROUTES:
            if method == "GET":
                got, head = app(Ask("GET", target).by(key)), app(Ask("HEAD", target).by(key))
                assert (head.status, head.headers) == (got.status, got.headers)


def _told(answer: Answer) -> tuple[int, str | None]:
    return answer.status, answer.principal if answer.code == "ok" else answer.code


def _expected(cell: str, key_id: str | None) -> tuple[int, str | None]:
    if cell in REFUSED:
        return REFUSED[cell]
    return 200, key_id if cell == "ok" else None
