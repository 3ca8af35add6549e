"""A whole login at GitHub, as its API answers: form in, JSON out, errors with status 200, no ID token."""

import json
import socket
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

import pytest

from plexe_auth.bridge import finish
from plexe_auth.errors import InvalidCredentials
from plexe_auth.fetch.opening import open_fetch
from plexe_auth.fetch.reach import Reach
from plexe_auth.model.callback import code_of
from plexe_auth.model.claims import Identity, github_identity
from plexe_auth.model.code_exchange import read_tokens, token_request
from plexe_auth.model.exchange import asked_with
from plexe_auth.model.flow import begin_flow
from plexe_auth.model.pkce import challenge
from plexe_auth.model.provider import Endpoints, Provider, github
from tests.faces import Loop
from tests.people.raw_server import RawServer, serving

NOW = datetime(2026, 3, 29, 12, tzinfo=UTC)
ADDRESSES = [{"email": "octo@example.com", "primary": True, "verified": True, "visibility": None}]
SAID: dict[str, Any] = {
    "/login/oauth/access_token": {
        "access_token": "gho_c4nary",
        "token_type": "bearer",
        "scope": "read:user,user:email",
    },
    "/user": {"login": "octocat", "id": 583231, "name": "The Octocat", "email": None},
    "/user/emails": ADDRESSES,
}


def talking(said: dict[str, Any]) -> tuple[Callable[[socket.socket], None], list[RawServer]]:
    """A server that answers as GitHub does; it is put into the list once it runs."""
    servers: list[RawServer] = []

    def talk(stream: socket.socket) -> None:
        body = json.dumps(said[servers[0].received[-1].split()[1].decode()]).encode()
        head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: %d\r\n\r\n"
        stream.sendall(head % len(body) + body)

    return talk, servers


def at(provider: Provider, server: RawServer) -> Provider:
    """The same provider, at a server of ours."""
    known = provider.endpoints
    assert known is not None
    moved = {name: server.url("/" + getattr(known, name).split("/", 3)[3]) for name in ("token", "userinfo", "emails")}
    return replace(provider, endpoints=replace(known, **moved))


async def login(provider: Provider, fetch: Any) -> Identity:
    endpoints = provider.endpoints or Endpoints("", "")
    flow = begin_flow(provider, "https://app.example/cb", "/", NOW)
    query = {"state": flow.state.reveal(), "code": "c0de", "iss": "https://github.com/login/oauth"}
    code = code_of(query, flow, provider, endpoints, NOW)
    tokens = read_tokens(await fetch(token_request(provider, endpoints, flow, code)), with_id=False)
    user, emails = [await fetch(asked_with(tokens.access, url)) for url in (endpoints.userinfo, endpoints.emails)]
    return github_identity(user, emails, provider)


@pytest.fixture
def run(face: str, loop: Loop) -> Callable[[Provider], Identity]:
    fetch = open_fetch(is_async=face == "async", reach=Reach(("127.0.0.1",)))
    finishing = finish if face == "blocking" else loop.run
    return lambda provider: finishing(login(provider, fetch))


def test_somebody_signs_in_at_GitHub_by_number_and_verified_address(run: Callable[[Provider], Identity]) -> None:
    talk, servers = talking(SAID)
    with serving(talk) as server:
        servers.append(server)
        told = run(at(github("Iv1.abc", "s3cret"), server))
    assert told == Identity("https://github.com/login/oauth", "583231", "octo@example.com", True, "The Octocat")
    exchange, user, emails = server.received
    form = parse_qs(exchange.partition(b"\r\n\r\n")[2].decode())
    assert (form["client_id"], form["client_secret"], form["code"]) == (["Iv1.abc"], ["s3cret"], ["c0de"])
    assert len(challenge(form["code_verifier"][0])) == 43
    assert b"accept: application/json" in exchange.lower()  # without it GitHub answers with a form
    for asked in (user, emails):
        assert b"authorization: Bearer gho_c4nary" in asked
        assert b"user-agent: plexe_auth" in asked


def test_O01_a_code_that_GitHub_does_not_know_is_refused(run: Callable[[Provider], Identity]) -> None:
    wrong = {"error": "bad_verification_code", "error_description": "The code passed is incorrect or expired."}
    talk, servers = talking(SAID | {"/login/oauth/access_token": wrong})
    with serving(talk) as server:
        servers.append(server)
        with pytest.raises(InvalidCredentials, match="no longer good"):
            run(at(github("Iv1.abc", "s3cret"), server))
    assert len(server.received) == 1
