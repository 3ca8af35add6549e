"""Every route, by every method, with every credential, from every tenant: each cell has its one expected answer."""

import inspect
from collections.abc import Callable, Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest

from plexe_auth import Client, InsufficientPermissions, Permissions, Principal
from plexe_auth.manage import keys, reports, routes
from plexe_auth.web.guard import guard
from plexe_auth.web.site import check
from tests.conftest import Clock
from tests.gate.keys import MALFORMED, UNKNOWN
from tests.manage.conftest import ACCOUNT
from tests.manage.mounts import Mount

PASSWORD = "a long and lovely word"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PURGE", "get")
NEVER, ANY = "", "any"

# Written out by hand: what each route needs, and what it answers whoever has it. A route that is not here fails.
TABLE = {
    ("GET", "/v1/api-keys"): ("keys:read", 200),
    ("POST", "/v1/api-keys"): ("keys:manage", 201),
    ("GET", "/v1/api-keys/{id}"): ("keys:read", 200),
    ("PATCH", "/v1/api-keys/{id}"): ("keys:manage", 200),
    ("DELETE", "/v1/api-keys/{id}"): ("keys:manage", 204),
    ("POST", "/v1/api-keys/{id}/rotate"): ("keys:manage", 201),
    ("GET", "/v1/access-logs"): ("logs:read", 200),
    ("GET", "/v1/usage"): ("usage:read", 200),
    ("GET", "/v1/me"): (ANY, 200),
    ("GET", "/openapi.json"): (None, 200),
}
PATHS = (*dict.fromkeys(path for _method, path in TABLE), "/", "/v1/api-keys/", "/v1/nothing", "/v1/api-keys/{id}/x")
BODIES = {("POST", "/v1/api-keys"): {"name": "CI", "permissions": []}, ("PATCH", "/v1/api-keys/{id}"): {"name": "new"}}

READS = {"keys:read", "logs:read", "usage:read", ANY}
ALL = {*READS, "keys:manage"}
REFUSED = {  # by the status and the code of their refusal, wherever anything at all is needed
    "none": (401, "invalid_key"),
    "malformed": (401, "invalid_key"),
    "unknown": (401, "invalid_key"),
    "expired": (401, "expired_key"),
    "revoked": (401, "revoked_key"),
    "disabled": (403, "disabled_key"),
    "suspended": (403, "account_suspended"),
    "signed out": (401, "invalid_session"),
}
HOLDS = {
    "reader": READS,
    "read & write": READS,
    "manager": {"keys:manage", ANY},
    "key reader": {"keys:read", ANY},
    "everything": ALL,
    "powerless": {ANY},
    "neighbour": ALL,
    "owner": ALL,
    "admin": ALL,
    "member": READS,
    "viewer": READS,
    "owner, from elsewhere": ALL,
}
GRANTS = {
    "reader": "read",
    "read & write": "read write",
    "manager": "keys:manage",
    "key reader": "keys:read",
    "everything": "*:*",
    "powerless": "files:purge",
}
SAFE = ("GET", "HEAD")
OUTSIDE = ("/", "/openapi.json/", "/openapi.yaml", "/docs", "/static/x", "//openapi.json", "/%2e/openapi.json")
OUTSIDE += ("/openapi%2ejson",)


class Cell(NamedTuple):
    method: str
    path: str
    credential: str

    @property
    def expected(self) -> int:
        """What the hand-written tables say of this cell."""
        route = TABLE.get(("GET" if self.method == "HEAD" else self.method, self.path))
        if route is not None and route[0] is None:
            return 200
        if self.credential in REFUSED:
            return REFUSED[self.credential][0]
        if self.credential == "owner, from elsewhere" and self.method not in SAFE:
            return 403
        if route is None:
            known = any(self.path == path for _method, path in TABLE)
            return (204 if self.method == "OPTIONS" else 405) if known else 404
        needed, status = route
        if needed not in HOLDS[self.credential]:
            return 403
        return 404 if self.credential == "neighbour" and "{id}" in self.path else status


@pytest.fixture
def credentials(auth: Any, clock: Clock) -> dict[str, dict[str, str]]:
    """The fields that each credential is shown by."""
    made: dict[str, Any] = {"dead": auth.keys.create(ACCOUNT, "dead", "*:*", timedelta(hours=1))}
    clock.advance(timedelta(hours=2))
    for name, grants in GRANTS.items():
        made[name] = auth.keys.create(ACCOUNT, name, grants)
    made["revoked"] = auth.keys.create(ACCOUNT, "revoked", "*:*")
    made["disabled"] = auth.keys.create(ACCOUNT, "disabled", "*:*")
    made["suspended"] = auth.keys.create("acct_3", "suspended", "*:*")
    made["neighbour"] = auth.keys.create("acct_2", "neighbour", "*:*")
    auth.keys.revoke(made["revoked"].key.id)
    auth.keys.disable(made["disabled"].key.id)
    auth.accounts.suspend("acct_3")
    made["expired"] = made.pop("dead")
    texts = {name: one.secret.reveal() for name, one in made.items()} | {"malformed": MALFORMED, "unknown": UNKNOWN}
    return {"none": {}, **{name: {"x_api_key": text} for name, text in texts.items()}, **dict(signed_in(auth))}


def signed_in(auth: Any) -> Iterator[tuple[str, dict[str, str]]]:
    for role in ("owner", "admin", "member", "viewer"):
        auth.users.create(f"{role}@example.com", PASSWORD, account_id=ACCOUNT, role=role)
        token = auth.sign_in.with_password(f"{role}@example.com", PASSWORD, Client("127.0.0.1", "t")).token.reveal()
        yield role, by_cookie(token)
        if role == "owner":
            yield "owner, from elsewhere", {"cookie": f"__Host-plexe_session={token}", "origin": "https://evil.example"}
    token = auth.sign_in.with_password("viewer@example.com", PASSWORD, Client("127.0.0.1", "t")).token.reveal()
    auth.sign_in.out(token)
    yield "signed out", by_cookie(token)


def by_cookie(token: str) -> dict[str, str]:
    return {"cookie": f"__Host-plexe_session={token}", "sec_fetch_site": "same-origin"}


@pytest.mark.parametrize("path", PATHS)
def test_P03_every_cell_of_the_matrix_has_its_answer(
    api: Mount, auth: Any, credentials: dict[str, dict[str, str]], path: str
) -> None:
    assert set(credentials) == {*REFUSED, *HOLDS}
    for cell in (Cell(method, path, one) for method in METHODS for one in credentials):
        target = auth.keys.create(ACCOUNT, name="target", permissions=()).key
        before = auth.keys.page(ACCOUNT, limit=200).items
        place = path.replace("{id}", target.id)
        got = api(cell.method, place, body=BODIES.get((cell.method, path), b""), **credentials[cell.credential])
        assert got.status == cell.expected, cell
        assert (got.status < 400) or (not got.body if cell.method == "HEAD" else got.json["status"] == got.status)
        if cell.credential in REFUSED and got.status >= 400 and got.body:
            assert got.code == REFUSED[cell.credential][1]
        if got.status >= 400 or cell.method in SAFE:
            assert [stripped(one) for one in auth.keys.page(ACCOUNT, limit=200).items] == list(map(stripped, before))
        auth.keys.revoke(target.id)
        for one in auth.keys.page(ACCOUNT, limit=1):
            auth.keys.revoke(one.id)


def stripped(key: Any) -> Any:
    return key.id, key.version


def test_P03_a_route_that_is_not_in_the_matrix_fails() -> None:
    assert {(one.method, one.path): one.permission for one in routes.ROUTES.all} == {
        place: "" if needed == ANY else needed for place, (needed, _status) in TABLE.items()
    }


def test_P03_every_handler_is_in_the_table() -> None:
    written = {
        one
        for module in (keys, reports, routes)
        for name, one in inspect.getmembers(module, inspect.iscoroutinefunction)
        if one.__module__ == module.__name__ and list(inspect.signature(one).parameters)[-1] == "asked"
    }
    assert written - {keys.owned, keys._version} == {one.handler for one in routes.ROUTES.all}


def test_P03_a_fault_in_deciding_lets_nobody_in(
    api: Mount, auth: Any, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_arguments: object) -> None:
        raise ZeroDivisionError

    assert api("GET", "/v1/me", key).status == 200
    monkeypatch.setattr(routes.ROUTES, "find", broken)
    got = api("GET", "/v1/api-keys/never-asked-before", key)
    assert (got.status, got.code) == (503, "unavailable")


def test_P03_the_gate_and_the_site_ask_the_same_each_by_itself() -> None:
    policy, nobody = guard(routes.ROUTES, None), Principal("key", "key_1", ACCOUNT, Permissions.parse("files:purge"))
    for (method, path), (needed, _status) in TABLE.items():
        asked = policy.requirement(method, path.replace("{id}", "x"))
        assert asked.public == (needed is None)
        assert asked.permissions == (() if needed in (None, ANY) else (needed,))
        exchange: Any = SimpleNamespace(principal=nobody)
        [route] = [one for one in routes.ROUTES.all if (one.method, one.path) == (method, path)]
        if asked.permissions:
            with pytest.raises(InsufficientPermissions):
                check(route, exchange)


@pytest.mark.parametrize("fields", [{}, {"x_api_key": UNKNOWN}])
def test_P08_below_the_mount_nothing_but_the_document_is_public(
    mount: Callable[..., Mount], fields: dict[str, str]
) -> None:
    api = mount()
    for target in OUTSIDE:
        assert api("GET", target, **fields).status == 401, target
    assert api("GET", "/openapi.json", **fields).status == 200
