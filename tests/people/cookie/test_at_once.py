"""A plain request by the cookie of a remembered session is admitted at once, just as the long way would admit it."""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import astuple, replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plexe_auth import ExpiredSession, Policy, Rule
from plexe_auth.asgi import AuthMiddleware
from plexe_auth.model.cookie import only_token, tokens
from plexe_auth.wire import Request
from tests.conftest import Clock
from tests.faces import Loop
from tests.gate.shims import Ask, Host, Seen, Shim, scope
from tests.people.conftest import HOME, PASSWORD
from tests.people.cookie.conftest import NAME, by

OWN = (("host", "api.example.com"), ("origin", "http://api.example.com"))
SAME = ("sec-fetch-site", "same-origin")
AGENT, CALLED = ("user-agent", "tests/1"), ("x-request-id", "req-7")


@pytest.fixture
def warm(auth: Any, token: str) -> str:
    auth.sessions.verify(token)
    return token


@pytest.mark.parametrize(
    "ask",
    [
        by("{token}"),
        by("{token}", "HEAD"),
        by("{token}", "GET", AGENT, CALLED),
        by("{token}", "GET", ("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")),
        by("{token}", "GET", ("authorization", "Bearer of something else")),
        Ask().having(("cookie", f"a=b; {NAME}={{token}}; c=d")),
        Ask().having(("cookie", f"a=b;{NAME}={{token}};")),
        by("{token}", "POST", *OWN),
        by("{token}", "PUT", SAME),
        by("{token}", "PATCH", *OWN, SAME),
        by("{token}", "DELETE", ("origin", "https://app.example.com")),
    ],
)
def test_a_plain_request_by_cookie_is_admitted_at_once(guarded: Any, warm: str, signed_in: Any, ask: Ask) -> None:
    fields = tuple((name, value.format(token=warm)) for name, value in ask.fields)
    answer, at_once = Seen(guarded(Policy(origins=("https://app.example.com",))))(ask._replace(fields=fields))
    assert (answer.code, answer.principal, at_once) == ("ok", signed_in.session.id, True)
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("policy", [Policy(cookie=False), Policy(rate="2/minute"), Policy(address_rate="9/minute")])
def test_what_is_counted_or_not_taken_at_all_is_not_admitted_at_once(guarded: Any, warm: str, policy: Policy) -> None:
    seen = Seen(guarded(policy))
    for _ in range(3):
        assert seen(by(warm))[1] is False


@pytest.mark.parametrize("method", ["POST", "DELETE", "OPTIONS", "get"])
def test_S12_without_proof_nothing_that_changes_anything_is_admitted_at_once(
    guarded: Any, warm: str, method: str
) -> None:
    for fields in ((), (("sec-fetch-site", "same-site"),), (("host", "api.example.com"), ("origin", "null"))):
        answer, at_once = Seen(guarded())(by(warm, method, *fields))
        assert (answer.code, at_once) == ("csrf_failed", False)


def test_a_preflight_passes_as_nobody_whatever_cookie_is_sent_with_it(guarded: Any, warm: str) -> None:
    asked = by(warm, "OPTIONS", *OWN, SAME, ("access-control-request-method", "POST"))
    answer, at_once = Seen(guarded(Policy(preflight=True)))(asked)
    assert (answer.code, answer.principal, at_once) == ("ok", None, False)


@pytest.mark.parametrize("key", ["", "plx_sk_nonsense"])
def test_no_cookie_is_looked_at_where_there_is_any_key(guarded: Any, warm: str, key: str) -> None:
    gate, cookie = guarded().guarded.gate, {"cookie": [f"{NAME}={warm}"]}
    assert gate.at_once(Request("http", "GET", "/models", fields=cookie)) is not None
    assert gate.at_once(Request("http", "GET", "/models", fields={**cookie, "x-api-key": [key]})) is None
    assert gate.at_once(Request("websocket", "GET", "/models", fields=cookie)) is None


@pytest.mark.parametrize("shim", ["asgi"], indirect=True)
def test_S12_a_WebSocket_by_cookie_needs_the_proof_too(auth: Any, loop: Loop, warm: str, shim: Any) -> None:
    async def app(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "websocket.accept"})

    async def nothing() -> Any:
        raise AssertionError("the app does not listen")

    def told(*fields: tuple[str, str]) -> list[str]:
        sent: list[str] = []

        async def send(message: Any) -> None:
            sent.append(message["type"])

        asked = scope(by(warm, "GET", *fields)) | {"type": "websocket"}
        loop.run(AuthMiddleware(app, auth.awaited)(asked, nothing, send))
        return sent

    assert told() == told(("origin", "https://evil.example")) == ["websocket.close"]
    assert told(*OWN) == ["websocket.accept"]


def test_S01_whoever_was_admitted_at_once_is_refused_as_soon_as_the_session_is_over(
    guarded: Any, auth: Any, warm: str, signed_in: Any, clock: Clock
) -> None:
    seen = Seen(guarded())
    assert [seen(by(warm))[1] for _ in range(3)] == [True] * 3
    auth.accounts.suspend(signed_in.user.account_id)
    assert seen(by(warm))[0].code == "account_suspended"
    auth.accounts.resume(signed_in.user.account_id)
    assert [seen(by(warm))[1] for _ in range(2)] == [False, True]
    clock.advance(timedelta(minutes=30) - timedelta(microseconds=1))
    assert seen(by(warm)) == (seen(by(warm))[0], False)  # read, because its idling had to be put off
    clock.advance(timedelta(minutes=30))
    assert seen(by(warm))[0].code == "expired_session"


def test_S06_a_remembered_session_is_over_at_the_very_microsecond(
    shim: type[Shim], opened: Callable[..., Any], clock: Clock, settings: Any, loop: Loop
) -> None:
    auth = opened(
        shim.face, "memory://", clock=clock, settings=replace(settings, session_lifetime=timedelta(minutes=1))
    )
    auth.users.create("ada@example.com", PASSWORD)
    token = auth.sign_in.with_password("ada@example.com", PASSWORD, HOME).token.reveal()
    auth.sessions.verify(token)
    seen = Seen(shim(auth, None, Host(), loop))
    clock.advance(timedelta(minutes=1) - timedelta(microseconds=1))
    assert seen(by(token))[1] is True
    assert auth.sessions.verify(token).verified_at == clock.now
    clock.advance(timedelta(microseconds=1))
    assert seen(by(token))[0].code == "expired_session"
    with pytest.raises(ExpiredSession):
        auth.sessions.verify(token)


PIECES = st.sampled_from([NAME, "=", ";", "; ", " ", "token", "x", '"', ",", "\t", "\xa0", NAME.lower(), "$Version"])


@given(st.lists(PIECES, max_size=12).map("".join))
def test_S11_the_quick_reading_of_a_cookie_finds_nothing_that_the_true_one_does_not(field: str) -> None:
    found = only_token(field.encode("latin-1")).decode("latin-1")
    assert not found or tokens([field]) == [found]


@given(st.lists(st.sampled_from(["a=b", "x", "", "c=d=e", "_=__Host-"])), st.lists(st.sampled_from(["a=b", "", "x"])))
def test_the_quick_reading_finds_a_session_among_its_neighbours(before: list[str], after: list[str]) -> None:
    for between in (";", "; "):
        assert only_token(between.join([*before, f"{NAME}=token", *after]).encode()) == b"token"


COOKIES = (
    *("{name}={good}", "a=b; {name}={good}", "{name}={good};c=d", " {name}={good}", "{name}={viewer}"),
    *("{name}={gone}", "{name}={old}", "{name}={good}; {name}={good}", "{name}={good};{name}=", "{name}=", "a=b"),
    *("{name}={good}x", '{name}="{good}"', "{name}= {good}", "  {name}={good}", "{name} ={good}", "x{name}={good}"),
    *("{name}={name}={good}", "{name}; {name}={good}", "a=b,{name}={good}", '$Version=1; a="x; {name}={good}"', ""),
    *("{name}={good}; {name}={viewer}", "{name}=\x80; b={good}", "{name}={good}\x80", "\x80=\x00; {name}={good}"),
)
METHODS = (*["GET"] * 6, "HEAD", "POST", "POST", "PUT", "DELETE", "OPTIONS", "get", "PROPFIND", "TRACE")
OTHERS: tuple[tuple[str, str], ...] = (
    *(("origin", f"http://{one}") for one in ("api.example.com", "evil.example", "api.example.com:80")),
    *(("origin", one) for one in ("null", "", "https://app.example.com", "HTTP://api.example.com")),
    *(("sec-fetch-site", one) for one in ("same-origin", "same-site", "cross-site", "none", "")),
    *(("x-api-key", one) for one in ("", "plx_sk_nonsense", "{key}")),
    *(("authorization", one) for one in ("Bearer {key}", "Bearer nonsense", "Basic eDp5", "")),
    *(("x-forwarded-for", "198.51.100.7"), ("x-forwarded-proto", "http"), ("forwarded", "for=198.51.100.7")),
    *(("access-control-request-method", "POST"), ("x_api_key", "{key}"), ("user-agent", ""), ("user-agent", "b/\xff")),
    *(("x-request-id", "with space"), ("x-request-id", ""), ("cookie", f"{NAME}={{good}}"), ("cookie", "z=1")),
)
TARGETS = (
    "/models",
    "/models?x=1",
    "/healthz",
    "/optional",
    "/admin/x",
    "//healthz",
    "/%61dmin/x",
    "/healthz/../models",
)
PEERS = (*["127.0.0.1"] * 4, "192.0.2.1", "10.0.0.1", None, "odd")
_PATHS: Any = {
    "public": ("/healthz",),
    "optional": ("/optional",),
    "rules": (Rule("/admin/*", permission="keys:manage"),),
    "origins": ("https://app.example.com",),
}
POLICIES = (
    Policy(**_PATHS),
    Policy(**_PATHS, https="off"),
    Policy(**_PATHS, bearer=True, preflight=True),
    Policy(**_PATHS, cookie=False),
    Policy(**_PATHS, trusted_proxies=("10.0.0.0/8",)),
    Policy(**_PATHS, rate="1000000/second", rate_headers=False),
)
ASKS = 1_500


@pytest.fixture
def texts(auth: Any, signed_in: Any, clock: Clock) -> dict[str, str]:
    """Sessions in each state, and a key."""
    auth.users.create("viewer@example.com", PASSWORD, account_id="acct", role="viewer")
    old = auth.sign_in.with_password(signed_in.user.email, PASSWORD, HOME).token.reveal()
    clock.advance(timedelta(hours=1))
    good, gone = (auth.sign_in.with_password(signed_in.user.email, PASSWORD, HOME).token.reveal() for _ in range(2))
    viewer = auth.sign_in.with_password("viewer@example.com", PASSWORD, HOME).token.reveal()
    auth.sign_in.out(gone)
    key = auth.keys.create("acct", name="CI").secret.reveal()
    for one in (good, viewer):
        auth.sessions.verify(one)
    return {"name": NAME, "good": good, "gone": gone, "old": old, "viewer": viewer, "key": key}


def asks(texts: dict[str, str]) -> Iterator[Ask]:
    """Requests of every kind, drawn by lot, always the same."""
    lot = random.Random(7)
    for number in range(ASKS):
        fields = [("host", lot.choice(("api.example.com", "API.example.com"))), ("cookie", lot.choice(COOKIES))]
        fields += [*lot.sample(OTHERS, lot.choice((0, 0, 1, 1, 2, 3))), ("x-request-id", f"req-{number}")]
        sent = tuple((name, value.format(**texts)) for name, value in fields)
        scheme = lot.choice(("http", "http", "https"))
        yield Ask(lot.choice(METHODS), lot.choice(TARGETS), sent, lot.choice(PEERS), scheme)


@pytest.mark.parametrize("policy", POLICIES, ids=["plain", "off", "bearer", "keys", "proxies", "rate"])
def test_S11_S12_the_short_way_and_the_long_one_come_to_the_same_answer_and_entry(
    guarded: Callable[..., Shim], auth: Any, texts: dict[str, str], policy: Policy
) -> None:
    short, long = Seen(guarded(policy)), Seen(guarded(policy))
    long._admits = lambda _target: lambda *_request: None
    taken = 0
    for ask in asks(texts):
        (one, at_once), (other, _never) = short(ask), long(ask)
        assert one == other, ask
        taken += at_once and ask.target != "/healthz" and "x-api-key" not in dict(ask.fields)
    told = Counter(entries(auth))
    assert (taken > ASKS / 30) is (policy.cookie and policy.rate is None)
    assert len(told) > ASKS / 2
    assert [one for one, count in told.items() if count % 2] == []  # each way has told it once


def entries(auth: Any) -> Iterator[tuple[Any, ...]]:
    """What the log tells of requests, but for names that it gave itself."""
    auth.log.flush()
    place = None
    while True:
        page = auth.log.page(after=place, limit=1_000)
        for one in page.items:
            if one.path is not None:
                known = one.request_id.startswith("req-")
                yield astuple(replace(one, id="", request_id=one.request_id if known else None))
        if (place := page.next) is None:
            return
