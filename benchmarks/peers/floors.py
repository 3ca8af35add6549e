"""What nothing gets below: the goal itself as so many hashes, and the least function that does what verifying does.

``python -m benchmarks.peers.floors thrice``, or ``least``.
"""

from collections.abc import Iterable
from hashlib import sha256

from benchmarks import least
from benchmarks.peers.protocol import configuration, serve
from plexe_auth import Settings
from plexe_auth.model.token import KeyFormat


def main() -> None:
    """Be the floor that was asked for."""
    text = KeyFormat(Settings().key_prefix).make().reveal()
    verify = {"thrice": _thrice, "least": least.called(text, counts=False)}[configuration("thrice", "least")]

    def many(turns: Iterable[int]) -> None:
        for _ in turns:
            verify(text, permission=least.PERMISSION)

    serve(many, text)


def _thrice(text: str, *, permission: str) -> None:
    key = text.encode()
    sha256(key).digest()
    sha256(key).digest()
    sha256(key).digest()


if __name__ == "__main__":
    main()
