"""What is told of a failure holds nothing of the frames it came through, for these held what others may not know."""

import traceback

import pytest

from plexe_auth.secret import without_frames


def connect(password: str) -> None:
    raise ConnectionError("no answer") from KeyError("host")


def serve(password: str) -> None:
    try:
        connect(password)
    except ConnectionError:
        raise ValueError("while failing") from None


def failed() -> BaseException:
    """Fail as a driver does: an error that others led to, each from a frame that held the password."""
    with pytest.raises(ValueError, match="while failing") as caught:
        serve("canary")
    return caught.value


def told(error: BaseException) -> str:
    return "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())


def test_H12_no_frame_is_told_of_the_error_nor_of_what_led_to_it() -> None:
    error = failed()
    assert "canary" in told(error)
    assert without_frames(error) is error
    error.__suppress_context__ = False  # as if somebody asked for all there is
    assert "canary" not in told(error)
    assert "ConnectionError: no answer" in told(error)
    assert "KeyError: 'host'" in told(error)


def test_errors_that_led_to_each_other_come_to_an_end() -> None:
    one, other = ValueError("one"), KeyError("other")
    one.__cause__, other.__context__ = other, one
    assert without_frames(one).__traceback__ is other.__traceback__ is None
