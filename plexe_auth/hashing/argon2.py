"""Argon2 is computed by passlib over argon2-cffi, and here alone; neither is loaded before the first password."""

import base64
import re
import threading
import warnings
from typing import Any, NamedTuple

from plexe_auth.hashing.parameters import Parameters, bearable

_SALT_BYTES, _TAG_BYTES = 16, 32  # RFC 9106, section 4
_LEAST_TAG_BYTES = 16  # a shorter one might match by chance

_FORM = re.compile(
    r"\$argon2(?P<kind>id|i|d)\$v=(?P<version>16|19)\$m=(?P<memory>[0-9]{1,7}),t=(?P<passes>[0-9]{1,7})"
    r",p=(?P<lanes>[0-9]{1,2})\$(?P<salt>[A-Za-z0-9+/]{11,86})\$(?P<tag>[A-Za-z0-9+/]{22,171})"
)


class Kept(NamedTuple):
    """A stored hash in Argon2's own form (the PHC string format).

    Attributes:
        text: all of it.
        parameters: its costs; ``None`` where it is not Argon2id in its last version, or its salt or tag is short.
    """

    text: str
    parameters: Parameters | None


def kept(stored: str) -> Kept | None:
    """Return a stored hash if it is Argon2's, well-formed, and bearable."""
    found = _FORM.fullmatch(stored)
    if found is None:
        return None
    salt, tag = _bytes(found["salt"]), _bytes(found["tag"])
    memory, passes, lanes = (int(found[name]) for name in ("memory", "passes", "lanes"))
    if salt < 8 or tag < _LEAST_TAG_BYTES or not bearable(memory, passes, lanes):
        return None
    is_ours = (found["kind"], found["version"]) == ("id", "19") and salt >= _SALT_BYTES and tag >= _TAG_BYTES
    return Kept(stored, Parameters(memory, passes, lanes) if is_ours else None)


def _bytes(text: str) -> int:
    """Return how many bytes unpadded base64 stands for, or 0 if it is not the one text that stands for them."""
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except ValueError:
        return 0
    return len(data) if base64.b64encode(data).decode().rstrip("=") == text else 0


class Argon2:
    """Argon2id of certain `parameters`, and what reads all kinds of Argon2."""

    def __init__(self, parameters: Parameters) -> None:
        self.parameters = parameters
        self._handler: Any = None
        self.forget()

    def forget(self) -> None:
        """In a forked child: nobody is loading it."""
        self._loading = threading.Lock()

    def hashed(self, password: bytes) -> str:
        """Return a new hash, with a salt of its own."""
        return str(self._loaded().hash(password))

    def matches(self, password: bytes, stored: Kept) -> bool:
        """Tell whether a stored hash is that of the password."""
        return self._loaded().verify(password, stored.text) is True

    def _loaded(self) -> Any:
        with self._loading:  # which warnings are shown is no thread's own
            if self._handler is None:
                self._handler = self._load()
            return self._handler

    def _load(self) -> Any:
        with warnings.catch_warnings():
            # passlib imports `crypt`, and asks argon2 for its version in a way that both deprecate.
            warnings.simplefilter("ignore")
            import passlib.hash

            argon2: Any = passlib.hash.argon2
            argon2.set_backend("argon2_cffi")
            return argon2.using(
                type="ID",
                memory_cost=self.parameters.memory,
                rounds=self.parameters.passes,
                parallelism=self.parameters.lanes,
                salt_size=_SALT_BYTES,
                digest_size=_TAG_BYTES,
            )
