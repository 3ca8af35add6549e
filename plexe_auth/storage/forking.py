"""A forked worker starts clean: it shares no connection and no lock with its parent."""

import functools
import os
import weakref
from typing import Protocol


class Forgetful(Protocol):
    """Something that holds what a child process must not share."""

    def forget(self) -> None:
        """Leave the parent's things alone and begin anew."""
        ...


_living: "weakref.WeakSet[Forgetful]" = weakref.WeakSet()


def forget_when_forked(thing: Forgetful) -> None:
    """Have `thing` forget in every child process that is forked from now on."""
    _register()
    _living.add(thing)


@functools.cache
def _register() -> None:
    if hasattr(os, "register_at_fork"):  # Windows has no fork
        os.register_at_fork(after_in_child=_forget_all)


def _forget_all() -> None:
    for thing in list(_living):
        thing.forget()
