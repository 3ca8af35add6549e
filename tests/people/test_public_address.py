"""An address is public where a packet to it leaves for the internet; however it is written, nothing inside is."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plexe_auth.fetch.reach import Reach
from plexe_auth.model.public_address import is_public

INSIDE = str.split("""
    0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.100.100.200 127.0.0.1 127.255.255.254 168.63.129.16
    169.254.169.254
    172.16.0.1 172.31.255.255 192.0.0.1 192.0.0.192 192.0.2.1 192.88.99.1 192.168.0.1 198.18.0.1 198.19.255.255
    198.51.100.1
    203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255
    :: ::1 ::7f00:1 ::127.0.0.1 ::8.8.8.8 ::ffff:127.0.0.1 ::ffff:169.254.169.254 ::ffff:10.0.0.1 ::ffff:a00:1
    64:ff9b::127.0.0.1 64:ff9b::a9fe:a9fe 64:ff9b::10.0.0.1 64:ff9b:1::1 100::1 2001::1
    2001:0:4136:e378:8000:63bf:3fff:fdd2
    2001:10::1 2001:20::1 2001:db8::1 2002:7f00:1:: 2002:a9fe:a9fe:: 2002:808:808:: 3fff::1 5f00::1 fc00::1
    fd00:ec2::254 fd12::1
    fe80::1 fec0::1 ff02::1 ff0e::1 4000::1 e000::1
""")

PUBLIC = str.split("""
    1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.1 100.63.255.255 100.128.0.1 126.1.1.1 128.1.1.1 169.253.1.1 169.255.1.1
    172.15.1.1
    172.32.0.1 192.0.1.1 192.0.3.1 192.167.1.1 192.169.1.1 198.17.1.1 198.20.0.1 223.255.255.255
    ::ffff:8.8.8.8 64:ff9b::8.8.8.8 2001:200::1 2001:4860:4860::8888 2003::1 2606:4700::1111 2a00:1450::1 3ffe::1
""")


@pytest.mark.parametrize("text", INSIDE)
def test_O11_what_lies_inside_is_not_public(text: str) -> None:
    assert not is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize("text", PUBLIC)
def test_what_lies_outside_is_public(text: str) -> None:
    assert is_public(ipaddress.ip_address(text))


@given(st.ip_addresses())
def test_O11_nothing_is_public_that_the_standard_library_knows_to_be_private(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    if (
        address.is_private
        or address.is_loopback
        or address.is_link_local
        or address.is_multicast
        or address.is_reserved
    ):
        in_nat64 = address.version == 6 and address in ipaddress.ip_network("64:ff9b::/96")
        assert in_nat64 or getattr(address, "ipv4_mapped", None) or not is_public(address)


@given(st.ip_addresses(v=4))
def test_O11_an_IPv4_address_is_judged_alike_inside_IPv6(address: ipaddress.IPv4Address) -> None:
    for prefix in ("::ffff:", "64:ff9b::"):
        assert is_public(ipaddress.ip_address(f"{prefix}{address}")) is is_public(address)


def test_what_the_operator_names_may_be_reached_and_nothing_beside_it() -> None:
    reach = Reach(("10.1.0.0/16", "fd00::/8"))
    permitted = [
        text
        for text in ("10.1.2.3", "10.2.0.1", "fd00::1", "fe80::1", "8.8.8.8")
        if reach.permits(ipaddress.ip_address(text))
    ]
    assert permitted == ["10.1.2.3", "fd00::1", "8.8.8.8"]
