"""Both ceremonies of passkeys by ``py_webauthn``: what the browser is asked for, and whether its answer is good.

Nothing is remembered here: a challenge is used up by its keeper before the answer comes here, and whatever is wrong
with an answer, the refusal is the same. The user must always be verified by the authenticator.
"""

import base64
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from plexe_auth.attestation import ALGORITHMS, is_plain, is_usable
from plexe_auth.errors import ConfigurationError, InvalidCredentials
from plexe_auth.model.passkey import (
    CEREMONY,
    Assertion,
    Passkey,
    RelyingParty,
    challenge_in,
    from_our_page,
    is_owner,
    regressed,
)

if TYPE_CHECKING:
    from webauthn.helpers.structs import (
        AuthenticationCredential,
        PublicKeyCredentialDescriptor,
        RegistrationCredential,
    )

T = TypeVar("T")

REFUSED = "The passkey was not accepted."

# The response of a browser takes less than 8 KiB, even with the longest id and an RSA key.
_LONGEST = 32_768
_LONGEST_ID = 1_023  # bytes: W3C Web Authentication, level 3, section 7.1, step 25
_TIMEOUT = int(CEREMONY.total_seconds()) * 1000


@dataclass(frozen=True, slots=True)
class PasskeyUser:
    """Whom a new passkey is for: the handle of `plexe_auth.model.passkey.user_handle`, and what the browser shows."""

    handle: bytes
    name: str
    display_name: str = ""


class Passkeys:
    """The ceremonies of one relying party.

    Raises:
        ConfigurationError: ``plexe-auth[passkeys]`` is not installed.

    Example:
        >>> from plexe_auth.model.passkey import RelyingParty, new_challenge, user_handle
        >>> passkeys = Passkeys(RelyingParty("example.com", "Example", ("https://example.com",)))
        >>> options = passkeys.authentication(new_challenge())
        >>> options["rpId"], options["userVerification"], options["allowCredentials"]
        ('example.com', 'required', [])
    """

    def __init__(self, party: RelyingParty) -> None:
        _check_installed()
        self.party = party

    def registration(
        self, user: PasskeyUser, challenge: bytes, known: Iterable[Passkey] = (), *, discoverable: bool = True
    ) -> dict[str, Any]:
        """Return the options for ``navigator.credentials.create()``, as JSON has them.

        Args:
            user: whom the passkey is for.
            challenge: from `plexe_auth.model.passkey.new_challenge`.
            known: the passkeys that the user has; their authenticators are not offered again.
            discoverable: whether it must be found without a user name. Only such a passkey signs in alone.
        """
        from webauthn import generate_registration_options
        from webauthn.helpers import options_to_json_dict
        from webauthn.helpers.cose import COSEAlgorithmIdentifier
        from webauthn.helpers.structs import (
            AuthenticatorSelectionCriteria,
            ResidentKeyRequirement,
            UserVerificationRequirement,
        )

        resident = ResidentKeyRequirement.REQUIRED if discoverable else ResidentKeyRequirement.DISCOURAGED
        options = generate_registration_options(
            rp_id=self.party.id,
            rp_name=self.party.name,
            user_id=user.handle,
            user_name=user.name,
            user_display_name=user.display_name or user.name,
            challenge=challenge,
            timeout=_TIMEOUT,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=resident, user_verification=UserVerificationRequirement.REQUIRED
            ),
            exclude_credentials=[_descriptor(one) for one in known],
            supported_pub_key_algs=[COSEAlgorithmIdentifier(one) for one in ALGORITHMS],
        )
        return options_to_json_dict(options)

    def authentication(self, challenge: bytes, allowed: Iterable[Passkey] = ()) -> dict[str, Any]:
        """Return the options for ``navigator.credentials.get()``, as JSON has them.

        Args:
            challenge: from `plexe_auth.model.passkey.new_challenge`.
            allowed: the passkeys of a user who is known already; none to let the browser find one.
        """
        from webauthn import generate_authentication_options
        from webauthn.helpers import options_to_json_dict
        from webauthn.helpers.structs import UserVerificationRequirement

        options = generate_authentication_options(
            rp_id=self.party.id,
            challenge=challenge,
            timeout=_TIMEOUT,
            allow_credentials=[_descriptor(one) for one in allowed],
            user_verification=UserVerificationRequirement.REQUIRED,
        )
        return options_to_json_dict(options)

    def registered(self, response: object, challenge: bytes, user_handle: bytes) -> Passkey:
        """Return the new passkey of the user with this handle.

        Args:
            response: the browser's ``PublicKeyCredential.toJSON()``, as a text or as read from JSON.
            challenge: the one that was asked with, which is used up by now.
            user_handle: the one that was asked with.

        Raises:
            InvalidCredentials: anything at all is wrong with the response.
        """
        return _accepted(lambda: self._registered(response, challenge, user_handle))

    def challenge(self, response: object) -> bytes:
        """Return which challenge a response to either ceremony claims to answer, to use it up before it is judged.

        Raises:
            InvalidCredentials: it is no such response.
        """
        return _accepted(lambda: challenge_in(_client_data(response)))

    def credential_id(self, response: object) -> bytes:
        """Return which passkey a response to `authentication` claims to come from, to look it up by.

        Raises:
            InvalidCredentials: it is no such response.
        """
        return _accepted(lambda: _assertion(response).raw_id)

    def authenticated(
        self,
        response: object,
        challenge: bytes,
        passkey: Passkey,
        *,
        known: bool,
        regression: Literal["refuse", "flag"] = "refuse",
    ) -> Assertion:
        """Return what the passkey said, when it is this passkey and its signature is good.

        Args:
            response: the browser's ``PublicKeyCredential.toJSON()``, as a text or as read from JSON.
            challenge: the one that was asked with, which is used up by now.
            passkey: the one that was looked up by `credential_id`. Where the user was known, look it up among theirs.
            known: whether the user was known before. Else the response must say whose the passkey is.
            regression: what becomes of a sign count that did not grow: refused, or flagged in the outcome.

        Raises:
            InvalidCredentials: anything at all is wrong with the response.
        """
        said = _accepted(lambda: self._authenticated(response, challenge, passkey, known=known))
        if said.regressed and regression != "flag":
            raise _refusal()
        return said

    def _registered(self, response: object, challenge: bytes, user_handle: bytes) -> Passkey | None:
        from webauthn import verify_registration_response
        from webauthn.helpers.cose import COSEAlgorithmIdentifier

        credential = _registration(response)
        sent = credential.response
        if not (is_plain(sent.attestation_object) and from_our_page(sent.client_data_json, _base64url(challenge))):
            return None
        verified = verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=self.party.id,
            expected_origin=list(self.party.origins),
            require_user_verification=True,
            supported_pub_key_algs=[COSEAlgorithmIdentifier(one) for one in ALGORITHMS],
        )
        if verified.credential_id != credential.raw_id or len(verified.credential_id) > _LONGEST_ID:
            return None
        if not is_usable(verified.credential_public_key):
            return None
        return Passkey(
            credential_id=verified.credential_id,
            public_key=verified.credential_public_key,
            user_handle=user_handle,
            sign_count=verified.sign_count,
            backup_eligible=verified.credential_device_type == "multi_device",
            backed_up=verified.credential_backed_up,
            transports=tuple(sorted({one.value for one in sent.transports or ()})),
            aaguid=verified.aaguid,
        )

    def _authenticated(self, response: object, challenge: bytes, passkey: Passkey, *, known: bool) -> Assertion | None:
        from webauthn import verify_authentication_response

        credential = _assertion(response)
        sent = credential.response
        if not (
            from_our_page(sent.client_data_json, _base64url(challenge))
            and credential.raw_id == passkey.credential_id
            and is_owner(passkey, sent.user_handle, known=known)
        ):
            return None
        verified = verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=self.party.id,
            expected_origin=list(self.party.origins),
            credential_public_key=passkey.public_key,
            credential_current_sign_count=0,  # the rule on counts is ours, because it may be told to flag only
            require_user_verification=True,
        )
        if (verified.credential_device_type == "multi_device") != passkey.backup_eligible:
            return None
        count = verified.new_sign_count
        return Assertion(
            passkey.credential_id, count, verified.credential_backed_up, regressed(passkey.sign_count, count)
        )


def _check_installed() -> None:
    if find_spec("webauthn") is None:
        raise ConfigurationError("webauthn is not installed; install plexe-auth[passkeys] to use passkeys")


def _refusal() -> InvalidCredentials:
    return InvalidCredentials(REFUSED)


def _accepted(judge: Callable[[], T | None]) -> T:
    """Return what was judged to be good. What a stranger sent can make a parser fail in any way, and all are one."""
    try:
        good = judge()
    except Exception:
        good = None
    if good is None:
        raise _refusal()
    return good


def _registration(response: object) -> "RegistrationCredential":
    from webauthn.helpers import parse_registration_credential_json

    return parse_registration_credential_json(_bounded(response))


def _assertion(response: object) -> "AuthenticationCredential":
    from webauthn.helpers import parse_authentication_credential_json

    return parse_authentication_credential_json(_bounded(response))


def _client_data(response: object) -> bytes:
    sent: Any = json.loads(_bounded(response))
    told: str = sent["response"]["clientDataJSON"]
    return base64.urlsafe_b64decode(told + "=" * (-len(told) % 4))


def _bounded(response: object) -> str:
    text = response if isinstance(response, str) else json.dumps(response)
    if len(text) > _LONGEST:
        raise ValueError
    return text


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _descriptor(passkey: Passkey) -> "PublicKeyCredentialDescriptor":
    from webauthn.helpers.structs import AuthenticatorTransport, PublicKeyCredentialDescriptor

    transports = [AuthenticatorTransport(one) for one in passkey.transports]
    return PublicKeyCredentialDescriptor(id=passkey.credential_id, transports=transports)
