"""For customers of an API that plexe_auth guards: auth classes for HTTPX and Requests, which send a key and mind it.

It loads nothing of what a server needs, and neither HTTPX nor Requests before it is asked for their class.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from plexe_auth.client.httpx import HTTPXAuth
    from plexe_auth.client.key import Key
    from plexe_auth.client.problem import UnexpectedAnswer, raise_for_problem
    from plexe_auth.client.requests import RequestsAuth

__all__ = ["HTTPXAuth", "Key", "RequestsAuth", "UnexpectedAnswer", "raise_for_problem"]

_HOMES = {
    "HTTPXAuth": "httpx",
    "Key": "key",
    "RequestsAuth": "requests",
    "UnexpectedAnswer": "problem",
    "raise_for_problem": "problem",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    globals()[name] = value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    return value


def __dir__() -> list[str]:
    return __all__
