"""What a handler demands comes on top of the policy: misspelt it fails at once, without a gate it lets nobody in."""

from collections.abc import Callable
from typing import Any

import pytest

from plexe_auth import ConfigurationError, InsufficientPermissions, MissingKey, Permissions, Principal
from plexe_auth.contrib import django, fastapi, flask, starlette
from plexe_auth.contrib.demand import demand

READER = Principal("key", "key_1", "acct_42", Permissions.parse("read"))


@pytest.mark.parametrize("requires", [django.requires, fastapi.requires, flask.requires, starlette.requires])
@pytest.mark.parametrize("permission", ["", "reed", "Models:read", "models", "models:read write", None, b"read"])
def test_a_misspelt_permission_fails_where_the_handler_is_defined(
    requires: Callable[[Any], object], permission: object
) -> None:
    with pytest.raises(ConfigurationError):
        requires(permission)


def test_who_holds_the_permission_is_returned_and_who_does_not_is_refused() -> None:
    assert demand("models:read", READER) is READER
    with pytest.raises(InsufficientPermissions):
        demand("models:write", READER)


def test_a_request_without_a_principal_lacks_a_key() -> None:
    with pytest.raises(MissingKey):
        demand("models:read", None)


def test_a_request_that_no_gate_has_seen_is_a_mistake_of_the_programmer() -> None:
    with pytest.raises(ConfigurationError, match="install"):
        demand("models:read", ...)
