"""A text of one kind opens, proves and names nothing where another kind is asked for, and no near miss of it does."""

import importlib
import pkgutil
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pyotp.totp import TOTP

import plexe_auth
from plexe_auth.model import mail_code, recovery
from plexe_auth.model.ticket import Kind
from plexe_auth.model.token import KeyFormat
from plexe_auth.testing.mailbox import Mailbox
from tests.conftest import Clock
from tests.people.kinds import FIRST, SLOTS, Cast, Slot, told
from tests.people.test_oauth import SETTINGS, GitHub, awaited

PACKAGE = Path(plexe_auth.__file__).parent
PATIENT = replace(SETTINGS, failure_rate="1000000/second")  # most of what these tests send is refused

APPS = ("one-time password", FIRST)
CANONICAL: dict[str, Callable[[str], str | None]] = {
    "recovery code": recovery.canonical,
    "mailed code": mail_code.canonical,
}


@pytest.fixture
def cast(face: str, opened: Callable[..., Any], clock: Clock, mailbox: Mailbox) -> Cast:
    """What a text is, no store decides."""
    fetch = GitHub() if face == "blocking" else awaited(GitHub())
    auth = opened(face, "memory://", clock=clock, settings=PATIENT, mailer=mailbox, fetch=fetch)
    return Cast(auth, face, clock, mailbox)


def test_S08_every_kind_is_refused_in_every_slot_but_its_own(cast: Cast) -> None:
    before, found = cast.everything(), {}
    for slot in SLOTS:
        for kind in cast.text.keys() - set(slot.takes):
            found[slot.name, kind] = told(slot, cast, cast.text[kind])
            assert cast.everything() == before, (slot.name, kind)
    refused = {slot.name: slot.refused for slot in SLOTS}
    assert {cell: code for cell, code in found.items() if code != refused[cell[0]]} == {}


@pytest.mark.parametrize(
    ("slot", "kind"), [(slot, kind) for slot in SLOTS for kind in slot.takes], ids=lambda one: getattr(one, "name", one)
)
def test_every_kind_is_taken_in_its_own_slot(cast: Cast, slot: Slot, kind: str) -> None:
    assert told(slot, cast, cast.text[kind]) == "ok"


def near_misses(text: str) -> Iterator[str]:
    """Texts that are almost this one."""
    yield from (text[:-1], text[1:], text * 2, text.upper(), text.lower(), text.swapcase())
    yield from (f"{text}{end}" for end in ("\n", "\r\n", "\0", " ", "\t", "\xa0", "x", "0", "="))
    yield from (f"{start}{text}" for start in (" ", "\n", "\0", "\ufeff"))
    yield text.replace("-", "+").replace("_", "/")
    for place, sign in enumerate(text):
        for other in ("0", "a") if len(text) < 200 else "a":
            yield f"{text[:place]}{other if other != sign else '1'}{text[place + 1 :]}"


def reads_alike(cast: Cast, kind: str, text: str) -> bool:
    """Whether a near miss is documented to be the same, or happens to be what an app shows half a minute off."""
    good = cast.text[kind]
    if kind in APPS:
        app: Any = cast.app._totp if kind == APPS[0] else TOTP(cast.text["app secret"])
        step = app.timecode(cast.clock.now)
        return text in [app.generate_otp(one) for one in (step - 1, step, step + 1)]
    canonical = CANONICAL.get(kind, str)
    return canonical(text) == canonical(good)


def test_S08_whatever_is_almost_a_text_is_refused_where_it_would_be_taken(cast: Cast) -> None:
    before = cast.everything()
    for slot in SLOTS:
        for kind in slot.takes:
            for text in near_misses(cast.text[kind]):
                if not reads_alike(cast, kind, text):
                    assert told(slot, cast, text) == slot.refused, (slot.name, kind, text)
    assert cast.everything() == before


def test_S08_every_form_of_a_token_and_every_kind_of_a_ticket_is_in_the_table(cast: Cast) -> None:
    texts = tuple(cast.text.values())
    assert {"REGISTER", "RESET", "FORMAT"} <= {name for name, _prefix in forms()}
    assert [name for name, prefix in forms() if not any(text.startswith(prefix) for text in texts)] == []


def test_S08_every_kind_of_an_id_is_in_the_table(cast: Cast) -> None:
    kinds = {kind for file in PACKAGE.rglob("*.py") for kind in re.findall(r'\bnew_id\("(\w+)"\)', file.read_text())}
    assert {"key", "ses", "usr"} <= kinds
    assert {kind for kind in kinds if not any(text.startswith(f"{kind}_") for text in cast.text.values())} == set()


def forms() -> Iterator[tuple[str, str]]:
    """Give the name and prefix of everything in `plexe_auth` that says how a token looks."""
    for package in ("model", "service"):
        root = importlib.import_module(f"plexe_auth.{package}")
        for found in pkgutil.walk_packages(root.__path__, f"{root.__name__}."):
            for name, value in vars(importlib.import_module(found.name)).items():
                if isinstance(value, KeyFormat):
                    yield name, value.prefix
                if isinstance(value, Kind):
                    yield name, value.format.prefix
