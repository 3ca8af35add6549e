"""An ID token is believed only if its provider's key signed it, for us, in this flow, now; no forgery is."""

import base64
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from plexe_auth.errors import InvalidCredentials
from plexe_auth.id_token import read_id_token, verify_id_token
from plexe_auth.model.exchange import Answer
from plexe_auth.model.id_claims import Expected
from plexe_auth.model.jwks import read_keys
from plexe_auth.model.jwt import LONGEST, read_signed
from plexe_auth.model.provider import ALGORITHMS, Endpoints
from plexe_auth.secret import Secret
from tests.people import signing
from tests.people.framed import framed
from tests.people.signing import CLAIMS, NOW, at_hash, b64, ec_key, hmac_signature, joined, rsa_jwk, rsa_key, token

ENDPOINTS = Endpoints("https://id.example/a", "https://id.example/t", algorithms=ALGORITHMS)
EXPECTED = Expected(signing.ISSUER, signing.CLIENT, Secret(signing.NONCE), Secret(signing.ACCESS))
JSON = (("content-type", "application/json"),)


def verified(text: str, now: float = NOW, endpoints: Endpoints = ENDPOINTS, jwks: str = "") -> dict[str, Any]:
    keys = read_keys(Answer(200, JSON, (jwks or signing.jwks()).encode()))
    at = datetime.fromtimestamp(now, UTC)
    return verify_id_token(read_id_token(Secret(text), endpoints), keys, EXPECTED, at)


def refused(text: str, **how: Any) -> None:
    with pytest.raises(InvalidCredentials) as caught:
        verified(text, **how)
    assert "verified" in caught.value.detail


# What is good.


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_good_token_of_each_algorithm_is_believed(algorithm: str) -> None:
    assert verified(token(algorithm)) == CLAIMS


GOOD: dict[str, Callable[[], str]] = {
    "without typ": lambda: joined({"alg": "RS256", "kid": "rsa"}, CLAIMS),
    "typ in lower case": lambda: token(header={"typ": "jwt"}),
    "a thumbprint in the header": lambda: token(header={"x5t": "abc"}),
    "several audiences and azp": lambda: token(aud=["other", "plexe"], azp="plexe"),
    "one audience in a list": lambda: token(aud=["plexe"]),
    "azp that is us": lambda: token(azp="plexe"),
    "nbf in the past": lambda: token(nbf=NOW - 1),
    "a clock a minute behind": lambda: token(iat=NOW + 60, nbf=NOW + 60),
    "expired within the leeway": lambda: token(exp=NOW - 59),
    "at_hash": lambda: token(at_hash=at_hash()),
    "at_hash of ES384": lambda: token("ES384", at_hash=at_hash("sha384")),
    "at_hash of Ed25519": lambda: token("EdDSA", at_hash=at_hash("sha512")),
    "claims that nobody asked for": lambda: token(roles=["USER"], nested={"a": [1.5, None]}),
}


@pytest.mark.parametrize("name", GOOD)
def test_a_good_token_is_believed(name: str) -> None:
    assert verified(GOOD[name]())["sub"] == CLAIMS["sub"]


def test_a_token_without_kid_is_believed_where_one_key_fits() -> None:
    assert verified(joined({"alg": "RS256"}, CLAIMS))["sub"] == CLAIMS["sub"]


# What is forged.


def public(form: str) -> bytes:
    """The provider's public key, in the forms in which it has been taken for an HMAC key."""
    key = rsa_key().public_key()
    match form:
        case "pem":
            return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        case "pkcs1":
            return key.public_bytes(Encoding.PEM, PublicFormat.PKCS1)
        case "der":
            return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        case "ssh":
            return key.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
        case "jwk":
            return json.dumps(rsa_jwk(rsa_key(), kid="rsa", use="sig")).encode()
        case _:
            return base64.urlsafe_b64decode(rsa_jwk(rsa_key())["n"] + "==")


def confused(form: str, algorithm: str = "HS256") -> Callable[[], str]:
    return lambda: joined(
        {"alg": algorithm, "kid": "rsa"}, CLAIMS, lambda message: hmac_signature(public(form), message)
    )


def by_another(header: dict[str, Any]) -> Callable[[], str]:
    """Signed by a key of the forger's, which the header offers in one way or another."""

    def sign(message: bytes) -> bytes:
        return signing.other_rsa_key().sign(message, padding.PKCS1v15(), hashes.SHA256())

    return lambda: joined({"alg": "RS256", "typ": "JWT"} | header, CLAIMS, sign)


def unsigned(name: str) -> Callable[[], str]:
    return lambda: joined({"alg": name, "kid": "rsa"}, CLAIMS, lambda _message: b"")


def headed(**header: Any) -> Callable[[], str]:
    """Truly signed by the provider's key, with something in the header that must not be there."""
    return lambda: token(header=header)


def saying(**claims: Any) -> Callable[[], str]:
    """Truly signed, with claims that are not ours to accept."""
    return lambda: token(**claims)


def written(**numbers: str) -> Callable[[], str]:
    """Truly signed, with a claim spelt out as it stands."""

    def make() -> str:
        text = json.dumps(CLAIMS)
        for name, spelt in numbers.items():
            text = text.replace(f'"{name}": {json.dumps(CLAIMS[name])}', f'"{name}": {spelt}')
        return joined({"alg": "RS256", "kid": "rsa"}, text)

    return make


def altered(place: int, change: Callable[[str], str]) -> Callable[[], str]:
    def make() -> str:
        parts = token().split(".")
        parts[place] = change(parts[place])
        return ".".join(parts)

    return make


OTHER_JWK = {"kty": "RSA", "n": "AQAB", "e": "AQAB"}
FORGED: dict[str, Callable[[], str]] = {
    **{f"alg {name}": unsigned(name) for name in ("none", "None", "nOnE", "NONE", "", " none", "none\0")},
    **{f"HS256 with the public key as {form}": confused(form) for form in ("pem", "pkcs1", "der", "ssh", "jwk", "n")},
    "HS384 with the public key": confused("pem", "HS384"),
    "HS512 with the public key": confused("pem", "HS512"),
    "another key, no kid": by_another({}),
    "another key, kid of ours": by_another({"kid": "rsa"}),
    "another key in jwk": by_another({"jwk": rsa_jwk(signing.other_rsa_key())}),
    "another key in jwk and kid of ours": by_another({"kid": "rsa", "jwk": rsa_jwk(signing.other_rsa_key())}),
    "another key at jku": by_another({"jku": "https://evil.example/jwks", "kid": "evil"}),
    "another key at x5u": by_another({"x5u": "https://evil.example/cert", "kid": "evil"}),
    "another key in x5c": by_another({"x5c": ["MIIB"], "kid": "evil"}),
    "kid as a path": by_another({"kid": "../../dev/null"}),
    "kid as SQL": by_another({"kid": "' OR '1'='1"}),
    "kid as a list": headed(kid=["rsa"]),
    "kid as a number": headed(kid=0),
    "kid empty": headed(kid=""),
    "kid of another kind of key": headed(kid="ec"),
    "kid far too long": headed(kid="r" * 600),
    "jwk beside a true signature": headed(jwk=OTHER_JWK),
    "jku beside a true signature": headed(jku="https://id.example/jwks"),
    "crit unknown": headed(crit=["exp"], exp=1),
    "crit empty": headed(crit=[]),
    "b64 false": headed(b64=False, crit=["b64"]),
    "b64 false without crit": headed(b64=False),
    "zip": headed(zip="DEF"),
    "cty JWT, nested": headed(cty="JWT"),
    "typ of an access token": headed(typ="at+jwt"),
    "typ of a logout token": headed(typ="logout+jwt"),
    "typ as a list": headed(typ=["JWT"]),
    "alg as a list": headed(alg=["RS256"]),
    "alg as null": headed(alg=None),
    "alg left out": lambda: joined({"kid": "rsa"}, CLAIMS),
    "alg in lower case": headed(alg="rs256"),
    "RS256 named, PS256 made": lambda: joined({"alg": "RS256", "kid": "rsa"}, CLAIMS, "PS256"),
    "ES256 named on the RSA key": headed(alg="ES256"),
    "curve swapped, P-384 for ES256": lambda: joined({"alg": "ES256", "kid": "ec384"}, CLAIMS, "ES384"),
    "curve swapped, P-256 for ES384": lambda: joined({"alg": "ES384", "kid": "ec"}, CLAIMS, "ES256"),
    "signature of an EC key in DER": lambda: joined(
        {"alg": "ES256", "kid": "ec"}, CLAIMS, lambda message: ec_key().sign(message, ec.ECDSA(hashes.SHA256()))
    ),
    "signature of an EC key of zeros": lambda: joined(
        {"alg": "ES256", "kid": "ec"}, CLAIMS, lambda _message: bytes(64)
    ),
    "signature of an Ed25519 key of zeros": lambda: joined({"alg": "EdDSA", "kid": "ed"}, CLAIMS, lambda _m: bytes(64)),
    "signature empty": lambda: token().rpartition(".")[0] + ".",
    "signature left out": lambda: token().rpartition(".")[0],
    "signature cut": altered(2, lambda part: part[:-4]),
    "signature with bits that no byte holds": altered(2, lambda part: part[:-1] + chr(ord(part[-1]) + 1)),
    "signature padded": altered(2, lambda part: part + "=="),
    "signature of another message": lambda: ".".join([*token(sub="me").split(".")[:2], token().split(".")[2]]),
    "payload altered": altered(1, lambda part: b64(json.dumps(CLAIMS | {"sub": "admin"}).encode())),
    "a part in base64 that is not for URLs": altered(1, lambda part: "+/" + part),
    "a space in front": lambda: " " + token(),
    "a line end after it": lambda: token() + "\n",
    "four parts": lambda: token() + ".e30",
    "encrypted, five parts": lambda: ".".join([b64(b'{"alg":"dir","enc":"A256GCM"}'), "", "AA", "AA", "AA"]),
    "encrypted with p2c": lambda: ".".join(
        [b64(b'{"alg":"PBES2-HS256+A128KW","enc":"A128GCM","p2c":9999999}'), *"AAAA"]
    ),
    "JSON serialisation": lambda: json.dumps({"payload": "e30", "protected": "e30", "signature": "AA"}),
    "no dots": lambda: "abc",
    "nothing": lambda: "",
    "letters of other scripts": lambda: token().replace("e", "\u0435"),
    "a lone surrogate": lambda: token() + "\ud800",
    "header twice alg": lambda: joined('{"alg":"RS256","alg":"none","kid":"rsa"}', CLAIMS),
    "header no object": lambda: joined('["RS256"]', CLAIMS),
    "header no JSON": lambda: joined("RS256", CLAIMS),
    "header not UTF-8": altered(0, lambda _part: b64(b'{"alg":"\xff"}')),
    "claims twice sub": lambda: joined({"alg": "RS256", "kid": "rsa"}, json.dumps(CLAIMS)[:-1] + ',"sub":"admin"}'),
    "claims twice, deeper": lambda: joined(
        {"alg": "RS256", "kid": "rsa"}, json.dumps(CLAIMS)[:-1] + ',"a":{"b":1,"b":2}}'
    ),
    "claims no object": lambda: joined({"alg": "RS256", "kid": "rsa"}, "[]"),
    "claims no JSON": lambda: joined({"alg": "RS256", "kid": "rsa"}, "sub=1"),
    "claims nested without end": lambda: joined({"alg": "RS256", "kid": "rsa"}, "[" * 10_000),
    "iss of another": saying(iss="https://evil.example"),
    "iss with a slash more": saying(iss="https://id.example/"),
    "iss in capitals": saying(iss="https://ID.example"),
    "iss as a list": saying(iss=[signing.ISSUER]),
    "iss left out": saying(iss=...),
    "aud of another": saying(aud="other"),
    "aud of several without azp": saying(aud=["plexe", "other"]),
    "aud of several, azp another": saying(aud=["plexe", "other"], azp="other"),
    "aud us, azp another": saying(azp="other"),
    "azp null": saying(azp=None),
    "azp as a list": saying(azp=["plexe"]),
    "aud not among them, azp us": saying(aud=["other"], azp="plexe"),
    "aud empty list": saying(aud=[]),
    "aud as an object": saying(aud={"plexe": 1}),
    "aud with a number": saying(aud=["plexe", 1], azp="plexe"),
    "aud left out": saying(aud=...),
    "aud beginning like us": saying(aud="plexe2"),
    "exp just past": saying(exp=NOW - 60),
    "exp as a text": saying(exp=str(NOW + 300)),
    "exp as a float": saying(exp=NOW + 300.5),
    "exp as true": saying(exp=True),
    "exp null": saying(exp=None),
    "exp left out": saying(exp=...),
    "exp negative": saying(exp=-1),
    "exp beyond all time": saying(exp=10**400),
    "exp NaN": written(exp="NaN"),
    "exp Infinity": written(exp="Infinity"),
    "exp 1e999": written(exp="1e999"),
    "exp of 5,000 digits": written(exp="9" * 5000),
    "iat in the future": saying(iat=NOW + 61),
    "iat as a text": saying(iat=str(NOW)),
    "iat as true": saying(iat=True),
    "iat left out": saying(iat=...),
    "nbf in the future": saying(nbf=NOW + 61),
    "nbf as a float": saying(nbf=1.0),
    "nbf as true": saying(nbf=True),
    "nbf null": saying(nbf=None),
    "nonce of another flow": saying(nonce="another"),
    "nonce left out": saying(nonce=...),
    "nonce null": saying(nonce=None),
    "nonce as a list": saying(nonce=[signing.NONCE]),
    "nonce a lone surrogate": saying(nonce="\ud800"),
    "at_hash of another token": saying(at_hash="MTIzNDU2Nzg5MDEyMzQ1Ng"),
    "at_hash null": saying(at_hash=None),
    "at_hash of another hash": saying(at_hash=at_hash("sha512")),
    "longer than is looked at": saying(padding="x" * 20_000),
}


@pytest.mark.parametrize("name", FORGED)
def test_O08_a_forged_token_is_refused(name: str) -> None:
    refused(FORGED[name]())


def test_O08_the_corpus_is_large() -> None:
    assert len(FORGED) >= 100


def test_O08_an_algorithm_that_the_provider_does_not_name_is_refused_though_its_key_would_verify() -> None:
    only = Endpoints("https://id.example/a", "https://id.example/t", algorithms=("ES256",))
    assert verified(token("ES256"), endpoints=only)
    refused(token("RS256"), endpoints=only)


def test_O08_a_token_without_kid_is_refused_where_two_keys_fit() -> None:
    keys = [rsa_jwk(rsa_key(), kid="1"), rsa_jwk(signing.other_rsa_key(), kid="2")]
    refused(joined({"alg": "RS256"}, CLAIMS), jwks=json.dumps({"keys": keys}))


def test_O08_a_key_is_used_only_for_the_algorithm_that_it_is_for() -> None:
    keys = json.dumps({"keys": [rsa_jwk(rsa_key(), kid="rsa", alg="PS256")]})
    assert verified(token("PS256"), jwks=keys)
    refused(token("RS256"), jwks=keys)


def test_O08_a_point_off_its_curve_verifies_nothing() -> None:
    keys = json.dumps({"keys": [signing.ec_jwk(kid="ec") | {"y": b64(bytes(32))}]})
    refused(token("ES256"), jwks=keys)


def test_a_token_is_over_by_our_clock_and_not_by_its_own() -> None:
    text = token()
    assert verified(text, now=NOW + 359)
    refused(text, now=NOW + 360)
    refused(text, now=NOW - 66)


def test_O09_a_token_is_read_up_to_a_stated_length_and_no_further() -> None:
    tokens = {len(text): text for length in range(11_700, 12_100) if (text := token("EdDSA", padding="x" * length))}
    longest, next_ = max(size for size in tokens if size <= LONGEST), min(size for size in tokens if size > LONGEST)
    assert verified(tokens[longest])["sub"]
    assert read_signed(Secret(tokens[next_])) is None


@pytest.mark.parametrize(
    "text",
    ["A" * 1_000_000, "." * 1_000_000, "e30." * 250_000, f"{'A' * 500_000}.{'B' * 499_990}.C"],
    ids=["no dots", "dots", "parts", "three parts"],
)
def test_O09_a_megabyte_is_refused_before_it_is_read(text: str) -> None:
    began = time.process_time()
    refused(text)
    assert time.process_time() - began < 0.05


def test_O09_an_encrypted_token_is_never_tried() -> None:
    header = b64(b'{"alg":"PBES2-HS512+A256KW","enc":"A256GCM","p2c":2147483647,"p2s":"AA"}')
    began = time.process_time()
    refused(f"{header}.AA.AA.AA.AA")
    assert time.process_time() - began < 0.05


@given(st.text(max_size=200) | st.builds(".".join, st.lists(st.text("AZaz09_-", max_size=40), max_size=6)))
def test_O08_no_text_does_anything_else_than_being_refused(text: str) -> None:
    refused(text)


@given(
    st.dictionaries(
        st.sampled_from(["iss", "aud", "azp", "exp", "iat", "nbf", "nonce", "at_hash"]),
        st.recursive(
            st.none()
            | st.booleans()
            | st.integers()
            | st.floats(allow_nan=False, allow_infinity=False)
            | st.text(max_size=5),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
        ),
        min_size=1,
    )
)
def test_O08_claims_of_any_type_are_refused_or_are_the_right_ones(claims: dict[str, Any]) -> None:
    said = CLAIMS | claims
    if "at_hash" not in claims and said == CLAIMS:
        return
    try:
        verified(joined({"alg": "EdDSA", "kid": "ed"}, said, "EdDSA"))
    except InvalidCredentials:
        return
    assert (said["iss"], said["nonce"]) == (CLAIMS["iss"], CLAIMS["nonce"])
    assert said["exp"] > NOW - 60
    assert type(said["exp"]) is type(said["iat"]) is int


def test_the_refusal_tells_nothing_of_the_token() -> None:
    text = token(aud="somebody-else")
    keys = read_keys(Answer(200, JSON, signing.jwks().encode()))
    at = datetime.fromtimestamp(NOW, UTC)
    with pytest.raises(InvalidCredentials) as caught:
        verify_id_token(read_id_token(Secret(text), ENDPOINTS), keys, EXPECTED, at)
    assert "somebody-else" not in str(caught.value.problem())
    assert text.split(".")[1] not in framed(caught.value)
    assert "somebody-else" not in framed(caught.value)
