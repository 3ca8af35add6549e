"""A refusal says its code and nothing of the request; an answer to a principal is for nobody else's cache."""

import json
from collections.abc import Callable
from typing import Any, ClassVar

import pytest

from plexe_auth import AsyncAuth, Auth, Policy, asgi, wsgi
from tests.conftest import Clock
from tests.gate.keys import HOUR, Made
from tests.gate.shims import Ask, Host, Shim

Guarded = Callable[..., Shim]


@pytest.mark.parametrize("policy", [Policy(), Policy(bearer=True)])
def test_H01_every_401_says_how_to_come_in_and_never_asks_for_a_password(
    guarded: Guarded, keys: Made, policy: Policy
) -> None:
    for name in ("unknown", "malformed", "expired", "revoked", "retired"):
        answer = guarded(policy)(Ask().by(keys.text[name]))
        assert answer.status == 401
        asked = answer.headers["www-authenticate"]
        assert asked.startswith('ApiKey realm="api"')
        assert ("Bearer" in asked) == policy.bearer
        assert "basic" not in asked.lower()


def test_H01_a_403_asks_for_nothing(guarded: Guarded, keys: Made) -> None:
    for name in ("disabled", "suspended", "bound", "powerless"):
        answer = guarded()(Ask().by(keys.text[name]))
        assert answer.status == 403
        assert "www-authenticate" not in answer.headers


def test_H02_a_refusal_is_a_problem_document_that_no_cache_keeps(guarded: Guarded, keys: Made) -> None:
    for name in ("unknown", "expired", "disabled", "powerless"):
        answer = guarded()(Ask().by(keys.text[name]))
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["content-length"] == str(len(answer.body))
        told = json.loads(answer.body)
        assert told["status"] == answer.status
        assert told["type"].endswith(told["code"])
        assert set(told) == {"type", "title", "status", "code", "detail"}


CANARY = "canary\xe9\u2028</script>"


def test_H02_a_refusal_echoes_nothing_of_the_request(guarded: Guarded, keys: Made) -> None:
    canary = CANARY.encode().decode("latin-1")
    names = ("x-api-key", "host", "origin", "authorization", "x-forwarded-for", "forwarded", "referer", "user-agent")
    for policy in (Policy(), Policy(bearer=True, trusted_proxies=("127.0.0.1",)), Policy(https="redirect")):
        for peer in ("127.0.0.1", "203.0.113.7"):
            fields = tuple((name, canary) for name in names)
            answer = guarded(policy)(Ask(f"X{canary}", f"/{canary}?{canary}", fields, peer))
            assert answer.status in (401, 403)
            assert b"canary" not in answer.body
            assert not any("canary" in value for value in answer.headers.values())


@pytest.mark.parametrize("name", ["unknown", "expired", "powerless"])
def test_H02_a_refusal_to_head_has_no_body_but_all_the_headers(guarded: Guarded, keys: Made, name: str) -> None:
    got, head = guarded()(Ask().by(keys.text[name])), guarded()(Ask("HEAD").by(keys.text[name]))
    assert (head.status, head.headers, head.body) == (got.status, got.headers, b"")


def test_K17_a_malformed_key_and_an_unknown_one_are_told_alike(guarded: Guarded, keys: Made) -> None:
    assert guarded()(Ask().by(keys.text["unknown"])) == guarded()(Ask().by(keys.text["malformed"]))


def test_an_answer_to_a_principal_is_not_stored_unless_the_app_says_otherwise(guarded: Guarded, keys: Made) -> None:
    ask = Ask().by(keys.text["good"])
    assert guarded()(ask).headers["cache-control"] == "no-store"
    own = guarded(app=Host(headers=(("Cache-Control", "private, max-age=60"),)))
    assert own(ask).headers["cache-control"] == "private, max-age=60"


def test_an_answer_to_nobody_is_left_as_it_is(guarded: Guarded) -> None:
    app = guarded(Policy(public=("/healthz",)), Host(headers=(("x-own", "1"),)))
    assert app(Ask(target="/healthz")).headers == {"x-own": "1"}


def test_a_request_by_a_rotated_key_says_since_when_and_until_when(
    guarded: Guarded, keys: Made, auth: Any, clock: Clock
) -> None:
    answer = guarded()(Ask().by(keys.text["rotated"]))
    assert answer.headers["deprecation"] == f"@{int(clock.now.timestamp())}"
    assert answer.headers["sunset"] == "Mon, 30 Mar 2026 14:00:00 GMT"
    assert "deprecation" not in guarded()(Ask().by(keys.text["successor"])).headers
    clock.advance(24 * HOUR)
    gone = guarded()(Ask().by(keys.text["rotated"]))
    assert gone.code == "revoked_key"
    assert "sunset" not in gone.headers


def test_headers_that_the_app_sends_itself_stand(guarded: Guarded, keys: Made) -> None:
    own = (
        ("Deprecation", "@1"),
        ("SUNSET", "never"),
        ("Strict-Transport-Security", "max-age=0"),
        ("cache-control", "x"),
    )
    answer = guarded(app=Host(headers=own))(Ask(scheme="https").by(keys.text["rotated"]))
    assert answer.headers == {name.lower(): value for name, value in own}


def test_H06_what_is_added_to_one_answer_is_not_in_the_next(guarded: Guarded, keys: Made) -> None:
    class Constant(Host):
        """An app that sends the very same objects every time."""

        start: ClassVar[Any] = {"type": "http.response.start", "status": 200, "headers": [(b"x-own", b"1")]}
        headers_list: ClassVar[Any] = [("x-own", "1")]

        async def asgi(self, scope: Any, receive: Any, send: Any) -> None:
            await send(self.start)
            await send({"type": "http.response.body", "body": b""})

        def wsgi(self, environ: Any, start_response: Any) -> Any:
            start_response("200 OK", self.headers_list)
            return []

    app = guarded(Policy(public=("/healthz",)), Constant())
    assert "sunset" in app(Ask(scheme="https").by(keys.text["rotated"])).headers
    assert app(Ask(target="/healthz")).headers == {"x-own": "1"}


def test_the_other_kind_of_auth_is_a_type_error_at_construction() -> None:
    with Auth.open("memory://") as blocking:
        for wrong in (blocking, None, blocking.world, "auth"):
            with pytest.raises(TypeError, match="AsyncAuth"):
                asgi.AuthMiddleware(Host().asgi, wrong)  # type: ignore[arg-type]
    for wrong in (AsyncAuth.open("memory://"), None):
        with pytest.raises(TypeError, match="takes an Auth"):
            wsgi.AuthMiddleware(Host().wsgi, wrong)  # type: ignore[arg-type]


def test_H17_without_a_policy_everything_is_guarded(guarded: Guarded) -> None:
    app = guarded()
    for target in ("/", "/healthz", "/docs/x", "/static/x.css", "/favicon.ico", "/robots.txt"):
        for method in ("GET", "HEAD", "POST", "OPTIONS"):
            assert app(Ask(method, target)).status == 401
