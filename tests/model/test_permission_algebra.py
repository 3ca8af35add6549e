"""Permissions are the set of what they cover, ordered by inclusion: no way of joining them makes them wider."""

from hypothesis import given

from plexe_auth import Permissions
from tests.model.permissions import PERMISSION, PERMISSIONS


@given(PERMISSIONS, PERMISSIONS, PERMISSION)
def test_covers_is_monotone(narrow: Permissions, more: Permissions, wanted: str) -> None:
    wide = union(narrow, more)
    assert narrow <= wide
    assert not narrow.covers(wanted) or wide.covers(wanted)


@given(PERMISSIONS, PERMISSIONS, PERMISSION)
def test_a_union_covers_what_one_of_its_parts_covers_and_no_more(
    one: Permissions, other: Permissions, wanted: str
) -> None:
    assert union(one, other).covers(wanted) == (one.covers(wanted) or other.covers(wanted))


@given(PERMISSIONS, PERMISSIONS, PERMISSION)
def test_what_is_narrower_covers_nothing_that_the_wider_does_not(
    one: Permissions, other: Permissions, wanted: str
) -> None:
    if one <= other and one.covers(wanted):
        assert other.covers(wanted)


@given(PERMISSIONS, PERMISSIONS)
def test_narrower_means_that_each_grant_is_covered(one: Permissions, other: Permissions) -> None:
    assert (one <= other) == all(other.covers(grant) for grant in one)
    assert (one >= other) == (other <= one)


@given(PERMISSIONS, PERMISSIONS, PERMISSIONS)
def test_the_order_is_partial(one: Permissions, other: Permissions, third: Permissions) -> None:
    assert one <= Permissions.parse(str(one))
    assert (one <= other <= one) == (one == other)
    assert not one <= other <= third or one <= third


@given(PERMISSIONS, PERMISSIONS)
def test_a_union_is_the_least_that_is_wider_than_both(one: Permissions, other: Permissions) -> None:
    both = union(one, other)
    assert one <= both
    assert other <= both
    assert (both == one) == (other <= one)


@given(PERMISSIONS, PERMISSION)
def test_a_permission_is_covered_when_granting_it_adds_nothing(granted: Permissions, wanted: str) -> None:
    assert granted.covers(wanted) == (Permissions.parse(wanted) <= granted)


@given(PERMISSIONS)
def test_nothing_is_the_narrowest_and_everything_the_widest(granted: Permissions) -> None:
    assert Permissions() <= granted <= Permissions.parse("*:*")


@given(PERMISSION)
def test_nothing_covers_nothing(wanted: str) -> None:
    assert not Permissions().covers(wanted)


@given(PERMISSIONS)
def test_only_what_grants_managing_or_everything_covers_managing(granted: Permissions) -> None:
    grants = {"*:manage" if grant.startswith("*:manage") else grant for grant in granted}
    assert granted.covers("keys:manage") == bool(grants & {"keys:manage", "keys:*", "*:manage", "*:*"})


@given(PERMISSIONS)
def test_a_bare_read_is_covered_by_bare_grants_alone(granted: Permissions) -> None:
    assert granted.covers("read") == bool(set(granted) & {"read", "*:*"})


def union(one: Permissions, other: Permissions) -> Permissions:
    """Return what both grant, as two keys' owners together would have it."""
    return Permissions.parse([*one, *other])
