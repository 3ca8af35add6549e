"""No secret of any kind gets out by any way that is not its own: logs, reprs, errors, tracebacks, pickles, answers."""

import copy
import logging
import pickle
import traceback
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import make_url

from plexe_auth import AuthError, ConfigurationError, NotFound, Settings, Unavailable
from tests.conftest import Clock
from tests.keys.frames import chain, frames, held_by
from tests.keys.watch import Watch

PEPPERS = ("canary-pepper-one-1f9a", b"canary-pepper-two-77c0")
SECRET_KEYS = (b"canary-secret-key-one-03be", "canary-secret-key-two-e5d1")
PASSWORD = "canary-password-b0a7"
CANARIES = (*PEPPERS, *SECRET_KEYS, PASSWORD)
LOGGERS = (
    "sqlalchemy.engine",
    "sqlalchemy.pool",
    "psycopg",
    "psycopg.pool",
    "asyncmy",
    "pymysql",
    "asyncio",
    "plexe_auth",
)


@pytest.fixture
def settings(everything_logged: None) -> Settings:
    return Settings(secret_keys=SECRET_KEYS, peppers=PEPPERS)


@pytest.fixture
def everything_logged(caplog: pytest.LogCaptureFixture) -> None:
    """Every logger at its most talkative, from before the store is opened."""
    for name in ("", *LOGGERS):
        caplog.set_level(logging.DEBUG, logger=name)


def leaks(told: str, keys: list[str]) -> list[str]:
    canaries = [one.decode() if isinstance(one, bytes) else one for one in CANARIES]
    return [one for one in [*canaries, *(key.removeprefix("plx_sk_") for key in keys)] if one in told]


def logged(caplog: pytest.LogCaptureFixture) -> str:
    formatter = logging.Formatter("%(name)s %(message)s")
    return "\n".join(f"{formatter.format(one)} {one.msg!r} {one.args!r}" for one in caplog.records)


def of_error(error: BaseException) -> str:
    """All that an error report could show: texts, problem body, and every frame but the tests' own, with locals."""
    shown = [repr(error), str(error), *held_by(error, frames(error))]
    for one in chain(error):
        stack = ((frame, line) for frame, line in traceback.walk_tb(one.__traceback__) if is_not_a_test(frame))
        summary = traceback.StackSummary.extract(stack, capture_locals=True)
        shown += [line for entry in summary for line in (entry.locals or {}).values()]
    if isinstance(error, AuthError):
        shown.append(repr(error.problem()))
    return "\n".join(shown)


def is_not_a_test(frame: Any) -> bool:
    return "/tests/" not in frame.f_code.co_filename


def failures(auth: Any, texts: list[str]) -> Iterator[BaseException]:
    """Every key in hand, refused in many ways."""
    asks: list[Callable[[str], Any]] = [
        lambda text: auth.keys.verify(text, permission="models:write", ip="192.0.2.1"),
        lambda text: auth.keys.verify(text + "x"),
        lambda text: auth.keys.verify(text[:-8] + "00000000"),
        lambda text: auth.keys.verify(text, permission="?"),
        lambda text: auth.keys.verify(text, nothing=1),
        auth.keys.get,
        lambda text: auth.keys.page("acct", after=text),
        lambda text: auth.keys.update(auth.keys.page("acct").items[0].id, rate=text),
        lambda text: auth.keys.revoke_leaked(text, reason=1),
        lambda text: auth.keys.create("acct", name="CI", permissions=text),
    ]
    for ask in asks:
        for text in texts:
            with pytest.raises((AuthError, TypeError)) as caught:
                ask(text)
            yield caught.value


def made(auth: Any) -> list[Any]:
    issued = [auth.keys.create("acct", name="CI", expires_in=timedelta(hours=1), allowed_ips=["::1"])]
    issued.append(auth.keys.rotate(issued[0].key.id))
    return issued


def test_H12_no_secret_is_in_any_log(auth: Any, caplog: pytest.LogCaptureFixture, clock: Clock) -> None:
    issued = made(auth)
    texts = [one.secret.reveal() for one in issued]
    for _error in failures(auth, texts):
        pass
    for text in texts:
        auth.keys.verify(text, ip="::1")
        auth.keys.explain(text)
        auth.keys.revoke_leaked(text)
    auth.close()
    assert leaks(logged(caplog), texts) == []


def test_H12_sqlalchemy_did_talk(
    face: str, everything_logged: None, store_url: str, opened: Any, caplog: pytest.LogCaptureFixture
) -> None:
    auth = opened(face, store_url)
    auth.keys.create("acct", name="CI")  # what reads goes around it
    assert store_url == "memory://" or "plexe_auth_keys" in logged(caplog)


@pytest.mark.parametrize("verb", ["get", "update", "rotate", "revoke", "disable", "enable"])
def test_H12_a_key_that_was_given_for_its_id_is_in_no_entry(quick: Any, verb: str) -> None:
    text = quick.keys.create("acct", name="CI").secret.reveal()
    for given in (text, f" {text}", f"{text}\n"):
        with pytest.raises(NotFound):
            getattr(quick.keys, verb)(given)
    entries = quick.log.page().items
    assert len(entries) == (1 if verb == "get" else 4)
    assert leaks(repr(entries), [text]) == []


def test_H12_no_secret_is_in_any_error(quick: Any) -> None:
    texts = [one.secret.reveal() for one in made(quick)]
    for error in failures(quick, texts):
        assert leaks(repr(error) + str(error), texts) == []
        if isinstance(error, AuthError):
            assert leaks(repr(error.problem()), texts) == []


def test_H12_no_secret_is_in_any_traceback_with_its_locals(auth: Any, watched: Callable[[Any], Watch]) -> None:
    texts = [one.secret.reveal() for one in made(auth)]
    for text in texts:
        for ask in (lambda text=text: auth.keys.verify(text), lambda text=text: auth.keys.explain(text, permission="")):
            with pytest.raises(AuthError) as caught:
                ask()
            assert leaks(of_error(caught.value), texts) == []
    watch = watched(auth)
    for verb in (auth.keys.verify, auth.keys.revoke_leaked):
        watch.fail(call=0, when="before")
        with pytest.raises(Unavailable) as caught:
            verb(texts[0])
        assert leaks(of_error(caught.value), texts) == []


def test_H12_no_secret_is_in_a_pickle_or_a_copy_of_a_public_value(quick: Any) -> None:
    issued = made(quick)
    texts = [one.secret.reveal() for one in issued]
    principal = quick.keys.verify(texts[0], ip="::1")
    values = [principal, issued[0].key, quick.keys.page("acct"), quick.keys.explain(texts[0]), principal.permissions]
    for value in values:
        assert pickle.loads(pickle.dumps(value)) == value == copy.deepcopy(value)
        assert leaks(pickle.dumps(value, 0).decode("latin-1"), texts) == []
    for secret in (issued[0], issued[0].secret):
        for leak in (pickle.dumps, copy.copy, copy.deepcopy):
            if (secret, leak) != (issued[0], copy.copy):
                with pytest.raises(TypeError):
                    leak(secret)


def test_H12_no_secret_is_in_the_repr_of_anything(quick: Any, settings: Settings) -> None:
    issued = made(quick)
    texts = [one.secret.reveal() for one in issued]
    things = [quick.awaited if hasattr(quick, "awaited") else quick, quick.world, settings, quick.keys, *issued]
    shown = "".join(f"{one!r} {one} {one:}" for one in things)
    assert leaks(shown, texts) == []


@pytest.mark.parametrize("store_url", ["postgresql", "mariadb"], indirect=True)
def test_H12_a_database_password_is_in_no_error_and_no_log(
    face: str, everything_logged: None, store_url: str, opened: Any, caplog: pytest.LogCaptureFixture
) -> None:
    url = make_url(store_url).set(username="nobody", password=PASSWORD, database="nowhere")
    wrong = [url, url.set(port=1), url.set(drivername=f"{url.drivername}+nonsense"), url.set(drivername="oracle")]
    for one in wrong:
        with pytest.raises((Unavailable, ConfigurationError)) as caught:
            opened(face, one.render_as_string(hide_password=False)).keys.get("key")
        error = caught.value
        assert leaks("".join(f"{link!r} {link}" for link in chain(error)), []) == []
        assert leaks(of_error(error), []) == []
    assert leaks(logged(caplog), []) == []
