"""A read-only key reads by GET and HEAD, spelled just so; nothing else in a request makes it more, or less."""

from collections.abc import Callable

import pytest

from plexe_auth import Policy
from tests.gate.keys import Made
from tests.gate.shims import Ask, Shim

Guarded = Callable[..., Shim]
METHODS = ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "QUERY", "GETX", "M-SEARCH"]
ODD = ["", "get", "Get", "gET", "GET ", " GET", "GET\t", "GET\0", "G\xc9T", "\xff", "GET,POST", "*", "X" * 9000]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_P01_a_read_only_key_may_read(guarded: Guarded, keys: Made, method: str) -> None:
    assert guarded()(Ask(method).by(keys.text["reader"])).status == 200


@pytest.mark.parametrize("method", METHODS + ODD)
def test_P01_every_other_method_is_refused_to_a_read_only_key(guarded: Guarded, keys: Made, method: str) -> None:
    answer = guarded()(Ask(method).by(keys.text["reader"]))
    assert (answer.status, answer.code) == (403, "insufficient_permissions")


@pytest.mark.parametrize("method", METHODS + ODD)
def test_P01_every_other_method_is_open_to_a_key_that_may_write(guarded: Guarded, keys: Made, method: str) -> None:
    assert guarded()(Ask(method).by(keys.text["good"])).principal == keys.id["good"]


NAMES = ["x-http-method-override", "x-http-method", "x-method-override", "x-method", "_method", "method"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("other", ["GET", "HEAD", "DELETE", "OPTIONS", "get"])
def test_P02_no_override_changes_a_decision(guarded: Guarded, keys: Made, name: str, other: str) -> None:
    app = guarded(Policy(preflight=True))
    for key in ("reader", "good", "writer"):
        for method in ("GET", "POST", "OPTIONS"):
            plain = Ask(method).by(keys.text[key])
            overridden = plain._replace(target=f"/models?{name}={other}").having((name, other))
            assert app(overridden) == app(plain)


PREFLIGHT = (("origin", "https://app.example"), ("access-control-request-method", "PUT"))


def test_a_preflight_is_refused_unless_the_policy_lets_it_through(guarded: Guarded) -> None:
    assert guarded()(Ask("OPTIONS", fields=PREFLIGHT)).code == "invalid_key"
    assert guarded(Policy(preflight=True))(Ask("OPTIONS", fields=PREFLIGHT)).principal is None


@pytest.mark.parametrize(
    ("method", "fields"),
    [
        ("OPTIONS", PREFLIGHT[:1]),
        ("OPTIONS", PREFLIGHT[1:]),
        ("options", PREFLIGHT),
        ("GET", PREFLIGHT),
        ("POST", PREFLIGHT),
        ("", PREFLIGHT),
        ("OPTIONS", (*PREFLIGHT, ("x-api-key", ""))),
        ("OPTIONS", (*PREFLIGHT, ("x-api-key", "junk"))),
        ("OPTIONS", (*PREFLIGHT, ("authorization", "Basic dTpw"))),
    ],
)
def test_only_a_true_preflight_passes_and_one_with_a_credential_is_judged_by_it(
    guarded: Guarded, keys: Made, method: str, fields: tuple[tuple[str, str], ...]
) -> None:
    app = guarded(Policy(preflight=True))
    assert app(Ask(method, fields=fields)).code == "invalid_key"
    with_key = app(Ask("OPTIONS", fields=PREFLIGHT).by(keys.text["reader"]))
    assert with_key.code == "insufficient_permissions"
