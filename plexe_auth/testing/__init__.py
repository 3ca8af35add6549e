"""For tests: the fixtures of `plexe_auth.testing.plugin`, and the contract that every store must hold.

pytest loads the plugin in every run of every project that has plexe_auth installed, so nothing is imported here
before it is used.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from plexe_auth.testing.clock import FakeClock
    from plexe_auth.testing.contract import StoreContract
    from plexe_auth.testing.header import KeyFactory, KeyHeader
    from plexe_auth.testing.mailbox import Mailbox

__all__ = ["FakeClock", "KeyFactory", "KeyHeader", "Mailbox", "StoreContract"]

_HOMES = {
    "FakeClock": "clock",
    "KeyFactory": "header",
    "KeyHeader": "header",
    "Mailbox": "mailbox",
    "StoreContract": "contract",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    globals()[name] = value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    return value


def __dir__() -> list[str]:
    return __all__
