"""A change by ``If-Match`` is decided in the commit itself, and a creation under a name happens once, whoever races."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from plexe_auth import Conflict, InvalidRequest, PreconditionFailed
from tests.conftest import Clock
from tests.manage.conftest import ACCOUNT
from tests.manage.mounts import Mount
from tests.manage.test_keys import KEYS, NEW, made
from tests.stores import STORES

MANY = 32
NAME = "a-name-of-my-own"
changes = pytest.mark.parametrize(
    ("method", "path", "body"),
    [("PATCH", "", {"name": "new"}), ("POST", "/rotate", {}), ("POST", "/rotate", b""), ("DELETE", "", b"")],
)
each_store = pytest.mark.parametrize("store_url", STORES, indirect=True)


@pytest.fixture
def store_url(request: pytest.FixtureRequest, tmp_path: Any, sqlite_template: Any) -> str:
    """In memory, unless a test asks for each store."""
    from tests.conftest import store_url as of_kind

    if not hasattr(request, "param"):
        return "memory://"
    return of_kind.__wrapped__(request, tmp_path, sqlite_template)  # type: ignore[attr-defined]


@changes
def test_a_stale_tag_is_412_and_changes_nothing(
    api: Mount, auth: Any, key: str, method: str, path: str, body: Any
) -> None:
    id_ = made(api, key)["id"]
    stale = api("GET", f"{KEYS}/{id_}", key).headers["etag"]
    fresh = api("PATCH", f"{KEYS}/{id_}", key, {"name": "meanwhile"}).headers["etag"]
    assert fresh != stale
    for tag in (stale, '"9"', f"W/{fresh}", fresh.strip('"'), "x", '""', f'{stale}, "9"', '"' + "9" * 5_000 + '"'):
        got = api(method, f"{KEYS}/{id_}{path}", key, body, if_match=tag)
        assert (got.status, got.code) == (412, "precondition_failed"), tag
    assert auth.keys.get(id_).name == "meanwhile"
    assert auth.keys.get(id_).status(auth.keys.get(id_).created_at) == "active"


@changes
@pytest.mark.parametrize("tag", ["{}", "*", '"9", {}', " {} "])
def test_a_current_tag_or_any_lets_a_change_through(
    api: Mount, auth: Any, key: str, method: str, path: str, body: Any, tag: str
) -> None:
    id_ = made(api, key)["id"]
    current = api("GET", f"{KEYS}/{id_}", key).headers["etag"]
    assert api(method, f"{KEYS}/{id_}{path}", key, body, if_match=tag.format(current)).status < 300
    assert auth.keys.get(id_).version == 2


def test_the_tag_of_a_change_is_that_of_the_next_look_and_use_leaves_it(api: Mount, auth: Any, key: str) -> None:
    born = api("POST", KEYS, key, NEW)
    place = f"{KEYS}/{born.json['id']}"
    auth.keys.verify(born.json["key"], permission="models:read")
    auth.log.flush()
    assert api("GET", place, key).headers["etag"] == born.headers["etag"]
    changed = api("PATCH", place, key, {"name": "new"})
    assert api("GET", place, key).headers["etag"] == changed.headers["etag"] != born.headers["etag"]


@each_store
def test_K21_of_32_changes_of_what_they_all_saw_one_wins(api: Mount, auth: Any, key: str) -> None:
    id_ = made(api, key)["id"]

    def change(number: int) -> int:
        return api("PATCH", f"{KEYS}/{id_}", key, {"name": f"by {number}"}, if_match='"1"').status

    assert sorted(together(change)) == [200] + [412] * (MANY - 1)
    assert auth.keys.get(id_).version == 2


@each_store
def test_K21_of_changes_and_revocations_of_what_they_all_saw_one_wins(api: Mount, auth: Any, key: str) -> None:
    id_ = made(api, key)["id"]

    def change(number: int) -> int:
        if number % 2:
            return api("DELETE", f"{KEYS}/{id_}", key, if_match='"1"').status
        return api("PATCH", f"{KEYS}/{id_}", key, {"name": f"by {number}"}, if_match='"1"').status

    answers = together(change)
    assert sorted(answers)[1:] == [412] * (MANY - 1)
    assert auth.keys.get(id_).version == 2


@each_store
def test_K21_a_revocation_of_what_was_changed_meanwhile_is_412(auth: Any) -> None:
    one = auth.keys.create(ACCOUNT, name="CI").key
    auth.keys.update(one.id, name="new")
    with pytest.raises(PreconditionFailed):
        auth.keys.revoke(one.id, if_version=1)
    with pytest.raises(PreconditionFailed):
        auth.keys.rotate(one.id, if_version=1)
    assert auth.keys.revoke(one.id, if_version=2).version == auth.keys.get(one.id).version == 3


def together(call: Any) -> list[Any]:
    with ThreadPoolExecutor(MANY) as threads:
        return list(threads.map(call, range(MANY)))


@each_store
def test_K21_of_32_creations_under_one_name_one_makes_a_key(api: Mount, auth: Any, key: str) -> None:
    answers = together(lambda _number: api("POST", KEYS, key, NEW, idempotency_key=NAME))
    assert sorted(one.status for one in answers) == [201] + [409] * (MANY - 1)
    [born] = [one.json["id"] for one in answers if one.status == 201]
    assert {one.json["key_id"] for one in answers if one.status == 409} == {born}
    assert [one.name for one in auth.keys.page(ACCOUNT)] == ["CI", "root"]


def test_a_name_means_one_thing_for_a_day_in_one_account(api: Mount, auth: Any, key: str, clock: Clock) -> None:
    asked = {**NEW, "expires_in_days": 1, "metadata": {"a": 1}}
    born = api("POST", KEYS, key, asked, idempotency_key=NAME)
    assert born.status == 201
    again = api("POST", KEYS, key, asked, idempotency_key=NAME)
    assert (again.status, again.code, again.json["key_id"]) == (409, "conflict", born.json["id"])
    assert born.json["id"] in again.json["detail"]
    assert b"plx_sk_" not in again.body
    for other in (
        {"name": "other"},
        {"permissions": "read"},
        {"expires_in_days": 2},
        {"rate": "1/day"},
        {"metadata": {}},
    ):
        assert api("POST", KEYS, key, asked | other, idempotency_key=NAME).told == (422, "idempotency_key")
    assert api("POST", KEYS, key, {**asked, "allowed_ips": ["::1"]}, idempotency_key=NAME).status == 422
    neighbour = auth.keys.create("acct_2", name="root", permissions="*:*").secret.reveal()
    assert api("POST", KEYS, neighbour, asked, idempotency_key=NAME).status == 201
    clock.advance(timedelta(hours=24) - timedelta(microseconds=1))
    assert api("POST", KEYS, key, asked, idempotency_key=NAME).status == 409
    clock.advance(timedelta(microseconds=1))
    assert api("POST", KEYS, key, asked, idempotency_key=NAME).status == 201


@pytest.mark.parametrize("name", ["x" * 7, "x" * 129, "with space", "tab\tinside", "Ünicode-name", "x" * 8 + "\x7f"])
def test_a_name_of_another_form_is_refused(api: Mount, auth: Any, key: str, name: str) -> None:
    got = api("POST", KEYS, key, NEW, idempotency_key=name)
    assert got.told == (422, "idempotency_key")
    assert [one.name for one in auth.keys.page(ACCOUNT)] == ["root"]


def test_K02_who_may_make_no_key_takes_no_name(api: Mount, auth: Any, key: str) -> None:
    weak = auth.keys.create(ACCOUNT, name="weak", permissions="keys:manage").secret.reveal()
    assert api("POST", KEYS, weak, NEW, idempotency_key=NAME).code == "insufficient_permissions"
    assert api("POST", KEYS, key, NEW, idempotency_key=NAME).status == 201


def test_a_name_is_taken_with_the_key_or_not_at_all(auth: Any) -> None:
    key = auth.keys.create(ACCOUNT, name="CI", idempotency_key=NAME).key
    with pytest.raises(Conflict) as met:
        auth.keys.create(ACCOUNT, name="CI", idempotency_key=NAME)
    assert met.value.key_id == key.id
    with pytest.raises(InvalidRequest):
        auth.keys.create(ACCOUNT, name="CI", permissions="write", idempotency_key=NAME)
    for wrong in (7, b"x" * 9, ""):
        with pytest.raises(InvalidRequest):
            auth.keys.create(ACCOUNT, name="CI", idempotency_key=wrong)
