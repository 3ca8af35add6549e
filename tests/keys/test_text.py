"""A key has exactly one text, and whatever is not that text is refused before it costs anything."""

import zlib
from collections.abc import Callable
from typing import Any

import pytest

from plexe_auth import InvalidKey, MissingKey, Settings
from plexe_auth.model import token
from plexe_auth.model.token import KeyFormat
from plexe_auth.secret import BASE62
from tests.keys.watch import Watch

PREFIX = "plx_sk_"
OTHERS = BASE62 + "-_~.%:/+= \t\n\r\0\x7f\x85\xa0é１А\udcff"


def changed(text: str, place: int, character: str) -> str:
    return text[:place] + character + text[place + 1 :]


def resealed(text: str, place: int, character: str) -> str:
    """The text with one character changed and the checksum made to fit: a well-formed key that nobody made."""
    body = changed(text, place, character)[:-6]
    return body + token._checksum(body)


def look_alikes(text: str) -> list[str]:
    body = text.removeprefix(PREFIX)
    return [
        text + "\n",
        text + "\r\n",
        text + "\0",
        text + " ",
        " " + text,
        "\x85" + text + "\xa0",
        "\ufeff" + text,
        text + "=",
        text + "==",
        text + "\u200b",
        text.upper(),
        text.lower(),
        text.swapcase(),
        PREFIX.upper() + body,
        "plx‐sk‐" + body,
        "ｐlx_sk_" + body,
        "рlx_sk_" + body,
        text.replace("_", "%5F"),
        "%70" + text[1:],
        PREFIX + body[:-1] + chr(ord("０") + 7),
        PREFIX + PREFIX + body,
        f"Bearer {text}",
        f'"{text}"',
        f"{text},{text}",
        text[:-1],
        text[1:],
        text + text[-1],
        body,
        "",
    ]


def test_K11_only_the_exact_text_of_a_key_is_accepted(quick: Any) -> None:
    issued = quick.keys.create("acct", name="CI")
    text = issued.secret.reveal()
    for other in {other for other in look_alikes(text) if other != text}:
        with pytest.raises(InvalidKey):
            quick.keys.verify(other)
    assert quick.keys.verify(text).id == issued.key.id


@pytest.mark.parametrize("junk", [None, True, 0, 1.5, b"plx_sk_", bytearray(9), [], {}, object(), float("nan")])
def test_K11_what_is_no_text_is_no_key(quick: Any, junk: object) -> None:
    with pytest.raises(InvalidKey):
        quick.keys.verify(junk)
    assert quick.keys.explain(junk).code == "invalid_key"


def test_K11_the_bytes_of_a_good_key_are_no_key(quick: Any) -> None:
    with pytest.raises(InvalidKey):
        quick.keys.verify(quick.keys.create("acct", name="CI").secret.reveal().encode())


@pytest.mark.parametrize(("text", "refused"), [(None, MissingKey), ("", MissingKey), (" ", InvalidKey)])
def test_only_no_text_at_all_is_a_missing_key(quick: Any, text: str | None, refused: type[InvalidKey]) -> None:
    with pytest.raises(InvalidKey) as caught:
        quick.keys.verify(text)
    assert type(caught.value) is refused


def test_K12_every_change_of_one_character_at_every_place_is_refused() -> None:
    keys = KeyFormat(PREFIX)
    text = keys.make().reveal()
    for place, right in enumerate(text):
        good = [one for one in OTHERS if keys.accepts(changed(text, place, one))]
        assert good == ([right] if right in OTHERS else []), place


def test_K11_a_right_checksum_makes_no_key_of_other_characters() -> None:
    keys = KeyFormat(PREFIX)
    text = keys.make().reveal()
    strange = [one for one in OTHERS if one not in BASE62 and one.isprintable()]
    assert [one for one in strange if keys.accepts(resealed(text, 20, one))] == []
    assert keys.accepts(resealed(text, 20, "A"))


def test_K12_every_change_of_one_character_is_refused_by_verify(quick: Any) -> None:
    text = quick.keys.create("acct", name="CI").secret.reveal()
    for place, right in enumerate(text):
        other = "A" if right != "A" else "B"
        with pytest.raises(InvalidKey):
            quick.keys.verify(changed(text, place, other))


def test_K12_a_changed_key_with_a_right_checksum_is_refused_by_every_store(auth: Any) -> None:
    text = auth.keys.create("acct", name="CI").secret.reveal()
    for place in range(len(PREFIX), len(text) - 6, 7):
        with pytest.raises(InvalidKey):
            auth.keys.verify(resealed(text, place, "A" if text[place] != "A" else "B"))
    assert auth.keys.verify(text).account_id == "acct"


@pytest.mark.parametrize("length", [0, 1, 52, 54, 60, 64_000, 1_000_000])
def test_K13_a_text_of_the_wrong_length_costs_neither_a_hash_nor_a_look(
    quick: Any, watched: Callable[[Any], Watch], monkeypatch: pytest.MonkeyPatch, length: int
) -> None:
    text = (PREFIX + "A" * length)[:length]
    hashed: list[bytes] = []
    watch = watched(quick)
    monkeypatch.setattr(token, "digest", lambda data, _pepper: hashed.append(data) or bytes(32))
    monkeypatch.setattr(token.zlib, "crc32", lambda data: hashed.append(data) or 0)
    for ask in (quick.keys.verify, quick.keys.revoke_leaked, quick.keys.explain):
        outcome(ask, text)
    assert (hashed, watch.asked) == ([], [])


def test_K13_the_spies_would_see_a_hash_and_a_look(
    quick: Any, watched: Callable[[Any], Watch], monkeypatch: pytest.MonkeyPatch
) -> None:
    text = quick.keys.create("acct", name="CI").secret.reveal()
    hashed: list[bytes] = []
    watch, crc32 = watched(quick), zlib.crc32
    monkeypatch.setattr(token, "digest", lambda data, _pepper: hashed.append(data) or bytes(32))
    monkeypatch.setattr(token.zlib, "crc32", lambda data: hashed.append(data) or crc32(data))
    outcome(quick.keys.verify, text)
    assert (len(hashed), watch.count("get")) == (2, 1)


@pytest.mark.parametrize("prefix", ["a_", "acme_live_", "x" * 31 + "_", "_" * 32])
def test_a_prefix_of_the_hosts_own_is_all_that_is_different(face: str, opened: Any, prefix: str) -> None:
    auth = opened(face, "memory://", settings=Settings(key_prefix=prefix))
    issued = auth.keys.create("acct", name="CI")
    text = issued.secret.reveal()
    assert text.startswith(prefix)
    assert issued.key.hint == f"{prefix}{text[len(prefix) :][:4]}…{text[-4:]}"
    assert auth.keys.verify(text).id == issued.key.id
    with pytest.raises(InvalidKey):
        auth.keys.verify(KeyFormat(PREFIX).make().reveal())


def test_an_alphabet_of_62_is_used_evenly() -> None:
    drawn = "".join(KeyFormat("k_").make().reveal()[2:42] for _ in range(5_000))
    expected = len(drawn) / 62
    assert all(abs(drawn.count(one) - expected) < 7 * expected**0.5 for one in BASE62)


def outcome(ask: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    try:
        return ask(*args, **kwargs)
    except InvalidKey as refused:
        return refused
