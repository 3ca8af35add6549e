"""A setting names a limiter, or is refused when it is opened; and nothing is imported that is not used."""

import builtins
import subprocess
import sys
from typing import Any

import pytest

from plexe_auth import ConfigurationError, Settings
from plexe_auth.limiting.memory import MemoryLimiter
from tests.conftest import Clock
from tests.limiting.conftest import Opener, hit


@pytest.mark.parametrize("url", ["memory://", "store"])
def test_in_one_process_counting_is_done_in_memory_at_once(url: str, face: str, opening: Opener, clock: Clock) -> None:
    limiter = opening(face, clock, rate_storage=url).limiter
    assert isinstance(limiter, MemoryLimiter)
    assert [hit(limiter, "one", "2/minute").allowed for _ in range(3)] == [True, True, False]


@pytest.mark.parametrize("url", ["mongodb://localhost", "postgresql://localhost", "http://localhost"])
def test_an_unknown_place_is_refused(url: str, face: str, opening: Opener, clock: Clock) -> None:
    with pytest.raises(ConfigurationError, match="rate_storage is"):
        opening(face, clock, rate_storage=url)


@pytest.mark.parametrize("url", ["redis://localhost:port", "memcached://localhost", "memcached://"])
def test_a_wrong_url_is_refused_when_it_is_opened(url: str, face: str, opening: Opener, clock: Clock) -> None:
    with pytest.raises(ConfigurationError, match="rate_storage is no URL of"):
        opening(face, clock, rate_storage=url)


@pytest.mark.parametrize(
    ("url", "missing", "extra"), [("valkey://x", "redis", "redis"), ("memcached://x", "pymemcache", "memcached")]
)
def test_a_missing_client_is_called_by_its_extra(
    url: str, missing: str, extra: str, face: str, opening: Opener, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == missing]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(builtins, "__import__", without(missing))
    with pytest.raises(ConfigurationError, match=rf"plexe-auth\[{extra}\]"):
        opening(face, clock, rate_storage=url)


def without(missing: str) -> Any:
    importing = builtins.__import__

    def look(name: str, *rest: Any, **more: Any) -> Any:
        if name.partition(".")[0] == missing:
            raise ModuleNotFoundError(f"No module named {missing!r}", name=missing)
        return importing(name, *rest, **more)

    return look


@pytest.mark.parametrize("name", ["rate_strategy", "rate_outage", "failure_rate"])
@pytest.mark.parametrize("value", ["unlimited", "", None, 5])
def test_a_setting_of_rates_is_refused_when_it_is_made(name: str, value: Any) -> None:
    with pytest.raises(ConfigurationError, match=name):
        Settings(**{name: value})


def test_opening_on_a_store_imports_neither_limits_nor_a_client() -> None:
    program = (
        "import sys, plexe_auth; auth = plexe_auth.Auth.open('memory://')\n"
        "from plexe_auth.limiting.opening import open_limiter\n"
        "open_limiter(auth.world.settings, auth.world.store, auth.world.clock, blocking=True)\n"
        "assert not {'limits', 'redis', 'pymemcache'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
