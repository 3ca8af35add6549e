"""Whoever posts a letter goes on at once; what was posted is sent in order, tried again, or given up with a word."""

import asyncio
import contextlib
import gc
import io
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from plexe_auth import ConfigurationError
from plexe_auth.bridge import finish
from plexe_auth.errors import InvalidRequest, Undelivered
from plexe_auth.mail.console import ConsoleMailer
from plexe_auth.mail.mailer import AsyncMailer, Mailer, asynchronous_mailer
from plexe_auth.mail.outbox import Outbox
from plexe_auth.mail.sending import leave
from plexe_auth.model.letter import Letter
from plexe_auth.testing import Mailbox
from tests.faces import Loop


def letter(subject: object = "Hello") -> Letter:
    return Letter("ada@example.com", str(subject), "https://app.example.com/reset#token=canary\n")


class Script:
    """A mailer that does with each try what a test says, and keeps what it sent."""

    def __init__(self, *failures: BaseException | None) -> None:
        self.failures = list(failures)
        self.sent: list[str] = []
        self.tries: list[str] = []
        self.threads: set[str] = set()
        self.is_open = threading.Event()
        self.is_open.set()
        self.is_called = threading.Event()
        self.hold: Callable[[], object] = lambda: self.is_open.wait(10)

    def send(self, letter: Letter) -> None:
        self.tries.append(letter.subject)
        self.threads.add(threading.current_thread().name)
        self.is_called.set()
        self.hold()
        failure = self.failures.pop(0) if self.failures else None
        if failure is not None:
            raise failure
        self.sent.append(letter.subject)


class AsyncScript:
    """The same, to be awaited."""

    def __init__(self, script: Script) -> None:
        self.script = script

    async def send(self, letter: Letter) -> None:
        await asyncio.sleep(0)
        self.script.send(letter)


KINDS = ("blocking", "threaded", "awaited")


@pytest.fixture(params=KINDS)
def opening(request: pytest.FixtureRequest, loop: Loop) -> Iterator[Callable[..., Any]]:
    """Makes an outbox with a blocking mailer under each face, or an asynchronous one; it is called plainly."""
    is_async = request.param != "blocking"
    made: list[Outbox] = []

    class Plain:
        def __init__(self, script: Any, **more: Any) -> None:
            mailer = AsyncScript(script) if request.param == "awaited" else script
            bounds: dict[str, Any] = {"pauses": (0.0, 0.0)} | more
            self.outbox = Outbox(mailer, is_async=is_async, **bounds)
            self.post = self.outbox.post
            made.append(self.outbox)

        def flush(self) -> None:
            run(self.outbox.flush())

        def close(self) -> None:
            run(self.outbox.close())

    def run(coroutine: Any) -> None:
        return loop.run(coroutine) if is_async else finish(coroutine)

    yield Plain
    for one in made:
        run(one.close())


def told(caplog: pytest.LogCaptureFixture) -> list[tuple[int, str]]:
    messages = [(record.levelno, record.getMessage()) for record in caplog.records if record.name == "plexe_auth"]
    assert not [text for _level, text in messages if "ada" in text or "canary" in text or "Hello" in text]
    return messages


def test_what_was_posted_is_sent_in_order_in_a_thread_of_its_own(opening: Any) -> None:
    script = Script()
    outbox = opening(script)
    for number in range(100):
        outbox.post(letter(number))
    outbox.flush()
    assert script.sent == [str(number) for number in range(100)]
    assert script.threads == {"plexe_auth mail"}
    assert outbox.outbox.waiting == 0


def test_before_the_first_letter_there_is_no_thread_and_nothing_to_wait_for(opening: Any) -> None:
    threads = set(threading.enumerate())
    outbox = opening(Script())
    outbox.flush()
    outbox.close()
    assert {one.name for one in set(threading.enumerate()) - threads} <= {"face"}


def test_L03_posting_returns_while_the_mailer_hangs(opening: Any) -> None:
    script = Script()
    script.is_open.clear()
    outbox = opening(script)
    outbox.post(letter("first"))
    assert script.is_called.wait(10)
    for number in range(50):
        outbox.post(letter(number))
    assert script.sent == []
    assert outbox.outbox.waiting == 51
    script.is_open.set()
    outbox.flush()
    assert len(script.sent) == 51


FAILURES = [
    Undelivered(reason="no such person", temporary=False),
    RuntimeError("ada@example.com canary"),
    OSError("ada@example.com"),
    InvalidRequest("ada@example.com"),
    ConfigurationError("canary"),
    SystemExit(1),
    KeyboardInterrupt(),
    asyncio.CancelledError(),
]


@pytest.mark.parametrize("failure", FAILURES, ids=lambda failure: type(failure).__name__)
def test_L03_a_mailer_that_raises_is_nobody_elses_business(
    failure: BaseException, opening: Any, caplog: pytest.LogCaptureFixture
) -> None:
    script = Script(*[failure] * 3)
    outbox = opening(script)
    outbox.post(letter("doomed"))
    outbox.flush()
    script.failures.clear()
    outbox.post(letter("last"))
    outbox.flush()
    assert script.sent == ["last"]
    assert [level for level, _text in told(caplog)].count(logging.ERROR) == 1


def test_a_failure_that_may_pass_is_tried_again_and_others_are_sent_meanwhile(
    opening: Any, caplog: pytest.LogCaptureFixture
) -> None:
    script = Script(Undelivered(reason="greylisted"), None, Undelivered(reason="greylisted"))
    script.is_open.clear()
    outbox = opening(script, pauses=(0.05, 0.05))
    outbox.post(letter("greylisted"))
    outbox.post(letter("other"))
    script.is_open.set()
    outbox.flush()
    assert script.tries == ["greylisted", "other", "greylisted", "greylisted"]
    assert script.sent == ["other", "greylisted"]
    assert told(caplog) == [(logging.WARNING, "a letter is tried again later: greylisted")] * 2


def test_a_failure_that_stays_is_given_up_after_so_many_tries(opening: Any, caplog: pytest.LogCaptureFixture) -> None:
    script = Script(*[Undelivered(reason="no answer")] * 10)
    outbox = opening(script, pauses=(0.01, 0.02, 0.03))
    outbox.post(letter())
    outbox.flush()
    assert len(script.tries) == 4
    assert told(caplog)[-1] == (logging.ERROR, "a letter was not sent: no answer")
    assert [level for level, _text in told(caplog)] == [logging.WARNING] * 3 + [logging.ERROR]


def test_a_letter_that_has_waited_too_long_is_not_tried_again(opening: Any) -> None:
    script = Script(Undelivered(reason="no answer"))
    outbox = opening(script, longest=0.0)
    outbox.post(letter())
    outbox.flush()
    assert len(script.tries) == 1


def test_a_refusal_for_good_is_not_tried_again(opening: Any, caplog: pytest.LogCaptureFixture) -> None:
    script = Script(Undelivered(reason="no such person", temporary=False))
    outbox = opening(script, pauses=(10.0,))
    outbox.post(letter())
    outbox.flush()
    assert len(script.tries) == 1
    assert told(caplog) == [(logging.ERROR, "a letter was not sent: no such person")]


def test_of_a_stranger_s_error_only_its_kind_and_place_are_told(opening: Any, caplog: pytest.LogCaptureFixture) -> None:
    outbox = opening(Script(ValueError("ada@example.com")), pauses=())
    outbox.post(letter())
    outbox.flush()
    [(_level, text)] = told(caplog)
    assert text.startswith(f"a letter was not sent: ValueError at {__file__}:")


def test_a_full_outbox_drops_the_oldest_and_says_so(opening: Any, caplog: pytest.LogCaptureFixture) -> None:
    script = Script()
    script.is_open.clear()
    outbox = opening(script, most=3)
    outbox.post(letter("in the hand"))
    assert script.is_called.wait(10)
    for number in range(5):
        outbox.post(letter(number))
    assert outbox.outbox.waiting == 3
    script.is_open.set()
    outbox.flush()
    assert script.sent == ["in the hand", "3", "4"]
    assert told(caplog) == [(logging.ERROR, "a letter was not sent: too many wait, and it was the oldest")] * 3


def test_of_32_threads_letters_each_is_sent_once_and_each_thread_s_in_order(opening: Any) -> None:
    script, together = Script(), threading.Barrier(32)
    outbox = opening(script)

    def post(thread: int) -> None:
        together.wait()
        for number in range(20):
            outbox.post(letter(f"{thread}.{number:02}"))
        if thread % 8 == 0:
            outbox.flush()

    threads = [threading.Thread(target=post, args=(thread,)) for thread in range(32)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    outbox.flush()
    assert len(script.sent) == len(set(script.sent)) == 640
    for thread in range(32):
        mine = [subject for subject in script.sent if subject.startswith(f"{thread}.")]
        assert mine == sorted(mine)


def test_a_flush_waits_for_what_was_posted_before_and_for_nothing_after(opening: Any) -> None:
    class Endless(Script):
        def send(self, letter: Letter) -> None:
            super().send(letter)
            outbox.post(letter)  # there is always one more

    script = Endless()
    outbox = opening(script)
    outbox.post(letter("first"))
    outbox.flush()
    assert script.sent[0] == "first"
    script.send = super(Endless, script).send  # type: ignore[method-assign]


def until_it_stops(script: Script, outbox: Any) -> None:
    """Have the first letter wait in the mailer's hand until the outbox is being closed."""
    script.is_open.clear()
    outbox.post(letter("0"))
    assert script.is_called.wait(10)
    sending = outbox.outbox._sending

    def hold() -> None:
        with sending._bell:
            assert sending._bell.wait_for(lambda: sending._stopping, 10)

    script.hold = hold
    outbox.post(letter("1"))
    outbox.post(letter("2"))


def released(script: Script, outbox: Any) -> list[str]:
    """Close the outbox while its first letter waits, and return what was tried."""
    until_it_stops(script, outbox)
    closing = threading.Thread(target=outbox.close)
    closing.start()
    script.is_open.set()
    closing.join()
    return script.tries


def test_closing_sends_what_waits(opening: Any) -> None:
    script = Script()
    assert released(script, opening(script)) == script.sent == ["0", "1", "2"]


def test_closing_tries_once_more_and_waits_for_no_pause(opening: Any) -> None:
    script = Script(Undelivered(reason="greylisted"))
    outbox = opening(script, pauses=(1000.0,))
    outbox.post(letter("greylisted"))
    script.hold = lambda: script.tries[-1] != "other" or other.set()
    other = threading.Event()
    outbox.post(letter("other"))
    assert other.wait(10), "by now the first has been tried and waits for its time"
    outbox.close()
    assert script.sent == ["other", "greylisted"]


def test_closing_stops_at_the_first_letter_that_fails(opening: Any, caplog: pytest.LogCaptureFixture) -> None:
    script = Script(None, *[Undelivered(reason="no answer")] * 5)
    assert released(script, opening(script, pauses=(1000.0,))) == ["0", "1"]
    assert told(caplog) == [
        (logging.ERROR, "a letter was not sent: no answer"),
        (logging.ERROR, "1 letters were not sent before the outbox ended"),
    ]


def test_closing_goes_on_after_a_refusal_for_good(opening: Any) -> None:
    script = Script(None, Undelivered(reason="no such person", temporary=False))
    assert released(script, opening(script)) == ["0", "1", "2"]
    assert script.sent == ["0", "2"]


def test_what_is_posted_after_closing_is_sent_all_the_same(opening: Any) -> None:
    script = Script()
    outbox = opening(script)
    for number in range(3):
        outbox.post(letter(number))
        outbox.close()
        outbox.close()
    assert script.sent == ["0", "1", "2"]


def test_an_outbox_that_is_forgotten_ends_its_thread(opening: Any) -> None:
    script = Script()
    outbox = Outbox(script, is_async=False)
    outbox.post(letter())
    finish(outbox.flush())
    sending = outbox._sending
    assert sending is not None
    del outbox
    gc.collect()
    sending.join(10)
    assert not sending.is_alive
    assert sending.is_over


def test_a_thread_that_cannot_be_made_loses_the_letter_and_says_so(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    outbox = Outbox(Script(), is_async=False)
    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", fails)
        outbox.post(letter())
    assert told(caplog)[0][1].startswith("a letter was not sent: RuntimeError")
    outbox.post(letter())
    finish(outbox.close())


def test_a_runner_that_breaks_ends_the_thread_and_the_next_letter_makes_another(
    caplog: pytest.LogCaptureFixture,
) -> None:
    script = Script()
    outbox = Outbox(script, is_async=False)
    runner, outbox._runner = outbox._runner, lambda: (_ for _ in ()).throw(OSError("too many open files"))
    outbox.post(letter("lost"))
    sending = outbox._sending
    assert sending is not None
    sending.join(10)
    finish(outbox.flush())
    outbox._runner = runner
    outbox.post(letter("sent"))
    finish(outbox.close())
    assert script.sent == ["sent"]
    assert any(text.startswith("the outbox ended: OSError") for _level, text in told(caplog))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_worker_sends_its_own_letters_and_not_its_parent_s(tmp_path: Any) -> None:
    script, sent = Script(), tmp_path / "sent"
    outbox = Outbox(script, is_async=False)
    outbox.post(letter("before"))
    assert script.is_called.wait(10)
    finish(outbox.flush())
    script.is_open.clear()
    outbox.post(letter("the parent's"))
    pid = os.fork()
    if pid == 0:  # pragma: no cover - measured in the parent alone
        with contextlib.suppress(BaseException):
            script.is_open.set()
            outbox.post(letter("the child's"))
            finish(outbox.flush())
            finish(outbox.close())
            sent.write_text(" ".join(script.sent))
        os._exit(0)
    os.waitpid(pid, 0)
    script.is_open.set()
    finish(outbox.close())
    assert sent.read_text() == "before the child's"
    assert script.sent == ["before", "the parent's"]


AT_EXIT = """
import sys, threading, time
from plexe_auth.mail.outbox import Outbox
from plexe_auth.model.letter import Letter

class Mailer:
    def send(self, letter):
        if sys.argv[1] == "hangs":
            threading.Event().wait()
        print("sent", letter.subject, flush=True)

outbox = Outbox(Mailer(), is_async=False)
for number in range(3):
    outbox.post(Letter("ada@example.com", str(number), "t"))
import plexe_auth.mail.sending as sending
sending.leave.__defaults__ = (0.2,)
"""


@pytest.mark.parametrize(("how", "expected"), [("works", "sent 0\nsent 1\nsent 2\n"), ("hangs", "")])
def test_a_process_that_closes_nothing_sends_what_waits_and_never_hangs(how: str, expected: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-W", "error", "-c", AT_EXIT, how], capture_output=True, text=True, timeout=30, check=True
    )
    assert ended.stdout == expected
    assert ("3 letters were not sent before the process ended" in ended.stderr) is (how == "hangs")


def test_leaving_waits_for_no_thread_that_is_gone() -> None:
    outbox = Outbox(Script(), is_async=False)
    outbox.post(letter())
    sending = outbox._sending
    assert sending is not None
    finish(outbox.close())
    leave([sending])


def test_the_mailbox_has_a_letter_as_soon_as_it_is_posted(face: str) -> None:
    mailbox, threads = Mailbox(), threading.active_count()
    outbox = Outbox(mailbox, is_async=face == "async")
    outbox.post(letter())
    assert mailbox.last() == letter()
    assert threading.active_count() == threads


def test_L03_a_mailer_at_once_that_raises_is_nobody_elses_business_either(caplog: pytest.LogCaptureFixture) -> None:
    class Broken(Mailbox):
        def send(self, letter: Any, /) -> None:
            raise OSError("ada@example.com")

    Outbox(Broken(), is_async=False).post(letter())
    assert told(caplog)[0][1].startswith("a letter was not sent: OSError at ")


def sent_by(mailer: Mailer | AsyncMailer, loop: Loop, is_async: bool) -> None:
    port = asynchronous_mailer(mailer, is_async)
    if is_async:
        loop.run(port.send(letter()))
    else:
        finish(port.send(letter()))


@pytest.mark.parametrize("is_async", [False, True])
def test_one_port_serves_either_colour(is_async: bool, loop: Loop) -> None:
    script, mailbox = Script(), Mailbox()
    sent_by(AsyncScript(script) if is_async else script, loop, is_async)
    sent_by(script, loop, is_async)
    sent_by(mailbox, loop, is_async)
    assert script.sent == ["Hello"] * 2
    assert len(mailbox) == 1


def test_a_blocking_mailer_does_not_hold_up_the_loop(loop: Loop) -> None:
    script = Script()
    sent_by(script, loop, is_async=True)
    assert "face" not in script.threads
    assert "MainThread" not in script.threads


class Disguised:
    """It looks blocking and returns something to await."""

    def send(self, letter: Letter) -> Any:
        return AsyncScript(Script()).send(letter)


@pytest.mark.parametrize("is_async", [False, True])
def test_an_answer_to_await_of_a_mailer_that_looks_blocking_is_refused(is_async: bool, loop: Loop) -> None:
    with pytest.raises(ConfigurationError):
        sent_by(Disguised(), loop, is_async)


@pytest.mark.parametrize("is_async", [False, True])
@pytest.mark.parametrize("mailer", [None, 1, "smtp://localhost", object(), Mailbox, Script, lambda letter: None])
def test_what_is_no_mailer_is_refused_when_it_is_built(mailer: Any, is_async: bool) -> None:
    with pytest.raises(ConfigurationError):
        asynchronous_mailer(mailer, is_async)
    with pytest.raises(ConfigurationError):
        Outbox(mailer, is_async=is_async)


def test_an_asynchronous_mailer_under_a_blocking_face_is_refused_when_it_is_built() -> None:
    for build in (lambda one: asynchronous_mailer(one, is_async=False), lambda one: Outbox(one, is_async=False)):
        with pytest.raises(ConfigurationError, match="AsyncAuth"):
            build(AsyncScript(Script()))


def test_the_console_shows_a_letter_whole(capsys: pytest.CaptureFixture[str]) -> None:
    ConsoleMailer().send(letter())
    shown = "---------- To: ada@example.com\nSubject: Hello\n\nhttps://app.example.com/reset#token=canary\n----------\n"
    assert capsys.readouterr().err == shown
    ConsoleMailer(stream := io.StringIO()).send(letter())
    assert stream.getvalue() == shown
