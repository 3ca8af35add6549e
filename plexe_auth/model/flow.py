"""A flow is one attempt to sign in at a provider: what was drawn for it, what it is bound to, and when it is over.

It names the provider, the redirect URI, the PKCE verifier, the nonce and the way back, so that a callback can choose
none of them (RFC 9700, sections 2.1 and 4.7). It holds the verifier and the nonce: keep it where only the server reads.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, cast
from urllib.parse import urlencode

from plexe_auth.errors import InvalidRequest
from plexe_auth.model.endpoint import endpoint
from plexe_auth.model.instant import from_microseconds, to_microseconds
from plexe_auth.model.next_path import next_path
from plexe_auth.model.pkce import METHOD, VERIFIER_LENGTH, challenge
from plexe_auth.model.provider import Endpoints, Provider
from plexe_auth.model.strict_json import read_object
from plexe_auth.secret import Secret, random_text

LIFE = timedelta(minutes=10)
"""How long a flow may take: as long as a code lives at most (RFC 6749, section 4.1.2), with the sign-in before it."""

_WORD = 43  # base62 characters: 256 bits; RFC 6749, section 10.10, asks for 128
_LONGEST = 8192
_TEXTS = ("provider", "redirect_uri", "next", "user_id", "state", "nonce", "verifier")

# What a host may add to the authorization request. Whatever else there is, is ours to say (O03), or would move the
# request out of our sight: `request`, `request_uri`, `response_mode`, `claims`.
EXTRA = frozenset(
    {"acr_values", "allow_signup", "display", "domain_hint", "hd", "login", "login_hint", "max_age", "prompt"}
    | {"ui_locales"}
)
_LONGEST_EXTRA = 512


@dataclass(frozen=True, slots=True)
class Flow:
    """One attempt to sign in.

    Attributes:
        provider: the `Provider.id` that it leads to; a callback at any other is refused.
        redirect_uri: where the provider sends the browser back to.
        next: the path of ours where somebody goes afterwards.
        user_id: to whom the identity shall be linked; empty where somebody signs in.
        state: what the callback must bring, from the same browser. Keep only its digest where it is spent.
        nonce: what the ID token must hold.
        verifier: what the code is exchanged with.
        issued_at: when it began.
    """

    provider: str
    redirect_uri: str
    next: str
    user_id: str
    state: Secret
    nonce: Secret
    verifier: Secret
    issued_at: datetime

    __hash__: ClassVar[None] = None  # type: ignore[assignment]  # nor has a Secret one

    def is_over(self, now: datetime) -> bool:
        """Tell whether it has taken too long, or begins in the future, by whatever clock."""
        return not timedelta(0) <= now - self.issued_at < LIFE

    def to_json(self) -> str:
        """Return all of it as a text of ASCII. It holds secrets."""
        return json.dumps(
            {
                "provider": self.provider,
                "redirect_uri": self.redirect_uri,
                "next": self.next,
                "user_id": self.user_id,
                "state": self.state.reveal(),
                "nonce": self.nonce.reveal(),
                "verifier": self.verifier.reveal(),
                "issued_at": to_microseconds(self.issued_at),
            },
            separators=(",", ":"),
        )

    @classmethod
    def from_json(cls, text: str | bytes) -> "Flow":
        """Return the flow that `to_json` wrote down.

        Raises:
            InvalidRequest: it is something else.
        """
        flow, text = _read(text), ""  # which must not stand in this frame
        if flow is None:
            raise InvalidRequest("There is no such sign-in.")
        return flow


def begin_flow(
    provider: Provider,
    redirect_uri: str,
    next: object,  # noqa: A002 - as on the face
    now: datetime,
    user_id: str = "",
) -> Flow:
    """Return a new flow. Its state, nonce and verifier have 256 random bits each.

    Raises:
        InvalidRequest: `redirect_uri` is no https URL without a fragment (plain http: only for a loopback host).
    """
    if endpoint(redirect_uri) is None:
        raise InvalidRequest("redirect_uri must be an https URL without a fragment.", field="redirect_uri")
    state, nonce, verifier = (Secret(random_text(length)) for length in (_WORD, _WORD, VERIFIER_LENGTH))
    return Flow(provider.id, redirect_uri, next_path(next), user_id, state, nonce, verifier, now)


def authorization_url(
    flow: Flow, provider: Provider, endpoints: Endpoints, extra: Mapping[str, str] | None = None
) -> str:
    """Return where to send the browser (RFC 6749, section 4.1.1; OpenID Connect Core 1.0, section 3.1.2.1).

    Args:
        flow: what was drawn for it.
        provider: whom it leads to.
        endpoints: those of the provider.
        extra: parameters of the host's own, of those in `EXTRA`.

    Raises:
        InvalidRequest: one of `extra` is not among them, is no text or is too long.
    """
    asked = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": flow.redirect_uri,
        "scope": " ".join(provider.scopes),
        "state": flow.state.reveal(),
        "code_challenge": challenge(flow.verifier.reveal()),
        "code_challenge_method": METHOD,
    }
    if "openid" in provider.scopes:
        asked["nonce"] = flow.nonce.reveal()
    sign = "&" if "?" in endpoints.authorization else "?"
    return f"{endpoints.authorization}{sign}{urlencode(_checked_extra(extra) | asked)}"


def _checked_extra(extra: object) -> dict[str, str]:
    given = dict(cast("Mapping[object, object]", extra)) if isinstance(extra, Mapping) else {}
    if extra is not None and not isinstance(extra, Mapping):
        raise InvalidRequest("extra must be a mapping of texts.", field="extra")
    if not given.keys() <= EXTRA:
        raise InvalidRequest("That parameter of the authorization request cannot be chosen.", field="extra")
    if not all(map(_is_short, given.values())):
        raise InvalidRequest("A parameter of the authorization request must be a short text.", field="extra")
    return cast("dict[str, str]", given)


def _is_short(value: object) -> bool:
    return isinstance(value, str) and len(value) <= _LONGEST_EXTRA and value.isprintable()


def _read(text: str | bytes) -> Flow | None:
    try:
        held = read_object(text, _LONGEST)
        issued_at = held.pop("issued_at", None)
        if not isinstance(issued_at, int) or held.keys() != set(_TEXTS):
            return None
        return _made(held, from_microseconds(issued_at))
    except (OverflowError, ValueError):
        return None


def _made(held: dict[str, object], issued_at: datetime) -> Flow | None:
    texts = [value for name in _TEXTS if isinstance(value := held[name], str)]
    if len(texts) < len(_TEXTS):
        return None
    provider, redirect_uri, next_, user_id, *words = texts
    state, nonce, verifier = map(Secret, words)
    return Flow(provider, redirect_uri, next_, user_id, state, nonce, verifier, issued_at)
