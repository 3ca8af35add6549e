"""A passkey is added, signs in alone, answers a challenge and proves a session anew; each ceremony is good once."""

import base64
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from plexe_auth import (
    Auth,
    Challenge,
    ConfigurationError,
    Conflict,
    InvalidCredentials,
    InvalidRequest,
    InvalidSession,
    NotFound,
    RateLimitExceeded,
    Settings,
    SignedIn,
)
from plexe_auth.model.budget import FACTORS, NETWORK
from plexe_auth.model.enrolled_passkey import MOST
from plexe_auth.model.passkey import CEREMONY
from plexe_auth.model.provider import github
from plexe_auth.rows import Query, Update, equal
from plexe_auth.testing.mailbox import Mailbox
from tests.conftest import Clock
from tests.people.authenticator import BE, BS, UP, UV, Authenticator
from tests.people.conftest import HOME, PASSWORD, done
from tests.people.test_mfa import App, answered, challenge, outcome
from tests.people.test_oauth import GitHub, came

ORIGIN = "https://app.example.com"


class Device:
    """Somebody's browser with an authenticator in it that holds one passkey."""

    def __init__(self, auth: Any, user_id: str, name: str = "Phone", **kind: Any) -> None:
        self.auth, self.authenticator = auth, Authenticator(**kind)
        begun = auth.mfa.begin_passkey(user_id)
        response = self.authenticator.create(seen(begun.options), ORIGIN)
        added = auth.mfa.finish_passkey(user_id, begun.id, response, name=name)
        self.passkey, self.codes = added.passkey, [one.reveal() for one in added.recovery_codes]

    def signed(self, options: Any, **told: Any) -> Any:
        return self.authenticator.get(seen(options), told.pop("origin", ORIGIN), **told)

    def asked(self, token: str | None = None, **told: Any) -> tuple[str, Any]:
        """Have it asked for, and return what comes back: the token and the answer."""
        request = self.auth.sign_in.begin_passkey(token, client=HOME)
        return request.token.reveal(), self.signed(request.options, **told)

    def signs_in(self, **told: Any) -> Any:
        return self.auth.sign_in.with_passkey(*self.asked(**told), client=HOME)


def seen(options: Any) -> Any:
    """Options as they are read from JSON by a page."""
    return json.loads(json.dumps(options))


@pytest.fixture
def device(auth: Any, ada: Any) -> Device:
    return Device(auth, ada.id)


@pytest.fixture
def on_memory(opened: Callable[..., Any], face: str, clock: Clock, settings: Settings, mailbox: Mailbox) -> Any:
    """For what does not depend on the store."""
    return opened(face, "memory://", clock=clock, settings=settings, mailer=mailbox)


@pytest.fixture
def grace(on_memory: Any) -> Any:
    return on_memory.users.create("grace@example.com", PASSWORD)


@pytest.fixture
def her_device(on_memory: Any, grace: Any) -> Device:
    return Device(on_memory, grace.id)


def test_a_passkey_signs_in_without_a_name_and_is_a_second_factor_beside_a_password(
    auth: Any, ada: Any, device: Device, clock: Clock
) -> None:
    assert auth.mfa.methods(ada.id) == ("passkey", "recovery")
    result = device.signs_in()
    assert isinstance(result, SignedIn)
    assert (result.user.id, result.session.methods) == (ada.id, ("passkey",))
    asked = challenge(auth, ada.email)
    assert asked.methods == ("passkey", "recovery")
    token, response = device.asked(asked.token.reveal())
    assert token == asked.token.reveal()
    clock.advance(timedelta(minutes=1))
    result = auth.sign_in.answer(token, method="passkey", response=response, client=HOME)
    assert result.session.methods == ("password", "passkey")
    assert auth.sessions.verify(result.token.reveal()).user_id == ada.id
    assert [one.last_used_at for one in auth.mfa.passkeys(ada.id)] == [clock.now]


def test_a_passkey_is_asked_for_by_domain_and_found_among_those_of_its_user(on_memory: Any, grace: Any) -> None:
    device = Device(on_memory, grace.id)
    known = on_memory.sign_in.begin_passkey(challenge(on_memory, grace.email).token.reveal()).options
    assert [one["id"] for one in known["allowCredentials"]] == [device.authenticator.create_id()]
    assert on_memory.sign_in.begin_passkey().options["allowCredentials"] == []
    begun = on_memory.mfa.begin_passkey(grace.id).options
    assert [one["id"] for one in begun["excludeCredentials"]] == [device.authenticator.create_id()]
    assert (begun["rp"], begun["user"]["name"]) == ({"id": "app.example.com", "name": "Example"}, grace.email)


def test_M13_of_many_who_send_one_answer_at_once_one_is_let_in(auth: Any, ada: Any, device: Device) -> None:
    token, response = device.asked()
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _: outcome(auth.sign_in.with_passkey, token, response, client=HOME), range(8)))
    assert found.count("done") == 1
    asked = challenge(auth, ada.email)
    token, response = device.asked(asked.token.reveal())
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _: answered(auth, asked, "passkey", response), range(8)))
    assert found.count("done") == 1
    assert len(auth.sessions.page(ada.id).items) == 2


def test_M13_of_many_who_finish_one_enrolment_at_once_one_adds_a_passkey(auth: Any, ada: Any) -> None:
    begun = auth.mfa.begin_passkey(ada.id)
    response = Authenticator().create(seen(begun.options), ORIGIN)

    def finished(_number: int) -> str:
        try:
            auth.mfa.finish_passkey(ada.id, begun.id, response)
        except (InvalidCredentials, NotFound, Conflict) as error:
            return error.code
        return "done"

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(finished, range(8))).count("done") == 1
    assert len(auth.mfa.passkeys(ada.id)) == 1


def test_M13_what_was_asked_is_used_up_by_a_wrong_answer_too(on_memory: Any, grace: Any, her_device: Device) -> None:
    token, response = her_device.asked(origin="https://evil.example")
    for answer in (response, her_device.signed({"challenge": "AAAA", "rpId": "app.example.com"})):
        assert outcome(on_memory.sign_in.with_passkey, token, answer) == "invalid_credentials"
    token, response = her_device.asked()
    bad = json.loads(json.dumps(response))
    bad["response"]["signature"] = "AAAA"
    assert outcome(on_memory.sign_in.with_passkey, token, bad) == "invalid_credentials"
    assert outcome(on_memory.sign_in.with_passkey, token, response) == "invalid_credentials"
    begun = on_memory.mfa.begin_passkey(grace.id)
    other = Authenticator()
    wrong = other.create(seen(begun.options), "https://evil.example")
    assert outcome(on_memory.mfa.finish_passkey, grace.id, begun.id, wrong) == "invalid_credentials"
    with pytest.raises(NotFound):
        on_memory.mfa.finish_passkey(grace.id, begun.id, other.create(seen(begun.options), ORIGIN))


def test_M13_an_answer_fits_the_browser_the_person_and_the_ceremony_it_was_asked_for(
    on_memory: Any, grace: Any, her_device: Device, clock: Clock
) -> None:
    auth = on_memory
    ada = auth.users.create("ada@example.com", PASSWORD)
    hers = Device(auth, ada.id)
    (one, answer), (other, _) = her_device.asked(), her_device.asked()
    assert outcome(auth.sign_in.with_passkey, other, answer) == "invalid_credentials"
    asked, foreign = challenge(auth, grace.email), challenge(auth, ada.email)
    _token, answer = her_device.asked(asked.token.reveal())
    assert answered(auth, foreign, "passkey", answer) == "invalid_credentials"
    assert outcome(auth.sign_in.with_passkey, one, answer) == "invalid_credentials"
    request = auth.sign_in.begin_passkey(asked.token.reveal())
    assert answered(auth, asked, "passkey", hers.signed(request.options)) == "invalid_credentials"
    begun = auth.mfa.begin_passkey(ada.id)
    with pytest.raises(NotFound):
        auth.mfa.finish_passkey(grace.id, begun.id, Authenticator().create(seen(begun.options), ORIGIN))
    token, answer = her_device.asked()
    clock.advance(CEREMONY)
    assert outcome(auth.sign_in.with_passkey, token, answer) == "invalid_credentials"


def test_M13_a_challenge_is_as_random_as_a_key_and_kept_as_a_digest(on_memory: Any, her_device: Device) -> None:
    told = {on_memory.sign_in.begin_passkey().options["challenge"] for _ in range(50)}
    assert len(told) == 50
    assert all(len(one) > 43 for one in told)
    rows = done(on_memory, on_memory.world.store.page(Query("tickets", (), ("id",), limit=60)))
    assert len(rows) == 51 - 1  # that of the passkey itself was used up
    assert not any(base64.urlsafe_b64decode(one + "==").decode() in repr(rows) for one in told)


def test_M16_a_passkey_that_somebody_has_is_not_taken_from_them(on_memory: Any, grace: Any, her_device: Device) -> None:
    ada = on_memory.users.create("ada@example.com", PASSWORD)
    for user in (ada, grace):
        begun = on_memory.mfa.begin_passkey(user.id)
        again = her_device.authenticator.create(seen(begun.options), ORIGIN)
        assert outcome(on_memory.mfa.finish_passkey, user.id, begun.id, again) == "invalid_credentials"
    assert on_memory.mfa.passkeys(ada.id) == ()
    her_device.authenticator.user = b""
    assert outcome(her_device.signs_in) == "invalid_credentials"


def test_M15_a_count_that_went_back_is_refused_and_one_that_never_counts_is_not(on_memory: Any, grace: Any) -> None:
    device = Device(on_memory, grace.id)
    assert isinstance(device.signs_in(), SignedIn)
    assert isinstance(device.signs_in(flags=UP | UV | BE | BS), SignedIn)
    assert on_memory.mfa.passkeys(grace.id)[0].backed_up
    device.authenticator.count = 7
    assert isinstance(device.signs_in(), SignedIn)
    for count in (7, 6, 0):
        device.authenticator.count = count
        assert outcome(device.signs_in) == "invalid_credentials"
    device.authenticator.count = 8
    assert isinstance(device.signs_in(), SignedIn)


def test_M15_of_two_that_tell_the_same_count_at_once_one_is_let_in(
    on_memory: Any, grace: Any, her_device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    her_device.authenticator.count = 7
    (token, response), other = her_device.asked(), her_device.asked()
    commit, met = on_memory.world.store.commit, []

    async def meanwhile(*changes: Any) -> Any:
        if any(getattr(one, "table", "") == "passkeys" for one in changes) and not met:
            met.append(changes)
            await commit(Update("passkeys", (equal("user_id", grace.id),), {"sign_count": 7}))
        return await commit(*changes)

    monkeypatch.setattr(on_memory.world.store, "commit", meanwhile)
    assert outcome(on_memory.sign_in.with_passkey, token, response) == "invalid_credentials"
    assert outcome(on_memory.sign_in.with_passkey, *other) == "invalid_credentials"
    assert len(met) == 1
    assert on_memory.sessions.page(grace.id).items == ()


@pytest.mark.parametrize(
    "odd", [None, "", 0, [], {}, "\0", "x" * 100_000, b"{}", {"response": {"clientDataJSON": "e30"}}]
)
def test_what_no_browser_says_is_refused(on_memory: Any, grace: Any, her_device: Device, odd: Any) -> None:
    auth = on_memory
    token, answer = her_device.asked()
    assert outcome(auth.sign_in.with_passkey, token, odd) == "invalid_credentials"
    assert outcome(auth.sign_in.with_passkey, odd, answer) == "invalid_credentials"
    asked = challenge(auth, grace.email)
    her_device.asked(asked.token.reveal())
    assert answered(auth, asked, "passkey", odd) == "invalid_credentials"
    begun = auth.mfa.begin_passkey(grace.id)
    assert outcome(auth.mfa.finish_passkey, grace.id, begun.id, odd) == "invalid_credentials"
    with pytest.raises(NotFound):
        auth.mfa.finish_passkey(grace.id, odd, answer)
    with pytest.raises((InvalidCredentials, InvalidSession)):
        auth.sign_in.begin_passkey(odd if odd is not None else 0)
    assert isinstance(auth.sign_in.with_passkey(token, answer), SignedIn), "an odd answer names no ceremony"


@pytest.mark.parametrize("name", [None, "", " ", "x" * 65, "a\u202eb", "a\nb", "\u200b", 7, [], "\0"])
def test_S18_a_name_that_could_deceive_is_refused(on_memory: Any, grace: Any, her_device: Device, name: Any) -> None:
    begun = on_memory.mfa.begin_passkey(grace.id)
    response = Authenticator().create(seen(begun.options), ORIGIN)
    with pytest.raises(InvalidRequest):
        on_memory.mfa.finish_passkey(grace.id, begun.id, response, name=name)
    with pytest.raises(InvalidRequest):
        on_memory.mfa.rename_passkey(grace.id, her_device.passkey.id, name)
    assert (
        on_memory.mfa.finish_passkey(grace.id, begun.id, response, name="<b>Laptop</b>").passkey.name == "<b>Laptop</b>"
    )


def test_passkeys_are_listed_named_and_removed_by_their_owner_alone(on_memory: Any, grace: Any, clock: Clock) -> None:
    auth = on_memory
    ada = auth.users.create("ada@example.com", PASSWORD)
    one = Device(auth, grace.id, "Phone")
    clock.advance(timedelta(seconds=1))
    two = Device(auth, grace.id, "Key")
    assert [each.name for each in auth.mfa.passkeys(grace.id)] == ["Phone", "Key"]
    assert (len(one.codes), two.codes) == (10, []), "codes come with the first factor"
    assert auth.mfa.rename_passkey(grace.id, two.passkey.id, "Blue key").name == "Blue key"
    for call in (auth.mfa.remove_passkey, lambda *who: auth.mfa.rename_passkey(*who, "Mine")):
        for who in (
            (ada.id, one.passkey.id),
            (grace.id, "pky_unknown"),
            (grace.id, "\0"),
            ("usr_unknown", one.passkey.id),
        ):
            with pytest.raises(NotFound):
                call(*who)
    auth.mfa.remove_passkey(grace.id, one.passkey.id)
    assert [each.name for each in auth.mfa.passkeys(grace.id)] == ["Blue key"]
    assert outcome(one.signs_in) == "invalid_credentials"
    assert isinstance(two.signs_in(), SignedIn)


def test_L22_adding_or_removing_a_passkey_ends_all_other_sessions_and_is_told(
    auth: Any, ada: Any, mailbox: Mailbox
) -> None:
    here, there = (auth.sign_in.with_password(ada.email, PASSWORD, HOME) for _ in range(2))
    begun = auth.mfa.begin_passkey(ada.id)
    made = Authenticator().create(seen(begun.options), ORIGIN)
    added = auth.mfa.finish_passkey(ada.id, begun.id, made, name="Phone", keep=here.session.id)
    assert auth.sessions.verify(here.token.reveal())
    with pytest.raises(InvalidSession):
        auth.sessions.verify(there.token.reveal())
    auth.mfa.remove_passkey(ada.id, added.passkey.id)
    with pytest.raises(InvalidSession):
        auth.sessions.verify(here.token.reveal())
    assert [("Phone" in one.text, one.to) for one in mailbox] == [(True, ada.email)] * 2
    told = [one.action for one in auth.log.page(user_id=ada.id)]
    assert {"factor.add", "factor.remove"} <= set(told)
    assert isinstance(auth.sign_in.with_password(ada.email, PASSWORD, HOME), SignedIn)


def kept(auth: Any, table: str) -> int:
    return len(done(auth, auth.world.store.page(Query(table, (), ("id",), limit=60))))


def test_recovery_codes_go_with_the_last_factor_and_not_before(on_memory: Any, grace: Any, clock: Clock) -> None:
    auth = on_memory
    device, app = Device(auth, grace.id), App(auth, grace.id, clock)
    auth.mfa.disable_totp(grace.id)
    assert auth.mfa.methods(grace.id) == ("passkey", "recovery")
    again = App(auth, grace.id, clock)
    auth.mfa.remove_passkey(grace.id, device.passkey.id)
    assert auth.mfa.methods(grace.id) == ("totp", "recovery")
    assert app.codes != again.codes
    auth.mfa.disable_totp(grace.id)
    assert auth.mfa.methods(grace.id) == ()
    last = Device(auth, grace.id)
    assert kept(auth, "recovery_codes") == 10
    auth.mfa.remove_passkey(grace.id, last.passkey.id)
    assert kept(auth, "recovery_codes") == kept(auth, "passkeys") == 0


def test_M03_one_passkey_is_one_factor_for_who_has_another(on_memory: Any, grace: Any, clock: Clock) -> None:
    auth = on_memory
    device, app = Device(auth, grace.id), App(auth, grace.id, clock)
    asked = device.signs_in()
    assert isinstance(asked, Challenge)
    assert asked.methods == ("totp", "recovery")
    assert outcome(auth.sign_in.begin_passkey, asked.token.reveal()) == "done"
    token, response = device.asked(asked.token.reveal())
    assert answered(auth, asked, "passkey", response) == "invalid_credentials", "one thing shown twice is one"
    assert auth.sign_in.answer(token, "totp", app.next()).session.methods == ("passkey", "totp")


def test_M03_where_the_host_says_so_one_passkey_is_enough(
    opened: Callable[..., Any], face: str, clock: Clock, settings: Settings
) -> None:
    auth = opened(face, "memory://", clock=clock, settings=replace(settings, passkey_alone=True))
    ada = auth.users.create("ada@example.com", PASSWORD)
    device = Device(auth, ada.id)
    App(auth, ada.id, clock)
    assert isinstance(device.signs_in(), SignedIn)
    assert isinstance(auth.sign_in.with_password(ada.email, PASSWORD), Challenge)


def test_S15_a_passkey_proves_anew_who_holds_a_session(
    on_memory: Any, grace: Any, her_device: Device, clock: Clock
) -> None:
    auth = on_memory
    ada = auth.users.create("ada@example.com", PASSWORD)
    other = Device(auth, ada.id)
    result = her_device.signs_in()
    clock.advance(timedelta(minutes=20))
    token, response = her_device.asked(result.token.reveal())
    again = auth.sign_in.reauthenticate(token, method="passkey", response=response)
    assert auth.sessions.verify(again.token.reveal()).require_recent(timedelta(seconds=1))
    assert outcome_of(auth, token, response) == "invalid_session"
    assert outcome_of(auth, again.token.reveal(), response) == "invalid_credentials"
    request = auth.sign_in.begin_passkey(again.token.reveal())
    assert outcome_of(auth, again.token.reveal(), other.signed(request.options)) == "invalid_credentials"


def outcome_of(auth: Any, token: str, response: Any) -> str:
    with pytest.raises((InvalidCredentials, InvalidSession)) as refused:
        auth.sign_in.reauthenticate(token, method="passkey", response=response)
    return refused.value.code


def test_a_disabled_or_deleted_user_has_no_passkey_that_signs_in(
    on_memory: Any, grace: Any, her_device: Device
) -> None:
    token, response = her_device.asked()
    on_memory.users.disable(grace.id)
    assert outcome(on_memory.sign_in.with_passkey, token, response) == "invalid_credentials"
    on_memory.users.enable(grace.id)
    assert isinstance(her_device.signs_in(), SignedIn)
    on_memory.users.delete(grace.id)
    assert outcome(her_device.signs_in) == "invalid_credentials"
    assert kept(on_memory, "passkeys") == 0


def test_M02_passkeys_share_the_budget_of_all_factors(on_memory: Any, grace: Any, her_device: Device) -> None:
    auth = on_memory
    for _ in range(FACTORS.limit):
        assert answered(auth, challenge(auth, grace.email), "passkey", {}) == "invalid_credentials"
    asked = challenge(auth, grace.email)
    _token, response = her_device.asked(asked.token.reveal())
    assert answered(auth, asked, "passkey", response) == "rate_limit_exceeded"


def test_R03_a_network_begins_so_many_ceremonies_and_no_more(on_memory: Any) -> None:
    for _ in range(NETWORK.limit):
        on_memory.sign_in.begin_passkey(client=HOME)
    with pytest.raises(RateLimitExceeded):
        on_memory.sign_in.begin_passkey(client=HOME)


def test_somebody_has_so_many_passkeys_and_no_more(on_memory: Any, grace: Any) -> None:
    for number in range(MOST):
        Device(on_memory, grace.id, f"Key {number}")
    with pytest.raises(Conflict):
        Device(on_memory, grace.id)


def test_the_last_way_in_stays(on_memory: Any) -> None:
    without = on_memory.users.create("without@example.com", None)
    device = Device(on_memory, without.id)
    with pytest.raises(Conflict):
        on_memory.mfa.remove_passkey(without.id, device.passkey.id)
    Device(on_memory, without.id, "Another")
    on_memory.mfa.remove_passkey(without.id, device.passkey.id)


def test_O16_a_passkey_is_a_way_in_beside_a_provider(
    opened: Callable[..., Any], clock: Clock, settings: Settings
) -> None:
    wired = replace(settings, oauth=(github("id", "secret"),))
    auth = opened("blocking", "memory://", clock=clock, settings=wired, fetch=GitHub())
    octo = came(auth).user
    (linked,) = auth.oauth.identities(octo.id)
    with pytest.raises(Conflict):
        auth.oauth.unlink(octo.id, linked.id)
    device = Device(auth, octo.id)
    auth.oauth.unlink(octo.id, linked.id)
    assert device.signs_in().user.id == octo.id


def test_a_passkey_is_bound_to_the_domain_that_the_host_names(opened: Callable[..., Any], settings: Settings) -> None:
    elsewhere = replace(settings, passkey_domain="example.com", passkey_origins=("https://admin.example.com",))
    auth = opened("blocking", "memory://", settings=elsewhere)
    ada = auth.users.create("ada@example.com", PASSWORD)
    device = Device(auth, ada.id)
    assert device.asked()[1]
    assert isinstance(device.signs_in(origin="https://admin.example.com"), SignedIn)
    assert outcome(device.signs_in, origin="https://other.example.com") == "invalid_credentials"
    numbered = opened("blocking", "memory://", settings=replace(settings, base_url="http://127.0.0.1:8000"))
    with pytest.raises(ConfigurationError):
        numbered.sign_in.begin_passkey()


def test_without_the_extra_a_passkey_is_a_ConfigurationError(monkeypatch: pytest.MonkeyPatch) -> None:
    import plexe_auth.passkeys

    monkeypatch.setattr(plexe_auth.passkeys, "find_spec", lambda _name: None)
    with Auth.open("memory://") as auth, pytest.raises(ConfigurationError, match="passkeys"):
        auth.sign_in.begin_passkey()
