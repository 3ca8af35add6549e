"""A request that may go on, and what the answer to it tells of its connection, its key and its rates."""

import functools
from datetime import datetime

from plexe_auth.cache.known import made
from plexe_auth.limiting.limiter import Tally
from plexe_auth.model.instant import http_date
from plexe_auth.model.origin import Origin
from plexe_auth.model.policy import Policy
from plexe_auth.model.principal import Principal
from plexe_auth.service.judging import standing
from plexe_auth.wire import Fields, Header, Response, fields

# The fields that an answer may get from us.
NAMES = frozenset(
    {"cache-control", "strict-transport-security", "deprecation", "sunset", "ratelimit", "ratelimit-policy"}
)
LENGTHS = frozenset(map(len, NAMES))  # most fields that apps send have another one, which is soon seen

NOTHING = Fields()
_PRIVATE: Header = ("cache-control", "no-store")  # what one principal sees is nothing for a cache that all share


# Who a request that may go on acts for, or ``None`` where nobody had to say; and how its connection, its key and its
# rates are doing, which its answer tells, unless the app sends such a field itself.
Admission = tuple[Principal | None, Fields]


def both(some: Fields, more: Fields) -> Fields:
    """Return the ones and the others."""
    if not more.texts:
        return some
    together: Fields = made(Fields, (some.texts + more.texts, some.in_bytes + more.in_bytes))
    return together


def told(headers: Fields, response: Response) -> Response:
    """Return an answer of ours that tells this too."""
    sent = [name for name, _value in response.headers]
    added = [one for one in headers.texts if one[0] not in sent]
    return Response(response.status, (*response.headers, *added), response.body) if added else response


class Admitting:
    """Makes admissions under one policy.

    Attributes:
        tells_rates: answers tell how rates stand.
    """

    def __init__(self, policy: Policy) -> None:
        hsts = () if policy.hsts is None else (("strict-transport-security", policy.hsts),)  # RFC 6797
        self._transport = fields(*hsts)
        self._private = fields(_PRIVATE)
        self._private_encrypted = fields(_PRIVATE, *hsts)
        self.tells_rates: bool = policy.rate_headers
        self._beside = functools.lru_cache(maxsize=1024)(self._with_policy)

    def admitted(self, principal: Principal, tally: Tally | None, came: Origin, rated: Fields = NOTHING) -> Admission:
        """Return the admission of whom a request acts for, whose rates stand as `tally` says."""
        headers = self.plain(came)
        if principal.rotated_at is not None and principal.retires_at is not None:
            headers = both(headers, _succession(principal.rotated_at, principal.retires_at))
        if tally is not None:
            rated = self.rates(*standing(tally))
        return principal, both(headers, rated)

    def rated(self, principal: Principal, tally: Tally, came: Origin) -> Admission:
        """Return the admission of somebody whose key is not about to be replaced, and whose answers tell the rate."""
        window = tally.policy
        return principal, _rated(
            tally.remaining, tally.reset, self._beside(came.encrypted, window.count, window.seconds)
        )

    def _with_policy(self, encrypted: bool, count: int, seconds: int) -> Fields:
        return both(self._private_encrypted if encrypted else self._private, _rate_policy(count, seconds))

    def plain(self, came: Origin) -> Fields:
        """Return what every answer to somebody tells, of whose key and rates nothing is to be told."""
        return self._private_encrypted if came.encrypted else self._private

    def nobody(self, came: Origin, rated: Fields = NOTHING) -> Admission:
        """Return the admission of a request that needs no principal."""
        return None, both(self.transport(came), rated)

    def transport(self, came: Origin) -> Fields:
        """Tell a browser to come by HTTPS only, if it came by HTTPS."""
        return self._transport if came.encrypted else NOTHING

    def rates(self, count: int, seconds: int, remaining: int, reset: int) -> Fields:
        """Tell how a rate stands, in the fields of draft-ietf-httpapi-ratelimit-headers-11."""
        if not self.tells_rates:
            return NOTHING
        return _rated(remaining, reset, _rate_policy(count, seconds))


def _succession(rotated_at: datetime, retires_at: datetime) -> Fields:
    deprecated = f"@{int(rotated_at.timestamp())}"  # RFC 9745: a structured date
    return fields(("deprecation", deprecated), ("sunset", http_date(retires_at)))  # RFC 8594


def _rated(remaining: int, reset: int, beside: Fields) -> Fields:
    texts, in_bytes = beside
    stands = f'"default";r={remaining};t={reset}'
    told: Fields = made(Fields, ((("ratelimit", stands), *texts), ((b"ratelimit", stands.encode()), *in_bytes)))
    return told


@functools.lru_cache(maxsize=1024)
def _rate_policy(count: int, seconds: int) -> Fields:
    return fields(("ratelimit-policy", f'"default";q={count};w={seconds}'))
