"""A hasher of either colour, called plainly."""

from collections.abc import Callable
from typing import Any

from plexe_auth.bridge import finish
from plexe_auth.hashing.hasher import Hasher, Verdict
from plexe_auth.hashing.parameters import Parameters


class Plain:
    """A hasher of either colour, called plainly."""

    def __init__(self, hasher: Hasher, run: Callable[[Any], Any]) -> None:
        self.hasher = hasher
        self.run = run

    def hash(self, password: Any) -> str:
        return self.run(self.hasher.hash(password))

    def verified(self, password: object, stored: object) -> Verdict:
        return self.run(self.hasher.verified(password, stored))


def blocking(**more: Any) -> Plain:
    return Plain(Hasher(Parameters(16, 1, 1), parallel=1, is_async=False, **more), finish)
