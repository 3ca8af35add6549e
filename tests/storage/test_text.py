"""A text is refused or comes back exactly, on every store; two texts are one only if they are the same code points."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plexe_auth import InvalidRequest, NotFound

ALIKE = ("Acct", "acct", "ACCT", "ácct", "a\u0301cct", "acct ", " acct", "acct\t", "ａcct", "acct\u200b", "acct\n")
LIGATURES = ("ﬀ", "ff", "ß", "ss", "\u1e9e", "ı", "i", "İ", "I", "Ω", "\u2126", "K", "\u212a")
UNSTORABLE = ("\0", "a\0", "\0a", "a\0b", "\ud800", "a\udfff", "\udc80", "\ud83d", "\ude00\ud83d")

quickly = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def test_H10_accounts_that_look_alike_share_no_key(auth: Any) -> None:
    names = (*ALIKE, *LIGATURES)
    keys = {name: auth.keys.create(name, name=name).key for name in names}
    assert {name: [key.id for key in auth.keys.page(name).items] for name in names} == {
        name: [key.id] for name, key in keys.items()
    }
    assert [auth.keys.get(key.id).name for key in keys.values()] == list(keys)


def test_H10_an_account_is_suspended_without_those_that_look_alike(auth: Any) -> None:
    for name in ALIKE:
        auth.accounts.suspend(name, reason=name)
        assert [other for other in ALIKE if auth.accounts.get(other).status == "suspended"] == [name]
        auth.accounts.resume(name)


def test_H10_the_longest_texts_of_four_bytes_each_come_back(auth: Any) -> None:
    key = auth.keys.create("😀" * 255, name="😀" * 255).key
    auth.keys.revoke(key.id, reason="😀" * 1000)
    found = auth.keys.get(key.id)
    assert (found.account_id, found.name, found.revoked_reason) == ("😀" * 255, "😀" * 255, "😀" * 1000)


@pytest.mark.parametrize("text", UNSTORABLE, ids=ascii)
def test_H10_what_some_store_cannot_keep_is_refused_on_all(auth: Any, text: str) -> None:
    key = auth.keys.create("acct", name="CI").key
    for ask in (
        lambda: auth.keys.create(text, name="CI"),
        lambda: auth.keys.create("acct", name=text),
        lambda: auth.keys.create("acct", name="CI", metadata={"note": text}),
        lambda: auth.keys.create("acct", name="CI", metadata={text: 1}),
        lambda: auth.keys.update(key.id, name=text),
        lambda: auth.keys.update(key.id, metadata={"deep": [{"note": text}]}),
        lambda: auth.keys.revoke(key.id, reason=text),
        lambda: auth.keys.revoke_all("acct", reason=text),
        lambda: auth.keys.page(text),
        lambda: auth.accounts.suspend(text),
        lambda: auth.accounts.suspend("acct", reason=text),
        lambda: auth.accounts.get(text),
    ):
        with pytest.raises(InvalidRequest):
            ask()
    with pytest.raises(NotFound):
        auth.keys.get(text)
    assert auth.keys.page("acct").items == (key,)


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=40)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)


@quickly
@given(name=texts, metadata=st.dictionaries(texts, values, max_size=3))
def test_H10_names_and_metadata_come_back_as_they_were(auth: Any, name: str, metadata: dict[str, Any]) -> None:
    key = auth.keys.create(name, name=name, metadata=metadata).key
    found = auth.keys.get(key.id)
    assert (found.account_id, found.name, found.metadata) == (name, name, metadata)
    assert key in auth.keys.page(name, limit=200).items
