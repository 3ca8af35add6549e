"""A passkey is taken when everything about it is right; whatever else is sent, the refusal is the same."""

import base64
import copy
import json
import sys
from collections.abc import Callable
from typing import Any

import cbor2
import pytest
import webauthn
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given
from hypothesis import strategies as st

from plexe_auth import ConfigurationError, InvalidCredentials
from plexe_auth.model.passkey import Assertion, Passkey, RelyingParty, new_challenge, user_handle
from plexe_auth.passkeys import Passkeys, PasskeyUser
from tests.people.authenticator import AT, BE, BS, ED, UP, UV, Authenticator, text

ORIGIN = "https://console.example.com"
PARTY = RelyingParty("example.com", "Example", (ORIGIN, "https://example.com:8443"))
PASSKEYS = Passkeys(PARTY)
USER = PasskeyUser(user_handle("user_7"), "ada@example.com", "Ada")
OTHER = user_handle("user_8")
CHALLENGE = new_challenge()
KINDS = ["ES256", "EdDSA", "RS256"]

Change = Callable[[dict[str, Any]], object]


def options() -> dict[str, Any]:
    """What the browser is asked for a new passkey, as it comes out of JSON."""
    return json.loads(json.dumps(PASSKEYS.registration(USER, CHALLENGE)))


def asked(*allowed: Passkey) -> dict[str, Any]:
    return json.loads(json.dumps(PASSKEYS.authentication(CHALLENGE, allowed)))


def register(device: Authenticator, **told: Any) -> Passkey:
    return PASSKEYS.registered(device.create(options(), ORIGIN, **told), CHALLENGE, USER.handle)


def sign_in(passkey: Passkey, response: Any, **how: Any) -> Assertion:
    told: dict[str, Any] = {"known": False} | how
    return PASSKEYS.authenticated(response, CHALLENGE, passkey, **told)


def refused(ask: Callable[[], object]) -> None:
    with pytest.raises(InvalidCredentials) as info:
        ask()
    assert info.value.detail == "The passkey was not accepted."
    assert info.value.__context__ is None


@pytest.fixture(scope="module", params=KINDS)
def device(request: pytest.FixtureRequest) -> Authenticator:
    return Authenticator(request.param)


@pytest.fixture(scope="module")
def passkey(device: Authenticator) -> Passkey:
    return register(device)


def test_the_options_for_a_new_passkey_ask_for_all_that_is_checked_later() -> None:
    known = Passkey(b"known", b"", OTHER, transports=("usb",))
    told = PASSKEYS.registration(USER, CHALLENGE, [known])
    assert told["rp"] == {"id": "example.com", "name": "Example"}
    assert told["user"] == {"id": text(USER.handle), "name": "ada@example.com", "displayName": "Ada"}
    assert told["challenge"] == text(CHALLENGE)
    assert [one["alg"] for one in told["pubKeyCredParams"]] == [-8, -7, -257]
    assert told["timeout"] == 300_000
    assert told["attestation"] == "none"
    assert told["excludeCredentials"] == [{"id": text(b"known"), "type": "public-key", "transports": ["usb"]}]
    chosen = told["authenticatorSelection"]
    assert (chosen["userVerification"], chosen["residentKey"], chosen["requireResidentKey"]) == (
        "required",
        "required",
        True,
    )


def test_a_passkey_that_is_a_second_factor_only_need_not_be_discoverable() -> None:
    chosen = PASSKEYS.registration(USER, CHALLENGE, discoverable=False)["authenticatorSelection"]
    assert (chosen["userVerification"], chosen["residentKey"]) == ("required", "discouraged")
    assert not chosen.get("requireResidentKey")


def test_who_has_no_display_name_is_shown_by_name() -> None:
    told = PASSKEYS.registration(PasskeyUser(USER.handle, "ada@example.com"), CHALLENGE)
    assert told["user"]["displayName"] == "ada@example.com"


def test_the_options_for_signing_in_name_the_passkeys_of_who_is_known_and_else_none(passkey: Passkey) -> None:
    assert asked()["allowCredentials"] == []
    told = asked(passkey)
    wanted = {"id": text(passkey.credential_id), "type": "public-key", "transports": ["hybrid", "internal"]}
    assert told["allowCredentials"] == [wanted]
    assert (told["rpId"], told["challenge"], told["timeout"]) == ("example.com", text(CHALLENGE), 300_000)
    assert told["userVerification"] == "required"


def test_a_new_passkey_is_told_as_it_is(device: Authenticator, passkey: Passkey) -> None:
    assert passkey.credential_id == device.id
    assert passkey.user_handle == USER.handle
    assert (passkey.sign_count, passkey.backup_eligible, passkey.backed_up) == (0, True, False)
    assert passkey.transports == ("hybrid", "internal")
    assert passkey.aaguid == "00000000-0000-0000-0000-000000000000"
    assert USER.handle.hex() not in repr(passkey)


@pytest.mark.parametrize("how", [{"known": False}, {"known": True}])
@pytest.mark.parametrize("form", [dict, json.dumps])
def test_a_passkey_signs_in(device: Authenticator, passkey: Passkey, how: dict[str, bool], form: Any) -> None:
    response = form(device.get(asked(), ORIGIN, flags=UP | UV | BE | BS))
    assert PASSKEYS.credential_id(response) == passkey.credential_id
    said = sign_in(passkey, response, **how)
    assert (said.credential_id, said.sign_count, said.backed_up, said.regressed) == (
        passkey.credential_id,
        0,
        True,
        False,
    )


def test_every_origin_that_is_ours_is_taken(device: Authenticator, passkey: Passkey) -> None:
    for origin in PARTY.origins:
        assert sign_in(passkey, device.get(asked(), origin))
        assert PASSKEYS.registered(device.create(options(), origin), CHALLENGE, USER.handle) == passkey


def test_a_user_who_is_known_need_not_be_named_by_the_response(device: Authenticator, passkey: Passkey) -> None:
    response = device.get(asked(passkey), ORIGIN)
    for nothing in (None, "left out"):
        response["response"].pop("userHandle", None)
        if nothing is None:
            response["response"]["userHandle"] = None
        assert sign_in(passkey, response, known=True)
        refused(lambda: sign_in(passkey, response, known=False))


def test_a_passkey_may_sign_for_itself() -> None:
    for kind in KINDS:
        device = Authenticator(kind)
        assert register(device, fmt="packed").credential_id == device.id


# What a browser says of itself, wrong in both ceremonies. All of it is signed for.
CLIENT: dict[str, dict[str, Any]] = {
    "an origin with a suffix": {"origin": f"{ORIGIN}.evil.com"},
    "an origin with a prefix": {"origin": "https://evilconsole.example.com"},
    "a sibling origin": {"origin": "https://other.example.com"},
    "the domain itself, which serves no page": {"origin": "https://example.com"},
    "an origin on another port": {"origin": f"{ORIGIN}:444"},
    "an origin that names its port": {"origin": f"{ORIGIN}:443"},
    "an origin over plain HTTP": {"origin": "http://console.example.com"},
    "an origin with a slash": {"origin": f"{ORIGIN}/"},
    "an origin in upper case": {"origin": ORIGIN.upper()},
    "an origin with a user": {"origin": "https://console.example.com@evil.com"},
    "no origin": {"origin": None},
    "the opaque origin": {"origin": "null"},
    "several origins": {"origin": [ORIGIN]},
    "another site's page around ours": {"crossOrigin": True},
    "a page around ours, told as a text": {"crossOrigin": "true"},
    "a page around ours, not told": {"crossOrigin": None},
    "a page around ours, by its name": {"topOrigin": "https://evil.com"},
    "another challenge": {"challenge": text(new_challenge())},
    "the challenge cut": {"challenge": text(CHALLENGE)[:-1]},
    "the challenge padded": {"challenge": text(CHALLENGE) + "="},
    "the challenge with a space": {"challenge": text(CHALLENGE) + " "},
    "no challenge": {"challenge": ""},
    "a challenge that is no text": {"challenge": 7},
    "a payment": {"type": "payment.get"},
    "no type": {"type": None},
}

# The authenticator's side, wrong in both ceremonies. It is signed for, too.
DATA: dict[str, dict[str, Any]] = {
    "another relying party": {"rp_id": "evil.com"},
    "a relying party below ours": {"rp_id": "console.example.com"},
    "no relying party": {"rp_id": ""},
    "client data in UTF-16": {"encode": lambda told: told.encode("utf-16")},
    "client data that is no object": {"encode": lambda told: f"[{told}]".encode()},
    "client data that is no JSON": {"encode": lambda told: told.encode()[:-1]},
    "client data with something after it": {"encode": lambda told: told.encode() + b"{}"},
    "client data with a mark before it": {"encode": lambda told: b"\xef\xbb\xbf" + told.encode()},
}


@pytest.mark.parametrize("told", [*({"client": one} for one in CLIENT.values()), *DATA.values()], ids=[*CLIENT, *DATA])
def test_M14_one_wrong_thing_that_is_signed_for_refuses_both_ceremonies(
    told: dict[str, Any], device: Authenticator, passkey: Passkey
) -> None:
    assert register(device)
    assert sign_in(passkey, device.get(asked(), ORIGIN))
    refused(lambda: register(device, **told))
    refused(lambda: sign_in(passkey, device.get(asked(), ORIGIN, **told)))


SMALL = rsa.generate_private_key(65537, 1024)
P384 = ec.generate_private_key(ec.SECP384R1())
CERTIFICATE = {"alg": -7, "sig": b"0", "x5c": [b"0"]}

# Wrong in a registration alone.
NEW: dict[str, dict[str, Any]] = {
    "the other ceremony": {"client": {"type": "webauthn.get"}},
    "nobody present": {"flags": UV | BE | AT},
    "nobody verified": {"flags": UP | BE | AT},
    "backed up, but not eligible": {"flags": UP | UV | BS | AT},
    "no new credential": {"flags": UP | UV | BE},
    "extensions that are not there": {"flags": UP | UV | BE | AT | ED},
    "another id inside": {"attested_id": b"another"},
    "no id inside": {"attested_id": b""},
    "a byte after the key": {"after_key": b"\0"},
    "a map after the key": {"after_key": b"\xa0"},
    "a byte after the attestation": {"tail": b"\0"},
    "a map after the attestation": {"tail": b"\xa0"},
    "a member beside the attestation": {"beside": {"more": 1}},
    "no statement": {"beside": {"attStmt": None}},
    "a statement where none was asked for": {"statement": {"sig": b"0"}},
    "a statement of a member that nobody knows": {"statement": {"more": 1}},
    "an attestation by a certificate": {"fmt": "packed", "statement": CERTIFICATE},
    "an attestation of itself by another key": {"fmt": "packed", "statement": {"alg": -7, "sig": b"0"}},
    "an attestation of a TPM": {"fmt": "tpm", "statement": CERTIFICATE},
    "an attestation of a U2F device": {"fmt": "fido-u2f", "statement": {"sig": b"0", "x5c": [b"0"]}},
    "an attestation of Android": {"fmt": "android-safetynet", "statement": {"ver": "1", "response": b"0"}},
    "an attestation of Apple": {"fmt": "apple", "statement": {"x5c": [b"0"]}},
    "an attestation of a kind that nobody knows": {"fmt": "made up"},
    "an attestation of no kind": {"fmt": None},
    "no key": {"cose": {}},
    "a key that is no map": {"cose": 4},
    "a key without its point": {"cose": {1: 2, 3: -7, -1: 1}},
    "a key that is no point of its curve": {"cose": {1: 2, 3: -7, -1: 1, -2: bytes(31) + b"\1", -3: bytes(32)}},
    "an algorithm that was not offered": {"cose": Authenticator().cose() | {3: -35}},
    "another algorithm that was not offered": {"cose": Authenticator().cose() | {3: -65535}},
    "an algorithm that does not fit the key": {"cose": Authenticator().cose() | {3: -257}},
    "an algorithm that does not fit the other key": {"cose": Authenticator("RS256").cose() | {3: -7}},
    "an algorithm that does not fit an Edwards key": {"cose": Authenticator("EdDSA").cose() | {3: -7}},
    "a key that is too small": {"cose": Authenticator("RS256", key=SMALL).cose()},
    "a key that takes too long": {"cose": {1: 3, 3: -257, -1: b"\xff" * 1024, -2: b"\1\0\1"}},
    "a curve that is not that of ES256": {"cose": Authenticator(key=P384).cose() | {-1: 2}},
}


@pytest.mark.parametrize("told", list(NEW.values()), ids=list(NEW))
def test_M14_one_wrong_thing_refuses_a_registration(told: dict[str, Any], device: Authenticator) -> None:
    assert register(device)
    refused(lambda: register(device, **told))


CERTIFIED = [name for name in NEW if name.startswith("an attestation of") or name.endswith("certificate")]


@pytest.mark.parametrize("name", CERTIFIED)
def test_M14_an_attestation_by_others_is_refused_before_anybody_reads_it(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[Any] = []
    monkeypatch.setattr(webauthn, "verify_registration_response", lambda **told: read.append(told))
    told = NEW[name]
    refused(lambda: register(Authenticator(), **told))
    assert (read != []) == (name == "an attestation of itself by another key")


def test_M16_an_id_of_up_to_1023_bytes_is_taken() -> None:
    device = Authenticator()
    device.id = bytes(range(1, 256)) * 4 + b"123"
    assert register(device).credential_id == device.id
    device.id += b"4"
    refused(lambda: register(device))


# Wrong in an assertion alone.
SIGNED: dict[str, dict[str, Any]] = {
    "the other ceremony": {"client": {"type": "webauthn.create"}},
    "nobody present": {"flags": UV | BE},
    "nobody verified": {"flags": UP | BE},
    "backed up, but not eligible": {"flags": UP | UV | BS},
    "no longer eligible": {"flags": UP | UV},
    "a byte at the end": {"after": b"\0"},
    "a map at the end": {"after": b"\xa0"},
    "extensions that are not there": {"flags": UP | UV | BE | ED},
}


@pytest.mark.parametrize("told", list(SIGNED.values()), ids=list(SIGNED))
def test_M14_one_wrong_thing_refuses_an_assertion(
    told: dict[str, Any], device: Authenticator, passkey: Passkey
) -> None:
    assert sign_in(passkey, device.get(asked(), ORIGIN))
    refused(lambda: sign_in(passkey, device.get(asked(), ORIGIN, **told)))


def test_M14_a_passkey_that_was_not_eligible_for_backup_never_becomes_so() -> None:
    device = Authenticator(flags=UP | UV)
    passkey = register(device)
    assert not passkey.backup_eligible
    assert sign_in(passkey, device.get(asked(), ORIGIN))
    refused(lambda: sign_in(passkey, device.get(asked(), ORIGIN, flags=UP | UV | BE)))


def inside(name: str, value: Any) -> Change:
    return lambda told: told["response"].update({name: value})


def outside(name: str, value: Any) -> Change:
    return lambda told: told.update({name: value})


def without(name: str) -> Change:
    return lambda told: told.get("response", told).pop(name, None) or told.pop(name)


def attestation(told: dict[str, Any]) -> bytes:
    return base64.urlsafe_b64decode(told["response"]["attestationObject"] + "===")


def indefinite(told: dict[str, Any]) -> str:
    """The same map of three members, its end told by a mark behind it and not by a number before it (RFC 8949, 3.2)."""
    raw = attestation(told)
    assert raw[0] == 0xA3
    return text(b"\xbf" + raw[1:] + b"\xff")


def doubled(told: dict[str, Any]) -> str:
    return text(b"\xa4" + attestation(told)[1:] + cbor2.dumps("fmt") + cbor2.dumps("none"))


# What the page's script sends, changed on its way. None of it is signed for, but for what the signature is over.
WAYS: dict[str, Change] = {
    "another id": outside("id", text(b"another")),
    "another raw id": outside("rawId", text(b"another")),
    "both ids another": lambda told: told.update(id=text(b"another"), rawId=text(b"another")),
    "an id with padding": lambda told: told.update(id=told["id"] + "=", rawId=told["rawId"] + "="),
    "an id of another form": outside("id", 7),
    "another type": outside("type", "password"),
    "no type": without("type"),
    "no id": without("id"),
    "no response": outside("response", None),
    "a response that is a list": outside("response", []),
    "no client data": without("clientDataJSON"),
    "client data that is no base64": inside("clientDataJSON", "é"),
    "client data of another form": inside("clientDataJSON", None),
    "client data that is empty": inside("clientDataJSON", ""),
    "an attachment that nobody knows": outside("authenticatorAttachment", "glued"),
    "too much of it": outside("more", "x" * 40_000),
}
SIGNED_WAYS: dict[str, Change] = WAYS | {
    "the user handle of another": inside("userHandle", text(OTHER)),
    "a user handle that is empty": inside("userHandle", ""),
    "a user handle that is cut": inside("userHandle", text(USER.handle[:-1])),
    "a user handle that is longer": inside("userHandle", text(USER.handle + b"\0")),
    "a user handle of another form": inside("userHandle", 7),
    "another signature": inside("signature", text(bytes(64))),
    "no signature": inside("signature", ""),
    "a signature that is longer": lambda told: inside("signature", told["response"]["signature"] + "AAAA")(told),
    "other data": inside("authenticatorData", text(bytes(37))),
    "no data": inside("authenticatorData", ""),
    "data without a signature": without("signature"),
    "a signature without data": without("authenticatorData"),
}
NEW_WAYS: dict[str, Change] = WAYS | {
    "no attestation": without("attestationObject"),
    "an attestation that is empty": inside("attestationObject", ""),
    "an attestation that is no map": inside("attestationObject", text(b"\x80")),
    "an attestation that is cut": lambda told: inside("attestationObject", told["response"]["attestationObject"][:-4])(
        told
    ),
    "an attestation that never ends": inside("attestationObject", text(b"\xbf")),
    "an attestation of indefinite length": lambda told: inside("attestationObject", indefinite(told))(told),
    "an attestation with a member twice": lambda told: inside("attestationObject", doubled(told))(told),
    "an attestation that is deep": inside("attestationObject", text(b"\x81" * 5_000)),
}


@pytest.mark.parametrize("change", list(SIGNED_WAYS.values()), ids=list(SIGNED_WAYS))
def test_M14_one_change_on_its_way_refuses_an_assertion(
    change: Change, device: Authenticator, passkey: Passkey
) -> None:
    response = device.get(asked(), ORIGIN)
    changed = copy.deepcopy(response)
    change(changed)
    assert sign_in(passkey, response)
    refused(lambda: sign_in(passkey, changed))
    refused(lambda: sign_in(passkey, json.dumps(changed)))
    refused(lambda: sign_in(passkey, changed, known=True))


@pytest.mark.parametrize("change", list(NEW_WAYS.values()), ids=list(NEW_WAYS))
def test_M14_one_change_on_its_way_refuses_a_registration(change: Change, device: Authenticator) -> None:
    response = device.create(options(), ORIGIN)
    changed = copy.deepcopy(response)
    change(changed)
    assert PASSKEYS.registered(response, CHALLENGE, USER.handle)
    refused(lambda: PASSKEYS.registered(changed, CHALLENGE, USER.handle))
    refused(lambda: PASSKEYS.registered(json.dumps(changed), CHALLENGE, USER.handle))


def test_M14_the_response_of_one_ceremony_is_none_of_the_other(device: Authenticator, passkey: Passkey) -> None:
    refused(lambda: sign_in(passkey, device.create(options(), ORIGIN)))
    refused(lambda: PASSKEYS.registered(device.get(asked(), ORIGIN), CHALLENGE, USER.handle))


def test_M14_a_passkey_of_somebody_else_opens_nothing(device: Authenticator, passkey: Passkey) -> None:
    other = Authenticator("EdDSA")
    theirs = PASSKEYS.registered(other.create(options(), ORIGIN), CHALLENGE, OTHER)
    for known in (True, False):
        refused(lambda known=known: sign_in(theirs, device.get(asked(), ORIGIN), known=known))
        refused(lambda known=known: sign_in(passkey, other.get(asked(), ORIGIN), known=known))
    other.id = device.id  # it claims to be the one, and signs with its own key
    refused(lambda: sign_in(passkey, other.get(asked(), ORIGIN)))


def test_M13_a_response_answers_its_own_challenge_alone(device: Authenticator, passkey: Passkey) -> None:
    for other in (new_challenge(), b"", CHALLENGE[:-1], CHALLENGE + b"0"):
        refused(lambda other=other: PASSKEYS.authenticated(device.get(asked(), ORIGIN), other, passkey, known=False))
        refused(lambda other=other: PASSKEYS.registered(device.create(options(), ORIGIN), other, USER.handle))


def test_M14_the_signature_is_over_every_bit(device: Authenticator, passkey: Passkey) -> None:
    response = device.get(asked(), ORIGIN)
    for name in ("clientDataJSON", "authenticatorData"):
        told = response["response"][name]
        for place in range(0, len(told), 3):
            changed = copy.deepcopy(response)
            changed["response"][name] = told[:place] + ("A" if told[place] != "A" else "B") + told[place + 1 :]
            refused(lambda changed=changed: sign_in(passkey, changed))


ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["public-key", "AAAA"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "rawId", "type", "response", "clientDataJSON"]) | st.text(), inner)
    ),
    max_leaves=8,
)
PASSKEY = Passkey(b"id", b"\4", USER.handle)


@given(ODD | st.binary() | st.sets(st.integers()) | ODD.map(json.dumps))
def test_M14_whatever_is_sent_it_is_refused_and_nothing_else_is_raised(sent: Any) -> None:
    refused(lambda: PASSKEYS.registered(sent, CHALLENGE, USER.handle))
    refused(lambda: PASSKEYS.credential_id(sent))
    refused(lambda: sign_in(PASSKEY, sent))


def test_M14_what_is_deep_is_refused_like_all_else() -> None:
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]
    for sent in (deep, "[" * 30_000, "9" * 30_000, "\ud800" * 100):
        refused(lambda sent=sent: PASSKEYS.credential_id(sent))


COUNTS = [(0, 0, False), (0, 1, False), (1, 2, False), (1, 1, True), (2, 1, True), (5, 0, True), (2**32 - 1, 0, True)]


@pytest.mark.parametrize(("known", "told", "regressed"), COUNTS)
def test_M15_a_count_that_did_not_grow_is_refused_or_flagged(known: int, told: int, regressed: bool) -> None:
    device = Authenticator()
    device.count = known
    passkey = register(device)
    assert passkey.sign_count == known
    device.count = told
    response = device.get(asked(), ORIGIN)
    flagged = sign_in(passkey, response, regression="flag")
    assert (flagged.sign_count, flagged.regressed) == (told, regressed)
    if regressed:
        refused(lambda: sign_in(passkey, response))
    else:
        assert sign_in(passkey, response) == flagged


def test_a_flag_of_regression_excuses_nothing_else(device: Authenticator, passkey: Passkey) -> None:
    refused(lambda: sign_in(passkey, device.get(asked(), ORIGIN, flags=UP | BE), regression="flag"))


def test_transports_that_nobody_knows_are_left_out() -> None:
    device = Authenticator()
    response = device.create(options(), ORIGIN)
    response["response"]["transports"] = ["usb", "telepathy", "usb", "\u202enfc", "ble"]
    assert PASSKEYS.registered(response, CHALLENGE, USER.handle).transports == ("ble", "usb")
    response["response"].pop("transports")
    assert PASSKEYS.registered(response, CHALLENGE, USER.handle).transports == ()


def test_without_the_extra_it_says_which_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "webauthn", None)
    with pytest.raises(ConfigurationError, match=r"install plexe-auth\[passkeys\]"):
        Passkeys(PARTY)
