"""Looks for secrets in the files below a folder, in every form in which somebody may have written them."""

from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

_NOTHING = bytes(512)  # servers reserve room by the megabyte; what is nowhere in it need not be looked for so long


def forms(secret: bytes) -> Iterator[bytes]:
    """Give what betrays a secret: itself, forwards and backwards, in hex, in base64, and in UTF-16 of either order."""
    yield secret
    yield secret[::-1]
    yield secret.hex().encode()
    yield secret.hex().upper().encode()
    yield secret.decode().encode("utf-16-le")[:-1]  # the bytes that both orders have in common
    for before in range(3):  # bytes that may stand before it in the same group of three
        for encode in (b64encode, urlsafe_b64encode):
            yield encode(bytes(before) + secret)[-(-before * 8 // 6) : (before + len(secret)) * 8 // 6]


def found(folder: Path, secrets: Mapping[str, bytes], since: float = 0.0) -> set[str]:
    """Return the names of those secrets that are in any file that was written to since that time."""
    wanted = [(name, form) for name, secret in secrets.items() for form in set(forms(secret))]
    names: set[str] = set()
    for file in folder.rglob("*"):
        with suppress(FileNotFoundError):  # a server removes files as it likes
            if file.is_file() and not file.is_symlink() and file.stat().st_mtime >= since:
                data = file.read_bytes().replace(_NOTHING, b"\0")
                names |= {name for name, form in wanted if name not in names and form in data}
    return names
