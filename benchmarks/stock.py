"""A SQLite file full of keys, and the texts of some of them, which lie all over the table."""

import hashlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from plexe_auth import Auth, Settings
from plexe_auth.model.token import KeyFormat

_FORMAT = KeyFormat(Settings().key_prefix)
_TEMPLATE = "SELECT * FROM plexe_auth_keys LIMIT 1"


class Texts:
    """Many keys' texts as one string of bytes: a million texts would be a million things for the collector to know."""

    def __init__(self, file: Path) -> None:
        self._all: bytes = file.read_bytes()
        self._width: int = _FORMAT.length

    def __len__(self) -> int:
        return len(self._all) // self._width

    def __getitem__(self, place: int) -> str:
        if not 0 <= place < len(self):
            raise IndexError(place)
        return self._all[place * self._width : (place + 1) * self._width].decode()


def fill(file: Path, size: int, known: int) -> Path:
    """Make a file with `size` keys, and one account in ten that was suspended once; return where `known` texts are."""
    with Auth.open(f"sqlite:///{file}") as auth:
        auth.keys.create("acct_42", name="CI")
    texts = file.with_suffix(".texts")
    connection = sqlite3.connect(file)
    connection.row_factory = sqlite3.Row
    model = dict(connection.execute(_TEMPLATE).fetchone())
    indexes = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql NOT NULL").fetchall()
    connection.execute("BEGIN")
    for index in indexes:  # built once at the end, which takes a fraction of the time
        connection.execute(f'DROP INDEX "{index["name"]}"')
    marks = ", ".join("?" * len(model))
    with texts.open("wb") as told:
        rows = _rows(model, size - 1, _kept(told, size - 1, known))
        connection.executemany(f"INSERT INTO plexe_auth_keys VALUES ({marks})", rows)
    accounts = ((f"acct_{number:07}",) for number in range(size // 10))
    connection.executemany("INSERT INTO plexe_auth_accounts (id) VALUES (?)", accounts)
    for index in indexes:
        connection.execute(index["sql"])
    connection.execute("COMMIT")
    connection.close()
    return texts


def _kept(told: BinaryIO, count: int, known: int) -> Iterator[bytes]:
    """Give the digests of so many keys, and write the texts of some of them."""
    stride = max(1, count // known)
    for number in range(count):
        if number % stride:
            yield os.urandom(32)
        else:
            text = _FORMAT.make().reveal().encode()
            told.write(text)
            yield hashlib.sha256(text).digest()


def _rows(model: dict[str, object], count: int, digests: Iterator[bytes]) -> Iterator[tuple[object, ...]]:
    for number, digest in zip(range(count), digests, strict=True):
        own = {"id": f"key_{number:022}", "account_id": f"acct_{number:07}", "digest": digest}
        yield tuple((model | own | {"family": own["id"]}).values())
