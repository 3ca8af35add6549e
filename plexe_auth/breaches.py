"""A third party is asked whether a new password is known from a breach; where it does not tell, the password is taken.

Why that is so here, while everything else fails closed: docs/decisions/0027-breach-check.md.
"""

import logging

from plexe_auth.errors import ConfigurationError
from plexe_auth.fetch.port import AsyncFetch
from plexe_auth.model.breach import is_breached, range_of, range_request, read_range
from plexe_auth.model.endpoint import endpoint
from plexe_auth.secret import Secret

SECONDS = 3.0
"""How long the answer may take in all. Somebody waits for it who sets a password, and is let go on without it."""

_log = logging.getLogger("plexe_auth")


class Breaches:
    """A service of the kind of Pwned Passwords.

    Args:
        base: its URL: what stands before ``/range/``.
        fetch: asks it; awaited in either colour.
    """

    def __init__(self, base: str, fetch: AsyncFetch) -> None:
        self._base = base
        self._fetch = fetch

    async def know(self, password: Secret) -> bool:
        """Tell whether a password is known from a breach, as far as somebody tells.

        Raises:
            ConfigurationError: the fetch is of the wrong colour.
        """
        prefix, suffix = range_of(password.reveal())
        try:
            body = read_range(await self._fetch(range_request(self._base, prefix)))
        except ConfigurationError:
            raise
        except Exception as error:  # whatever goes wrong there, people can go on here
            failed = type(error).__name__
        else:
            return is_breached(body, suffix)
        place = endpoint(self._base)
        _log.warning("%s did not tell whether a new password is known (%s)", place.host if place else "nobody", failed)
        return False
