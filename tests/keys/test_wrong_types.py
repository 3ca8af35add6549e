"""Whatever is given for an argument, the answer is a refusal of ours, and nothing is written."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from plexe_auth import InvalidKey, InvalidRequest, NotFound
from tests.keys.watch import Watch

JUNK: dict[str, Any] = {
    "None": None,
    "True": True,
    "False": False,
    "0": 0,
    "-1": -1,
    "huge number": 10**30,
    "1.5": 1.5,
    "nan": float("nan"),
    "bytes": b"read",
    "bytearray": bytearray(b"read"),
    "empty list": [],
    "empty dict": {},
    "list of lists": [["read"]],
    "set of numbers": {1, 2},
    "object": object(),
    "type": str,
    "empty": "",
    "NUL": "\0",
    "surrogate": "\ud800",
    "list of surrogates": ["\ud800"],
    "huge": "x" * 1_000_000,
    "list of huge": ["x" * 1_000_000] * 3,
    "naive": datetime(2030, 1, 1),  # noqa: DTZ001 - naive on purpose
    "negative span": timedelta(-1),
    "least span": timedelta.min,
    "greatest span": timedelta.max,
    "function": len,
}
TEXTS = {"empty", "NUL", "surrogate", "huge"}
REASON = {"empty"}
SEVERAL = {"empty list", "empty dict"}
# What of all that is right for an argument, so that it refuses nothing.
RIGHT: dict[tuple[str, str], set[str]] = {
    ("create", "permissions"): {"empty", *SEVERAL},
    ("create", "expires_in"): {"None"},
    ("create", "allowed_ips"): SEVERAL,
    ("create", "rate"): {"None"},
    ("create", "metadata"): {"None", "empty dict"},
    ("create", "by"): {"None"},
    ("verify", "permission"): {"None"},
    ("verify", "ip"): {"None", *TEXTS},
    ("verify", "fresh"): {"True", "False"},
    ("explain", "permission"): {"None"},
    ("explain", "ip"): {"None", *TEXTS},
    ("page", "after"): {"None"},
    ("page", "limit"): {"1"},
    ("page", "status"): {"None"},
    ("update", "permissions"): {"empty", *SEVERAL},
    ("update", "expires_at"): {"None"},
    ("update", "allowed_ips"): SEVERAL,
    ("update", "rate"): {"None"},
    ("update", "metadata"): {"None", "empty dict"},
    ("update", "by"): {"None"},
    ("rotate", "by"): {"None"},
    ("revoke", "reason"): REASON,
    ("revoke", "by"): {"None"},
    ("revoke_all", "reason"): REASON,
    ("revoke_leaked", "text"): TEXTS,  # no key of ours: nothing is ended, and nothing is wrong
    ("revoke_leaked", "reason"): REASON,
    ("disable", "by"): {"None"},
    ("enable", "by"): {"None"},
}
ARGUMENTS: dict[str, tuple[str, ...]] = {
    "create": ("account_id", "name", "permissions", "expires_in", "allowed_ips", "rate", "metadata", "by"),
    "verify": ("text", "permission", "ip", "fresh"),
    "explain": ("permission", "ip"),
    "get": ("key_id",),
    "page": ("account_id", "after", "limit", "status"),
    "update": ("key_id", "name", "permissions", "expires_at", "allowed_ips", "rate", "metadata", "by"),
    "rotate": ("key_id", "overlap", "by"),
    "revoke": ("key_id", "reason", "by"),
    "revoke_all": ("account_id", "reason"),
    "revoke_leaked": ("text", "reason"),
    "disable": ("key_id", "by"),
    "enable": ("key_id", "by"),
}


def refusal(operation: str, argument: str, junk: str) -> type[Exception]:
    """How a wrong value of this argument is refused."""
    if argument == "by":
        return TypeError
    if (operation, argument) == ("verify", "text"):
        return InvalidKey
    return NotFound if argument == "key_id" and junk in TEXTS else InvalidRequest


def asked(auth: Any, operation: str) -> dict[str, Any]:
    """Arguments with which the operation would succeed."""
    issued = auth.keys.create("acct", name="CI")
    needed = {"create": ("account_id", "name"), "revoke_leaked": ("text",), "verify": ("text",), "explain": ("text",)}
    values = {
        "account_id": "acct",
        "name": "CI",
        "text": issued.secret.reveal(),
        "key_id": issued.key.id,
    }
    names = needed.get(operation, ("account_id",) if operation in ("page", "revoke_all") else ("key_id",))
    return {name: values[name] for name in names}


@pytest.mark.parametrize(("operation", "argument"), [(name, one) for name, all_ in ARGUMENTS.items() for one in all_])
def test_a_value_of_the_wrong_kind_is_refused_and_nothing_is_written(
    quick: Any, watched: Callable[[Any], Watch], operation: str, argument: str
) -> None:
    right = asked(quick, operation)
    watch = watched(quick)
    for name, junk in JUNK.items():
        if name in RIGHT.get((operation, argument), ()):
            continue
        with pytest.raises(refusal(operation, argument, name)) as caught:
            getattr(quick.keys, operation)(**{**right, argument: junk})
        if isinstance(caught.value, InvalidRequest):
            assert caught.value.field == argument, name
    assert watch.count("commit") == 0


def test_what_is_called_right_is_right(quick: Any) -> None:
    for (operation, argument), names in RIGHT.items():
        for name in names & JUNK.keys():
            getattr(quick.keys, operation)(**{**asked(quick, operation), argument: JUNK[name]})


def test_explain_never_raises_for_a_text(quick: Any) -> None:
    for junk in JUNK.values():
        told = quick.keys.explain(junk)
        assert (told.allowed, told.code) == (False, "invalid_key")


@pytest.mark.parametrize("operation", ARGUMENTS)
def test_H15_an_argument_that_does_not_exist_is_a_type_error(
    quick: Any, watched: Callable[[Any], Watch], operation: str
) -> None:
    right = asked(quick, operation)
    watch = watched(quick)
    for name in ("digest", "hash", "hint", "created_at", "revoked_at", "family", "version", "is_admin", "permision"):
        with pytest.raises(TypeError):
            getattr(quick.keys, operation)(**{**right, name: "x"})
    assert watch.asked == []
