"""A refusal that the host's own handler raises is answered as the gate's own; its other errors are not hidden."""

import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest

from plexe_auth import (
    AuthError,
    Conflict,
    InsufficientPermissions,
    InvalidCredentials,
    InvalidRequest,
    Policy,
    RateLimitExceeded,
    Unavailable,
    asgi,
    wsgi,
)
from tests.faces import Loop
from tests.gate.keys import Made
from tests.gate.shims import Ask, Host, Shim, environ, scope

Guarded = Callable[..., Shim]
PUBLIC = Policy(public=("/healthz",))


REFUSALS = [InsufficientPermissions(), InvalidCredentials(), Conflict("Taken."), InvalidRequest("No.", field="name")]


@pytest.mark.parametrize("error", [*REFUSALS, Unavailable()])
def test_a_refusal_of_the_host_becomes_the_problem_answer(guarded: Guarded, keys: Made, error: AuthError) -> None:
    app = guarded(PUBLIC, Host(raises=error))
    for ask in (Ask().by(keys.text["good"]), Ask(target="/healthz"), Ask("HEAD", "/healthz")):
        answer = app(ask)
        assert answer.status == error.status
        assert answer.headers["content-type"] == "application/problem+json"
        assert ("www-authenticate" in answer.headers) == (error.status == 401)
        assert answer.code == ("no body" if ask.method == "HEAD" else error.code)


def test_it_comes_with_what_the_connection_asks_for(guarded: Guarded) -> None:
    app = guarded(PUBLIC, Host(raises=RateLimitExceeded(retry_after=9)))
    answer = app(Ask(target="/healthz", scheme="https", peer="203.0.113.7"))
    assert answer.headers["retry-after"] == "9"
    assert answer.headers["strict-transport-security"]


def test_a_kind_of_refusal_that_the_host_has_made_up_is_answered_too(guarded: Guarded) -> None:
    class Teapot(AuthError):
        status = 418
        code = "teapot"

    answer = guarded(PUBLIC, Host(raises=Teapot("Short and stout.")))(Ask(target="/healthz"))
    assert (answer.status, answer.code) == (418, "teapot")


@pytest.mark.parametrize("error", [RuntimeError("its own"), KeyboardInterrupt(), SystemExit(3)])
@pytest.mark.parametrize("shim", ["wsgi"], indirect=True)
def test_what_is_no_refusal_passes_through_wsgi(guarded: Guarded, error: BaseException) -> None:
    with pytest.raises(type(error)):
        guarded(PUBLIC, Host(raises=error))(Ask(target="/healthz"))


@pytest.mark.parametrize("shim", ["asgi"], indirect=True)
def test_what_is_no_refusal_passes_through_asgi(guarded: Guarded) -> None:
    with pytest.raises(RuntimeError, match="its own"):
        guarded(PUBLIC, Host(raises=RuntimeError("its own")))(Ask(target="/healthz"))


@pytest.mark.parametrize("shim", ["wsgi"], indirect=True)
def test_a_wsgi_answer_that_has_not_left_yet_is_replaced(guarded: Guarded) -> None:
    app = guarded(PUBLIC, Host(raises=Conflict(), after_beginning=True))
    assert app(Ask(target="/healthz")).code == "conflict"


def test_a_wsgi_answer_that_is_under_way_is_broken_off(auth_blocking: Any) -> None:
    def start_response(status: str, headers: Any, failure: Any = None) -> Callable[[bytes], object]:
        if failure is not None:
            raise failure[1]  # what every server does once the headers are out (PEP 3333)
        return lambda data: None

    app = wsgi.AuthMiddleware(Host(raises=Conflict(), after_beginning=True).wsgi, auth_blocking, PUBLIC)
    with pytest.raises(Conflict):
        app(environ(Ask(target="/healthz")), start_response)


@pytest.mark.parametrize("shim", ["asgi"], indirect=True)
def test_an_asgi_answer_that_has_begun_is_broken_off(guarded: Guarded) -> None:
    app = guarded(PUBLIC, Host(raises=Conflict(), after_beginning=True))
    with pytest.raises(Conflict):
        app(Ask(target="/healthz"))


class Lazy:
    """A WSGI app that begins only when its body is read, and that wants to be closed."""

    def __init__(self, *steps: Any) -> None:
        self.steps = steps
        self.closed = 0

    def __call__(self, environ: Any, start_response: Callable[..., Any]) -> Iterable[bytes]:
        self.start_response = start_response
        return self

    def __iter__(self) -> Iterator[bytes]:
        for step in self.steps:
            if isinstance(step, Exception):
                raise step
            if step is ...:
                self.start_response("200 OK", [("x-own", "1")])
            else:
                yield step

    def close(self) -> None:
        self.closed += 1


@pytest.mark.parametrize("shim", ["wsgi"], indirect=True)
def test_a_refusal_in_the_first_step_of_a_wsgi_body_is_answered(guarded: Guarded) -> None:
    for steps in ([Conflict()], [..., Conflict()]):
        lazy = Lazy(*steps)
        assert guarded(PUBLIC, lazy)(Ask(target="/healthz")).code == "conflict"
        assert lazy.closed == 1


@pytest.mark.parametrize("shim", ["wsgi"], indirect=True)
def test_a_lazy_wsgi_body_comes_whole_with_our_headers_and_is_closed(guarded: Guarded, keys: Made) -> None:
    lazy = Lazy(..., b"one", b"two")
    answer = guarded(PUBLIC, lazy)(Ask().by(keys.text["good"]))
    assert (answer.body, answer.headers) == (b"onetwo", {"x-own": "1", "cache-control": "no-store"})
    assert lazy.closed == 1


@pytest.mark.parametrize("shim", ["wsgi"], indirect=True)
def test_a_wsgi_generator_and_an_empty_body_come_through(guarded: Guarded) -> None:
    def generator(environ: Any, start_response: Any) -> Iterator[bytes]:
        start_response("200 OK", [])
        yield b"whole"

    assert guarded(PUBLIC, generator)(Ask(target="/healthz")).body == b"whole"
    assert guarded(PUBLIC, Lazy(...))(Ask(target="/healthz")).body == b""


@pytest.mark.parametrize("shim", ["wsgi"], indirect=True)
def test_a_late_wsgi_body_without_a_close_is_closed_all_the_same(guarded: Guarded) -> None:
    def late(environ: Any, start_response: Any) -> Any:
        def step(body: bytes) -> bytes:
            start_response("200 OK", [])
            return body

        return map(step, [b"whole"])

    assert guarded(PUBLIC, late)(Ask(target="/healthz")).body == b"whole"


@pytest.mark.parametrize("shim", ["wsgi"], indirect=True)
def test_a_refusal_later_in_a_wsgi_body_breaks_it_off(guarded: Guarded) -> None:
    with pytest.raises(Conflict):
        guarded(PUBLIC, Lazy(..., b"one", Conflict()))(Ask(target="/healthz"))


def test_the_body_of_an_eager_wsgi_app_is_handed_on_untouched(auth_blocking: Any) -> None:
    body = [b"as it is"]

    def app(environ: Any, start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", [], exc_info=None)
        return body

    start_response: Any = lambda status, headers: None  # noqa: E731 - as in many a test, with two arguments
    assert wsgi.AuthMiddleware(app, auth_blocking, PUBLIC)(environ(Ask(target="/healthz")), start_response) is body


def test_a_wsgi_gate_called_while_an_error_is_handled_answers_as_ever(auth_blocking: Any) -> None:
    begun: list[Any] = []
    start_response: Any = lambda *args: begun.append(args)  # noqa: E731
    app = wsgi.AuthMiddleware(Host().wsgi, auth_blocking)
    try:
        raise RuntimeError("of somebody else")
    except RuntimeError:
        app(environ(Ask()), start_response)
        assert sys.exc_info()[1] is not None
    assert [len(args) for args in begun] == [2]


@pytest.fixture
def auth_blocking(opened: Callable[..., Any]) -> Any:
    return opened("blocking", "memory://")


def test_an_asgi_app_that_began_with_another_message_is_not_answered_twice(opened: Any, loop: Loop) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.early_hint", "links": []})
        raise Conflict

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    guarded = asgi.AuthMiddleware(app, opened("async", "memory://").awaited, PUBLIC)
    with pytest.raises(Conflict):
        loop.run(guarded(scope(Ask(target="/healthz")), None, send))  # type: ignore[arg-type]
    assert [message["type"] for message in sent] == ["http.response.early_hint"]
