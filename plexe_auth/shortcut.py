"""A request by a remembered key is admitted by one plain function; what it does not admit takes the long way."""

import functools
import re
from collections.abc import Callable
from json.encoder import encode_basestring_ascii as quoted

from plexe_auth.admission import Admission, Admitting
from plexe_auth.model.origin import Origin, direct
from plexe_auth.model.policy import Policy
from plexe_auth.service.judging import Judge

# The method, the path decoded and as it was sent, the scheme, the peer; the values of `x-api-key`, `user-agent` and
# `x-request-id`, each of which was sent at most once; and whether there was an `authorization`.
Shortcut = Callable[[str, str, str, str, str | None, str, str | None, str | None, bool], Admission | None]

_MOST_KEPT, _LONGEST_KEPT = 4096, 512  # of the origins and paths of requests, and how many characters of a path

_NAME = re.compile(r"[A-Za-z0-9._~+/=:@-]{1,128}", re.ASCII)


def is_name(text: str) -> bool:
    """Tell whether a request may be called that: others log it."""
    return _NAME.fullmatch(text) is not None


def shortcut(policy: Policy, admitting: Admitting, judge: Judge, new_request_id: Callable[[], str]) -> Shortcut:
    """Return the function that admits a request at once, or returns ``None``, which says nothing of it.

    It is for requests that send one key, once and under its true name. It is one function, because each call costs a
    twentieth of all that it does.
    """
    passed, rate, accept = judge.passed, policy.rate, admitting.accepted
    seen, asked, takes_bearer = _seeing(policy), _asking(policy), policy.bearer
    kept = functools.lru_cache(maxsize=_MOST_KEPT)(asked)

    def admitted(
        method: str,
        path: str,
        raw_path: str,
        scheme: str,
        peer: str | None,
        key: str,
        agent: str | None,
        name: str | None,
        authorized: bool,
    ) -> Admission | None:
        try:
            came = seen(peer, scheme)
            is_short = len(path) + len(raw_path) < _LONGEST_KEPT > len(method)
            permission, told = kept(method, path, raw_path) if is_short else asked(method, path, raw_path)
            if came is None or permission is None or (takes_bearer and authorized):
                return None
            named = name if name is not None and is_name(name) else new_request_id()
            where = f'{came.told},{"null" if agent is None else quoted(agent)},{told},"{named}"'
            accepted = passed(key, permission, came.ip, where, rate)
        except Exception:
            return None  # the long way meets it again, and answers
        finally:
            del key
        return None if accepted is None else accept(accepted, came)

    return admitted if policy.address_rate is None else _none


def _seeing(policy: Policy) -> Callable[[str | None, str], Origin | None]:
    @functools.lru_cache(maxsize=_MOST_KEPT)
    def seen(peer: str | None, scheme: str) -> Origin | None:
        came = direct(peer, scheme, policy.trusted_proxies)
        is_taken = came is not None and (came.local or came.encrypted or policy.https == "off")
        return came if is_taken else None

    return seen


def _asking(policy: Policy) -> Callable[[str, str, str], tuple[str | None, str]]:
    def asked(method: str, path: str, raw_path: str) -> tuple[str | None, str]:
        permissions = policy.requirement(method, path, raw_path).permissions
        return permissions[0] if len(permissions) == 1 else None, f"{quoted(method)},{quoted(path)}"

    return asked


def _none(*_request: object) -> None:
    """Every request has to be counted by its address first."""
