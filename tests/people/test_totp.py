"""A one-time password is what RFC 6238 says, in one exact form, and is accepted once."""

import base64
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyotp import parse_uri
from pyotp.totp import TOTP

from plexe_auth import InvalidRequest, Secret
from plexe_auth.model import totp
from plexe_auth.model.totp import STEP, matched_step, new_secret, uri

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
RFC = Secret(base64.b32encode(b"12345678901234567890").decode())

# RFC 4226, appendix D: the counters 0 to 9.
HOTP = ["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"]

# RFC 6238, appendix B, for SHA-1. Its eight digits end in our six (RFC 4226, section 5.3: modulo 10^digits).
VECTORS = {
    59: "94287082",
    1111111109: "07081804",
    1111111111: "14050471",
    1234567890: "89005924",
    2000000000: "69279037",
    20000000000: "65353130",
}

SECRETS = st.binary(min_size=20, max_size=20).map(lambda key: Secret(base64.b32encode(key).decode()))
TIMES = st.integers(10**7, 2 * 10**11).map(lambda seconds: EPOCH + timedelta(seconds=seconds))
NOW = EPOCH + timedelta(seconds=1234567890)
CODE = "005924"
AT = 1234567890 // 30


def by_peer(secret: Secret, now: datetime, off: int = 0) -> str:
    """The code that another hand makes, so many steps off."""
    return TOTP(secret.reveal()).at(now + off * STEP)


@pytest.mark.parametrize(("counter", "code"), list(enumerate(HOTP)))
def test_the_vectors_of_RFC_4226_fit_their_steps_and_no_other_code_does(counter: int, code: str) -> None:
    now = EPOCH + counter * STEP
    assert matched_step(RFC, code, now, None) == counter
    wrong = [code[:place] + str(9 - int(code[place])) + code[place + 1 :] for place in range(6)]
    assert [matched_step(RFC, one, now, None) for one in wrong] == [None] * 6


@pytest.mark.parametrize(("seconds", "code"), list(VECTORS.items()))
def test_the_vectors_of_RFC_6238_fit_their_times(seconds: int, code: str) -> None:
    assert matched_step(RFC, code[2:], EPOCH + timedelta(seconds=seconds), None) == seconds // 30


@given(SECRETS, TIMES)
def test_a_code_of_another_hand_fits_its_step(secret: Secret, now: datetime) -> None:
    step = (now - EPOCH) // STEP
    assert matched_step(secret, by_peer(secret, now), now, step - 1) == step


@given(SECRETS, TIMES, st.integers(-5, 5))
def test_a_code_fits_one_step_early_and_one_late_and_no_further(secret: Secret, now: datetime, off: int) -> None:
    window = [by_peer(secret, now, near) for near in (-1, 0, 1)]
    code = by_peer(secret, now, off)
    matched = matched_step(secret, code, now, None)
    assert (matched is not None) == (code in window)
    if matched is not None and len(set(window)) == 3:
        assert matched == (now - EPOCH) // STEP + window.index(code) - 1


@pytest.mark.parametrize("off", [-1, 0, 1])
def test_M01_a_code_that_was_accepted_is_refused_as_long_as_it_fits(off: int) -> None:
    code = by_peer(RFC, NOW, off)
    step = matched_step(RFC, code, NOW, None)
    assert step == AT + off
    for later in range(-2, 4):
        assert matched_step(RFC, code, NOW + later * STEP, step) is None


@given(SECRETS, TIMES, st.integers(-1, 1), st.integers(-1, 1))
def test_M01_no_step_is_accepted_that_is_not_newer_than_the_last(
    secret: Secret, now: datetime, off: int, last: int
) -> None:
    step = (now - EPOCH) // STEP
    found = matched_step(secret, by_peer(secret, now, off), now, step + last)
    assert found is None or found > step + last


def test_M01_a_code_that_two_steps_share_is_used_up_for_both(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(totp, "_truncated", lambda _mac: b"123456")
    assert matched_step(RFC, "123456", NOW, None) == AT + 1
    assert matched_step(RFC, "123456", NOW, AT + 1) is None


def test_M12_when_the_clock_steps_back_the_last_step_stands() -> None:
    last = matched_step(RFC, CODE, NOW, None)
    for back in range(1, 100):
        earlier = NOW - back * STEP
        assert matched_step(RFC, by_peer(RFC, earlier), earlier, last) is None


@pytest.mark.parametrize(
    "sent",
    [
        "05924",
        "5924",
        "0005924",
        "00592",
        "",
        "+05924",
        "-05924",
        " 05924",
        "005924 ",
        " 005924",
        "005924\n",
        "005 924",
        "005-924",
        "00_5924",
        "005_24",
        "0x5924",
        "5924.0",
        "5.924e3",
        "００５９２４",
        "٠٠٥٩٢٤",
        "00592④",
        "00592²",
        "\u200b005924",
        "005924\0",
        "\ud80005924",
        "005924" * 100_000,
        5924,
        5924.0,
        True,
        None,
        b"005924",
        ["005924"],
        ["0", "0", "5", "9", "2", "4"],
        {"code": "005924"},
    ],
)
def test_M11_only_six_ASCII_digits_are_a_code_and_all_else_is_refused_without_a_sum(
    sent: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert matched_step(RFC, CODE, NOW, None) == AT
    monkeypatch.setattr(totp, "_codes", None)
    assert matched_step(RFC, sent, NOW, None) is None


@given(st.text() | st.text("0123456789", min_size=6, max_size=6) | st.none() | st.integers() | st.binary())
def test_M11_whatever_is_sent_nothing_but_the_code_fits_and_nothing_is_raised(sent: Any) -> None:
    right = [by_peer(RFC, NOW, off) for off in (-1, 0, 1)]
    assert (matched_step(RFC, sent, NOW, None) is not None) == (sent in right)


def test_M11_every_step_is_compared_as_bytes_whichever_is_right(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[bytes, bytes]] = []
    monkeypatch.setattr(totp, "same", lambda one, other: compared.append((one, other)) or one == other)
    for code in (by_peer(RFC, NOW, -1), by_peer(RFC, NOW, 1), "000000"):
        compared.clear()
        matched_step(RFC, code, NOW, None)
        right = [by_peer(RFC, NOW, off).encode() for off in (-1, 0, 1)]
        assert compared == [(one, code.encode()) for one in right]


def test_before_1970_no_code_is_right_and_at_its_begin_the_first_is() -> None:
    assert matched_step(RFC, HOTP[0], EPOCH, None) == 0
    assert matched_step(RFC, HOTP[1], EPOCH, None) == 1
    for now in (EPOCH - timedelta(microseconds=1), datetime(1, 1, 1, tzinfo=UTC)):
        assert matched_step(RFC, HOTP[0], now, None) is None
    end = datetime.max.replace(tzinfo=UTC)
    assert matched_step(RFC, by_peer(RFC, end), end, None) == (end - EPOCH) // STEP


def test_M04_a_secret_has_160_random_bits() -> None:
    made = [new_secret() for _ in range(200)]
    assert all(len(base64.b32decode(one.reveal())) == 20 for one in made)
    assert len({one.reveal() for one in made}) == 200
    assert all(len({one.reveal()[place] for one in made}) > 20 for place in range(32))


def test_a_secret_and_its_uri_do_not_print_themselves() -> None:
    secret = new_secret()
    for one in (secret, uri(secret, "Plexe", "ada@example.com")):
        assert secret.reveal() not in f"{one!r} {one}"


@given(
    SECRETS,
    st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S"], exclude_characters=":"), min_size=1),
    st.text("abc +&=#?%/@é🔑", min_size=1, max_size=40),
)
def test_another_hand_reads_from_the_uri_what_was_put_in(secret: Secret, issuer: str, account: str) -> None:
    issuer = issuer.encode()[:64].decode(errors="ignore") or "x"
    text = uri(secret, issuer, account).reveal()
    read = parse_uri(text)
    assert isinstance(read, TOTP)
    assert (read.secret, read.issuer, read.name) == (secret.reveal(), issuer, account)
    assert (read.digits, read.interval, read.digest().name) == (6, 30, "sha1")
    assert text.isascii()


def test_no_name_reaches_out_of_its_place_in_the_uri() -> None:
    text = uri(RFC, "A&secret=AAAA#", "a?issuer=B&x/../y%00").reveal()
    parts = urlsplit(text)
    assert (parts.scheme, parts.netloc, parts.fragment) == ("otpauth", "totp", "")
    assert unquote(parts.path) == "/A&secret=AAAA#:a?issuer=B&x/../y%00"
    assert parse_qs(parts.query) == {"secret": [RFC.reveal()], "issuer": ["A&secret=AAAA#"]}


BAD_NAMES = ["", "a:b", "a\nb", "a\0b", "\u202eb", "a\u200b", "\ud800", "é" * 200, None, 7, b"Plexe", ["Plexe"]]


@pytest.mark.parametrize("name", BAD_NAMES, ids=ascii)
def test_S18_a_name_that_cannot_be_shown_is_refused(name: Any) -> None:
    for field, names in {"issuer": (name, "ada"), "account": ("Plexe", name)}.items():
        with pytest.raises(InvalidRequest) as info:
            uri(RFC, *names)
        assert info.value.field == field


def test_the_longest_names_are_those_that_are_told() -> None:
    uri(RFC, "x" * 64, "y" * 254)
    for names in (("x" * 65, "y"), ("x", "y" * 255)):
        with pytest.raises(InvalidRequest):
            uri(RFC, *names)
