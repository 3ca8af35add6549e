"""An address has one form, a network holds what its bits say, and what is neither is refused and holds nobody."""

import ipaddress
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from plexe_auth import InvalidRequest
from plexe_auth.model.network import (
    Address,
    Network,
    address,
    checked_networks,
    contains,
    inside,
    neighbourhood,
    network,
)

ADDRESSES = st.ip_addresses()
V4 = st.ip_addresses(v=4)


@st.composite
def networks(draw: st.DrawFn) -> Network:
    """Draw a network near few addresses, so that networks often lie in each other."""
    base = draw(ADDRESSES | st.sampled_from(["10.1.2.3", "2001:db8::1"]).map(ipaddress.ip_address))
    return ipaddress.ip_network((base, draw(st.integers(0, base.max_prefixlen))), strict=False)


NETWORKS = networks().filter(lambda one: not reaches_mapped(one))


def reaches_mapped(one: Network) -> bool:
    """Tell whether a network touches the addresses that are IPv4 in IPv6, which are tried by themselves."""
    return isinstance(one, ipaddress.IPv6Network) and one.overlaps(ipaddress.IPv6Network("::ffff:0:0/96"))


@given(ADDRESSES)
def test_R02_every_text_of_an_address_is_that_address(one: Address) -> None:
    texts = {str(one), one.exploded, one.compressed, str(one).upper(), one.exploded.upper()}
    expected = getattr(one, "ipv4_mapped", None) or one
    assert {address(text) for text in texts} == {expected}


@given(V4)
def test_R02_IPv4_within_IPv6_is_IPv4(one: ipaddress.IPv4Address) -> None:
    high, low = divmod(int(one), 65_536)
    for text in (f"::ffff:{one}", f"::FFFF:{high:x}:{low:x}", f"0:0:0:0:0:ffff:{one}"):
        assert address(text) == one
        assert network(text) == ipaddress.IPv4Network(one)
        assert contains([str(one)], one)
        assert contains([text], one)


@given(st.none() | st.text() | st.sampled_from(["unix:", "testclient", "10.0.0", "1.2.3.4:80", "[::1]", "::1/64"]))
def test_R07_all_that_is_no_address_is_one_neighbourhood(text: str | None) -> None:
    assume(address(text) is None)
    assert neighbourhood(text) == neighbourhood(None)


@given(ADDRESSES, st.text("abcz019%._-", min_size=1, max_size=9))
def test_a_zone_does_not_count(one: Address, zone: str) -> None:
    found = address(f"{one}%{zone}")
    assert found is None or found == address(str(one))


@given(NETWORKS, ADDRESSES)
def test_a_network_holds_what_its_bits_say(one: Network, client: Address) -> None:
    assume(not reaches_mapped(ipaddress.ip_network(client)))
    same_kind = one.version == client.version
    shift = one.max_prefixlen - one.prefixlen
    in_bits = same_kind and int(client) >> shift == int(one.network_address) >> shift
    assert contains([str(one)], client) == in_bits
    assert contains([str(one)], one.network_address)
    assert contains([str(one)], one.broadcast_address)


@given(st.lists(NETWORKS, max_size=3), st.lists(NETWORKS, max_size=3), ADDRESSES)
def test_what_lies_inside_holds_nobody_whom_the_outside_does_not(
    inner: list[Network], outer: list[Network], client: Address
) -> None:
    narrow, wide = ([str(one) for one in some] for some in (inner, outer))
    if inside(narrow, wide) and contains(narrow, client):
        assert contains(wide, client)
    for one in inner if inside(narrow, wide) else ():
        assert contains(wide, one.network_address)
        assert contains(wide, one.broadcast_address)


@given(st.lists(NETWORKS, max_size=3), st.lists(NETWORKS, max_size=3), st.lists(NETWORKS, max_size=3))
def test_lying_inside_is_an_order(one: list[Network], other: list[Network], third: list[Network]) -> None:
    first, second, last = ([str(network) for network in some] for some in (one, other, third))
    assert inside(first, first)
    assert not (inside(first, second) and inside(second, last)) or inside(first, last)
    assert inside(first, [*first, *second])


@given(st.lists(NETWORKS | ADDRESSES, max_size=5))
def test_networks_come_back_exactly_as_they_were_given(some: list[Network | Address]) -> None:
    texts = [str(one) for one in some]
    assert checked_networks("allowed_ips", texts) == tuple(texts)
    assert checked_networks("allowed_ips", iter(texts)) == tuple(texts)


@given(st.text() | st.text("0123456789abcdef.:/%", max_size=20) | st.none() | st.binary() | st.integers())
@example("1" * 65)
@example("fe80::1%" + "z" * 70)
@example("127.0.0.1\n")
@example("\ud800")
def test_whatever_comes_it_is_an_address_or_none_and_nothing_is_raised(value: Any) -> None:
    found = address(value)
    assert found is None or isinstance(found, ipaddress.IPv4Address | ipaddress.IPv6Address)


NEITHER = ["", " ", "localhost", "10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0/8", "10.0.0.256", "010.0.0.1", "1"]
NEITHER += ["0x7f.0.0.1", "10.0.0.0/255.0.0.0", "10.0.0.0/0.255.255.255", "10.0.0.0/", "10.0.0.0/8/8", " 10.0.0.1", "*"]
NEITHER += ["10.0.0.1\n", "fe80::1%eth0", "::1/129", "2001:db8::1/32", ":::", "10.0.0.1-10.0.0.9", "１0.0.0.1"]
NEITHER += ["10.0.0.0/８", "2130706433"]


@pytest.mark.parametrize("text", NEITHER)
def test_what_is_neither_an_address_nor_a_block_is_refused_by_name(text: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        checked_networks("allowed_ips", ["127.0.0.1", text])
    assert caught.value.field == "allowed_ips"
    assert not contains([text], ipaddress.ip_address("10.0.0.1"))


@pytest.mark.parametrize(
    "values", ["10.0.0.1", b"10.0.0.1", None, 7, [7], [None], [b"10.0.0.1"], [["10.0.0.1"]]], ids=repr
)
def test_what_is_not_several_texts_is_refused(values: Any) -> None:
    with pytest.raises(InvalidRequest):
        checked_networks("allowed_ips", values)


def test_a_hundred_networks_are_enough() -> None:
    many = [f"10.0.0.{number}" for number in range(101)]
    assert len(checked_networks("allowed_ips", many[:100])) == 100
    with pytest.raises(InvalidRequest, match="no more than 100"):
        checked_networks("allowed_ips", many)
