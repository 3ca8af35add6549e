"""An operation is written once, as ``async def``, and called plainly or with ``await``; no event loop is known here.

When everything an operation awaits is already settled, its coroutine never suspends, so one ``send(None)`` runs it to
its end. That is the whole of the blocking mode. Code that did suspend would have met an asynchronous part in a
blocking place; that is refused loudly, because a coroutine mistaken for a value would be truthy and fail open.
"""

import functools
from collections.abc import Callable, Coroutine
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar, overload

from plexe_auth.errors import ConfigurationError

P = ParamSpec("P")
T = TypeVar("T")


class Mode:
    """How the operations of a service are called. It stands in types and is never made."""


class Sync(Mode):
    """The mode in which an operation is called plainly and has finished when it returns."""


class Async(Mode):
    """The mode in which an operation returns a coroutine to be awaited."""


M = TypeVar("M", bound=Mode)
Faces = Callable[[Any, Callable[..., Coroutine[Any, Any, Any]]], Callable[..., Any]]


class Service(Generic[M]):
    """Something that offers operations, all in one mode."""

    def __init__(self, mode: type[M]) -> None:
        self.mode: type[M] = mode


class operation(Generic[P, T]):  # noqa: N801 - it is used as a decorator and reads as one
    """A public ``async def`` of a `Service`, callable in the service's mode.

    The face is made at the first use and kept on the service, so that later calls cost an attribute look-up.
    """

    def __init__(self, body: Callable[Concatenate[Any, P], Coroutine[Any, Any, T]]) -> None:
        self.body = body
        self.__doc__ = body.__doc__
        self._faces: Faces | None = None

    def faces(self, make: "Faces") -> "Faces":
        """Have `make` give the face for a service and its body, instead of the one that always enters a coroutine.

        What it gives returns, or is awaited, as the service's mode says; it is for what can often be done at once.
        """
        self._faces = make
        return make

    @overload
    def __get__(self, service: None, owner: object) -> Callable[Concatenate[Any, P], Coroutine[Any, Any, T]]: ...
    @overload
    def __get__(self, service: Service[Sync], owner: object) -> Callable[P, T]: ...
    @overload
    def __get__(self, service: Service[Async], owner: object) -> Callable[P, Coroutine[Any, Any, T]]: ...
    def __get__(self, service: Service[Any] | None, owner: object) -> Any:
        if service is None:
            return self.body
        bound = self.body.__get__(service)
        face = self._face(service, bound)
        service.__dict__[self.body.__name__] = face
        return face

    def _face(self, service: Service[Any], bound: Callable[P, Coroutine[Any, Any, T]]) -> Callable[..., Any]:
        if self._faces is not None:
            return functools.wraps(bound)(self._faces(service, bound))
        return _plain(bound) if service.mode is Sync else bound


def _plain(bound: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, T]:
    @functools.wraps(bound)
    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            coroutine = bound(*args, **kwargs)
        finally:
            del args, kwargs  # a key among them must not stand in this frame, neither then nor when they do not fit
        return finish(coroutine)

    return call


def finish(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine that never suspends, and return its result.

    Raises:
        ConfigurationError: it did suspend, or its result is itself something to await: an asynchronous part was put
            where a blocking one belongs.
    """
    try:
        coroutine.send(None)
    except StopIteration as stop:
        result: T = stop.value
        return settled(result)
    coroutine.close()
    raise ConfigurationError("an asynchronous part was used in a blocking place; use AsyncAuth, or a blocking part")


def settled(value: T) -> T:
    """Return `value`, unless it is an awaitable that a blocking part should never have returned.

    Raises:
        ConfigurationError: `value` is awaitable.
    """
    if hasattr(type(value), "__await__"):
        if isinstance(value, Coroutine):
            value.close()
        raise ConfigurationError("a blocking part returned something to await; use AsyncAuth for asynchronous parts")
    return value
