"""A code is exchanged for tokens once, by us, with our secret and the flow's verifier (RFC 6749, section 4.1.3)."""

import base64
from dataclasses import dataclass, field
from typing import Any, ClassVar
from urllib.parse import quote_plus, urlencode

from plexe_auth.errors import InvalidCredentials
from plexe_auth.model.exchange import Answer, Question, checked_json, useless
from plexe_auth.model.flow import Flow
from plexe_auth.model.provider import Endpoints, Provider
from plexe_auth.model.strict_json import read_object
from plexe_auth.secret import Secret

LONGEST_ANSWER = 65_536
LONGEST_TOKEN = 16_384


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a code was exchanged for. Nothing of it is kept.

    Attributes:
        access: lets us ask the provider about the person.
        id: the ID token, not verified yet; ``None`` where the provider has none.
    """

    access: Secret
    id: Secret | None = field(default=None)

    __hash__: ClassVar[None] = None  # type: ignore[assignment]  # nor has a Secret one


def token_request(provider: Provider, endpoints: Endpoints, flow: Flow, code: Secret) -> Question:
    """Return what to ask the token endpoint."""
    form = {
        "grant_type": "authorization_code",
        "code": code.reveal(),
        "redirect_uri": flow.redirect_uri,
        "code_verifier": flow.verifier.reveal(),
    }
    accept = ("accept", "application/json")
    if endpoints.client_authentication == "post":
        ours = {"client_id": provider.client_id, "client_secret": provider.client_secret.reveal()}
        return Question("POST", endpoints.token, (accept,), Secret(urlencode(form | ours)))
    return Question("POST", endpoints.token, (accept, ("authorization", _basic(provider))), Secret(urlencode(form)))


def read_tokens(answer: Answer, *, with_id: bool) -> Tokens:
    """Return the tokens that the token endpoint answers with (RFC 6749, section 5.1).

    Args:
        answer: the endpoint's.
        with_id: an ID token must be among them.

    Raises:
        InvalidCredentials: the code is wrong, used or too old (section 5.2).
        Unavailable: the answer is anything else.
    """
    if _is_spent(answer):
        raise InvalidCredentials("The provider's code is no longer good. Please begin again.")
    checked_json(answer)
    tokens = _tokens(answer, with_id)
    if tokens is None:
        raise useless()
    return tokens


# What says nothing of an answer raises nothing: whoever refuses it has none of its tokens in its frame.
def _tokens(answer: Answer, with_id: bool) -> Tokens | None:
    said = _read(answer)
    kind, access, id_token = said.get("token_type"), said.get("access_token"), said.get("id_token")
    if "error" in said or not isinstance(kind, str) or kind.lower() != "bearer":
        return None
    if not _is_token(access) or (with_id and not _is_token(id_token)):
        return None
    return Tokens(Secret(str(access)), Secret(str(id_token)) if with_id else None)


def _is_spent(answer: Answer) -> bool:
    # GitHub says so with status 200, and with a word of its own.
    return answer.status in (200, 400) and _read(answer).get("error") in ("invalid_grant", "bad_verification_code")


def _read(answer: Answer) -> dict[str, Any]:
    try:
        return read_object(answer.body, LONGEST_ANSWER)
    except ValueError:
        return {}


def _is_token(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= LONGEST_TOKEN and value.isascii() and value.isprintable()


def _basic(provider: Provider) -> Secret:
    # RFC 6749, section 2.3.1: both parts are encoded as in a form before they are joined.
    pair = f"{quote_plus(provider.client_id)}:{quote_plus(provider.client_secret.reveal())}"
    return Secret(f"Basic {base64.b64encode(pair.encode()).decode()}")
