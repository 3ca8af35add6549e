"""The reference tells of every command and of none that is not there, and every command says what it is for."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from plexe_auth.cli.commands import plexe_auth

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "command-line.md").read_text()


def commands(group: click.Group, path: str) -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}", command


# What serves has no answer of its own, and the demo no database.
WITHOUT = {"plexe-auth serve": {"--json"}, "plexe-auth demo": {"--json", "--url"}}

EVERY = dict(commands(plexe_auth, "plexe-auth"))


def test_the_reference_tells_of_every_command_and_of_no_other() -> None:
    assert set(re.findall(r"`(plexe-auth [a-z -]+)`", PAGE)) == {*EVERY, "plexe-auth logs"}


def test_the_reference_tells_only_options_that_there_are() -> None:
    options = {one for command in EVERY.values() for parameter in command.params for one in parameter.opts}
    assert set(re.findall(r"`(--[a-z-]+)`", PAGE)) <= options


@pytest.mark.parametrize("path", EVERY)
def test_every_command_and_option_says_what_it_is_for(path: str) -> None:
    command = EVERY[path]
    assert (command.help or "").partition("\n")[0].endswith(".")
    assert [one.name for one in command.params if isinstance(one, click.Option) and not one.help] == []


@pytest.mark.parametrize("path", EVERY)
def test_every_command_can_answer_in_json_and_be_told_where(path: str) -> None:
    options = {one for parameter in EVERY[path].params for one in parameter.opts}
    assert {"--url", "--json"} - options <= WITHOUT.get(path, set())


@pytest.mark.parametrize("path", EVERY)
def test_no_command_takes_a_secret_as_an_argument(path: str) -> None:
    words = {one.name or "" for one in EVERY[path].params} - {"no_password", "key_id"}
    assert [one for one in words if re.search(r"password|secret|token|text|^key$", one)] == []
