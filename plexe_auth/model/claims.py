"""Somebody is known by issuer and subject, to the byte; all else that a provider tells of them may change or be untrue.

An address of e-mail counts as verified by the boolean ``true`` alone: ``"false"`` is a text, and true (O05).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

from plexe_auth.errors import InvalidCredentials
from plexe_auth.model.exchange import Answer, checked_json, useless
from plexe_auth.model.provider import Provider
from plexe_auth.model.strict_json import read_array, read_object
from plexe_auth.model.text import LONGEST_NAME, storable
from plexe_auth.secret import in_bytes, same

LONGEST_SUBJECT = 255  # bytes (OpenID Connect Core 1.0, section 2)
LONGEST_EMAIL = 254  # characters of a path, without its brackets (RFC 5321, section 4.5.3.1.3)
LONGEST_ANSWER = 65_536
_MOST_ADDRESSES = 1000


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a provider says somebody is.

    Attributes:
        issuer: the provider's.
        subject: by what the provider knows them: exact bytes, never folded, never reused.
        email: the address it has of them, or ``None``.
        email_verified: it says that it has verified the address.
        name: what it calls them; empty where it does not say.
    """

    issuer: str
    subject: str
    email: str | None = None
    email_verified: bool = False
    name: str = ""


def identity_of(claims: Mapping[str, Any], provider: Provider) -> Identity:
    """Return who the verified claims of an ID token speak of.

    Raises:
        InvalidCredentials: they name no subject of 1 to 255 bytes.
    """
    subject = claims.get("sub")
    if not isinstance(subject, str) or not subject or not storable(subject):
        raise _nobody()
    if len(subject.encode()) > LONGEST_SUBJECT:
        raise _nobody()
    return _told(Identity(provider.issuer, subject), claims)


def with_userinfo(identity: Identity, answer: Answer) -> Identity:
    """Return the identity with what the UserInfo endpoint tells of it.

    Raises:
        InvalidCredentials: it speaks of somebody else, or says not of whom (OpenID Connect Core 1.0, section 5.3.4).
        Unavailable: the answer is no JSON object.
    """
    told = _object(answer)
    subject = told.get("sub")
    if not isinstance(subject, str) or not same(in_bytes(subject), in_bytes(identity.subject)):
        raise _nobody()
    return _told(identity, told)


def github_identity(user: Answer, emails: Answer, provider: Provider) -> Identity:
    """Return who GitHub says somebody is: the number of the user, and the primary address if it is verified.

    The login may be changed and given to somebody else; so may what the profile shows as the address.

    Args:
        user: the answer of ``/user``.
        emails: the answer of ``/user/emails``.
        provider: GitHub.

    Raises:
        InvalidCredentials: the user has no number.
        Unavailable: an answer is not what GitHub's API gives.
    """
    told = _object(user)
    number = told.get("id")
    if type(number) is not int or not 0 < number < 2**63:
        raise _nobody()
    email = _primary(_array(emails))
    name = _name(told.get("name"))
    return Identity(provider.issuer, str(number), email, email is not None, name)


def _told(identity: Identity, claims: Mapping[str, Any]) -> Identity:
    email, name = _email(claims.get("email")), _name(claims.get("name"))
    if email is not None:  # the word on an address is that of who names it
        verified = claims.get("email_verified") is True
        identity = replace(identity, email=email, email_verified=verified)
    return replace(identity, name=name or identity.name)


def _primary(addresses: list[Any]) -> str | None:
    for one in addresses[:_MOST_ADDRESSES]:
        told = cast("dict[str, Any]", one) if isinstance(one, dict) else {}
        if told.get("primary") is True and told.get("verified") is True:
            return _email(told.get("email"))
    return None


def _email(value: object) -> str | None:
    """Return an address that could be one. Whether it is one, the rules for users say."""
    if not isinstance(value, str) or not 3 <= len(value) <= LONGEST_EMAIL or not storable(value):
        return None
    local, sign, domain = value.rpartition("@")
    return value if local and sign and domain and value.isprintable() and " " not in value else None


def _name(value: object) -> str:
    is_name = isinstance(value, str) and len(value) <= LONGEST_NAME and storable(value)
    return str(value) if is_name else ""


def _object(answer: Answer) -> dict[str, Any]:
    try:
        return read_object(checked_json(answer), LONGEST_ANSWER)
    except ValueError:
        raise useless() from None


def _array(answer: Answer) -> list[Any]:
    try:
        return read_array(checked_json(answer), LONGEST_ANSWER)
    except ValueError:
        raise useless() from None


def _nobody() -> InvalidCredentials:
    return InvalidCredentials("The provider does not say who that is.")
