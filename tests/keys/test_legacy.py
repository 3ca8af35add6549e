"""What every released version has written, this one reads: the same keys, the same decisions, nothing rewritten."""

import json
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from plexe_auth import AuthError, Settings
from tests.keys.watch import Watch

CORPUS = Path(__file__).parent / "corpus"
VERSIONS = sorted(file.stem for file in CORPUS.glob("*.json"))


@pytest.fixture(params=VERSIONS)
def frozen(request: pytest.FixtureRequest) -> dict[str, Any]:
    return json.loads((CORPUS / f"{request.param}.json").read_text()) | {"version": request.param}


@pytest.fixture
def reopened(frozen: dict[str, Any], face: str, opened: Callable[..., Any], tmp_path: Path) -> Callable[..., Any]:
    """Opens a copy of a frozen database at the instant it was frozen."""
    file = shutil.copy(CORPUS / f"{frozen['version']}.sqlite", tmp_path / "old.sqlite")

    def open_(peppers: Any) -> Any:
        now = datetime.fromisoformat(frozen["at"])
        return opened(
            face,
            f"sqlite:///{file}",
            settings=Settings(peppers=peppers, cache_entries=0),
            clock=lambda: now,
            migrate=True,
        )

    return open_


def test_K24_there_is_a_corpus() -> None:
    assert VERSIONS


def test_K24_every_key_is_decided_as_it_was(frozen: dict[str, Any], reopened: Callable[..., Any]) -> None:
    auth = reopened(frozen["peppers"])
    for name, key in frozen["keys"].items():
        assert decided(auth, key) == (key["code"], key["id"]), name
        assert repr(auth.keys.get(key["id"])) == key["key"], name


def decided(auth: Any, key: dict[str, Any]) -> tuple[str | None, str]:
    try:
        return None, auth.keys.verify(key["text"], ip=key["ip"]).id
    except AuthError as refused:
        return refused.code, key["id"]


def test_K24_without_its_pepper_a_key_is_unknown(frozen: dict[str, Any], reopened: Callable[..., Any]) -> None:
    auth = reopened(())
    known = {name for name, key in frozen["keys"].items() if auth.keys.explain(key["text"]).code != "invalid_key"}
    assert known == {"unpeppered"}


def test_K24_reading_rewrites_nothing(
    frozen: dict[str, Any], reopened: Callable[..., Any], watched: Callable[[Any], Watch]
) -> None:
    auth = reopened(frozen["peppers"])
    watch = watched(auth)
    for key in frozen["keys"].values():
        decided(auth, key)
    commits = [asked.values for asked in watch.asked if asked.verb == "commit"]
    assert {change.table for changes in commits for change in changes} <= {"rates"}  # where requests are counted


def test_K24_old_keys_live_on(frozen: dict[str, Any], reopened: Callable[..., Any]) -> None:
    auth = reopened(frozen["peppers"])
    old = frozen["keys"]["unpeppered"]
    heir = auth.keys.rotate(old["id"])
    assert auth.keys.verify(heir.secret.reveal()).permissions == auth.keys.verify(old["text"]).permissions
    auth.keys.revoke(old["id"])
    assert decided(auth, old) == ("revoked_key", old["id"])
