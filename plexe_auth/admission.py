"""A request that may go on, and what the answer to it tells of its connection, its key and its rates."""

from datetime import datetime

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

# How a rate stands, in the fields of draft-ietf-httpapi-ratelimit-headers-11: what is always said of that rate, and the
# value of `RateLimit`, which is another one each time; ``None`` where nothing is told.
Rated = tuple[Fields, str | None]
_QUOTA = '"default";q=%d;w=%d'  # how many in how many seconds
STANDS = '"default";r=%d;t=%d'  # how many more, and in how many seconds more will fit

# Who a request that may go on acts for, or ``None`` where nobody had to say; and how its connection, its key and its
# rate are doing, which its answer tells, unless the app sends such a field itself.
Admission = tuple[Principal | None, Fields, str | None]

NOTHING = Fields()
UNRATED: Rated = (NOTHING, None)
_PRIVATE: Header = ("cache-control", "no-store")  # what one principal sees is nothing for a cache that all share
_MOST_KEPT = 1024  # windows of rates


def whole(headers: Fields, stands: str | None) -> tuple[Header, ...]:
    """Return all that an answer tells, as WSGI has it."""
    return headers.texts if stands is None else (*headers.texts, ("ratelimit", stands))


def told(headers: tuple[Header, ...], response: Response) -> Response:
    """Return an answer of ours that tells this too."""
    sent = [name for name, _value in response.headers]
    added = [one for one in headers if one[0] not in sent]
    return Response(response.status, (*response.headers, *added), response.body) if added else response


class Constant(dict[tuple[int, int], Fields]):
    """What all answers tell alike, by the count and the seconds of the rate that they tell too.

    Args:
        unrated: where they tell none.
    """

    def __init__(self, unrated: Fields) -> None:
        self.unrated: Fields = unrated

    def __missing__(self, window: tuple[int, int]) -> Fields:
        if len(self) >= _MOST_KEPT:
            self.clear()
        quota = ("ratelimit-policy", _QUOTA % window)
        headers = self[window] = _both(self.unrated, fields(quota))
        return headers


class Admitting:
    """Makes admissions under one policy.

    Attributes:
        tells_rates: answers tell how rates stand.
    """

    def __init__(self, policy: Policy) -> None:
        hsts = () if policy.hsts is None else (("strict-transport-security", policy.hsts),)  # RFC 6797
        self._transport = fields(*hsts)
        self._private = Constant(fields(_PRIVATE))
        self._private_encrypted = Constant(fields(_PRIVATE, *hsts))
        self._quotas = Constant(NOTHING)
        self.tells_rates: bool = policy.rate_headers

    def admitted(self, principal: Principal, tally: Tally | None, came: Origin, rated: Rated = UNRATED) -> Admission:
        """Return the admission of whom a request acts for, whose rates stand as `tally` says."""
        headers = self.constant(came).unrated
        if principal.rotated_at is not None and principal.retires_at is not None:
            headers = _both(headers, _succession(principal.rotated_at, principal.retires_at))
        if tally is not None:
            rated = self.rates(*standing(tally))
        quota, stands = rated
        return principal, _both(headers, quota), stands

    def constant(self, came: Origin) -> Constant:
        """Return what all answers to somebody who comes from there tell alike."""
        return self._private_encrypted if came.encrypted else self._private

    def nobody(self, came: Origin, rated: Rated = UNRATED) -> Admission:
        """Return the admission of a request that needs no principal."""
        quota, stands = rated
        return None, _both(self.transport(came), quota), stands

    def transport(self, came: Origin) -> Fields:
        """Tell a browser to come by HTTPS only, if it came by HTTPS."""
        return self._transport if came.encrypted else NOTHING

    def rates(self, count: int, seconds: int, remaining: int, reset: int) -> Rated:
        """Tell how a rate stands, if that is told at all."""
        return (self._quotas[count, seconds], STANDS % (remaining, reset)) if self.tells_rates else UNRATED


def _succession(rotated_at: datetime, retires_at: datetime) -> Fields:
    deprecated = f"@{int(rotated_at.timestamp())}"  # RFC 9745: a structured date
    return fields(("deprecation", deprecated), ("sunset", http_date(retires_at)))  # RFC 8594


def _both(some: Fields, more: Fields) -> Fields:
    return Fields(some.texts + more.texts, some.in_bytes + more.in_bytes) if more.texts else some
