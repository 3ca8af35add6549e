"""Whatever is sent is told what is wrong with it, by the name of its field; none of it ends in a fault or in a row."""

import json
import logging
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.manage.conftest import ACCOUNT
from tests.manage.mounts import Mount
from tests.manage.test_keys import KEYS, NEW

GIANT = b"9" * 5_000
BROKEN = {
    "nothing": b" ",
    "null": b"null",
    "zero": b"0",
    "true": b"true",
    "a text": b'"name"',
    "an array": b"[]",
    "NaN": b"NaN",
    "deep": b"[" * 60_000,
    "deep objects": b'{"a":' * 10_000,
    "deep within": b'{"name": "CI", "permissions": [], "metadata": {"a": ' + b"[" * 50_000 + b"]" * 10_000,
    "a giant": b'{"name": "CI", "permissions": [], "expires_in_days": ' + GIANT + b"}",
    "not finite": b'{"name": "CI", "permissions": [], "expires_in_days": NaN}',
    "infinite": b'{"name": "CI", "permissions": [], "expires_in_days": 1e999}',
    "a member twice": b'{"name": "CI", "permissions": [], "permissions": ["*:*"]}',
    "a member twice below": b'{"name": "CI", "permissions": [], "metadata": {"a": 1, "a": 2}}',
    "a member twice, escaped": b'{"name": "CI", "permissions": [], "\\u006eame": "other"}',
    "cut off": b'{"name": "CI", "permissions": [',
    "two": b'{"name": "CI", "permissions": []}{}',
    "UTF-16": json.dumps(NEW).encode("utf-16"),
    "a byte order mark": b"\xef\xbb\xbf" + json.dumps(NEW).encode(),
    "bad UTF-8": b'{"name": "\xff", "permissions": []}',
    "a comment": b'{"name": "CI", "permissions": [] /* all */}',
}
WRONG: list[tuple[str, Any]] = [
    *(("name", one) for one in (None, 0, True, [], {}, "", "x" * 256, "\0", "a\0b", "\ud800", 1.5)),
    *(("permissions", one) for one in (None, 0, True, {}, [1], [None], "no", ["no"], ["a:b:c"], ["\ud800:read"])),
    *(
        ("permissions", one)
        for one in ("\ud800", "read\0", ["read\0"], [[]], ["a:b"] * 201, "Ä:read", ["*"], "a:read,b:read")
    ),
    *(("expires_in_days", one) for one in ("90", True, [], {}, 0, -1, 1e308, 36_526, "P90D", 10**30, 1e-12)),
    *(("allowed_ips", one) for one in (0, True, "10.0.0.0/8", {}, ["x"], [1], ["10.0.0.1/8"], ["\ud800"], ["::1%lo"])),
    *(("allowed_ips", one) for one in (["10.0.0.0/8\0"], ["1" * 65], ["10.0.0.1"] * 101, [""])),
    *(("rate", one) for one in (0, True, [], {}, "", "fast", "1/eon", "0/day", "\ud800", "1/day\0", "1/day" * 50)),
    *(("metadata", one) for one in (0, True, "x", [], {"a": "\0"}, {"\ud800": 1}, {"a": ["\ud800"]}, {"a": 2**64})),
    ("metadata", {"a": "x" * 17_000}),
    ("metadata", {"a": [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}),
]


@pytest.mark.parametrize("name", BROKEN)
def test_H02_what_is_no_JSON_object_is_refused_and_makes_no_key(api: Mount, auth: Any, key: str, name: str) -> None:
    for method, target in targets(auth):
        before = auth.keys.page(ACCOUNT, limit=200).items
        got = api(method, target, key, BROKEN[name], content_type="application/json")
        assert (got.told, got.code) == ((422, "body"), "invalid_request")
        assert auth.keys.page(ACCOUNT, limit=200).items == before


def targets(auth: Any) -> list[tuple[str, str]]:
    id_ = auth.keys.create(ACCOUNT, name="target").key.id
    return [("POST", KEYS), ("PATCH", f"{KEYS}/{id_}"), ("POST", f"{KEYS}/{id_}/rotate")]


@pytest.mark.parametrize(("field", "value"), WRONG, ids=lambda one: ascii(one)[:24])
def test_H02_a_wrong_value_is_refused_by_the_name_of_its_field(
    api: Mount, auth: Any, key: str, field: str, value: Any
) -> None:
    target = auth.keys.create(ACCOUNT, name="target").key
    before = auth.keys.page(ACCOUNT, limit=200).items
    assert api("POST", KEYS, key, {**NEW, field: value}).told == (422, field)
    if field not in ("expires_in_days",) and not (field == "metadata" and value is None):
        assert api("PATCH", f"{KEYS}/{target.id}", key, {field: value}).told == (422, field)
    assert auth.keys.page(ACCOUNT, limit=200).items == before


@pytest.mark.parametrize("value", ["x", None, True, -1, -0.001, 87_601, 1e308, [], {}, "24"])
def test_H02_a_wrong_overlap_rotates_nothing(api: Mount, auth: Any, key: str, value: Any) -> None:
    target = auth.keys.create(ACCOUNT, name="target").key
    assert api("POST", f"{KEYS}/{target.id}/rotate", key, {"overlap_hours": value}).told == (422, "overlap_hours")
    assert auth.keys.get(target.id) == target


@pytest.mark.parametrize(
    "value", ["x", 5, True, "2026", "2026-01-01T00:00:00", "0001-01-01T00:00:00+14:00", "\ud800", []]
)
def test_H02_a_time_is_RFC_3339_with_a_zone_or_refused(api: Mount, auth: Any, key: str, value: Any) -> None:
    target = auth.keys.create(ACCOUNT, name="target").key
    assert api("PATCH", f"{KEYS}/{target.id}", key, {"expires_at": value}).told == (422, "expires_at")


@pytest.mark.parametrize("missing", ["name", "permissions"])
def test_H02_what_is_missing_is_named(api: Mount, key: str, missing: str) -> None:
    body = {name: value for name, value in NEW.items() if name != missing}
    assert api("POST", KEYS, key, body).told == (422, missing)


@pytest.mark.parametrize(
    ("target", "field"),
    [
        *((f"{KEYS}?limit={one}", "limit") for one in ("0", "201", "-1", "1.0", "x", "", "null", "9" * 5_000)),
        *((f"{KEYS}?limit={one}", "limit") for one in ("%00", "１", "+1", "0x1")),
        *((f"{KEYS}?after={one}", "after") for one in ("x", "1.key_x", "", "1" * 200, "%00", "%ed%a0%80x")),
        *((f"{KEYS}?status={one}", "status") for one in ("x", "null", "ACTIVE", "")),
        (f"{KEYS}?limit=1&limit=2", "limit"),
        (f"{KEYS}?Limit=1", "Limit"),
        *((f"/v1/access-logs?{name}=x", name) for name in ("action", "outcome", "since", "until", "after", "limit")),
        ("/v1/access-logs?since=1", "since"),
        ("/v1/access-logs?since=2026-01-01", "since"),
        ("/v1/usage?since=0001-01-01T00:00:00%2B01:00", "since"),
        ("/v1/usage?until=0001-01-01T00:00:00Z", "until"),
        ("/v1/usage?by=minute", "by"),
        ("/v1/usage?since=0001-01-01T00:00:00Z", "since"),
        ("/v1/usage?since=2025-03-01T00:00:00Z&until=2026-03-02T00:00:01Z", "since"),
        ("/v1/usage?since=2025-03-01T00:00:00Z&until=2026-03-02T00:00:01Z&by=day", "since"),
        ("/v1/usage?since=2026-03-01T00:00:00Z&until=2026-04-01T00:00:01Z&by=hour", "since"),
        ("/v1/me?" + "&".join(f"a{n}=1" for n in range(40)), "query"),
        ("/v1/me?%ff=1", "query"),
    ],
)  # fmt: skip
def test_H02_a_wrong_parameter_is_named(api: Mount, key: str, target: str, field: str) -> None:
    got = api("GET", target.encode("utf-8").decode("latin-1"), key)
    if "%ed%a0%80" in target:
        field = "query"
    assert got.told == (422, field)


@pytest.mark.parametrize("name", ["x" * 300, "\ud800", "</script>", "💥", "a b", "__proto__", "__class__", "\0"])
def test_H02_a_refusal_tells_no_more_of_what_was_sent_than_a_name(api: Mount, key: str, name: str) -> None:
    got = api("POST", KEYS, key, {**NEW, name: "told to nobody"})
    assert got.told == (422, name[:64])
    assert got.headers["content-type"] == "application/problem+json"
    assert b"told to nobody" not in got.body
    assert json.loads(got.body.decode("ascii"))["status"] == 422
    said = api("POST", KEYS, key, {**NEW, "name": ["told to nobody"]})
    assert b"told to nobody" not in said.body


def test_H04_a_body_beyond_its_bound_is_413_however_it_comes(api: Mount, key: str) -> None:
    big = json.dumps({**NEW, "metadata": {"a": "x" * 65_536}}).encode()
    assert api("POST", KEYS, key, big, content_type="application/json").code == "content_too_large"
    assert api("POST", KEYS, key, b"{}", content_type="application/json", content_length="9" * 40).status == 413
    assert api("POST", KEYS, key, b"{}", content_type="application/json", content_length="65537").status == 413
    assert api("POST", KEYS, key, big, content_type="application/json", transfer_encoding="chunked").status == 413
    just = b'{"name": "CI", "permissions": []' + b" " * (65_536 - 33) + b"}"
    assert len(just) == 65_536
    assert api("POST", KEYS, key, just, content_type="application/json").status == 201
    assert api("POST", KEYS, key, just + b" ", content_type="application/json").status == 413


def test_H04_who_is_refused_has_no_body_read(api: Mount, key: str) -> None:
    big = b"x" * 1_000_000
    assert api("POST", KEYS, None, big, content_type="application/json").status == 401
    assert api("PUT", KEYS, key, big, content_type="application/json").status == 405


@pytest.mark.parametrize("length", ["-1", "x", "1e3", "0x10"])
def test_H04_a_length_that_is_no_number_is_refused(api: Mount, key: str, length: str) -> None:
    got = api("POST", KEYS, key, b"{}", content_type="application/json", content_length=length)
    assert got.told == (422, "body")


@pytest.mark.parametrize("id_", ["x", "..", "%00", "%ff", "%2e%2e", "key_" + "0" * 22, "x" * 5_000, "'--", "%0a", "💥"])
def test_H02_an_id_of_any_shape_is_not_found(api: Mount, key: str, id_: str) -> None:
    target = f"{KEYS}/{id_}".encode().decode("latin-1")
    for method, body in (("GET", b""), ("PATCH", {"name": "x"}), ("DELETE", b"")):
        assert api(method, target, key, body).code == "not_found"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=())),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
MEMBERS = st.sampled_from(["name", "permissions", "expires_in_days", "expires_at", "allowed_ips", "rate", "metadata"])


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=JSON | st.dictionaries(MEMBERS, JSON, max_size=7) | st.binary(max_size=64))
def test_H02_JSON_of_every_shape_is_answered_and_never_a_fault(
    api: Mount, auth: Any, key: str, caplog: pytest.LogCaptureFixture, body: Any
) -> None:
    for method, target in targets(auth):
        sent = body if isinstance(body, bytes) else json.dumps(body).encode()
        got = api(method, target, key, sent, content_type="application/json")
        assert got.status in (200, 201, 422)
        assert got.status < 300 or "field" in got.json
    assert [one for one in caplog.records if one.levelno >= logging.ERROR] == []
