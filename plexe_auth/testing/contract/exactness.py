"""What is kept comes back as it was, and is equal to itself and to nothing else: no folding, trimming or rounding."""

from plexe_auth.rows import Insert, Query, equal
from plexe_auth.storage.store import Store
from plexe_auth.testing.contract.opened import Opened
from plexe_auth.testing.contract.samples import account, found, fresh, key

# Texts that one collation or another takes for the same.
ALIKE = ("a", "A", "á", "a\u0301", "à", "ª", "ａ", "a ", " a", "a\t", "a\n", "ﬀ", "ff", "ß", "ss", "SS", "ı", "i", "İ")
TEXTS = (*ALIKE, "😀", "\x7f", "\u200b", "\u2028", "\ufeff", "\U0010ffff", "%", "_", "\\", "'", '"', "?", ":v0", "%s")
INTEGERS = (0, 1, -1, 2**31, -(2**31) - 1, 2**53 + 1, 2**63 - 1, -(2**63))
BYTES = (bytes(32), b" " * 32, b"\xff" * 32, bytes(range(32)), b"A" * 32, b"a" * 32, b"\\" * 32, b"a" * 31 + b"\0")


class Exactness(Opened):
    """What comes back of what was kept."""

    def test_H10_texts_that_look_alike_are_different_ids(self, store: Store) -> None:
        stem = fresh()
        store.commit(*(Insert("accounts", account(id=stem + text, suspended_reason=text)) for text in TEXTS))
        assert [found(store, "accounts", stem + text)["suspended_reason"] for text in TEXTS] == list(TEXTS)

    def test_H10_texts_that_look_alike_are_filtered_apart(self, store: Store) -> None:
        stem = fresh()
        store.commit(*(Insert("keys", key(account_id=stem + text, name=text)) for text in TEXTS))
        pages = [store.page(Query("keys", (equal("account_id", stem + text),), ("id",))) for text in TEXTS]
        assert [[row["name"] for row in page] for page in pages] == [[text] for text in TEXTS]

    def test_H10_a_text_may_be_as_long_as_its_column(self, store: Store) -> None:
        for text in ("a", "é", "€", "😀", " "):
            long = account(id=fresh()[:30] + text * 225, suspended_reason=text * 1000)
            store.commit(Insert("accounts", long))
            assert store.get("accounts", "id", long["id"]) == long

    def test_H10_a_long_text_comes_back_whole(self, store: Store) -> None:
        row = key(metadata="😀\r\n\t" * 25_000, permissions="")
        store.commit(Insert("keys", row))
        assert store.get("keys", "id", row["id"]) == row

    def test_an_empty_text_is_not_nothing(self, store: Store) -> None:
        empty, nothing = account(suspended_reason=""), account()
        store.commit(Insert("accounts", empty), Insert("accounts", nothing))
        assert found(store, "accounts", empty["id"])["suspended_reason"] == ""
        assert found(store, "accounts", nothing["id"])["suspended_reason"] is None

    def test_integers_keep_all_their_64_bits(self, store: Store) -> None:
        rows = [account(suspended_at=number) for number in INTEGERS]
        store.commit(*(Insert("accounts", row) for row in rows))
        assert [found(store, "accounts", row["id"])["suspended_at"] for row in rows] == list(INTEGERS)

    def test_byte_strings_are_unique_byte_for_byte(self, store: Store) -> None:
        salt = bytes.fromhex(fresh("x")[2:]) + bytes(16)  # new in front, and as it is at the end
        values = [bytes(one ^ other for one, other in zip(salt, value, strict=True)) for value in BYTES]
        rows = [key(digest=value) for value in values]
        store.commit(*(Insert("keys", row) for row in rows))
        assert [store.get("keys", "digest", value) for value in values] == rows
