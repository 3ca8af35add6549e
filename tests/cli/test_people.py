"""``plexe-auth users`` and ``accounts``: people are made by a password that is no argument, and are signed out."""

import pytest

from plexe_auth import Auth, InvalidSession, SignedIn
from tests.cli.conftest import Command, answered

PASSWORD = "a long and lovely word"
TWICE = f"{PASSWORD}\n{PASSWORD}\n"


def signed_in(library: Auth) -> SignedIn:
    result = library.sign_in.with_password("ada@example.com", PASSWORD)
    assert isinstance(result, SignedIn)
    return result


def test_a_user_is_made_by_a_password_from_two_lines(command: Command, library: Auth) -> None:
    arguments = ("users", "create", "ada@example.com", "--name", "Ada", "--account", "acct_42", "--role", "admin")
    told = answered(command(*arguments, "--json", told=TWICE))
    user = signed_in(library).user
    assert (told["id"], told["role"], told["account_id"], told["name"]) == (user.id, "admin", "acct_42", "Ada")
    assert PASSWORD not in str(told)


@pytest.mark.parametrize("told", [f"{PASSWORD}\nanother one\n", f"{PASSWORD}\n", ""])
def test_a_password_that_is_not_given_twice_makes_nobody(command: Command, library: Auth, told: str) -> None:
    result = command("users", "create", "ada@example.com", told=told)
    assert (result.exit_code, result.stdout) == (2, "")
    assert PASSWORD not in result.stderr
    assert library.users.page().items == ()


def test_a_weak_password_and_a_taken_address_are_refused(command: Command) -> None:
    assert command("users", "create", "ada@example.com", told="short\nshort\n").exit_code == 1
    assert command("users", "create", "ada@example.com", told=TWICE).exit_code == 0
    result = command("users", "create", "ADA@example.com", "--json", told=TWICE)
    assert (result.exit_code, '"conflict"' in result.stderr) == (1, True)


def test_a_user_may_have_no_password(command: Command) -> None:
    assert answered(command("users", "create", "a@example.com", "--no-password", "--json"))["has_password"] is False


def test_a_user_is_found_by_id_and_by_address(command: Command, library: Auth) -> None:
    user = library.users.create("ada@example.com", None, name="Ada")
    for who in (user.id, "ADA@example.com"):
        assert answered(command("users", "show", who, "--json"))["id"] == user.id
    assert "ada@example.com" in command("users", "show", user.id).stdout


def test_users_are_listed_for_all_or_for_one_account(command: Command, library: Auth) -> None:
    users = [library.users.create(f"{name}@example.com", None, account_id=name) for name in ("ada", "bob")]
    assert [one["id"] for one in answered(command("users", "list", "--json"))["items"]] == [
        user.id for user in reversed(users)
    ]
    assert [line.split()[1] for line in command("users", "list", "--account", "ada").stdout.splitlines()] == [
        "EMAIL",
        "ada@example.com",
    ]


def test_whoever_is_disabled_or_signed_out_is_out_at_once(command: Command, library: Auth) -> None:
    user = library.users.create("ada@example.com", PASSWORD)
    one, other = signed_in(library), signed_in(library)
    assert answered(command("users", "sign-out", user.id, "--session", one.session.id, "--json"))["ended"] == 1
    listed = answered(command("users", "sessions", user.id, "--json"))["items"]
    assert [session["id"] for session in listed] == [other.session.id]
    assert other.session.id in command("users", "sessions", user.id).stdout
    assert command("users", "sign-out", user.id).stdout == "1 ended.\n"
    with pytest.raises(InvalidSession):
        library.sessions.verify(other.token.reveal())
    assert answered(command("users", "disable", user.id, "--json"))["status"] == "disabled"
    assert answered(command("users", "enable", user.id, "--json"))["status"] == "active"


def test_another_users_session_is_not_ended(command: Command, library: Auth) -> None:
    user = library.users.create("ada@example.com", PASSWORD)
    other = library.users.create("bob@example.com", None)
    session = signed_in(library).session
    assert command("users", "sign-out", other.id, "--session", session.id).exit_code == 1
    assert len(library.sessions.page(user.id).items) == 1


def test_a_role_is_given(command: Command, library: Auth) -> None:
    user = library.users.create("ada@example.com", None)
    assert answered(command("users", "role", user.id, "viewer", "--json"))["role"] == "viewer"
    assert command("users", "role", user.id, "god").exit_code == 2


def test_a_user_is_removed_only_by_a_word(command: Command, library: Auth) -> None:
    user = library.users.create("ada@example.com", None)
    assert command("users", "delete", user.id).exit_code == 2
    assert library.users.get(user.id) == user
    assert answered(command("users", "delete", user.id, "--yes", "--json")) == {"id": user.id, "removed": True}
    assert command("users", "show", user.id).exit_code == 1


def test_an_account_is_suspended_and_resumed(command: Command) -> None:
    told = answered(command("accounts", "suspend", "acct_42", "--reason", "unpaid", "--json"))
    assert (told["status"], told["suspended_reason"]) == ("suspended", "unpaid")
    assert "unpaid" in command("accounts", "show", "acct_42").stdout
    assert answered(command("accounts", "resume", "acct_42", "--json"))["status"] == "active"


def test_an_account_demands_a_second_factor(command: Command, library: Auth) -> None:
    told = answered(command("accounts", "require-mfa", "acct_42", "--grace-days", "0", "--json"))
    demanded = library.accounts.get("acct_42").mfa_required_at
    assert demanded is not None
    assert told["mfa_required_at"] == demanded.isoformat()
    assert answered(command("accounts", "waive-mfa", "acct_42", "--json"))["mfa_required_at"] is None
