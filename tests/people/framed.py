"""All that the frames of an error hold, ours and those of what we call, as one text."""

from tests.keys.frames import frames, held_by


def framed(error: BaseException) -> str:
    return "\n".join(held_by(error, frames(error)))
