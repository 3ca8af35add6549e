"""``plexe-auth keys`` makes, lists, changes and ends keys; the text of one is shown once, and never an argument."""

from datetime import timedelta

import pytest

from plexe_auth import Auth, RevokedKey
from tests.cli.conftest import Command, answered

CREATE = ("keys", "create", "acct_42", "--name", "CI")


def test_a_new_key_is_made_as_it_was_asked_for_and_works(command: Command, library: Auth) -> None:
    terms = ("--permissions", "models:read jobs:write", "--permissions", "keys:read", "--allow-ip", "10.0.0.0/8")
    more = ("--expires-in-days", "30", "--rate", "5/minute", "--metadata", "team=ml=2", "--metadata", "env=")
    told = answered(command(*CREATE, *terms, *more, "--json"))
    principal = library.keys.verify(told["key"], permission="jobs:write", ip="10.1.2.3")
    key = library.keys.get(told["id"])
    assert principal.id == key.id
    assert (key.allowed_ips, key.rate, key.metadata) == (("10.0.0.0/8",), "5/minute", {"team": "ml=2", "env": ""})
    assert key.expires_at == key.created_at + timedelta(days=30)
    assert told["permissions"] == str(key.permissions)
    assert told["status"] == "active"


def test_by_default_a_key_reads_and_never_ends(command: Command, library: Auth) -> None:
    key = library.keys.get(answered(command(*CREATE, "--json"))["id"])
    assert (str(key.permissions), key.expires_at, key.allowed_ips, key.rate) == ("read", None, (), None)


@pytest.mark.parametrize("quiet", [True, False])
def test_the_text_of_a_key_stands_alone_on_the_first_line(command: Command, library: Auth, quiet: bool) -> None:
    result = command(*CREATE, *(["--quiet"] if quiet else []), COLUMNS="30")
    text, *rest = result.stdout.splitlines()
    assert library.keys.verify(text).account_id == "acct_42"
    assert bool(rest) is not quiet
    assert result.stdout.count(text) == 1
    assert text not in result.stderr


def test_K20_nothing_shows_more_of_a_key_than_its_hint_once_it_was_made(command: Command) -> None:
    made = answered(command(*CREATE, "--json"))
    middle = made["key"][11:-4]
    for arguments in (("list", "acct_42"), ("show", made["id"]), ("disable", made["id"]), ("rotate", made["id"])):
        for more in ((), ("--json",)):
            result = command("keys", *arguments, *more)
            assert middle not in result.output
    assert middle not in command("logs").output + command("logs", "--json").output + command("doctor").output


def test_a_list_names_every_key_newest_first(command: Command, library: Auth) -> None:
    made = [library.keys.create("acct_42", name=f"key {number}").key for number in range(5)]
    listed = answered(command("keys", "list", "acct_42", "--json"))
    assert [one["id"] for one in listed["items"]] == [key.id for key in reversed(made)]
    assert listed["next"] is None
    lines = command("keys", "list", "acct_42").stdout.splitlines()
    assert lines[0].split() == ["ID", "NAME", "STATUS", "HINT", "PERMISSIONS", "LAST", "USED", "EXPIRES", "CREATED"]
    assert [line.split()[0] for line in lines[1:]] == [key.id for key in reversed(made)]


def test_a_list_is_gathered_over_pages_as_far_as_was_asked_for(command: Command, library: Auth) -> None:
    for number in range(230):
        library.keys.create("acct_42", name=str(number))
    assert len(answered(command("keys", "list", "acct_42", "--json"))["items"]) == 50
    first = answered(command("keys", "list", "acct_42", "--limit", "210", "--json"))
    rest = answered(command("keys", "list", "acct_42", "--after", first["next"], "--json"))
    every = answered(command("keys", "list", "acct_42", "--all", "--json"))
    assert [len(first["items"]), len(rest["items"])] == [210, 20]
    assert every == {"items": first["items"] + rest["items"], "next": None}
    assert first["next"] in command("keys", "list", "acct_42", "--limit", "210").stderr


def test_a_list_can_be_narrowed_to_one_status(command: Command, library: Auth) -> None:
    dead = library.keys.create("acct_42", name="dead").key
    library.keys.create("acct_42", name="alive")
    library.keys.revoke(dead.id)
    listed = answered(command("keys", "list", "acct_42", "--status", "revoked", "--json"))
    assert [one["id"] for one in listed["items"]] == [dead.id]
    assert command("keys", "list", "acct_42", "--status", "dead").exit_code == 2


def test_an_empty_list_says_so_beside_the_answer(command: Command) -> None:
    result = command("keys", "list", "acct_42")
    assert result.stderr == "No keys.\n"
    assert result.stdout.splitlines()[1:] == []


def test_a_rotated_key_hands_over_with_the_overlap_that_was_asked_for(command: Command, library: Auth) -> None:
    old = library.keys.create("acct_42", name="CI")
    new = answered(command("keys", "rotate", old.key.id, "--overlap-hours", "0", "--json"))
    assert library.keys.verify(new["key"], fresh=True).id == new["id"]
    with pytest.raises(RevokedKey):
        library.keys.verify(old.secret.reveal(), fresh=True)


def test_a_revoked_key_is_dead_when_the_command_returns(command: Command, library: Auth) -> None:
    issued = library.keys.create("acct_42", name="CI")
    library.keys.verify(issued.secret.reveal())
    told = answered(command("keys", "revoke", issued.key.id, "--reason", "left the team", "--json"))
    assert (told["status"], told["revoked_reason"]) == ("revoked", "left the team")
    with pytest.raises(RevokedKey):
        library.keys.verify(issued.secret.reveal())


def test_disabling_and_enabling_are_told(command: Command, library: Auth) -> None:
    key = library.keys.create("acct_42", name="CI").key
    assert command("keys", "disable", key.id).stdout == f"{key.id} is disabled.\n"
    assert "disabled" in command("keys", "show", key.id).stdout
    assert answered(command("keys", "enable", key.id, "--json"))["status"] == "active"


def test_an_update_changes_what_it_names_and_leaves_the_rest(command: Command, library: Auth) -> None:
    key = library.keys.create("acct_42", name="CI", rate="5/minute", permissions="write").key
    answered(command("keys", "update", key.id, "--permissions", "models:read", "--expires-in-days", "9", "--json"))
    changed = library.keys.get(key.id)
    assert (changed.name, changed.rate, str(changed.permissions)) == ("CI", "5/minute", "models:read")
    assert changed.expires_at is not None
    answered(command("keys", "update", key.id, "--never-expires", "--rate", "", "--name", "nightly", "--json"))
    changed = library.keys.get(key.id)
    assert (changed.name, changed.rate, changed.expires_at) == ("nightly", None, None)


def test_all_keys_of_an_account_end_only_by_a_word(command: Command, library: Auth) -> None:
    for account in ("acct_42", "acct_42", "acct_43"):
        library.keys.create(account, name="CI")
    refused = command("keys", "revoke-all", "acct_42", told="y\n")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "--yes" in refused.stderr
    assert len(library.keys.page("acct_42", status="active").items) == 2
    told = answered(command("keys", "revoke-all", "acct_42", "--yes", "--reason", "contract ended", "--json"))
    assert told == {"account_id": "acct_42", "revoked": 2}
    assert len(library.keys.page("acct_43", status="active").items) == 1


def test_a_leaked_key_is_ended_by_its_text_from_standard_input(command: Command, library: Auth) -> None:
    issued = library.keys.create("acct_42", name="CI")
    told = answered(command("keys", "revoke-leaked", "--json", told=f"{issued.secret.reveal()}\n"))
    assert told["revoked"]["id"] == issued.key.id
    assert answered(command("keys", "revoke-leaked", "--json", told="plx_sk_nonsense\n")) == {"revoked": None}


def test_every_check_of_a_key_is_explained(command: Command, library: Auth) -> None:
    issued = library.keys.create("acct_42", name="CI")
    library.keys.disable(issued.key.id)
    told = answered(command("keys", "explain", "--json", told=f"{issued.secret.reveal()}\n"))
    assert (told["allowed"], told["code"]) == (False, "disabled_key")
    result = command("keys", "explain", "--permission", "models:write", told=f"{issued.secret.reveal()}\n")
    assert (result.exit_code, result.stderr) == (0, "It would be refused: disabled_key.\n")
    assert [line.split()[:2] for line in result.stdout.splitlines()[4:6]] == [["disabled", "no"], ["account", "yes"]]
    assert issued.secret.reveal() not in result.output


@pytest.mark.parametrize(
    "arguments",
    [
        ("create", "acct_42"),
        (*CREATE[1:], "--quiet", "--json"),
        (*CREATE[1:], "--metadata", "team"),
        (*CREATE[1:], "--metadata", "=ml"),
        (*CREATE[1:], "--metadata", "a=1", "--metadata", "a=2"),
        (*CREATE[1:], "--expires-in-days", "0"),
        (*CREATE[1:], "--expires-in-days", "99999999999"),
        ("update", "key_1", "--never-expires", "--expires-in-days", "1"),
        ("explain",),
        ("rotate", "key_1", "--overlap-hours", "-1"),
        ("list", "acct_42", "--limit", "0"),
    ],
)
def test_what_makes_no_sense_is_misuse_and_changes_nothing(
    command: Command, library: Auth, arguments: tuple[str, ...]
) -> None:
    result = command("keys", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert library.keys.page("acct_42").items == ()


@pytest.mark.parametrize(
    "arguments",
    [
        (*CREATE[1:], "--permissions", "nonsense:"),
        (*CREATE[1:], "--rate", "often"),
        (*CREATE[1:], "--allow-ip", "10.0.0.0/99"),
        ("show", "key_1"),
        ("revoke", "key_1"),
        ("list", "acct_42", "--after", "nonsense"),
    ],
)
def test_what_the_library_refuses_ends_with_one_and_its_words(command: Command, arguments: tuple[str, ...]) -> None:
    result = command("keys", *arguments)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("plexe-auth: ")


def test_K23_a_key_that_is_not_there_is_told_in_json_as_on_the_wire(command: Command) -> None:
    result = command("keys", "show", "key_1", "--json")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == '{"code": "not_found", "detail": "There is no such thing here."}\n'
