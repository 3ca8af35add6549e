"""The same request gets the same decision, status, code and headers in every framework."""

import json

import pytest

from tests.contrib.hosts import Host
from tests.contrib.world import World

# What is asked, with which key, and what is answered: the body of what is let through, or the code of a refusal.
TABLE = [
    ("GET", "/models", None, 401, "invalid_key"),
    ("GET", "/models", "unknown", 401, "invalid_key"),
    ("GET", "/models", "expired", 401, "expired_key"),
    ("GET", "/models", "revoked", 401, "revoked_key"),
    ("GET", "/models", "disabled", 403, "disabled_key"),
    ("GET", "/models", "elsewhere", 403, "ip_not_allowed"),
    ("GET", "/models", "narrow", 403, "insufficient_permissions"),
    ("GET", "/models", "reader", 200, "acct_42"),
    ("GET", "/models", "rotated", 200, "acct_42"),
    ("POST", "/models", None, 401, "invalid_key"),
    ("POST", "/models", "reader", 403, "insufficient_permissions"),
    ("POST", "/models", "writer", 200, "acct_42"),
    ("GET", "/admin/users", "writer", 200, "acct_42"),
    ("GET", "/admin/users", "reader", 403, "insufficient_permissions"),
    ("GET", "/healthz", None, 200, "nobody"),
    ("GET", "/healthz", "unknown", 200, "nobody"),
    ("GET", "/healthz", "reader", 200, "nobody"),
    ("GET", "//healthz", None, 401, "invalid_key"),
    ("GET", "/optional", None, 200, "nobody"),
    ("GET", "/optional", "reader", 200, "acct_42"),
    ("GET", "/optional", "unknown", 401, "invalid_key"),
    ("GET", "/optional", "revoked", 401, "revoked_key"),
    ("GET", "/strict", None, 401, "invalid_key"),
    ("GET", "/strict", "reader", 403, "insufficient_permissions"),
    ("GET", "/strict", "narrow", 403, "insufficient_permissions"),
    ("GET", "/strict", "writer", 200, "acct_42"),
    ("GET", "/healthz/strict", None, 401, "invalid_key"),
    ("GET", "/healthz/strict", "writer", 401, "invalid_key"),
    ("GET", "/static/file.txt", None, 401, "invalid_key"),
    ("GET", "/static/file.txt", "narrow", 403, "insufficient_permissions"),
    ("GET", "/static/file.txt", "reader", 200, "a static file\n"),
    ("GET", "/nowhere", None, 401, "invalid_key"),
    ("POST", "/nowhere", "reader", 403, "insufficient_permissions"),
    ("GET", "/broken", None, 401, "invalid_key"),
    ("GET", "/refuse/expired", "reader", 401, "expired_key"),
    ("GET", "/refuse/missing", "reader", 404, "not_found"),
    ("GET", "/refuse/value", "reader", 422, "invalid_request"),
    ("GET", "/refuse/limit", "reader", 429, "rate_limit_exceeded"),
]


def asked(host: Host, world: World, method: str, path: str, key: str | None) -> tuple[int, str]:
    got = host(method, path, **({"x_api_key": world.keys[key]} if key else {}))
    return got.status, got.code or got.body.decode()


def test_every_framework_decides_alike(host: Host, world: World) -> None:
    got = {row[:3]: asked(host, world, *row[:3]) for row in TABLE}
    assert got == {row[:3]: row[3:] for row in TABLE}


@pytest.mark.parametrize("path", ["/nowhere", "/broken"])
def test_P08_error_pages_are_made_for_those_alone_who_were_let_in(host: Host, world: World, path: str) -> None:
    assert asked(host, world, "GET", path, None) == (401, "invalid_key")
    let_in = host("GET", path, x_api_key=world.keys["reader"])
    assert let_in.status == {"/nowhere": 404, "/broken": 500}[path]


@pytest.mark.parametrize("path", ["/models", "/healthz/strict", "/refuse/expired"])
def test_a_401_of_gate_and_handler_alike_carries_the_challenge(host: Host, world: World, path: str) -> None:
    got = host("GET", path, **({"x_api_key": world.keys["reader"]} if path.startswith("/refuse") else {}))
    assert got.status == 401
    assert got.headers["www-authenticate"] == 'ApiKey realm="api", header="x-api-key"'
    assert got.headers["cache-control"] == "no-store"
    assert int(got.headers["content-length"]) == len(got.body)


def test_what_a_handler_refuses_is_told_in_full(host: Host, world: World) -> None:
    limit = host("GET", "/refuse/limit", x_api_key=world.keys["reader"])
    assert limit.headers["retry-after"] == "7"
    value = host("GET", "/refuse/value", x_api_key=world.keys["reader"])
    assert json.loads(value.body) == {
        "type": "urn:plexe-auth:error:invalid_request",
        "title": "Invalid request",
        "status": 422,
        "code": "invalid_request",
        "detail": "No such name.",
        "field": "name",
    }


def test_a_head_request_is_refused_without_a_body(host: Host, world: World) -> None:
    got = host("HEAD", "/models")
    assert (got.status, got.body) == (401, b"")
    assert host("HEAD", "/models", x_api_key=world.keys["reader"]).status == 200


def test_the_answer_to_a_key_is_private_and_one_to_a_rotated_key_says_so(host: Host, world: World) -> None:
    got = host("GET", "/models", x_api_key=world.keys["rotated"])
    assert got.headers["cache-control"] == "no-store"
    assert {"deprecation", "sunset"} <= got.headers.keys()
    assert "deprecation" not in host("GET", "/models", x_api_key=world.keys["reader"]).headers
    assert "cache-control" not in host("GET", "/healthz", x_api_key=world.keys["reader"]).headers


def test_a_key_that_is_sent_twice_in_one_field_is_no_key(host: Host, world: World) -> None:
    key = world.keys["reader"]
    assert host("GET", "/models", x_api_key=f"{key}, {key}").code == "invalid_key"


def test_without_a_gate_a_handler_that_demands_something_answers_nobody(bare: Host, world: World) -> None:
    for path in ("/strict", "/healthz/strict"):
        for headers in ({}, {"x_api_key": world.keys["admin"]}):
            assert bare("GET", path, **headers).status == 500
