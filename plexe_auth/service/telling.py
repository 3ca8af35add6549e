"""Every decision is written down once, before it is told: one line for each, and nothing secret in it."""

from collections.abc import Generator
from contextlib import contextmanager
from json.encoder import encode_basestring_ascii

from plexe_auth.cache.known import Known
from plexe_auth.errors import AuthError, InvalidRequest
from plexe_auth.model.entry import line
from plexe_auth.model.note import Note
from plexe_auth.world import World

NOBODY = "null,null"
UNSIGNED = ",null,null"  # of a line that tells of a key: between whose it is and where it was there is no session
END = "]\n"  # of a line
quoted = encode_basestring_ascii


def place(
    ip: str | None,
    user_agent: str | None = None,
    method: str | None = None,
    path: str | None = None,
    request_id: str | None = None,
) -> str:
    """Return where a request came from and what it wanted as the end of a line, as far as that is known.

    It begins with a comma, unless nothing is known: a line has no ``null`` at its end, which takes longer to read.
    """
    known = [ip, user_agent, method, path, request_id]
    while known and known[-1] is None:
        known.pop()
    return "".join([",null" if one is None else f",{quoted(one)}" for one in known])


class Telling:
    """Writes down what was decided."""

    def __init__(self, world: World) -> None:
        self._write = world.journal.write
        self._now = world.nanoseconds

    def allowed(self, known: Known, where: str) -> None:
        """Write down that a credential was accepted.

        Raises:
            Unavailable: it cannot be written down, so it is not accepted.
        """
        self._write(f"[{self._now() // 1000}{known.line}{_rest(where)}".encode())

    def denied(self, code: str, where: str, whose: str = NOBODY) -> None:
        """Write down that one was refused; `whose` it is only where that is known.

        Raises:
            Unavailable: it cannot be written down.
        """
        who = f",{whose}" if where or whose is not NOBODY else ""
        self._write(f'[{self._now() // 1000},"key.verify","denied","{code}"{who}{_rest(where)}'.encode())


def _rest(where: str) -> str:
    return f"{UNSIGNED}{where}{END}" if where else END


def told(world: World, note: Note, code: str | None = None) -> None:
    """Write down that somebody did something that changed nothing, or was refused with `code`.

    Raises:
        Unavailable: it cannot be written down.
    """
    at, action, _allowed, _none, *rest = note.values(world.nanoseconds() // 1000)
    world.journal.append(line(at, action, "allowed" if code is None else "denied", code, *rest))


@contextmanager
def refusals_told(world: World, note: Note) -> Generator[None]:
    """Write down every refusal of what is done meanwhile. What was asked for in a wrong form was not decided."""
    try:
        yield
    except InvalidRequest:
        raise
    except AuthError as error:
        told(world, note, error.code)
        raise
