"""Shows what is done and what comes of it, and keeps count of the promises that were not kept."""

from collections.abc import Callable
from typing import TypeVar

from examples.demo.exchange import Answer, Promise, send
from examples.demo.screen import Screen, Span, Style
from plexe_auth import IssuedKey

T = TypeVar("T")

_TELLING = ("deprecation", "sunset", "www-authenticate")


class Guide:
    """Leads through the tour of the API at `base`."""

    def __init__(self, base: str, screen: Screen) -> None:
        self._base = base
        self._screen = screen
        self._chapters = 0
        self.asked = 0
        self.broken = 0

    def chapter(self, title: str) -> None:
        """Begin a part of the tour."""
        self._chapters += 1
        self._screen.line()
        self._screen.line(Span(f"{self._chapters}  {title}", "bold"))

    def does(self, code: str, deed: Callable[[], T]) -> T:
        """Show a line of Python, do it, and show the key that it gives."""
        self._screen.line()
        self._screen.line("   ", Span(">>> ", "dim"), code)
        result = deed()
        if isinstance(result, IssuedKey):
            self._screen.line("       ", Span(result.key.hint, "key"), Span(f"  may {result.key.permissions}", "dim"))
        return result

    def asks(self, method: str, path: str, key: str | None, promise: Promise) -> None:
        """Send a request, show it with its answer, and hold the answer against the promise."""
        answer = send(self._base, method, path, key)
        sent = [] if key is None else [Span("   x-api-key: ", "dim"), Span(_hint(key), "key")]
        self._screen.line()
        self._screen.line("   ", Span("→ ", "dim"), f"{method} {path}", *sent)
        self._show(answer)
        self._judge(answer, promise)

    def _show(self, answer: Answer) -> None:
        style: Style = "good" if answer.status < 400 else "bad"
        status = Span(f"{answer.status} {answer.reason}", style)
        code = [Span(f"  {answer.code}", "bold")] if answer.code else []
        self._screen.line("   ", Span("← ", "dim"), status, *code, f"  {answer.detail}")
        for name in _TELLING:
            if name in answer.headers:
                self._screen.line("     ", Span(f"{name}: ", "dim"), answer.headers[name])

    def _judge(self, answer: Answer, promise: Promise) -> None:
        self.asked += 1
        if not promise.kept(answer):
            self.broken += 1
            self._screen.line("   ", Span(f"✗ promised was {promise}", "bad"))


def _hint(key: str) -> str:
    return f"{key[:11]}…{key[-4:]}"
