"""A provider's description counts only if it names the issuer that we were told; its keys, if they are public keys."""

import json
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plexe_auth.errors import Unavailable
from plexe_auth.model.discovery import discovery_request, read_discovery
from plexe_auth.model.exchange import Answer
from plexe_auth.model.jwks import fitting, read_keys
from plexe_auth.model.provider import Endpoints
from tests.people import signing
from tests.people.signing import ec_jwk, ed_jwk, rsa_jwk, rsa_key

JSON = (("content-type", "application/json"),)
ISSUER = "https://id.example/realm"
GOOD: dict[str, Any] = {
    "issuer": ISSUER,
    "authorization_endpoint": "https://id.example/authorize",
    "token_endpoint": "https://api.id.example/token",
    "jwks_uri": "https://id.example/jwks",
    "userinfo_endpoint": "https://id.example/userinfo",
    "id_token_signing_alg_values_supported": ["none", "HS256", "RS256", "ES256"],
    "token_endpoint_auth_methods_supported": ["private_key_jwt", "client_secret_post", "client_secret_basic"],
    "authorization_response_iss_parameter_supported": True,
}


def answered(said: Any, status: int = 200) -> Answer:
    return Answer(status, JSON, said if isinstance(said, bytes) else json.dumps(said).encode())


def without(*names: str) -> dict[str, Any]:
    return {name: value for name, value in GOOD.items() if name not in names}


def test_a_document_says_where_a_provider_answers() -> None:
    assert read_discovery(answered(GOOD), ISSUER) == Endpoints(
        "https://id.example/authorize",
        "https://api.id.example/token",
        keys="https://id.example/jwks",
        userinfo="https://id.example/userinfo",
        algorithms=("RS256", "ES256"),
        client_authentication="basic",
        names_itself=True,
    )


def test_the_document_is_asked_for_below_the_issuer() -> None:
    """OpenID Connect Discovery 1.0, section 4: a slash at the end is taken off, a path stays."""
    assert discovery_request(ISSUER).url == "https://id.example/realm/.well-known/openid-configuration"
    assert discovery_request("https://id.example/").url == "https://id.example/.well-known/openid-configuration"


def test_what_a_document_leaves_out_has_the_standards_defaults() -> None:
    bare = without(
        "userinfo_endpoint", "token_endpoint_auth_methods_supported", "authorization_response_iss_parameter_supported"
    )
    found = read_discovery(answered(bare), ISSUER)
    assert (found.userinfo, found.client_authentication, found.names_itself) == ("", "basic", False)


def test_the_secret_goes_into_the_body_only_where_nothing_better_is_offered() -> None:
    found = read_discovery(answered(GOOD | {"token_endpoint_auth_methods_supported": ["client_secret_post"]}), ISSUER)
    assert found.client_authentication == "post"


@pytest.mark.parametrize(
    "issuer",
    [
        "https://id.example",
        ISSUER + "/",
        "https://ID.example/realm",
        "https://evil.example/realm",
        "",
        None,
        7,
        [ISSUER],
        ...,
    ],
)
def test_O12_a_document_of_another_issuer_is_refused(issuer: Any) -> None:
    with pytest.raises(Unavailable):
        read_discovery(answered(without("issuer") if issuer is ... else GOOD | {"issuer": issuer}), ISSUER)


BAD_URLS = ["http://id.example/x", "http://127.0.0.1/x", "//id.example/x", "https://u@id.example/x", "https://id.example/x#y",
    "", None, 7, [], ["https://id.example/x"], "javascript:alert(1)", "https://id.example/\n"]  # fmt: skip


@pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint"])
@pytest.mark.parametrize("url", BAD_URLS)
def test_O11_an_endpoint_that_is_none_is_refused(name: str, url: Any) -> None:
    with pytest.raises(Unavailable):
        read_discovery(answered(GOOD | {name: url}), ISSUER)


@pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint", "jwks_uri"])
def test_O15_an_endpoint_that_is_missing_is_refused(name: str) -> None:
    with pytest.raises(Unavailable):
        read_discovery(answered(without(name)), ISSUER)


@pytest.mark.parametrize("name", ["state", "client_id", "redirect_uri", "request_uri"])
def test_O03_an_authorization_endpoint_that_already_says_what_is_ours_is_refused(name: str) -> None:
    with pytest.raises(Unavailable):
        read_discovery(answered(GOOD | {"authorization_endpoint": f"https://id.example/a?{name}=x"}), ISSUER)


@pytest.mark.parametrize(
    "named", [[], ["none"], ["HS256", "None"], "RS256", None, {"RS256": 1}, [["RS256"]], ["rs256"], ...]
)
def test_O08_a_provider_that_signs_by_nothing_that_a_public_key_verifies_is_refused(named: Any) -> None:
    name = "id_token_signing_alg_values_supported"
    with pytest.raises(Unavailable):
        read_discovery(answered(without(name) if named is ... else GOOD | {name: named}), ISSUER)


def test_O15_a_provider_that_takes_no_secret_of_ours_is_refused() -> None:
    with pytest.raises(Unavailable):
        read_discovery(answered(GOOD | {"token_endpoint_auth_methods_supported": ["private_key_jwt", "none"]}), ISSUER)


@pytest.mark.parametrize("value", ["true", 1, "1", None, [True]])
def test_what_is_not_true_is_false(value: Any) -> None:
    said = GOOD | {"authorization_response_iss_parameter_supported": value}
    assert read_discovery(answered(said), ISSUER).names_itself is False


JUNK = [b"", b"[]", b"null", b"{", b'{"issuer":"a","issuer":"b"}', b"\xff", b"[" * 100_000, b" " * 300_000]


@pytest.mark.parametrize("body", JUNK, ids=range(len(JUNK)))
def test_O15_what_is_no_document_is_refused(body: bytes) -> None:
    for read in (partial(read_discovery, issuer=ISSUER), read_keys):
        with pytest.raises(Unavailable):
            read(answered(body))


@pytest.mark.parametrize("status", [204, 301, 302, 404, 500])
def test_O15_nor_is_one_with_another_status(status: int) -> None:
    with pytest.raises(Unavailable):
        read_discovery(answered(GOOD, status), ISSUER)
    with pytest.raises(Unavailable):
        read_keys(answered(signing.jwks().encode(), status))


def test_plain_http_is_for_a_provider_on_loopback_alone() -> None:
    issuer = "http://localhost:8000"
    said = {
        name: value.replace("https://", "http://localhost:8000/") if isinstance(value, str) else value
        for name, value in GOOD.items()
    }
    assert (
        read_discovery(answered(said | {"issuer": issuer}), issuer).token
        == "http://localhost:8000/api.id.example/token"
    )


# Keys.


def keys(*several: Any) -> list[tuple[str | None, str]]:
    return [(key.id, key.members["kty"]) for key in read_keys(answered({"keys": several}))]


def test_keys_of_every_kind_that_can_verify_are_kept() -> None:
    assert keys(rsa_jwk(rsa_key(), kid="r"), ec_jwk(kid="e"), ed_jwk(kid="o"), ed_jwk()) == [
        ("r", "RSA"),
        ("e", "EC"),
        ("o", "OKP"),
        (None, "OKP"),
    ]


USELESS: dict[str, Any] = {
    "symmetric": {"kty": "oct", "k": "c2VjcmV0c2VjcmV0", "kid": "x"},
    "private RSA": rsa_jwk(rsa_key(), d="AQAB"),
    "private EC": ec_jwk(d="AQAB"),
    "for encryption": rsa_jwk(rsa_key(), use="enc"),
    "for signing alone": rsa_jwk(rsa_key(), key_ops=["sign"]),
    "operations that are none": rsa_jwk(rsa_key(), key_ops="verify"),
    "RSA of 1024 bits": rsa_jwk(rsa_key(1024)),
    "RSA of 16384 bits": rsa_jwk(rsa_key()) | {"n": signing.number(2**16384 - 1)},
    "RSA with exponent 1": rsa_jwk(rsa_key()) | {"e": "AQ"},
    "RSA with an even exponent": rsa_jwk(rsa_key()) | {"e": "BA"},
    "RSA with a giant exponent": rsa_jwk(rsa_key()) | {"e": signing.number(2**64 + 1)},
    "RSA with a number that is none": rsa_jwk(rsa_key()) | {"n": "é"},
    "RSA without n": {"kty": "RSA", "e": "AQAB"},
    "RSA with n as a number": {"kty": "RSA", "e": "AQAB", "n": 7},
    "EC with giant coordinates": ec_jwk() | {"x": "A" * 10_000},
    "of a kind that is none": {"kty": "LWE", "x": "AA"},
    "kind as a list": {"kty": ["RSA"], "n": "AQAB", "e": "AQAB"},
    "without kind": {"n": "AQAB", "e": "AQAB"},
    "kid as a number": rsa_jwk(rsa_key(), kid=7),
    "kid too long": rsa_jwk(rsa_key(), kid="x" * 600),
    "alg as a list": rsa_jwk(rsa_key(), alg=["RS256"]),
    "no object": "key",
    "null": None,
}


@pytest.mark.parametrize("name", USELESS)
def test_O08_a_key_that_cannot_verify_is_left_out_and_the_others_stay(name: str) -> None:
    assert keys(USELESS[name], ed_jwk(kid="good")) == [("good", "OKP")]


@pytest.mark.parametrize("body", [{}, {"keys": None}, {"keys": {}}, {"keys": [{}] * 65}, {"keys": "x"}])
def test_O09_what_is_no_set_of_a_bearable_size_is_refused(body: Any) -> None:
    with pytest.raises(Unavailable, match="keys cannot be used"):
        read_keys(answered(body))


def test_a_key_fits_by_its_kind_its_curve_its_algorithm_and_its_id() -> None:
    found = read_keys(answered(signing.jwks().encode()))
    fits = {
        (alg, kid)
        for alg in ("RS256", "ES256", "ES384", "EdDSA")
        for kid in ("rsa", "ec", "ec384", "ed", None)
        if fitting(found, kid, alg)
    }
    assert fits == {("RS256", "rsa"), ("ES256", "ec"), ("ES384", "ec384"), ("EdDSA", "ed")} | {
        (alg, None) for alg in ("RS256", "ES256", "ES384", "EdDSA")
    }
    other = read_keys(answered({"keys": [ed_jwk() | {"crv": "Ed448"}]}))
    assert fitting(other, None, "EdDSA") is None


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=3,
)


@given(st.dictionaries(st.sampled_from(sorted(GOOD)), anything, min_size=1))
def test_O12_a_document_of_any_type_is_refused_or_names_endpoints(said: dict[str, Any]) -> None:
    try:
        found = read_discovery(answered(GOOD | said), ISSUER)
    except Unavailable:
        return
    assert all(url.startswith("https://") for url in (found.authorization, found.token, found.keys))


@given(
    st.dictionaries(
        st.sampled_from(["kty", "kid", "alg", "use", "key_ops", "crv", "x", "y", "n", "e"]),
        anything | st.sampled_from(["RSA", "EC", "OKP"]),
    )
)
def test_O08_a_key_of_any_type_is_left_out_or_is_of_texts(said: dict[str, Any]) -> None:
    assert all(
        isinstance(value, str) for key in read_keys(answered({"keys": [said]})) for value in key.members.values()
    )
