"""An operation is written once and called in either mode; the blocking mode never suspends and never lets one pass."""

import asyncio
import gc
import inspect
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plexe_auth import AsyncAuth, ConfigurationError
from plexe_auth.bridge import Async, M, Service, Sync, finish, operation, settled


class Greeter(Service[M]):
    """Greets, and fails in every way an operation can."""

    def __init__(self, mode: type[M]) -> None:
        super().__init__(mode)
        self.left: list[str] = []

    @operation
    async def greet(self, name: str, *, polite: bool = False) -> str:
        """Return a greeting."""
        return f"{'Good day' if polite else 'Hi'}, {await self._settled(name)}"

    async def _settled(self, name: str) -> str:
        return name

    @operation
    async def give(self, *args: object, **kwargs: object) -> object:
        """Return what it was given."""
        return args, kwargs

    @operation
    async def hand_back(self, value: object) -> object:
        """Return `value` itself."""
        return value

    @operation
    async def wait(self) -> None:
        """Suspend, as what waits for an event loop does."""
        try:
            await asyncio.sleep(0)
        finally:
            self.left.append("wait")

    @operation
    async def refuse(self, text: str, error: BaseException) -> None:
        """Raise `error`, after letting go of `text`."""
        del text
        raise error


class Party(Service[M]):
    """A service that holds another, as all of ours do: in its awaited mode."""

    def __init__(self, mode: type[M]) -> None:
        super().__init__(mode)
        self.greeter = Greeter(Async)

    @operation
    async def greet_all(self, *names: str) -> list[str]:
        """Greet everybody."""
        return [await self.greeter.greet(name) for name in names]


@pytest.fixture
def plain() -> Greeter[Sync]:
    return Greeter(Sync)


@pytest.fixture
def awaited() -> Greeter[Async]:
    return Greeter(Async)


def test_one_body_gives_the_same_in_both_modes(plain: Greeter[Sync], awaited: Greeter[Async]) -> None:
    assert plain.greet("Ada", polite=True) == "Good day, Ada"
    assert asyncio.run(awaited.greet("Ada", polite=True)) == "Good day, Ada"


def test_services_stand_on_each_other_in_both_modes() -> None:
    assert Party(Sync).greet_all("Ada", "Bo") == ["Hi, Ada", "Hi, Bo"]
    assert asyncio.run(Party(Async).greet_all("Ada", "Bo")) == ["Hi, Ada", "Hi, Bo"]


@given(st.lists(st.integers()), st.dictionaries(st.sampled_from(["polite", "args", "kwargs", "name"]), st.text()))
def test_every_argument_arrives_as_it_was_given(args: list[int], kwargs: dict[str, str]) -> None:
    assert Greeter(Sync).give(*args, **kwargs) == (tuple(args), kwargs)


@pytest.mark.parametrize("mode", [Sync, Async])
def test_a_face_keeps_name_signature_and_doc(mode: type[Any]) -> None:
    face = Greeter(mode).greet
    assert (face.__name__, face.__qualname__, face.__module__) == ("greet", "Greeter.greet", __name__)
    assert face.__doc__ == Greeter.greet.__doc__ == inspect.getattr_static(Greeter, "greet").__doc__
    assert str(inspect.signature(face)) == "(name: str, *, polite: bool = False) -> str"


def test_on_the_class_an_operation_is_the_body_itself() -> None:
    assert Greeter.greet is inspect.getattr_static(Greeter, "greet").body
    assert inspect.iscoroutinefunction(Greeter.greet)


@pytest.mark.parametrize("mode", [Sync, Async])
def test_a_face_is_made_once(mode: type[Any]) -> None:
    greeter = Greeter(mode)
    assert greeter.greet is greeter.greet
    assert greeter.greet is not Greeter(mode).greet


def test_only_the_awaited_face_is_a_coroutine_function(plain: Greeter[Sync], awaited: Greeter[Async]) -> None:
    assert not inspect.iscoroutinefunction(plain.greet)
    assert inspect.iscoroutinefunction(awaited.greet)


def test_what_suspends_in_a_blocking_place_is_refused_and_closed(plain: Greeter[Sync]) -> None:
    with pytest.raises(ConfigurationError, match="asynchronous part was used in a blocking place") as caught:
        plain.wait()
    assert plain.left == ["wait"]
    del caught  # whose frames held it until here: it was closed before they were let go


def test_what_suspends_is_no_matter_where_it_is_awaited(awaited: Greeter[Async]) -> None:
    asyncio.run(awaited.wait())
    assert awaited.left == ["wait"]


class Promise:
    """Something to await that is no coroutine."""

    def __await__(self) -> Iterator[None]:
        yield


async def answer() -> bool:
    return True


@pytest.mark.parametrize("make", [answer, Promise], ids=["a coroutine", "another awaitable"])
def test_a_result_that_is_to_be_awaited_is_refused_since_it_would_be_truthy(make: Any, plain: Greeter[Sync]) -> None:
    with pytest.raises(ConfigurationError, match="returned something to await"):
        plain.hand_back(make())
    gc.collect()  # a coroutine that was not closed would warn here, and warnings are errors


@pytest.mark.parametrize("value", [None, False, 0, "", [], answer, Promise])
def test_every_other_result_passes_as_it_is(value: object, plain: Greeter[Sync]) -> None:
    assert settled(value) is value
    assert plain.hand_back(value) is value


class Odd(BaseException):
    """An error of a kind that no `except Exception` sees."""


@pytest.mark.parametrize("error", [ValueError("no"), Odd(), KeyboardInterrupt()], ids=repr)
def test_an_error_passes_as_it_is(error: BaseException, plain: Greeter[Sync], awaited: Greeter[Async]) -> None:
    with pytest.raises(type(error)) as caught:
        plain.refuse("secret", error)
    assert caught.value is error
    with pytest.raises(type(error)) as caught:
        finish(awaited.refuse("secret", error))
    assert caught.value is error


def test_a_stray_StopIteration_is_no_result(plain: Greeter[Sync]) -> None:
    with pytest.raises(RuntimeError, match="coroutine raised StopIteration"):
        plain.refuse("secret", StopIteration("a result?"))


def frames_of_ours(error: BaseException) -> Iterator[dict[str, object]]:
    """Give the locals of each frame between the caller and the body."""
    step = error.__traceback__
    while step is not None:
        if step.tb_frame.f_globals["__name__"] == "plexe_auth.bridge":
            yield step.tb_frame.f_locals
        step = step.tb_next


@pytest.mark.parametrize("misfit", [{}, {"error": 1, "wrong": 2}], ids=["too few", "a wrong name"])
def test_arguments_that_do_not_fit_stand_in_no_frame(misfit: dict[str, Any], plain: Greeter[Sync]) -> None:
    with pytest.raises(TypeError) as caught:
        plain.refuse("canary", **misfit)
    kept = list(frames_of_ours(caught.value))
    assert kept
    assert "canary" not in repr(kept)


def test_arguments_of_an_operation_that_raises_stand_in_no_frame(plain: Greeter[Sync]) -> None:
    with pytest.raises(ValueError, match="no") as caught:
        plain.refuse("canary", error=ValueError("no"))
    kept = list(frames_of_ours(caught.value))
    assert len(kept) == 2
    assert "canary" not in repr(kept)


def test_a_lost_await_gives_nothing_that_can_decide() -> None:
    auth = AsyncAuth.open("memory://")
    lost: Any = auth.keys.verify("plx_sk_nonsense")
    for decision in ("require", "can", "permissions", "account_id", "is_authenticated", "scopes"):
        with pytest.raises(AttributeError):
            getattr(lost, decision)
    lost.close()
    finish(auth.close())


def test_a_lost_await_does_nothing_and_says_so() -> None:
    auth = AsyncAuth.open("memory://")
    with pytest.warns(RuntimeWarning, match=r"coroutine 'KeyIssue\.create' was never awaited"):
        create_without_await(auth)
    assert asyncio.run(count_keys(auth)) == 0


def create_without_await(auth: AsyncAuth) -> None:
    auth.keys.create("acct_42", name="lost")  # pyright: ignore[reportUnusedCoroutine]
    gc.collect()


async def count_keys(auth: AsyncAuth) -> int:
    async with auth:
        return len((await auth.keys.page("acct_42")).items)
