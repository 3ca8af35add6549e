"""Who lacks the whole secret learns nothing: every guess is answered alike, by the same work, never by the text."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from plexe_auth import AuthError, InvalidKey, Settings
from plexe_auth.model import token
from plexe_auth.model.token import KeyFormat
from plexe_auth.secret import digest, same
from plexe_auth.service import judging
from tests.conftest import Clock
from tests.keys.test_text import resealed
from tests.keys.watch import Watch


@pytest.fixture(params=[0, 2], ids=["no pepper", "two peppers"])
def settings(request: pytest.FixtureRequest) -> Settings:
    return Settings(peppers=tuple(bytes([number]) * 16 for number in range(request.param)))


class Spies:
    """What is hashed and what is compared."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.hashed: list[bytes] = []
        self.compared: list[tuple[bytes, bytes]] = []
        patch.setattr(token, "digest", self._digest)
        patch.setattr(judging, "same", self._same)

    def _digest(self, data: bytes, pepper: bytes | None = None) -> bytes:
        self.hashed.append(data)
        return digest(data, pepper)

    def _same(self, one: bytes, other: bytes) -> bool:
        self.compared.append((one, other))
        return same(one, other)


def in_every_state(auth: Any, clock: Clock) -> list[Any]:
    hour = timedelta(hours=1)
    active, revoked, disabled, retired = (auth.keys.create("acct", name="CI") for _ in range(4))
    expired = auth.keys.create("acct", name="CI", expires_in=hour)
    bound = auth.keys.create("acct", name="CI", allowed_ips=["::1"])
    auth.keys.revoke(revoked.key.id)
    auth.keys.disable(disabled.key.id)
    auth.keys.rotate(retired.key.id, overlap=timedelta(0))
    clock.advance(hour)
    return [active, revoked, disabled, expired, retired, bound]


def test_K17_a_guess_that_is_almost_right_is_refused_exactly_like_any_other(
    quick: Any, clock: Clock, watched: Callable[[Any], Watch], monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [issued.secret.reveal() for issued in in_every_state(quick, clock)]
    almost = [resealed(text, place, "A" if text[place] != "A" else "B") for text in texts for place in (7, 30, 46)]
    watch, seen = watched(quick), []
    for guess in [KeyFormat("plx_sk_").make().reveal(), *almost]:
        watch.relent()
        spies = Spies(monkeypatch)
        with pytest.raises(InvalidKey) as caught:
            quick.keys.verify(guess, permission="read", ip="::1")
        work = len(spies.hashed), len(spies.compared), [asked.verb for asked in watch.asked]
        seen.append((caught.value.problem(), type(caught.value), caught.value.args, work))
    assert all(one == seen[0] for one in seen)


def test_K17_a_state_is_told_only_to_who_has_the_whole_secret(quick: Any, clock: Clock) -> None:
    told = []
    for issued in in_every_state(quick, clock):
        try:
            quick.keys.verify(issued.secret.reveal())
        except AuthError as refused:
            told.append(refused.code)
    assert told == ["revoked_key", "disabled_key", "expired_key", "revoked_key", "ip_not_allowed"]


def test_K18_a_store_is_asked_by_id_or_digest_and_never_by_the_text(
    auth: Any, clock: Clock, watched: Callable[[Any], Watch]
) -> None:
    issued = auth.keys.create("acct", name="CI", permissions="*:*")
    text = issued.secret.reveal()
    watch = watched(auth)
    by = auth.keys.verify(text)
    auth.keys.explain(text)
    auth.keys.rotate(issued.key.id, by=by)
    auth.keys.revoke_leaked(text)
    asked_by = {asked.values[:2] for asked in watch.asked if asked.verb == "get" and asked.values[0] == "keys"}
    assert asked_by == {("keys", "id"), ("keys", "digest")}
    assert text[7:] not in repr(watch.asked)
    assert text[7:-6] not in repr(watch.asked)


def test_K18_digests_are_compared_in_constant_time_for_known_and_unknown_alike(
    quick: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = quick.keys.create("acct", name="CI").secret.reveal()
    unknown = KeyFormat("plx_sk_").make().reveal()
    for text in (known, unknown):
        spies = Spies(monkeypatch)
        quick.keys.explain(text)
        assert len(spies.compared) == len(spies.hashed) == len(quick.world.settings.peppers) + 1
        assert all(type(one) is bytes and len(one) == 32 for pair in spies.compared for one in pair)


def test_K18_a_store_that_finds_another_key_lets_nobody_in(quick: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    victim = quick.keys.create("acct", name="CI").key
    row = dict(quick.world.store._store._tables["keys"][victim.id], account=None)

    async def careless(*_args: Any, **_kwargs: Any) -> Any:
        return row

    monkeypatch.setattr(quick.world.store, "get", careless)
    guess = KeyFormat("plx_sk_").make().reveal()
    with pytest.raises(InvalidKey):
        quick.keys.verify(guess)
    assert quick.keys.explain(guess).allowed is False
    assert quick.keys.revoke_leaked(guess) is None
