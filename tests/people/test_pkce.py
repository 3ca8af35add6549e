"""PKCE is that of RFC 7636, S256 alone, with verifiers that nobody guesses."""

import re
from datetime import UTC, datetime
from urllib.parse import parse_qs

from hypothesis import given
from hypothesis import strategies as st

from plexe_auth.model.flow import authorization_url, begin_flow
from plexe_auth.model.pkce import challenge
from plexe_auth.model.provider import Endpoints, github

NOW = datetime(2026, 3, 29, 12, tzinfo=UTC)
UNRESERVED = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"


def test_O03_the_challenge_is_that_of_the_standards_own_vector() -> None:
    """RFC 7636, appendix B."""
    assert challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


@given(st.text(UNRESERVED, min_size=43, max_size=128))
def test_O03_a_challenge_never_shows_its_verifier_and_has_no_padding(verifier: str) -> None:
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", challenge(verifier))
    assert challenge(verifier) != verifier


def test_O03_each_flow_has_a_verifier_of_its_own_with_256_bits() -> None:
    provider = github("id", "secret")
    verifiers = {begin_flow(provider, "https://app.example/cb", "/", NOW).verifier.reveal() for _ in range(200)}
    assert len(verifiers) == 200
    assert all(re.fullmatch(r"[0-9A-Za-z]{43}", one) for one in verifiers)  # 43 × 5.95 bits


def test_O03_S256_is_sent_to_every_provider_whatever_it_says_of_itself() -> None:
    provider = github("id", "secret")
    flow = begin_flow(provider, "https://app.example/cb", "/", NOW)
    url = authorization_url(flow, provider, provider.endpoints or Endpoints("", ""))
    sent = parse_qs(url.partition("?")[2])
    assert sent["code_challenge_method"] == ["S256"]
    assert sent["code_challenge"] == [challenge(flow.verifier.reveal())]
    assert flow.verifier.reveal() not in url
