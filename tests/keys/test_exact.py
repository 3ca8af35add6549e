"""What is given comes back exactly as it was given, or is refused; it is never trimmed and never normalised."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plexe_auth import InvalidRequest
from plexe_auth.model.metadata import decoded, encoded

TEXTS = (
    " leading and trailing ",
    "e\u0301 is not \u00e9",
    "ﬁ ℌ ² ｱ İ ß ẞ",
    "\t\n\r\x0b\x0c\x1c\x85\xa0\u2028\u2029",
    "\x01\x7f\ufeff\ufffe\uffff\U0010ffff",
    "🔑" * 255,
    "'; DROP TABLE plexe_auth_keys; --",
    "%s %(id)s {0} ${x} \\ \" ' `",
    "NULL",
    "0",
)
NESTED: dict[str, Any] = {"a": [True, False, None, 0, -0.0, 1e-7, 1.0, -(2**63), 2**63 - 1, "", {"": []}], " b ": {}}


def test_texts_come_back_exactly_from_every_store(auth: Any) -> None:
    for text in TEXTS:
        issued = auth.keys.create(text, name=text, metadata={text: [text]})
        assert auth.keys.verify(issued.secret.reveal()).account_id == text
        auth.keys.revoke(issued.key.id, reason=text)
        (key,) = auth.keys.page(text)
        assert (key.account_id, key.name, key.revoked_reason, dict(key.metadata)) == (text, text, text, {text: [text]})
        assert auth.accounts.suspend(text, reason=text).suspended_reason == text


def test_metadata_comes_back_exactly_from_every_store(auth: Any) -> None:
    key = auth.keys.create("acct", name="CI", metadata=NESTED).key
    assert repr(auth.keys.get(key.id).metadata) == repr(NESTED)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc é", max_size=5), inner, max_size=4),
    max_leaves=20,
)


@settings(deadline=None, max_examples=50)
@given(st.dictionaries(st.text("abc é", max_size=5), JSON, max_size=5))
def test_any_json_object_comes_back_exactly(metadata: dict[str, Any]) -> None:
    assert repr(decoded(encoded(metadata))) == repr(metadata)


class Text(str):
    """A text with more to it, which JSON would lose."""

    __slots__ = ("more",)


def deep(levels: int) -> dict[str, Any]:
    return {"a": deep(levels - 1)} if levels > 1 else {}


def circle() -> dict[str, Any]:
    around: dict[str, Any] = {}
    around["a"] = around
    return around


BAD_METADATA: tuple[Any, ...] = (
    *("text", b"bytes", 5, True, 1.5, [], [("a", 1)], {1, 2}),
    *({1: 2}, {None: 1}, {True: 1}, {b"a": 1}, {("a",): 1}, {Text("a"): 1}),
    *({"a": value} for value in ((1,), {1}, b"x", object(), 1j, float("nan"), float("inf"), 2**63, -(2**63) - 1)),
    *({"a": value} for value in ("\0", "\ud800", Text("b"), {"\0": 1}, [{"\udfff": 1}])),
    *(deep(33), circle(), {"a": "x" * 16_384}, {"a" * 16_384: 1}, {"a": "é" * 8_192}),
)


@pytest.mark.parametrize("metadata", BAD_METADATA, ids=range(len(BAD_METADATA)))
def test_metadata_that_would_not_come_back_is_refused(quick: Any, metadata: Any) -> None:
    key = quick.keys.create("acct", name="CI").key
    for ask in (lambda: quick.keys.create("acct", name="CI", metadata=metadata), lambda: changed(quick, key, metadata)):
        with pytest.raises(InvalidRequest) as caught:
            ask()
        assert caught.value.field == "metadata"
    assert quick.keys.page("acct").items == (key,)


def changed(auth: Any, key: Any, metadata: Any) -> Any:
    return auth.keys.update(key.id, metadata=metadata)


def test_metadata_as_deep_and_long_as_may_be_is_kept(auth: Any) -> None:
    for metadata in (deep(32), {"a": "é" * 8_188}):
        key = auth.keys.create("acct", name="CI", metadata=metadata).key
        assert auth.keys.get(key.id).metadata == metadata


def test_changing_what_came_back_changes_nothing_that_is_kept(quick: Any) -> None:
    key = quick.keys.create("acct", name="CI", metadata={"a": [1]}).key
    quick.keys.get(key.id).metadata["a"].append(2)
    assert quick.keys.get(key.id).metadata == {"a": [1]}


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.characters(), max_size=300))
def test_any_text_comes_back_or_is_refused(quick: Any, text: str) -> None:
    if not 1 <= len(text) <= 255 or "\0" in text or any("\ud800" <= one <= "\udfff" for one in text):
        with pytest.raises(InvalidRequest):
            quick.keys.create(text, name=text)
        return
    key = quick.keys.create(text, name=text).key
    assert (key.account_id, key.name) == (text, text)
    assert quick.keys.get(key.id) == key


@pytest.mark.parametrize("length", [255, 1000])
def test_limits_count_characters_on_every_store(auth: Any, length: int) -> None:
    text = "🔑" * length
    key = auth.keys.create("acct", name=text[:255]).key
    assert auth.keys.revoke(key.id, reason=text).revoked_reason == text == auth.keys.get(key.id).revoked_reason
    with pytest.raises(InvalidRequest):
        auth.keys.revoke(key.id, reason="🔑" * 1001)
    with pytest.raises(InvalidRequest):
        auth.keys.create("acct", name="🔑" * 256)
