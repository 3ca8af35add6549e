"""What is granted is what is written, in one form; whatever has another form is refused and grants nothing."""

import copy
import pickle
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from plexe_auth import READ_ONLY, READ_WRITE, InvalidRequest, Permissions
from plexe_auth.model.permission import pair
from tests.model.permissions import GRANTS, PERMISSION, PERMISSIONS

WRONG = [
    "",
    " ",
    ":",
    "models",
    "models:",
    ":read",
    "models:read:now",
    "READ",
    "Read",
    "models:Read",
    "modèles:read",
    "mоdels:read",  # a Cyrillic o
    "models:ｒead",  # a full-width r
    "models:read\n",
    "models:\x00read",
    "models: read",
    "mod els:read",
    "mod*:read",
    "**:read",
    "-models:read",
    "_models:read",
    "models,read",
    "models/read",
    "a" * 65 + ":read",
    "models:" + "a" * 65,
    "read,write",
    "*",
]
NO_TEXTS = [None, 7, b"models:read", True, ("models", "read"), ["models:read"], object()]

TABLE = {  # grants: what they cover, and what they do not
    "read": ("read *:read models:read keys:read", "write models:write keys:manage *:* models:* *:manage"),
    "write": ("write models:write keys:write", "read models:read keys:manage *:manage *:*"),
    "read write": ("read write models:read models:write", "keys:manage *:manage models:* *:*"),
    "*:write": ("write models:write", "keys:manage keys:* *:*"),
    "models:read": ("models:read", "read models:write models:* images:read models:readonly"),
    "models:*": ("models:read models:write models:manage models:*", "read *:* keys:manage *:manage images:read"),
    "*:manage": ("keys:manage *:manage", "read keys:read *:*"),
    "keys:*": ("keys:manage keys:read", "models:read manage:keys *:manage"),
    "*:*": ("read write keys:manage models:anything *:manage *:*", ""),
    "": ("", "read write *:* models:read keys:manage"),
}


@pytest.mark.parametrize("grants", TABLE)
def test_a_grant_covers_this_and_not_that(grants: str) -> None:
    granted = Permissions.parse(grants)
    covered, uncovered = (set(column.split()) for column in TABLE[grants])
    assert {wanted for wanted in covered | uncovered if granted.covers(wanted)} == covered
    assert {wanted for wanted in covered | uncovered if wanted in granted} == covered


@pytest.mark.parametrize("text", WRONG)
def test_P05_what_is_no_permission_is_never_asked_for_nor_granted(text: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        READ_WRITE.covers(text)
    assert caught.value.field == "permission"
    with pytest.raises(InvalidRequest) as caught:
        Permissions.parse([text])
    assert caught.value.field == "permissions"


@pytest.mark.parametrize("value", NO_TEXTS)
def test_P05_what_is_no_text_is_no_permission(value: Any) -> None:
    with pytest.raises(InvalidRequest):
        READ_WRITE.covers(value)
    with pytest.raises(InvalidRequest):
        Permissions.parse([value])


@pytest.mark.parametrize("value", [None, 7, b"read", {"read": None, 1: 2}, [["read"]]], ids=repr)
def test_P05_what_is_no_text_and_no_texts_is_no_permissions(value: Any) -> None:
    with pytest.raises(InvalidRequest) as caught:
        Permissions.parse(value)
    assert caught.value.field == "permissions"


@given(st.text() | st.text("*:abz09_-. RDréＷ\n\0", max_size=8))
@example("models:read\n")
def test_P05_any_text_is_one_permission_in_its_one_form_or_refused(text: str) -> None:
    try:
        parts = pair(text)
    except InvalidRequest:
        with pytest.raises(InvalidRequest):
            Permissions.parse([text])
    else:
        assert text in {":".join(parts), parts[1]}
        assert text.isascii()


@given(st.text(max_size=30))
def test_P05_a_stored_text_that_nobody_wrote_grants_nothing(text: str) -> None:
    try:
        granted = Permissions.parse(text)
    except InvalidRequest:
        assert not len(Permissions.stored(text))
    else:
        assert Permissions.stored(text) == granted


@pytest.mark.parametrize("text", [None, "", "garbage", "read garbage", "READ", "read\0", "read,write"])
def test_P05_stored_garbage_grants_nothing(text: str | None) -> None:
    assert Permissions.stored(text) == Permissions()
    assert not Permissions.stored(text).covers("read")


@given(PERMISSIONS)
def test_permissions_round_trip_as_text_as_texts_and_as_themselves(granted: Permissions) -> None:
    assert Permissions.parse(str(granted)) == granted
    assert str(Permissions.parse(str(granted))) == str(granted)
    assert Permissions.parse(list(granted)) == granted
    assert Permissions.parse(granted) is granted
    assert Permissions.stored(str(granted)) == granted


@given(PERMISSIONS)
def test_permissions_are_values(granted: Permissions) -> None:
    for other in (copy.copy(granted), copy.deepcopy(granted), pickle.loads(pickle.dumps(granted))):
        assert other == granted
        assert hash(other) == hash(granted)
        assert str(other) == str(granted)
    assert repr(granted) == f"Permissions.parse({str(granted)!r})"
    assert granted != str(granted)


@given(GRANTS, st.randoms(use_true_random=False))
def test_neither_order_nor_repetition_counts(grants: list[str], random: Any) -> None:
    shuffled = grants * 2
    random.shuffle(shuffled)
    assert Permissions.parse(shuffled) == Permissions.parse(grants)
    assert hash(Permissions.parse(shuffled)) == hash(Permissions.parse(grants))


@given(PERMISSION)
def test_the_short_forms_mean_the_long_ones(permission: str) -> None:
    long = {"read": "*:read", "write": "*:write"}.get(permission, permission)
    assert Permissions.parse(permission) == Permissions.parse(long)


@given(PERMISSIONS)
def test_a_grant_that_another_covers_is_left_out(granted: Permissions) -> None:
    for one in granted:
        assert not Permissions.parse([other for other in granted if other != one]).covers(one)


def test_spaces_part_and_nothing_else_does() -> None:
    assert Permissions.parse("  models:read   keys:manage ") == Permissions.parse(["models:read", "keys:manage"])
    for part in ",;\t\n\u00a0\u2003":
        with pytest.raises(InvalidRequest):
            Permissions.parse(f"models:read{part}keys:manage")


def test_grants_stay_in_the_order_they_were_given_in() -> None:
    assert str(Permissions.parse("models:read keys:manage")) == "models:read keys:manage"
    assert str(Permissions.parse("keys:manage models:read")) == "keys:manage models:read"


def endless() -> Iterator[str]:
    while True:
        yield "read"


def test_too_many_grants_are_refused_before_they_cost_anything() -> None:
    many = [f"models{number}:read" for number in range(201)]
    assert len(Permissions.parse(many[:200])) == 200
    for grants in (many, " ".join(many), endless()):
        with pytest.raises(InvalidRequest, match="No more than 200 permissions") as caught:
            Permissions.parse(grants)
        assert caught.value.field == "permissions"


def test_H02_a_refusal_repeats_nothing_of_what_was_asked_for() -> None:
    for ask in (READ_ONLY.covers, Permissions.parse):
        with pytest.raises(InvalidRequest) as caught:
            ask("canary:read:now")
        assert "canary" not in str(caught.value.problem())


def test_read_only_and_read_write_are_what_they_say() -> None:
    assert str(READ_ONLY) == "read"
    assert str(READ_WRITE) == "read write"
    assert Permissions.parse("read") <= READ_WRITE
    assert not Permissions.parse("read write") <= READ_ONLY


@pytest.mark.parametrize("other", ["read", None, frozenset({("*", "read")}), ("*", "read")])
def test_permissions_are_compared_with_permissions_alone(other: Any) -> None:
    granted = Permissions.parse("read")
    assert granted != other
    with pytest.raises(TypeError):
        _ = granted <= other
    with pytest.raises(TypeError):
        _ = granted >= other
