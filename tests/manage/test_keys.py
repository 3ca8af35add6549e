"""A key's life over HTTP: it is shown once, changed only as one saw it, and everything is its own account's."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from plexe_auth import AsyncAuth, Auth, Client, ConfigurationError, Policy, manage
from tests.conftest import Clock
from tests.manage.conftest import ACCOUNT
from tests.manage.mounts import Mount
from tests.manage.test_matrix import PASSWORD, by_cookie

KEYS = "/v1/api-keys"
NEW = {"name": "CI", "permissions": ["models:read"]}
SECRET = re.compile(rb"plx_sk_[0-9A-Za-z]{46}")


def made(api: Mount, key: str, **given: Any) -> Any:
    got = api("POST", KEYS, key, {**NEW, **given})
    assert got.status == 201
    return got.json


def test_a_key_is_made_and_works(api: Mount, auth: Any, key: str) -> None:
    asked = {**NEW, "expires_in_days": 90, "allowed_ips": ["127.0.0.0/8"], "rate": "5/day", "metadata": {"team": "ml"}}
    got = api("POST", KEYS, key, asked)
    told = got.json
    assert got.status == 201
    assert got.headers["location"] == f"/manage{KEYS}/{told['id']}"
    assert got.headers["cache-control"] == "no-store"
    assert (told["name"], told["permissions"], told["allowed_ips"]) == ("CI", ["models:read"], ["127.0.0.0/8"])
    assert (told["rate"], told["metadata"], told["status"]) == ("5/day", {"team": "ml"}, "active")
    assert (told["created_at"], told["expires_at"]) == ("2026-03-29T12:00:00.123456Z", "2026-06-27T12:00:00.123456Z")
    principal = auth.keys.verify(told["key"], permission="models:read", ip="127.0.0.1")
    assert (principal.id, principal.account_id) == (told["id"], ACCOUNT)


def test_permissions_may_be_one_text(api: Mount, key: str) -> None:
    assert made(api, key, permissions="jobs:write models:read")["permissions"] == ["jobs:write", "models:read"]


def test_a_key_is_listed_page_by_page_newest_first(api: Mount, key: str) -> None:
    names = [made(api, key, name=name)["name"] for name in ("one", "two", "three")]
    first = api("GET", f"{KEYS}?limit=2", key).json
    rest = api("GET", f"{KEYS}?limit=2&after={first['next']}", key).json
    assert [one["name"] for one in (*first["items"], *rest["items"])] == [*reversed(names), "root"]
    assert rest["next"] is None
    assert api("GET", f"{KEYS}?status=revoked", key).json == {"items": [], "next": None}


def test_a_key_is_changed_in_what_is_named(api: Mount, auth: Any, key: str) -> None:
    id_ = made(api, key, rate="5/day")["id"]
    got = api("PATCH", f"{KEYS}/{id_}", key, {"name": "new", "expires_at": "2027-01-01T01:00:00+01:00", "rate": None})
    told = got.json
    assert (got.status, told["name"], told["expires_at"], told["rate"]) == (200, "new", "2027-01-01T00:00:00Z", None)
    assert told["permissions"] == ["models:read"]
    assert api("PATCH", f"{KEYS}/{id_}", key, {"expires_at": None}).json["expires_at"] is None
    assert auth.keys.get(id_).name == "new"


def test_a_key_is_rotated_with_an_overlap(api: Mount, auth: Any, key: str, clock: Clock) -> None:
    old = made(api, key)
    got = api("POST", f"{KEYS}/{old['id']}/rotate", key, {"overlap_hours": 1.5})
    assert got.status == 201
    assert got.headers["location"] == f"/manage{KEYS}/{got.json['id']}"
    assert api("GET", f"{KEYS}/{old['id']}", key).json["retires_at"] == "2026-03-29T13:30:00.123456Z"
    assert auth.keys.verify(got.json["key"]).id == got.json["id"]
    assert api("POST", f"{KEYS}/{old['id']}/rotate", key).code == "conflict"


def test_revoking_is_204_and_204_again(api: Mount, auth: Any, key: str) -> None:
    id_ = made(api, key)["id"]
    for _ in range(2):
        got = api("DELETE", f"{KEYS}/{id_}", key)
        assert (got.status, got.body) == (204, b"")
    assert auth.keys.get(id_).status(auth.keys.get(id_).revoked_at) == "revoked"


def test_K01_nobody_makes_a_key_for_anyone_but_themselves(api: Mount, auth: Any, key: str) -> None:
    before = auth.keys.page("acct_2").items, auth.keys.page(ACCOUNT).items
    for name in ("account_id", "user_id", "owner", "tenant", "role"):
        assert api("POST", KEYS, key, {**NEW, name: "acct_2"}).told == (422, name)
        assert api("POST", f"{KEYS}?{name}=acct_2", key, NEW).told == (422, name)
        assert api("POST", KEYS, None, {**NEW, name: "acct_2"}).status == 401
    assert (auth.keys.page("acct_2").items, auth.keys.page(ACCOUNT).items) == before
    told = api("POST", KEYS, key, NEW, x_account_id="acct_2", x_user_id="acct_2").json
    assert told["account_id"] == ACCOUNT


@pytest.mark.parametrize(
    "act",
    [
        lambda auth, one: auth.sessions.revoke(one.session.id),
        lambda auth, one: auth.users.disable(one.user.id),
        lambda auth, one: auth.users.change_role(one.user.id, "viewer"),
        lambda auth, one: auth.accounts.suspend(ACCOUNT),
    ],
    ids=["revoked", "disabled", "another role", "suspended"],
)
def test_K04_whoever_was_signed_out_changes_nothing_from_then_on(api: Mount, auth: Any, act: Any) -> None:
    auth.users.create("ada@example.com", PASSWORD, account_id=ACCOUNT)
    signed_in = auth.sign_in.with_password("ada@example.com", PASSWORD, Client("127.0.0.1", "t"))
    fields = by_cookie(signed_in.token.reveal())
    id_ = api("POST", KEYS, body=NEW, **fields).json["id"]
    act(auth, signed_in)
    before = auth.keys.page(ACCOUNT).items
    for method, target, body in (
        ("POST", KEYS, NEW),
        ("PATCH", f"{KEYS}/{id_}", {"name": "x"}),
        ("POST", f"{KEYS}/{id_}/rotate", b""),
        ("DELETE", f"{KEYS}/{id_}", b""),
    ):
        assert api(method, target, body=body, **fields).status in (401, 403)
    assert auth.keys.page(ACCOUNT).items == before


def test_K20_no_answer_but_the_first_has_more_than_the_hint(api: Mount, auth: Any, key: str) -> None:
    born = made(api, key)
    text, id_ = born["key"], born["id"]
    answers = [
        api("GET", KEYS, key),
        api("GET", f"{KEYS}/{id_}", key),
        api("PATCH", f"{KEYS}/{id_}", key, {"name": "new"}),
        api("GET", "/v1/access-logs?limit=1000", key),
        api("GET", "/v1/usage", key),
        api("GET", "/v1/me", text),
        api("DELETE", f"{KEYS}/{id_}", key),
    ]
    for got in answers:
        assert got.status in (200, 204)
        assert not SECRET.search(got.body)
        assert "digest" not in got.body.decode()
        assert not any(text[at : at + 6] in got.body.decode() for at in range(7, len(text) - 6))


@pytest.mark.parametrize(
    "name", ["digest", "hash", "key", "version", "sort", "order", "expand", "fields", "account_id"]
)
def test_K20_no_parameter_filters_sorts_or_opens_what_is_hidden(api: Mount, key: str, name: str) -> None:
    for target in (KEYS, "/v1/access-logs", "/v1/usage", "/v1/me"):
        assert api("GET", f"{target}?{name}=digest", key).told == (422, name)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "", b""),
        ("HEAD", "", b""),
        ("PATCH", "", {"name": "stolen"}),
        ("DELETE", "", b""),
        ("POST", "/rotate", b""),
        ("POST", "/rotate", {"overlap_hours": 0}),
    ],
)
@pytest.mark.parametrize("fields", [{}, {"if_match": "*"}, {"if_match": '"1"'}, {"if_match": '"7"'}])
def test_K23_another_accounts_key_is_answered_as_one_that_never_was(
    api: Mount, auth: Any, key: str, method: str, path: str, body: Any, fields: dict[str, str]
) -> None:
    theirs = auth.keys.create("acct_2", name="theirs").key
    unknown = theirs.id[:-4] + ("0000" if theirs.id[-4:] != "0000" else "1111")
    mine, none = (api(method, f"{KEYS}/{id_}{path}", key, body, **fields) for id_ in (theirs.id, unknown))
    assert mine == none
    assert mine.status == 404
    assert auth.keys.get(theirs.id) == theirs
    assert not auth.log.page(account_id="acct_2", outcome="denied").items
    assert theirs.id not in api("GET", "/v1/access-logs", key).body.decode().replace(f"{KEYS}/{theirs.id}", "")


def test_K23_a_log_and_its_filters_are_the_accounts_own(api: Mount, auth: Any, key: str) -> None:
    theirs = auth.keys.create("acct_2", name="theirs")
    auth.keys.verify(theirs.secret.reveal())
    assert api("GET", f"/v1/access-logs?key_id={theirs.key.id}", key).json["items"] == []
    assert {one["account_id"] for one in api("GET", "/v1/access-logs", key).json["items"]} == {ACCOUNT}
    used = api("GET", "/v1/usage", key).json["items"]
    assert theirs.key.id not in {one["key_id"] for one in used}


@pytest.mark.parametrize("span", [
    "since=2025-03-01T00:00:00Z&until=2026-03-02T00:00:00Z&by=key",
    "since=2025-03-01T00:00:00Z&until=2026-03-02T00:00:00Z&by=day",
    "since=2026-03-01T00:00:00Z&until=2026-04-01T00:00:00Z&by=hour",
])  # fmt: skip
def test_a_year_or_a_month_of_hours_is_totalled_at_once(api: Mount, key: str, span: str) -> None:
    assert api("GET", f"/v1/usage?{span}", key).status == 200


def test_one_request_is_one_entry_of_the_log(api: Mount, auth: Any, key: str) -> None:
    api("GET", f"{KEYS}?limit=1", key)
    api("GET", "/v1/nothing", key)
    api("GET", KEYS)
    told = [(one.outcome, one.code, one.path) for one in auth.log.page(action="key.verify").items]
    assert told == [("denied", "invalid_key", KEYS), ("allowed", None, "/v1/nothing"), ("allowed", None, KEYS)]


SERVER_SET = ("id", "account_id", "hint", "key", "digest", "family", "version", "created_at", "last_used_at")
SERVER_SET += ("revoked_at", "revoked_reason", "disabled_at", "rotated_to", "rotated_at", "retires_at", "status")


@pytest.mark.parametrize("name", SERVER_SET)
def test_H15_what_the_server_sets_is_refused_and_nothing_changes(api: Mount, auth: Any, key: str, name: str) -> None:
    target = auth.keys.create(ACCOUNT, name="target").key
    rows = all_rows(auth)
    for value in ("x", None, 1, True, "2026-01-01T00:00:00Z"):
        assert api("POST", KEYS, key, {**NEW, name: value}).told == (422, name)
        assert api("PATCH", f"{KEYS}/{target.id}", key, {"name": "new", name: value}).told == (422, name)
        assert api("POST", f"{KEYS}/{target.id}/rotate", key, {name: value}).told == (422, name)
    assert all_rows(auth) == rows


@pytest.mark.parametrize(
    ("body", "columns"),
    [
        ({"name": "new"}, {"name"}),
        ({"permissions": "read"}, {"permissions"}),
        ({"expires_at": "2027-01-01T00:00:00Z"}, {"expires_at"}),
        ({"allowed_ips": ["10.0.0.0/8"]}, {"allowed_ips"}),
        ({"rate": "1/day"}, {"rate"}),
        ({"metadata": {"a": 1}}, {"metadata"}),
        ({}, set()),
    ],
)
def test_H15_a_change_reaches_its_own_column_and_no_other(
    api: Mount, auth: Any, key: str, body: Any, columns: set[str]
) -> None:
    target = auth.keys.create(ACCOUNT, name="target", permissions="read write").key
    before = all_rows(auth)[target.id]
    assert api("PATCH", f"{KEYS}/{target.id}", key, body).status == 200
    after = all_rows(auth)[target.id]
    changed = {name for name in before if before[name] != after[name]}
    assert changed == (columns | {"version"} if columns else set())


def all_rows(auth: Any) -> dict[str, Any]:
    """The rows of all keys, as the store in memory keeps them; when they were last used is nobody's change."""
    store = auth.world.store
    rows = getattr(store, "_store", getattr(store, "blocking", store))._tables["keys"].values()
    return {row["id"]: {name: value for name, value in row.items() if name != "last_used_at"} for row in rows}


def test_S12_a_cookie_alone_changes_nothing_from_another_page(api: Mount, auth: Any) -> None:
    auth.users.create("ada@example.com", PASSWORD, account_id=ACCOUNT)
    token = auth.sign_in.with_password("ada@example.com", PASSWORD, Client("127.0.0.1", "t")).token.reveal()
    cookie = {"cookie": f"__Host-plexe_session={token}", "host": "app.example.com"}
    for proof in (
        {},
        {"origin": "null"},
        {"origin": "https://evil.example"},
        {"origin": "http://api.app.example.com"},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {"origin": "http://app.example.com", "sec_fetch_site": "same-site"},
    ):
        for body in (NEW, b"name=CI"):
            got = api("POST", KEYS, body=body, **cookie, **proof)
            assert (got.status, got.code) == (403, "csrf_failed"), proof
    assert auth.keys.page(ACCOUNT).items == ()
    assert api("POST", KEYS, body=NEW, origin="http://app.example.com", **cookie).status == 201
    assert api("GET", KEYS, **cookie).status == 200


OTHERS = ("https://evil-app.example.com", "https://app.example.com.evil.example", "null", "http://app.example.com", "")


@pytest.mark.parametrize("origin", OTHERS)
def test_S13_no_page_of_another_origin_may_read_an_answer(api: Mount, key: str, origin: str) -> None:
    asked = {"origin": origin, "host": "app.example.com", "access_control_request_method": "POST"}
    for method, target in (("GET", KEYS), ("OPTIONS", KEYS), ("GET", "/openapi.json"), ("GET", "/v1/nothing")):
        for credential in (key, None):
            got = api(method, target, credential, **asked)
            assert [name for name in got.headers if name.startswith("access-control-")] == [], (method, target)


KINDS = ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonp"]
KINDS += ["application/json, text/plain", "application/json; charset=utf-16", "text/json", "application/problem+json"]


@pytest.mark.parametrize("kind_", KINDS)
def test_S12_only_JSON_is_read(api: Mount, auth: Any, key: str, kind_: str) -> None:
    before = auth.keys.page(ACCOUNT).items
    fields = {"content_type": kind_} if kind_ else {}
    got = api("POST", KEYS, key, json.dumps(NEW).encode(), **fields)
    assert (got.status, got.code) == (415, "unsupported_media_type")
    assert api("POST", KEYS, key, b"", **fields).status == 415
    assert auth.keys.page(ACCOUNT).items == before


@pytest.mark.parametrize(
    "kind_", ["application/json", "Application/JSON; Charset=UTF-8", 'application/json;charset="utf-8"']
)
def test_JSON_may_say_that_it_is_UTF_8(api: Mount, key: str, kind_: str) -> None:
    assert api("POST", KEYS, key, json.dumps(NEW).encode(), content_type=kind_).status == 201


def test_H17_a_database_without_keys_lets_nobody_in(api: Mount, auth: Any) -> None:
    assert auth.users.page().items == ()
    for method, target, body in (("POST", KEYS, NEW), ("GET", KEYS, b""), ("GET", "/v1/me", b"")):
        assert api(method, target, body=body).status == 401
    assert auth.keys.page(ACCOUNT).items == ()


def test_the_other_colour_is_a_programmers_mistake(api: Mount) -> None:
    with Auth.open("memory://") as auth, pytest.raises(TypeError, match="takes an AsyncAuth"):
        manage.asgi_app(auth)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="takes an Auth"):
        manage.wsgi_app(AsyncAuth.open("memory://"))  # type: ignore[arg-type]


@pytest.mark.parametrize("policy", [Policy(public=("/v1/*",)), Policy(optional=("/v1/me",)), "none"])
def test_a_host_says_nothing_of_paths(mount: Callable[..., Mount], policy: Any) -> None:
    with pytest.raises(ConfigurationError):
        mount(policy)


def test_a_host_decides_on_transport_and_rates(mount: Callable[..., Mount], key: str) -> None:
    assert mount(Policy(address_rate="1/day"))("GET", "/openapi.json").status == 200
    limited = mount(Policy(rate="1/day"))
    assert [limited("GET", "/v1/me", key).status for _ in range(2)] == [200, 429]
    assert mount(Policy(cookie=False))("GET", "/v1/me", **by_cookie("x")).code == "invalid_key"


def test_a_bound_that_ends_before_it_begins_is_named_as_it_was_sent(api: Mount, key: str, clock: Clock) -> None:
    assert api("POST", KEYS, key, {**NEW, "expires_in_days": 1e-12}).told == (422, "expires_in_days")
    clock.now = clock.now.replace(year=9999)
    assert api("POST", KEYS, key, {**NEW, "expires_in_days": 36_525}).told == (422, "expires_in_days")
