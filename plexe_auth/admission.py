"""A request that may go on, and what the answer to it tells of its connection, its key and its rates."""

import functools
from datetime import datetime
from typing import NamedTuple

from plexe_auth.cache.known import made
from plexe_auth.limiting.limiter import Tally
from plexe_auth.model.instant import http_date
from plexe_auth.model.origin import Origin
from plexe_auth.model.policy import Policy
from plexe_auth.model.principal import Principal
from plexe_auth.service.judging import standing
from plexe_auth.service.key_recall import Accepted
from plexe_auth.wire import Header, Response

# The fields that an answer may get from us.
NAMES = frozenset(
    {"cache-control", "strict-transport-security", "deprecation", "sunset", "ratelimit", "ratelimit-policy"}
)

_PRIVATE: Header = ("cache-control", "no-store")  # what one principal sees is nothing for a cache that all share


class Admission(NamedTuple):
    """A request that may go on. Its answer has these headers, unless the app sends such a field itself.

    Attributes:
        principal: who it acts for, or ``None`` where nobody had to say.
        headers: how the connection and the key are doing.
        rated: how its rates are doing.
    """

    principal: Principal | None
    headers: tuple[Header, ...] = ()
    rated: tuple[Header, ...] = ()

    def told(self, response: Response) -> Response:
        """Return an answer of ours with these headers."""
        sent = [name for name, _value in response.headers]
        added = [one for one in (*self.headers, *self.rated) if one[0] not in sent]
        return Response(response.status, (*response.headers, *added), response.body) if added else response


class Admitting:
    """Makes admissions under one policy."""

    def __init__(self, policy: Policy) -> None:
        hsts = None if policy.hsts is None else ("strict-transport-security", policy.hsts)  # RFC 6797
        self._transport: tuple[Header, ...] = () if hsts is None else (hsts,)
        self._headers = (_PRIVATE,)
        self._headers_encrypted = (_PRIVATE, *self._transport)
        self._tells_rates = policy.rate_headers

    def accepted(self, accepted: Accepted, came: Origin, rated: tuple[Header, ...] = ()) -> Admission:
        """Return the admission of whom the judge has accepted."""
        known, tally = accepted
        return self.admitted(known.principal, tally, came, rated)

    def admitted(
        self, principal: Principal, tally: Tally | None, came: Origin, rated: tuple[Header, ...] = ()
    ) -> Admission:
        """Return the admission of whom a request acts for, whose rates stand as `tally` says."""
        headers = self._headers_encrypted if came.encrypted else self._headers
        if principal.rotated_at is not None and principal.retires_at is not None:
            headers += _succession(principal.rotated_at, principal.retires_at)
        if tally is not None:
            rated = self.rates(*standing(tally)) if self._tells_rates else ()
        admission: Admission = made(Admission, (principal, headers, rated))
        return admission

    def nobody(self, came: Origin, rated: tuple[Header, ...] = ()) -> Admission:
        """Return the admission of a request that needs no principal."""
        return Admission(None, self.transport(came), rated)

    def transport(self, came: Origin) -> tuple[Header, ...]:
        """Tell a browser to come by HTTPS only, if it came by HTTPS."""
        return self._transport if came.encrypted else ()

    def rates(self, count: int, seconds: int, remaining: int, reset: int) -> tuple[Header, ...]:
        """Tell how a rate stands, in the fields of draft-ietf-httpapi-ratelimit-headers-11."""
        if not self._tells_rates:
            return ()
        return (("ratelimit", f'"default";r={remaining};t={reset}'), _rate_policy(count, seconds))


def _succession(rotated_at: datetime, retires_at: datetime) -> tuple[Header, ...]:
    deprecated = f"@{int(rotated_at.timestamp())}"  # RFC 9745: a structured date
    return (("deprecation", deprecated), ("sunset", http_date(retires_at)))  # RFC 8594


@functools.lru_cache(maxsize=1024)
def _rate_policy(count: int, seconds: int) -> Header:
    return "ratelimit-policy", f'"default";q={count};w={seconds}'
