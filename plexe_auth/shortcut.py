"""A request by a remembered key or session is admitted by a plain function; what it does not admit takes the long way.

Each call costs a twentieth of all that is done for a key, so there are few.
"""

import functools
import re
from collections.abc import Callable
from json.encoder import encode_basestring_ascii as quoted
from typing import NamedTuple

from plexe_auth.admission import Admission, Admitting
from plexe_auth.model.cookie import only_token
from plexe_auth.model.origin import Origin, direct
from plexe_auth.model.policy import Policy
from plexe_auth.model.same_origin import READING, proves_itself
from plexe_auth.service.judging import Judge
from plexe_auth.service.session_judging import Recalled
from plexe_auth.wire import Request

Sent = str | bytes  # as the server has it

# The method, the path decoded, the target as it was sent, the scheme, the peer; the values of `user-agent`, `x-api-key`
# and `x-request-id`, each of which was sent at most once; whether there was an `authorization`; the value of `cookie`,
# sent once, or nothing if there was an `x-api-key` too, or if it is no plain HTTP; and all of it, where that is known.
Shortcut = Callable[
    [str, str, Sent, str, str | None, Sent, bytes, str | None, bool, bytes, Request | None], Admission | None
]
_ByCookie = Callable[[str, bytes, Origin, str | None, str, Request | None], Admission | None]

_CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})  # browsers send OPTIONS of their own accord
_MOST_KEPT, _LONGEST_KEPT = 4096, 1024  # of the askings of requests, and how many characters of one


class Asking(NamedTuple):
    """What all requests for the same target from the same client have in common.

    Attributes:
        came: where they come from; ``None`` where they cannot be admitted at once.
        permission: what they need; ``None`` where any good credential does, ``""`` where they need none.
        where: the end of their line in the access log, up to their name.
    """

    came: Origin | None
    permission: str | None
    where: str


_LONGEST_NAME = 128
_NAME = re.compile(rf"[A-Za-z0-9._~+/=:@-]{{1,{_LONGEST_NAME}}}", re.ASCII)


def is_name(text: str) -> bool:
    """Tell whether a request may be called that: others log it."""
    return _NAME.fullmatch(text) is not None


def shortcut(
    policy: Policy, admitting: Admitting, judge: Judge, recalled: Recalled, new_request_id: Callable[[], str]
) -> Shortcut:
    """Return the function that admits a request at once, or returns ``None``, which says nothing of it.

    It is for requests that send one key, once and under its true name, or no key and one session cookie, and for
    public paths.
    """
    by_cookie = _by_cookie(policy, admitting, recalled)
    passed, rate, takes_bearer = judge.passed, policy.rate, policy.bearer
    accept, nobody = admitting.accepted, admitting.nobody
    asked = functools.lru_cache(maxsize=_MOST_KEPT)(_asking(policy))

    def admitted(
        method: str,
        path: str,
        target: Sent,
        scheme: str,
        peer: str | None,
        agent: Sent,
        key: bytes,
        name: str | None,
        authorized: bool,
        cookie: bytes,
        request: Request | None,
    ) -> Admission | None:
        try:
            came, permission, where = asked(method, path, target, scheme, peer, agent)
            if came is None or (takes_bearer and authorized and permission != ""):
                return None
            if permission == "":
                return nobody(came)
            if name is None or not ((name.isascii() and name.isalnum() and len(name) < _LONGEST_NAME) or is_name(name)):
                name = new_request_id()
            if cookie:
                return by_cookie(method, cookie, came, permission, f'{where}"{name}"', request)
            accepted = passed(key, permission, came.ip, f'{where}"{name}"', rate)
        except Exception:
            return None  # the long way meets it again, and answers
        finally:
            del key, cookie, request
        return None if accepted is None else accept(accepted, came)

    return admitted if policy.address_rate is None else _none


def _by_cookie(policy: Policy, admitting: Admitting, recalled: Recalled) -> _ByCookie:
    def admitted(
        method: str, cookie: bytes, came: Origin, permission: str | None, where: str, request: Request | None
    ) -> Admission | None:
        try:
            if method not in READING and not (
                request is not None and method in _CHANGING and proves_itself(request, came, policy.origins)
            ):
                return None
            principal = recalled(only_token(cookie), permission, where)
        finally:
            del cookie, request
        return None if principal is None else admitting.admitted(principal, None, came)

    return admitted if policy.cookie and policy.rate is None else _none


def _asking(policy: Policy) -> Callable[[str, str, Sent, str, str | None, Sent], Asking]:
    def asked(method: str, path: str, target: Sent, scheme: str, peer: str | None, agent: Sent) -> Asking:
        if len(method) + len(path) + len(target) + len(scheme) + len(peer or "") + len(agent) > _LONGEST_KEPT:
            raise ValueError  # it would take too much memory to keep
        came = direct(peer, scheme, policy.trusted_proxies)
        needed = policy.requirement(method, path, _text(target).partition("?")[0])
        is_plain = needed.public or len(needed.permissions) <= 1
        if came is None or not (came.local or came.encrypted or policy.https == "off") or not is_plain:
            return Asking(None, "", "")
        told = quoted(_text(agent)) if agent else "null"
        permission = "" if needed.public else next(iter(needed.permissions), None)
        return Asking(came, permission, f",{came.told},{told},{quoted(method)},{quoted(path)},")

    return asked


def _text(sent: Sent) -> str:
    return sent.decode("latin-1") if isinstance(sent, bytes) else sent


def _none(*_request: object) -> None:
    """Nothing of the kind is admitted, or it has to be counted first."""
