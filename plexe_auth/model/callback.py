"""What a browser brings back from a provider counts only if it answers the flow that the same browser began.

The state is compared first, and nothing is asked of the provider before all of this is true (RFC 9700, section 4.7).
What the provider says of an error is mapped, never repeated.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import NoReturn, cast
from urllib.parse import parse_qsl

from plexe_auth.errors import InvalidCredentials, InvalidRequest, Unavailable
from plexe_auth.model.flow import Flow
from plexe_auth.model.provider import Endpoints, Provider
from plexe_auth.secret import Secret

_Pairs = list[tuple[object, object]]

_MOST = 32
_LONGEST = 8192
_LONGEST_CODE = 4096

# RFC 6749, section 4.1.2.1; OpenID Connect Core 1.0, section 3.1.2.6. Those of the person, those of the moment, ours.
_REFUSED = {"access_denied", "interaction_required", "login_required", "account_selection_required", "consent_required"}
_PASSING = {"server_error", "temporarily_unavailable"}
_MISTAKEN = {"invalid_request", "unauthorized_client", "unsupported_response_type", "invalid_scope"}


def code_of(query: object, flow: Flow, provider: Provider, endpoints: Endpoints, now: datetime) -> Secret:
    """Return the authorization code of a callback that answers `flow`.

    Args:
        query: the callback's query: the text as sent, or a mapping to a text or to a list of texts.
        flow: the one that this browser began.
        provider: the one whose callback was called.
        endpoints: those of the provider.
        now: the time.

    Raises:
        InvalidRequest: it answers another flow or none, another provider's, or one that is over; a parameter is
            missing, repeated or malformed.
        InvalidCredentials: the person, or the provider, refused.
        Unavailable: the provider cannot do it now, or not as we are set up.
    """
    given, query = _parameters(query), None  # which may hold a code, and must not stand in this frame
    if given is None:
        raise _malformed()
    if given.get("state", Secret("")) != flow.state or flow.provider != provider.id or flow.is_over(now):
        raise foreign()
    _check_issuer(given.get("iss"), provider, endpoints)
    if ("error" in given) is ("code" in given):
        raise _malformed()
    if "error" in given:
        _refuse(given["error"].reveal())
    if not _is_code(given["code"].reveal()):
        raise _malformed()
    return given["code"]


def reported_error(query: object) -> str | None:
    """Return the error that a callback reports, for the log: a code that the standards name, or ``"other"``.

    ``None`` stands for a callback that reports none, and for one that cannot be read.
    """
    error = (_parameters(query) or {}).get("error")
    if error is None:
        return None
    return error.reveal() if error.reveal() in _REFUSED | _PASSING | _MISTAKEN else "other"


def _refuse(error: str) -> NoReturn:
    if error in _REFUSED:
        raise InvalidCredentials("The sign-in was refused at the provider.")
    raise Unavailable("The provider cannot sign anybody in at the moment.")


def _check_issuer(issuer: Secret | None, provider: Provider, endpoints: Endpoints) -> None:
    # RFC 9207, section 2.4: where the provider always names itself, that it does not is an attack.
    if (issuer is None and endpoints.names_itself) or (issuer is not None and issuer != Secret(provider.issuer)):
        raise foreign()


def _is_code(text: str) -> bool:
    return 0 < len(text) <= _LONGEST_CODE and text.isascii() and text.isprintable()  # VSCHAR (RFC 6749, A.11)


def _parameters(query: object) -> dict[str, Secret] | None:
    """Return the parameters of a query, or ``None`` where it is none, is too long or repeats one (RFC 6749, 3.1)."""
    pairs = _of_text(query) if isinstance(query, str) else _of_mapping(query)
    if not all(isinstance(name, str) and isinstance(value, str) for name, value in pairs):
        return None
    given = {str(name): Secret(str(value)) for name, value in pairs}
    length = sum(len(str(name)) + len(str(value)) for name, value in pairs)
    return given if 0 < len(given) == len(pairs) <= _MOST and length <= _LONGEST else None


def _of_text(query: str) -> _Pairs:
    if len(query) > _LONGEST:
        return []
    try:
        return [*parse_qsl(query, keep_blank_values=True, max_num_fields=_MOST, errors="strict")]
    except ValueError:
        return []


def _of_mapping(query: object) -> _Pairs:
    if not isinstance(query, Mapping) or len(cast("Mapping[object, object]", query)) > _MOST:
        return []
    return [(name, _only(value)) for name, value in cast("Mapping[object, object]", query).items()]


def _only(value: object) -> object:
    if isinstance(value, list | tuple):
        several = cast("list[object] | tuple[object, ...]", value)
        return several[0] if len(several) == 1 else None
    return value


def foreign() -> InvalidRequest:
    """Return the refusal of a callback that answers nothing that this browser began for this."""
    return InvalidRequest("This sign-in was not begun in this browser, or is over. Please begin anew.")


def _malformed() -> InvalidRequest:
    return InvalidRequest("The provider's answer is malformed. Please begin again.")
