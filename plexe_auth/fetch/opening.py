"""The fetch of a host that brings none of its own; the library behind it is loaded when it is first needed."""

import ssl

from plexe_auth.errors import ConfigurationError
from plexe_auth.fetch.message import SECONDS
from plexe_auth.fetch.port import AsyncFetch, Fetch, SettledFetch
from plexe_auth.fetch.reach import Reach

_MISSING = "asking other servers needs httpcore2: pip install 'plexe-auth[oauth]'"


def open_fetch(
    *, is_async: bool, reach: Reach | None = None, context: ssl.SSLContext | None = None, seconds: float = SECONDS
) -> AsyncFetch:
    """Return a fetch for services, which await it in either colour.

    Args:
        is_async: it is used on an event loop; else it never suspends.
        reach: what may be reached.
        context: whom to trust in TLS; ``None``: whom the system trusts.
        seconds: how long an exchange may take in all.

    Raises:
        ConfigurationError: httpcore2 is not installed.
    """
    try:
        if is_async:
            from plexe_auth.fetch.asynchronous import AwaitedFetch

            return AwaitedFetch(reach, seconds=seconds, context=context)
        from plexe_auth.fetch.blocking import BlockingFetch
    except ImportError:
        raise ConfigurationError(_MISSING) from None
    blocking: Fetch = BlockingFetch(reach, seconds=seconds, context=context)
    return SettledFetch(blocking)
