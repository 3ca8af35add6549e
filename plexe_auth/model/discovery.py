"""A discovery document counts only if it names the very issuer it was asked of (OpenID Connect Discovery 1.0, 4.3)."""

from typing import Any, cast
from urllib.parse import parse_qsl

from plexe_auth.errors import Unavailable
from plexe_auth.model.endpoint import Endpoint, endpoint
from plexe_auth.model.exchange import Answer, Question, checked_json
from plexe_auth.model.provider import ALGORITHMS, Endpoints
from plexe_auth.model.strict_json import read_object

LONGEST_ANSWER = 262_144
_PATH = "/.well-known/openid-configuration"
_OURS = {"response_type", "client_id", "redirect_uri", "scope", "state", "nonce", "request", "request_uri"}


def discovery_request(issuer: str) -> Question:
    """Return what to ask for the document of `issuer`.

    Example:
        >>> discovery_request("https://id.example/realm/").url
        'https://id.example/realm/.well-known/openid-configuration'
    """
    return Question("GET", issuer.removesuffix("/") + _PATH, (("accept", "application/json"),))


def read_discovery(answer: Answer, issuer: str) -> Endpoints:
    """Return the endpoints that the document of `issuer` names.

    Raises:
        Unavailable: it is no such document, is another issuer's (O12), has an endpoint that is none, or offers nothing
            to sign or to authenticate with that we would use.
    """
    told = _document(answer)
    if told.get("issuer") != issuer:
        raise _unusable()
    plain = issuer.startswith("http:")
    authorization = _url(told, "authorization_endpoint", plain)
    if _OURS & {name for name, _value in parse_qsl(authorization.partition("?")[2], keep_blank_values=True)}:
        raise _unusable()
    return Endpoints(
        authorization=authorization,
        token=_url(told, "token_endpoint", plain),
        keys=_url(told, "jwks_uri", plain),
        userinfo=_url(told, "userinfo_endpoint", plain) if "userinfo_endpoint" in told else "",
        algorithms=_algorithms(told),
        client_authentication=_authentication(told),
        names_itself=told.get("authorization_response_iss_parameter_supported") is True,
    )


def _document(answer: Answer) -> dict[str, Any]:
    try:
        return read_object(checked_json(answer), LONGEST_ANSWER)
    except ValueError:
        raise _unusable() from None


def _url(told: dict[str, Any], name: str, plain: bool) -> str:
    url: object = told.get(name)
    found: Endpoint | None = endpoint(url)
    if found is None or (found.scheme == "http" and not plain):  # who speaks HTTPS does not lead out of it
        raise _unusable()
    return str(url)


def _algorithms(told: dict[str, Any]) -> tuple[str, ...]:
    named = _texts(told, "id_token_signing_alg_values_supported")
    found = tuple(one for one in ALGORITHMS if one in named)
    if not found:
        raise _unusable()
    return found


def _authentication(told: dict[str, Any]) -> Any:
    named = _texts(told, "token_endpoint_auth_methods_supported") or ["client_secret_basic"]  # Discovery 1.0, section 3
    for method in ("basic", "post"):
        if f"client_secret_{method}" in named:
            return method
    raise _unusable()


def _texts(told: dict[str, Any], name: str) -> list[object]:
    value = told.get(name)
    return cast("list[object]", value) if isinstance(value, list) else []


def _unusable() -> Unavailable:
    return Unavailable("The provider's description of itself cannot be used.")
