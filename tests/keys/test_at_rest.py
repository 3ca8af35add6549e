"""A key's text is nowhere but in its owner's hands: not in the store, and no more than a hint in any answer."""

import base64
import dataclasses
import inspect
import math
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from plexe_auth import APIKey, AuthError
from plexe_auth.model.token import KeyFormat
from plexe_auth.secret import random_text
from plexe_auth.service.keys import Keys
from plexe_auth.storage.sql.url import resolve
from plexe_auth.storage.tables import PREFIX, TABLES
from tests.conftest import Clock

PEPPER = b"a pepper that is long enough"
PIECE = 8  # so many characters on end of a key's body betray it; the hint shows four


def lives(auth: Any, clock: Clock) -> tuple[list[str], list[Any]]:
    """Keys in every stage of life: their texts, and every answer that was given about them."""
    issued = [auth.keys.create("acct", name="CI", metadata={"a": "b"}, expires_in=timedelta(1)) for _ in range(3)]
    manager = auth.keys.create("acct", name="manager", permissions="*:*")
    by = auth.keys.verify(manager.secret.reveal())
    issued += [manager, auth.keys.rotate(issued[0].key.id), auth.keys.create("acct", name="child", by=by)]
    texts = [one.secret.reveal() for one in issued]
    answers: list[Any] = [*issued, by, auth.keys.page("acct"), auth.keys.page("acct", status="active")]
    answers += [auth.keys.update(issued[1].key.id, name="other"), auth.keys.disable(issued[1].key.id)]
    answers += [auth.keys.revoke_leaked(texts[2], reason="leaked"), auth.keys.enable(issued[1].key.id)]
    answers += [auth.keys.explain(text) for text in texts] + [auth.keys.get(one.key.id) for one in issued]
    answers += [refusal(auth, text, clock) for text in texts]
    return texts, answers


def refusal(auth: Any, text: str, clock: Clock) -> Any:
    clock.advance(timedelta(days=1))
    try:
        return auth.keys.verify(text, permission="models:write")
    except AuthError as refused:
        return refused.problem(), str(refused), repr(refused)


def at_rest(auth: Any, url: str) -> bytes:
    """Everything that the store keeps, as bytes."""
    if url == "memory://":
        store = auth.world.store._store
        return repr((store._tables, store._unique)).encode()
    where = resolve(url, blocking=True)
    if where.get_backend_name() == "sqlite":
        file = Path(where.database or "")
        found = (one for one in file.parent.rglob("*") if one.is_file())  # the log's spool among them
        return b"".join(one.read_bytes() for one in found if file.name in str(one))
    return b"\n".join(rows(where))


def rows(where: sa.URL) -> Iterator[bytes]:
    engine = sa.create_engine(where)
    with engine.connect() as connection:
        for table in TABLES:
            for row in connection.exec_driver_sql(f"SELECT * FROM {PREFIX}{table}"):
                yield b"|".join(value if isinstance(value, bytes) else str(value).encode() for value in row)
    engine.dispose()


def pieces(text: str) -> Iterator[str]:
    body = text.removeprefix("plx_sk_")
    return (body[start : start + PIECE] for start in range(len(body) - PIECE + 1))


def test_K19_no_piece_of_a_key_is_in_the_store(auth: Any, store_url: str, clock: Clock) -> None:
    texts, _answers = lives(auth, clock)
    kept = at_rest(auth, store_url)
    assert auth.keys.page("acct").items[0].id.encode() in kept  # the sweep does see rows
    assert [piece for text in texts for piece in pieces(text) if piece.encode() in kept] == []


def test_K20_no_answer_holds_more_of_a_key_than_its_hint(quick: Any, clock: Clock) -> None:
    texts, answers = lives(quick, clock)
    shown = repr(answers) + "".join(map(str, answers)) + "".join(f"{one}" for one in answers)
    assert [piece for text in texts for piece in pieces(text) if piece in shown] == []
    assert all(f"{text[:11]}…{text[-4:]}" in shown for text in texts)


def test_K19_a_key_has_more_than_128_random_bits_and_hides_as_many(quick: Any) -> None:
    issued = quick.keys.create("acct", name="CI")
    shown = len(issued.key.hint) - len("plx_sk_…")
    assert shown == 8
    # At worst all that is shown, checksum included, tells that much of the 40 random characters.
    assert (40 - shown) * math.log2(62) >= 128


def test_K19_keys_are_all_different() -> None:
    keys = KeyFormat("plx_sk_")
    assert len({keys.make().reveal() for _ in range(10_000)}) == 10_000
    drawn = random_text(40 * 30_000)  # what makes them differ, without the rest that takes long
    assert len({drawn[start : start + 40] for start in range(0, len(drawn), 40)}) == 30_000


def test_K20_a_digest_is_neither_shown_nor_asked_for() -> None:
    assert "digest" not in {one.name for one in dataclasses.fields(APIKey)}
    assert set(inspect.signature(Keys.page).parameters) == {"self", "account_id", "after", "limit", "status"}
    assert set(inspect.signature(Keys.get).parameters) == {"self", "key_id"}


def test_K20_a_digest_or_a_hint_finds_no_key(auth: Any) -> None:
    issued = auth.keys.create("acct", name="CI")
    (digest,) = auth.keys._digests.all(issued.secret.reveal())
    for guess in (issued.key.hint, digest.hex(), base64.b64encode(digest).decode()):
        with pytest.raises(AuthError):
            auth.keys.get(guess)
        with pytest.raises(AuthError):
            auth.keys.verify(guess)
        assert list(auth.keys.page(guess)) == []
