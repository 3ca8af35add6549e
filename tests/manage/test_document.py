"""What is told to machines is the table itself, under whatever path it is mounted."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, unquote

import pytest
from jsonschema import Draft202012Validator

from plexe_auth.manage.routes import ROUTES
from tests.manage.mounts import Mount
from tests.manage.test_keys import KEYS, NEW, made

VERBS = {"get", "post", "patch", "delete", "put", "head", "options", "trace"}


@pytest.fixture
def document(api: Mount) -> Any:
    return api("GET", "/openapi.json").json


def test_the_document_tells_each_route_and_no_other(document: Any) -> None:
    told = {(verb.upper(), path) for path, verbs in document["paths"].items() for verb in VERBS & verbs.keys()}
    assert told == {(one.method, one.path) for one in ROUTES.all}
    assert document["openapi"] == "3.1.0"
    for route in ROUTES.all:
        operation = document["paths"][route.path][route.method.lower()]
        assert operation["summary"] == route.summary
        assert str(route.status) in operation["responses"]
        assert (operation["security"] == []) == (route.permission is None)


def test_every_schema_is_one_and_every_reference_leads_somewhere(document: Any) -> None:
    schemas = document["components"]["schemas"]
    for schema in schemas.values():
        Draft202012Validator.check_schema(schema)
    text = json.dumps(document)
    for place in {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}:
        assert place in schemas


def test_what_is_unknown_may_not_be_sent(document: Any) -> None:
    for name in ("NewKey", "KeyChange", "Rotation"):
        assert document["components"]["schemas"][name]["additionalProperties"] is False


@pytest.mark.parametrize("prefix", ["/manage", "/a/b c", "/über"])
def test_it_says_where_it_is_mounted(mount: Callable[..., Mount], key: str, prefix: str) -> None:
    api = mount(prefix=prefix)
    at = quote(prefix)
    api.prefix = at
    document = api("GET", "/openapi.json").json
    assert document["servers"] == [{"url": at}]
    place = api("POST", KEYS, key, NEW).headers["location"]
    assert place.startswith(f"{at}{KEYS}/key_")
    assert unquote(place).startswith(prefix)
    assert api("GET", place.removeprefix(at), key).status == 200


def test_it_has_a_tag_and_is_not_sent_again(api: Mount) -> None:
    first = api("GET", "/openapi.json")
    again = api("GET", "/openapi.json", if_none_match=first.headers["etag"])
    assert (again.status, again.body) == (304, b"")
    assert api("GET", "/openapi.json", if_none_match='"x"').body == first.body


def test_answers_are_as_the_document_says(api: Mount, document: Any, key: str) -> None:
    id_ = made(api, key)["id"]
    for method, path, target, body in (
        ("post", KEYS, KEYS, NEW),
        ("get", KEYS, KEYS, b""),
        ("get", f"{KEYS}/{{id}}", f"{KEYS}/{id_}", b""),
        ("patch", f"{KEYS}/{{id}}", f"{KEYS}/{id_}", {"name": "new"}),
        ("post", f"{KEYS}/{{id}}/rotate", f"{KEYS}/{id_}/rotate", {}),
        ("get", "/v1/access-logs", "/v1/access-logs", b""),
        ("get", "/v1/usage", "/v1/usage?by=hour", b""),
        ("get", "/v1/me", "/v1/me", b""),
        ("get", f"{KEYS}/{{id}}", f"{KEYS}/x", b""),
    ):
        got = api(method.upper(), target, key, body)
        response = document["paths"][path][method]["responses"][str(got.status)]
        told = response["content"][got.headers["content-type"]]["schema"]
        Draft202012Validator({**told, "components": document["components"]}).validate(got.json)
        assert set(response.get("headers", {})) <= set(got.headers)
        assert set(got.json) == set(document["components"]["schemas"][told["$ref"].split("/")[-1]]["properties"]) - (
            {"field", "key_id"} if got.status >= 400 else set()
        )
