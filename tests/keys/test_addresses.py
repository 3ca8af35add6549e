"""The addresses that a key is bound to are addresses or CIDR blocks, kept as given, and there are not too many."""

import itertools
from typing import Any

import pytest

from plexe_auth import InvalidRequest
from plexe_auth.model.network import address, inside

GOOD = ("192.0.2.1", "10.0.0.0/8", "0.0.0.0/0", "::1", "2001:DB8::/32", "::ffff:10.0.0.0/104", "192.0.2.1/32", "::/0")
BAD: tuple[Any, ...] = (
    *("", " ", "localhost", "192.0.2", "192.0.2.256", "192.0.2.01", "192.0.2.1/33", "192.0.2.1/24", "192.0.2.0/-1"),
    *("192.0.2.0/", "/24", "192.0.2.0/255.255.255.0", "192.0.2.0/0.0.0.255", " 192.0.2.1", "192.0.2.1\n", "1" * 99),
    *("fe80::1%eth0", "2001:db8::/129", "::1/0", "192.0.2.1\0", "１92.0.2.1", "\ud800", "192.0.2.1,::1", "*"),
    *(None, 5, 3221225985, True, b"192.0.2.1", {"a": 1}, 1.5),
)


@pytest.mark.parametrize("one", GOOD)
def test_a_good_address_is_kept_as_it_was_given(quick: Any, one: str) -> None:
    key = quick.keys.create("acct", name="CI", allowed_ips=iter(["192.0.2.77", one])).key
    assert key.allowed_ips == ("192.0.2.77", one) == quick.keys.get(key.id).allowed_ips


@pytest.mark.parametrize("one", BAD, ids=ascii)
def test_what_is_no_address_is_refused(quick: Any, one: Any) -> None:
    key = quick.keys.create("acct", name="CI").key
    for values in (["::1", one], one):
        for ask in (
            lambda v=values: quick.keys.create("acct", name="CI", allowed_ips=v),
            lambda v=values: bound(quick, key, v),
        ):
            with pytest.raises(InvalidRequest) as caught:
                ask()
            assert caught.value.field == "allowed_ips"
    assert quick.keys.page("acct").items == (key,)


def bound(auth: Any, key: Any, values: Any) -> Any:
    return auth.keys.update(key.id, allowed_ips=values)


def test_there_are_at_most_a_hundred(quick: Any) -> None:
    hundred = [f"192.0.2.{last}" for last in range(100)]
    key = quick.keys.create("acct", name="CI", allowed_ips=hundred).key
    assert quick.keys.get(key.id).allowed_ips == tuple(hundred)
    for many in ([*hundred, "::1"], itertools.repeat("::1")):
        with pytest.raises(InvalidRequest):
            quick.keys.create("acct", name="CI", allowed_ips=many)


@pytest.mark.parametrize(
    ("inner", "outer", "within"),
    [
        (["10.1.0.0/16"], ["10.0.0.0/8"], True),
        (["10.0.0.0/8"], ["10.1.0.0/16"], False),
        (["10.0.0.0/8", "::1"], ["10.0.0.0/8"], False),
        (["10.1.2.3", "::1"], ["::/0", "10.0.0.0/8"], True),
        (["10.0.0.0/8"], ["10.0.0.0/9", "10.128.0.0/9"], False),  # no block alone holds it: refused, which is safe
        (["::ffff:10.1.2.3"], ["10.0.0.0/8"], True),
        (["10.1.2.3"], ["::/0"], False),
        (["::/0"], ["0.0.0.0/0"], False),
        ([], ["10.0.0.0/8"], True),
    ],
)
def test_blocks_lie_within_blocks(inner: list[str], outer: list[str], within: bool) -> None:
    assert inside(inner, outer) is within


@pytest.mark.parametrize("text", [None, 5, b"::1", "", "host", "1.2.3.4%eth0", "fe80::1%", "::1\n", "1" * 65])
def test_what_stands_for_no_address_is_none(text: Any) -> None:
    assert address(text) is None


def test_an_address_has_one_form() -> None:
    assert address("::ffff:192.0.2.1") == address("192.0.2.1")
    assert address("fe80::1%eth0") == address("FE80:0::1")
