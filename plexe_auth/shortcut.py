"""A request by a remembered key or session is admitted by a plain function; what it does not admit takes the long way.

Requests for the same target from the same client have all in common but what they send to prove who they are. That is
worked out once, and made into a function of the rest. Each call costs a twentieth of all that is done for a key, so
there are few.
"""

import re
from collections.abc import Callable, Hashable
from json.encoder import encode_basestring_ascii as quoted
from typing import Generic, NamedTuple, TypeVar

from plexe_auth.admission import STANDS, Admission, Admitting
from plexe_auth.model.cookie import only_token
from plexe_auth.model.origin import Origin, direct
from plexe_auth.model.policy import Policy
from plexe_auth.model.same_origin import READING, proves_itself
from plexe_auth.service.judging import Judge
from plexe_auth.service.session_judging import Recalled
from plexe_auth.service.telling import END, UNSIGNED
from plexe_auth.wire import Request

Sent = str | bytes  # as the server has it

# The values of `x-api-key` and `x-request-id`, each of which was sent at most once; whether there was an
# `authorization`; the value of `cookie`, sent once, or nothing if there was an `x-api-key` too, or if it is no plain
# HTTP; and all of the request, where that is known.
Admit = Callable[[bytes, str | None, bool, bytes, Request | None], Admission | None]
_ByCookie = Callable[[bytes, str, Request | None], Admission | None]

_CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})  # browsers send OPTIONS of their own accord
_MOST_KEPT, _LONGEST_KEPT = 4096, 1024  # of what is asked for, and how many characters of one

T = TypeVar("T", bound=tuple[Hashable, ...])


class Target(NamedTuple):
    """What is asked for, and by whom, before anything is proven.

    Attributes:
        method: of the request.
        path: decoded.
        sent: the target as it was sent.
        scheme: as the server saw it.
        peer: the address at the other end.
        agent: the value of `user-agent`, sent at most once.
    """

    method: str
    path: str
    sent: Sent
    scheme: str
    peer: str | None
    agent: Sent


class Shortcut(dict[T, Admit], Generic[T]):
    """What admits requests, by what a server tells of their target. What is not kept yet is made."""

    def __init__(self, admits: Callable[[T], Admit]) -> None:
        self._admits = admits

    def __missing__(self, told: T) -> Admit:
        if sum(map(_length, told)) > _LONGEST_KEPT:  # it would take too much memory to keep
            return _none
        if len(self) >= _MOST_KEPT:
            self.clear()
        admit = self[told] = self._admits(told)
        return admit


def _length(part: object) -> int:
    return len(part) if isinstance(part, (str, bytes)) else 0


_LONGEST_NAME = 128
_NAME = re.compile(rf"[A-Za-z0-9._~+/=:@-]{{1,{_LONGEST_NAME}}}", re.ASCII)


def is_name(text: str) -> bool:
    """Tell whether a request may be called that: others log it."""
    return _NAME.fullmatch(text) is not None


class Admits:
    """Makes what admits requests for one target, under one policy.

    It is for requests that send one key, once and under its true name, or no key and one session cookie, and for
    public paths. What is made returns ``None`` where it says nothing of a request; so it is meant if it raises.
    """

    def __init__(
        self, policy: Policy, admitting: Admitting, judge: Judge, recalled: Recalled, new_request_id: Callable[[], str]
    ) -> None:
        self._policy = policy
        self._admitting = admitting
        self._passed = judge.passed
        self._recalled = recalled
        self._new_request_id = new_request_id

    def __call__(self, target: Target) -> Admit:
        """Return what admits requests for that."""
        policy = self._policy
        came = direct(target.peer, target.scheme, policy.trusted_proxies)
        needed = policy.requirement(target.method, target.path, _text(target.sent).partition("?")[0])
        if came is None or policy.address_rate is not None or len(needed.permissions) > 1:
            return _none
        if not (came.local or came.encrypted or policy.https == "off"):
            return _none
        if needed.public:
            return _always(self._admitting.nobody(came))
        agent = quoted(_text(target.agent)) if target.agent else "null"
        where = f",{came.told},{agent},{quoted(target.method)},{quoted(target.path)},"
        return self._admit(target.method, came, next(iter(needed.permissions), None), where)

    def _admit(self, method: str, came: Origin, permission: str | None, where: str) -> Admit:
        by_cookie, whence = self._by_cookie(method, came, permission), UNSIGNED + where
        passed, rate, takes_bearer, ip = self._passed, self._policy.rate, self._policy.bearer, came.ip
        admitted, tells_rates = self._admitting.admitted, self._admitting.tells_rates
        constant = self._admitting.constant(came)
        unrated = constant.unrated
        new_request_id = self._new_request_id

        def admit(
            key: bytes, name: str | None, authorized: bool, cookie: bytes, request: Request | None
        ) -> Admission | None:
            try:
                if authorized and takes_bearer:
                    return None
                if name is None or not (
                    (name.isascii() and name.isalnum() and len(name) < _LONGEST_NAME) or is_name(name)
                ):
                    name = new_request_id()
                if cookie:
                    return by_cookie(cookie, f'{where}"{name}"', request)
                found = passed(key, permission, ip, f'{whence}"{name}"{END}', rate)
            finally:
                del key, cookie, request  # they must not stand in this frame when something goes wrong
            if found is None:
                return None
            principal, tally = found
            if principal.rotated_at is not None:
                return admitted(principal, tally, came)
            if tally is not None and tells_rates:
                window = tally.policy
                return principal, constant[window.count, window.seconds], STANDS % tally.stands()
            return principal, unrated, None

        return admit

    def _by_cookie(self, method: str, came: Origin, permission: str | None) -> _ByCookie:
        policy, recalled, admitting = self._policy, self._recalled, self._admitting
        only_reads, may_change = method in READING, method in _CHANGING

        def admit(cookie: bytes, where: str, request: Request | None) -> Admission | None:
            try:
                if not only_reads and not (
                    may_change and request is not None and proves_itself(request, came, policy.origins)
                ):
                    return None
                principal = recalled(only_token(cookie), permission, where)
            finally:
                del cookie, request
            return None if principal is None else admitting.admitted(principal, None, came)

        return admit if policy.cookie and policy.rate is None else _none


def _always(admission: Admission) -> Admit:
    def admit(*_request: object) -> Admission:
        return admission

    return admit


def _text(sent: Sent) -> str:
    return sent.decode("latin-1") if isinstance(sent, bytes) else sent


def _none(*_request: object) -> None:
    """Nothing of the kind is admitted, or it has to be counted first."""
