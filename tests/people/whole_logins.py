"""Whole logins through the service, at real providers: who they are, what they were asked, and who came."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from plexe_auth.fetch.asynchronous import AwaitedFetch
from plexe_auth.fetch.blocking import BlockingFetch
from plexe_auth.fetch.reach import Reach
from plexe_auth.model.exchange import Answer, Question
from plexe_auth.model.provider import Provider, oidc
from tests.people import nanoidp as at_nanoidp
from tests.people import oidc_provider as at_oidc_provider
from tests.people.conftest import HOME
from tests.servers import nanoidp, oidc_provider

CALLBACK = "https://app.example/callback"
REACH = Reach(("127.0.0.1",))


@dataclass(frozen=True)
class Place:
    """A client of ours at a real provider, how somebody signs in there, and how we are told who that is.

    `userinfo` is the end of the URL where the provider tells it; empty where it does so in the ID token.
    """

    provider: Provider
    sign_in: Callable[..., str]
    email: str
    algorithm: str
    userinfo: str = ""


def at(kind: str, url: str) -> Place:
    """The place of a kind: ``nanoidp``, ``nanoidp post``, or an issuer of oidc-provider and an algorithm."""
    if kind == "nanoidp":
        provider = oidc("nano", url, *nanoidp.CLIENT)
        return Place(provider, at_nanoidp.sign_in, nanoidp.ADDRESS, "RS256", "/userinfo")
    if kind == "nanoidp post":
        provider = oidc("nano", url, *nanoidp.POSTING_CLIENT, client_authentication="post")
        return Place(provider, at_nanoidp.sign_in, nanoidp.ADDRESS, "RS256", "/userinfo")
    issuer, _, algorithm = kind.partition(" ")
    provider = oidc(issuer, f"{url}/{issuer}", *oidc_provider.client_of(algorithm))
    email, userinfo = address_of(oidc_provider.VERIFIED), "/me" if issuer == "basic" else ""
    return Place(provider, at_oidc_provider.sign_in, email, algorithm, userinfo)


def address_of(name: str) -> str:
    """The address that oidc-provider has of somebody."""
    return f"{name}@example.com"


@dataclass
class Asked:
    """What a host's own fetch has asked the real providers, and what they gave us."""

    urls: list[str] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)

    def fetch(self, face: str) -> Any:
        blocking, awaited = BlockingFetch(REACH), AwaitedFetch(REACH)

        def ask(question: Question) -> Answer:
            self.urls.append(question.url)
            self.answers.append(answer := blocking(question))
            return answer

        async def ask_async(question: Question) -> Answer:
            self.urls.append(question.url)
            self.answers.append(answer := await awaited(question))
            return answer

        return ask if face == "blocking" else ask_async

    def of(self, end: str) -> int:
        """How often something was asked, by the end of its URL."""
        return len([url for url in self.urls if url.endswith(end)])

    def tokens(self) -> list[dict[str, str]]:
        """What the token endpoints gave."""
        given = [answer.body for url, answer in zip(self.urls, self.answers, strict=True) if url.endswith("/token")]
        return [json.loads(body) for body in given]


@dataclass
class Visit:
    """Somebody who signs in at a place."""

    auth: Any
    place: Place

    def begin(self, *who: str, **how: Any) -> tuple[str, str]:
        """The cookie of a new flow, and the query with which the provider sends the browser back."""
        redirect = self.auth.oauth.begin(self.place.provider.name, redirect_uri=CALLBACK, next="/keys")
        return redirect.state_cookie, self.place.sign_in(redirect.url, *who, **how)

    def complete(self, cookie: str, query: Any) -> Any:
        return self.auth.oauth.complete(self.place.provider.name, state_cookie=cookie, query=query, client=HOME)

    def come(self, *who: str, **how: Any) -> Any:
        return self.complete(*self.begin(*who, **how))
