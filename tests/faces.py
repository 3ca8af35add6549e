"""One test body for both faces: an `AsyncAuth` that is called plainly, its coroutines run on a loop in a thread."""

import asyncio
import inspect
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class Loop:
    """An event loop in a thread of its own, so that any number of threads can have coroutines run on it."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, name="face", daemon=True)
        self._thread.start()

    def run(self, coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result()

    def close(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()


class Plainly:
    """Something asynchronous whose coroutine methods are called plainly, and so are those of what it holds."""

    def __init__(self, thing: Any, loop: Loop) -> None:
        self.awaited = thing
        self.loop = loop

    def __getattr__(self, name: str) -> Any:
        value = getattr(self.awaited, name)
        if inspect.iscoroutinefunction(value):
            return lambda *args, **kwargs: self.loop.run(value(*args, **kwargs))
        is_ours = type(value).__module__.startswith("plexe_auth.service")
        return Plainly(value, self.loop) if is_ours else value


@contextmanager
def running_loop() -> Iterator[Loop]:
    loop = Loop()
    try:
        yield loop
    finally:
        loop.close()
