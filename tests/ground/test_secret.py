"""A secret shows itself to who asks for it by name, and to nobody and nothing else."""

import copy
import dataclasses
import json
import logging
import pickle
import pprint
import string
import traceback
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plexe_auth import Auth, Secret
from plexe_auth.secret import in_bytes, same

CANARY = "canary-in-the-mine"


@dataclasses.dataclass
class Holder:
    """Something of a host's that holds a secret."""

    secret: Secret


class Careless:
    """An object whose attributes somebody prints."""

    def __init__(self) -> None:
        self.secret = Secret(CANARY)


def logged(secret: Secret) -> str:
    record = logging.LogRecord("host", logging.INFO, "host.py", 1, "%s %r", (secret, secret), None)
    return f"{record.getMessage()} {vars(record)}"


def in_a_traceback(secret: Secret) -> str:
    def fail(secret: Secret) -> None:
        raise ValueError(secret)

    try:
        fail(secret)
    except ValueError as error:
        return "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
    return ""


SHOWN: dict[str, Callable[[Secret], str]] = {
    "repr": repr,
    "str": str,
    "format": format,
    "format with a width": lambda secret: format(secret, ">40"),
    "an f-string": lambda secret: f"{secret} {secret!r} {secret!s} {secret!a} {secret:.3}",
    "%": lambda secret: "%s %r %a" % (secret, secret, secret),  # noqa: UP031
    "str.format": "{0} {0!r} {0:<9}".format,
    "string.Template": lambda secret: string.Template("$secret").substitute(secret=secret),
    "containers": lambda secret: str([secret, (secret,), {"secret": secret}]),
    "pprint": lambda secret: pprint.pformat({"secret": [secret]}),
    "a dataclass": lambda secret: repr(Holder(secret)),
    "JSON": lambda secret: json.dumps(secret, default=str),
    "JSON of its parts": lambda secret: json.dumps(
        secret, default=lambda one: [str(one), getattr(one, "__dict__", "")]
    ),
    "a log": logged,
    "a traceback with locals": in_a_traceback,
    "the attributes of what holds it": lambda _secret: repr(vars(Careless())),
}
REFUSED: dict[str, Callable[[Any], object]] = {
    "json": json.dumps,
    "pickle": pickle.dumps,
    "pickle, first protocol": lambda secret: pickle.dumps(secret, protocol=0),
    "pickle, in something": lambda secret: pickle.dumps(Holder(secret)),
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "asdict": lambda secret: dataclasses.asdict(Holder(secret)),
    "vars": vars,
    "hash": hash,
    "iteration": list,
    "bytes": bytes,
    "length": len,
    "concatenation": lambda secret: "key: " + secret,
    "join": lambda secret: ",".join([secret]),
}


@pytest.mark.parametrize("way", SHOWN)
def test_H12_no_way_of_printing_shows_it(way: str) -> None:
    shown = SHOWN[way](Secret(CANARY))
    assert "…" in shown or "\\u2026" in shown
    assert CANARY[:4] not in shown


@pytest.mark.parametrize("way", REFUSED)
def test_H12_what_would_carry_it_away_is_refused(way: str) -> None:
    with pytest.raises(TypeError) as caught:
        REFUSED[way](Secret(CANARY))
    assert CANARY not in str(caught.value)


def test_an_issued_key_prints_no_more_than_its_hint() -> None:
    with Auth.open("memory://") as auth:
        issued = auth.keys.create("acct_42", name="CI")
    text = issued.secret.reveal()
    assert text[7:-4] not in repr(issued)
    assert text[11:-4] not in repr(issued.key)
    with pytest.raises(TypeError, match="neither pickled nor copied"):
        pickle.dumps(issued)


def test_it_is_revealed_as_often_as_it_is_asked_for() -> None:
    secret = Secret(CANARY)
    assert secret.reveal() == secret.reveal() == CANARY


@given(st.text(), st.text())
def test_secrets_are_equal_when_their_texts_are(one: str, other: str) -> None:
    assert (Secret(one) == Secret(other)) == (one == other)
    assert Secret(one) == Secret("".join(one))


def test_a_secret_equals_no_text() -> None:
    assert Secret(CANARY) != CANARY
    assert Secret("\ud800") != Secret("?")


@given(st.text(st.characters(categories=["L", "Cs", "Cc"])), st.text(st.characters(categories=["L", "Cs", "Cc"])))
def test_two_texts_are_never_the_same_bytes(one: str, other: str) -> None:
    assert same(in_bytes(one), in_bytes(other)) == (one == other)
    assert in_bytes(in_bytes(one)) == in_bytes(one)


def test_equality_of_bytes_takes_a_time_that_tells_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[bytes, bytes]] = []
    monkeypatch.setattr("hmac.compare_digest", lambda one, other: compared.append((one, other)) or True)
    assert same(b"one", b"other")
    assert compared == [(b"one", b"other")]
