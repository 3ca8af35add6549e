"""The client is the first address from the near end that is no trusted proxy; HTTPS is what every hop says it is."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plexe_auth.model.network import address, contains
from plexe_auth.model.origin import Origin, origin
from plexe_auth.wire import FIELDS, Request

TRUSTED = ("10.0.0.0/8", "2001:db8::/32")
PROXY = "10.0.0.1"


def came(
    *, peer: str | None = PROXY, scheme: str = "http", trusted: tuple[str, ...] = TRUSTED, **fields: Any
) -> Origin:
    """Where a request comes from that has such fields; `xff` and `proto` are the customary ones."""
    names = {"xff": "x-forwarded-for", "proto": "x-forwarded-proto", "forwarded": "forwarded"}
    sent = {names[name]: [value] if isinstance(value, str) else value for name, value in fields.items()}
    return origin(Request("http", "GET", "/", scheme=scheme, peer=peer, fields=sent), trusted)


@pytest.mark.parametrize(
    ("peer", "ip", "local"),
    [
        ("203.0.113.7", "203.0.113.7", False),
        ("2001:DB8:0::1", "2001:db8::1", False),
        ("::ffff:203.0.113.7", "203.0.113.7", False),
        ("fe80::1%eth0", "fe80::1", False),
        ("127.0.0.1", "127.0.0.1", True),
        ("127.8.9.1", "127.8.9.1", True),
        ("::1", "::1", True),
        ("::ffff:127.0.0.1", "127.0.0.1", True),
        ("0.0.0.0", "0.0.0.0", False),
        (None, None, True),  # within this process
        ("", None, True),  # a Unix socket
        ("testclient", None, True),
    ],
)
def test_R02_without_trusted_proxies_the_peer_is_the_client_in_one_spelling(peer: Any, ip: Any, local: bool) -> None:
    assert came(peer=peer, trusted=()) == Origin(ip, encrypted=False, local=local)
    assert came(peer=peer, trusted=(), scheme="https").encrypted


@pytest.mark.parametrize("scheme", ["https", "wss"])
def test_an_untrusted_peer_is_encrypted_as_the_server_saw_it(scheme: str) -> None:
    assert came(peer="203.0.113.7", scheme=scheme).encrypted
    assert not came(peer="203.0.113.7", scheme="http").encrypted


@pytest.mark.parametrize("fields", [{"xff": "1.1.1.1", "proto": "https"}, {"forwarded": "for=1.1.1.1;proto=https"}])
def test_R01_an_untrusted_peer_is_believed_nothing(fields: Any) -> None:
    assert came(peer="203.0.113.7", **fields) == Origin("203.0.113.7", encrypted=False, local=False)
    assert came(peer="127.0.0.1", **fields) == Origin("127.0.0.1", encrypted=False, local=True)


@pytest.mark.parametrize(
    ("xff", "ip"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("6.6.6.6, 203.0.113.7", "203.0.113.7"),
        ("6.6.6.6,203.0.113.7,10.0.0.2", "203.0.113.7"),
        ("6.6.6.6, 10.9.9.9, 203.0.113.7, 10.0.0.3, 10.0.0.2", "203.0.113.7"),
        (["6.6.6.6", "203.0.113.7", "10.0.0.2"], "203.0.113.7"),
        ("10.0.0.9, 10.0.0.2", "10.0.0.9"),  # a client inside
        ("203.0.113.7:4711", "203.0.113.7"),
        ("[2001:db9::7]:4711", "2001:db9::7"),
        ("[2001:db9::7]", "2001:db9::7"),
        ("2001:DB9::7, 2001:db8::2", "2001:db9::7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("fe80::1%eth0", "fe80::1"),
        ("\t203.0.113.7 ", "203.0.113.7"),
        (",".join(["6.6.6.6"] * 1000 + ["203.0.113.7"]), "203.0.113.7"),
        (",".join(["203.0.113.7"] + ["10.0.0.2"] * 1000), "203.0.113.7"),
        ("203.0.113.7, junk", None),
        ("203.0.113.7, unknown", None),
        ("203.0.113.7,", None),
        ("", None),
        ("203.0.113.7:port", None),
        ("203.0.113.7:", None),
        ("[203.0.113.7", None),
        ("2001:db9::7]:80", None),
        ("0x7f.1", None),
        ("203.0.113.007", None),
        ("２０３.0.113.7", None),
        ("203.0.113.7\0", None),
        ("203.0.113.7/32", None),
        ("9" * 70_000, None),
    ],
)
def test_R01_the_client_is_the_first_from_the_right_that_is_no_trusted_proxy(xff: Any, ip: str | None) -> None:
    assert came(xff=xff, proto="https") == Origin(ip, encrypted=True, local=False)


@pytest.mark.parametrize(
    ("forwarded", "ip"),
    [
        ("for=203.0.113.7;proto=https", "203.0.113.7"),
        ("FOR=203.0.113.7;Proto=HTTPS;by=10.0.0.1;host=x", "203.0.113.7"),
        ('for="203.0.113.7:4711";proto=https', "203.0.113.7"),
        ('for="[2001:db9::7]:4711"; proto=https', "2001:db9::7"),
        ('for=6.6.6.6;proto=https, for="203.0.113.7";proto=https', "203.0.113.7"),
        ("for=203.0.113.7;proto=https, for=10.0.0.2;proto=https", "203.0.113.7"),
        (["for=203.0.113.7;proto=https", "for=10.0.0.2;proto=https"], "203.0.113.7"),
        ("for=6.6.6.6, for=203.0.113.7;proto=https", "203.0.113.7"),  # the left one is the client's own tale
        ('for="a, b", for=203.0.113.7;proto=https', "203.0.113.7"),
        ("for=_hidden;proto=https", None),
        ("for=unknown;proto=https", None),
        ("proto=https", None),
        ('for="";proto=https', None),
        ("for=203.0.113.7;proto=https, for=_hidden;proto=https", None),
    ],
)
def test_R01_the_same_holds_for_the_standard_field(forwarded: Any, ip: str | None) -> None:
    assert came(forwarded=forwarded) == Origin(ip, encrypted=True, local=False)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"xff": "203.0.113.7"},
        {"proto": "http"},
        {"proto": ""},
        {"proto": "https,"},
        {"proto": "https, http"},
        {"proto": "http, https"},
        {"proto": ["https", "http"]},
        {"proto": "https http"},
        {"proto": "ftp"},
        {"proto": "httpſ"},
        {"proto": "https\0"},
        {"forwarded": "for=203.0.113.7"},
        {"forwarded": "for=203.0.113.7;proto=http"},
        {"forwarded": ""},
        {"forwarded": ","},
        {"forwarded": "for=203.0.113.7;proto=https, for=10.0.0.2"},  # the nearest names none
        {"forwarded": "for=203.0.113.7, for=10.0.0.2;proto=https"},  # the farther one, trusted as well, names none
        {"forwarded": "for=203.0.113.7;proto=http, for=10.0.0.2;proto=https"},
        {"forwarded": "for=6.6.6.6;proto=http, for=203.0.113.7;proto=https"},
        {"forwarded": "for=203.0.113.7;proto=https;proto=https"},
        {"forwarded": 'for=203.0.113.7;proto="https'},
        {"forwarded": r'for=203.0.113.7;proto="http\s"'},
        {"forwarded": "for=203.0.113.7 proto=https"},
        {"forwarded": "for=203.0.113.7;proto=https", "proto": "http"},
        {"forwarded": "for=203.0.113.7;proto=http", "proto": "https"},
        {"forwarded": "nonsense", "proto": "https"},
    ],
)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_trusted_proxy_that_names_no_scheme_or_any_hop_that_says_http_is_plain(fields: Any, scheme: str) -> None:
    found = came(scheme=scheme, **fields)
    assert not found.encrypted
    assert not found.local


@pytest.mark.parametrize(
    "fields",
    [
        {"proto": "https"},
        {"proto": "HTTPS"},
        {"proto": "wss"},
        {"proto": "https, https"},
        {"forwarded": "proto=https"},
        {"forwarded": "for=203.0.113.7", "proto": "https"},  # one of the two has named it
        {"forwarded": "for=203.0.113.7;proto=https", "proto": "https"},
    ],
)
def test_a_proxy_on_this_host_or_another_is_encrypted_when_it_says_so(fields: Any) -> None:
    assert came(**fields).encrypted
    assert came(peer="127.0.0.1", trusted=("127.0.0.0/8",), **fields) == came(**fields)
    assert came(peer="::ffff:10.0.0.1", **fields) == came(**fields)


def test_a_trusted_proxy_on_this_host_is_not_local() -> None:
    assert came(peer="127.0.0.1", trusted=("127.0.0.1",)) == Origin(None, encrypted=False, local=False)


def test_R01_where_the_two_fields_disagree_the_client_is_unknown() -> None:
    assert came(xff="203.0.113.7", forwarded="for=6.6.6.6").ip is None
    assert came(xff="203.0.113.7", forwarded="for=_hidden").ip is None
    assert came(xff="203.0.113.7", forwarded='for="203.0.113.7:1"').ip == "203.0.113.7"
    assert came(proto="https", forwarded="for=203.0.113.7;proto=https").ip == "203.0.113.7"


hops = st.sampled_from(
    ["10.0.0.2", "2001:db8::2", "203.0.113.7", "6.6.6.6", "::ffff:10.0.0.3", "junk", "", "127.0.0.1"]
)
ours = ("10.0.0.2", "2001:db8::2", "::ffff:10.0.0.3")


@given(st.lists(hops, max_size=6), st.lists(st.sampled_from(ours), max_size=4))
def test_R01_whatever_a_client_writes_it_cannot_choose_its_address(told: list[str], proxies: list[str]) -> None:
    chain = ", ".join([*told, "198.51.100.1", *proxies])  # the first of our proxies has seen the client itself
    assert came(xff=chain).ip == "198.51.100.1"
    assert came(forwarded=", ".join(f'for="{node}"' for node in chain.split(", "))).ip in ("198.51.100.1", None)


@given(st.lists(hops, max_size=8))
def test_R01_an_address_is_taken_only_from_a_trusted_proxy(chain: list[str]) -> None:
    ip = came(xff=", ".join(chain)).ip
    if ip is not None:
        vouching = list(map(address, chain[len(chain) - _place(chain, ip) :]))
        assert all(node is not None and contains(TRUSTED, node) for node in vouching)


def _place(chain: list[str], ip: str) -> int:
    """How many stand to the right of the last mention of `ip`."""
    return next(place for place, node in enumerate(reversed(chain)) if str(address(node)) == ip)


values = st.lists(st.binary(max_size=40).map(lambda data: data.decode("latin-1")), min_size=1, max_size=3)
words = st.text('for=proto;https,"[]:. \t127.0.0.1_\\', max_size=60).map(lambda text: [text])


@given(
    st.dictionaries(st.sampled_from(sorted(FIELDS)), values | words), st.sampled_from([PROXY, "127.0.0.1", "1.2.3.4"])
)
def test_K10_any_bytes_in_the_fields_give_an_origin(fields: dict[str, list[str]], peer: str) -> None:
    found = origin(Request("http", "GET", "/", peer=peer, fields=fields), TRUSTED)
    assert found.ip is None or str(address(found.ip)) == found.ip
    assert peer != "1.2.3.4" or found == Origin("1.2.3.4", encrypted=False, local=False)


@pytest.mark.parametrize(
    "piece", ["for=1.1.1.1,", ",", ";", '"', '"a', 'for="', "=", "10.0.0.2,", "[", "for=10.0.0.2;proto=https,"]
)
def test_K13_much_of_one_piece_is_read_once(piece: str) -> None:
    # Quadratic reading of this much would outlast any patience; what is asked is that it ends.
    text = piece * (250_000 // len(piece))
    came(forwarded=text, xff=text, proto=text)
