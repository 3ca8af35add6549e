"""Lines that are read many at once tell what each of them tells when it is read alone, and their rows tell it again."""

import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plexe_auth import Auth, AuthError, Settings
from plexe_auth.journal.segment import kept_lines
from plexe_auth.model.entry import FIELDS, canonical, line, read, row
from plexe_auth.model.lines import microseconds, told

TEXTS = st.none() | st.text(max_size=20) | st.sampled_from(["x" * 65, "", "plain", "[", "],[", '"'])
TOLD = st.tuples(st.integers(0, 10**18), st.sampled_from(["key.verify", "key.revoke"]), *[TEXTS] * (len(FIELDS) - 3))
LINES = TOLD.map(lambda one: line(*one[:2], "allowed", *one[2:]).encode())
PLAIN = st.lists(st.integers(0, 10**15).map(lambda at: line(at, "key.verify", "allowed", None, "acct", "key").encode()))
ODD = [
    b"nonsense",
    b"",
    b"[1,2,3]",
    b"[]",
    b'[1,"a","b",null]',
    b'[1, "a","b"]',
    b'[-1,"a","b"]',
    b'[1,"a",null]',
    b"{}",
]
ODD += [b'[true,"a","b"]', b'[1.0,"a","b"]', b'[1,"a","b",7]', b'[1,"a","b"],[1,"a","b"]', '[1,"a","é"]'.encode()]
ODD += [b"[1", b'"a","b"]', json.dumps([1, *"abcdefghijklmno"]).encode(), b'[9999999999999999999,"a","b"]', b"\xff"]


@given(st.lists(LINES | st.sampled_from(ODD), max_size=6) | PLAIN)
def test_many_lines_tell_what_each_of_them_tells(lines: list[bytes]) -> None:
    assert told(lines) == [read(one) for one in lines]


@pytest.mark.parametrize("odd", ODD)
def test_an_odd_line_among_others_does_not_change_them(odd: bytes) -> None:
    plain = line(7, "key.verify", "allowed", None, "acct").encode()
    assert told([plain, odd, plain]) == [read(plain), read(odd), read(plain)]


@given(LINES | st.sampled_from(ODD))
def test_the_row_of_an_entry_tells_its_line_again(one: bytes) -> None:
    ((values, text),) = told([one])
    assert canonical(row("log_1", 7, values, bytes(32))) == text
    assert read(text) == (values, text)


@given(LINES | st.sampled_from(ODD), st.integers(0, 999))
def test_an_instant_in_nanoseconds_is_told_in_microseconds(one: bytes, rest: int) -> None:
    instant, comma, others = one.removeprefix(b"[").partition(b",")
    nanoseconds = b"%b%03d%b%b" % (instant, rest, comma, others)
    expected = one if instant.isdigit() else nanoseconds
    assert told([nanoseconds, one]) == told([expected, one])


@pytest.mark.parametrize("odd", [b"7", b"-7000,", b"7000", b",", b"7 000,", b"9" * 5000 + b',"key.verify","allowed"]'])
def test_a_line_that_begins_with_no_instant_is_an_entry_that_says_so(odd: bytes) -> None:
    plain = line(7, "key.verify", "allowed", None, "acct").encode()
    assert told([plain, odd, plain]) == [read(plain), read(b"nonsense"), read(plain)]


def test_what_is_decided_is_written_down_as_it_will_be_kept(tmp_path: Path) -> None:
    # Then many lines are read at once; an odd one takes several times as long.
    settings = Settings(rate_storage="memory://", spool_dir=str(tmp_path))
    with Auth.open(f"sqlite:///{tmp_path}/auth.db", settings=settings) as auth:
        plain, bound = (auth.keys.create("acct", name="CI", allowed_ips=ips) for ips in ((), ("10.0.0.0/8",)))
        for text in (plain.secret.reveal(), bound.secret.reveal(), plain.secret.reveal()[:-1], "plx_sk_nonsense", ""):
            for ip in (None, "10.0.0.7", "203.0.113.9", "not an address"):
                for permission in (None, "read", "keys:manage"):
                    with suppress(AuthError):
                        auth.keys.verify(text, permission=permission, ip=ip)
        (file,) = tmp_path.glob("**/*.lines")
        lines = kept_lines(file)
    assert len(lines) == 5 * 4 * 3
    assert any(not one.startswith(b"[") for one in lines)
    assert [read(one)[1].encode() for one in map(microseconds, lines)] == list(map(microseconds, lines))
