"""A callback counts only if it answers the flow that this browser began at this provider; all else is refused alike."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plexe_auth.errors import AuthError, InvalidCredentials, InvalidRequest, Unavailable
from plexe_auth.model.callback import code_of, reported_error
from plexe_auth.model.flow import LIFE, begin_flow
from plexe_auth.model.provider import Endpoints, github, oidc
from plexe_auth.secret import Secret
from tests.people.framed import framed

NOW = datetime(2026, 3, 29, 12, tzinfo=UTC)
ACME = oidc("acme", "https://id.example", "plexe", "s3cret")
OTHER = oidc("other", "https://other.example", "plexe", "s3cret")
PLAIN = Endpoints("https://id.example/a", "https://id.example/t")
NAMED = Endpoints("https://id.example/a", "https://id.example/t", names_itself=True)
FLOW = replace(begin_flow(ACME, "https://app.example/cb", "/", NOW), state=Secret("s7ate" * 9))
STATE = FLOW.state.reveal()
CODE = "c0de-canary-/+="


def come_back(query: Any, provider: Any = ACME, endpoints: Endpoints = PLAIN, now: datetime = NOW) -> str:
    return code_of(query, FLOW, provider, endpoints, now).reveal()


@pytest.mark.parametrize(
    "query",
    [
        {"state": STATE, "code": CODE},
        {"state": [STATE], "code": [CODE]},
        {"state": (STATE,), "code": CODE, "session_state": "x"},
        urlencode({"state": STATE, "code": CODE}),
        urlencode({"code": CODE, "state": STATE, "scope": "openid email", "empty": ""}),
        {"state": STATE, "code": CODE, "iss": "https://id.example"},
    ],
)
def test_a_callback_that_answers_the_flow_gives_its_code(query: Any) -> None:
    assert come_back(query) == CODE


FOREIGN: dict[str, dict[str, str]] = {
    "no state": {"code": CODE},
    "empty state": {"state": "", "code": CODE},
    "another state": {"state": "A" * 43, "code": CODE},
    "a state cut": {"state": STATE[:-1], "code": CODE},
    "a state longer": {"state": STATE + "A", "code": CODE},
    "a state in other case": {"state": STATE.swapcase(), "code": CODE},
    "a state of other digits": {"state": "\uff10" + STATE[1:], "code": CODE},
    "a state with a lone surrogate": {"state": "\ud800", "code": CODE},
    "an error with another state": {"state": "other", "error": "access_denied"},
    "an error without state": {"error": "access_denied"},
    "iss of another": {"state": STATE, "code": CODE, "iss": "https://evil.example"},
    "iss empty": {"state": STATE, "code": CODE, "iss": ""},
    "iss with a slash more": {"state": STATE, "code": CODE, "iss": "https://id.example/"},
}


@pytest.mark.parametrize("name", FOREIGN)
def test_O01_a_callback_of_another_flow_is_refused(name: str) -> None:
    with pytest.raises(InvalidRequest, match="not begun in this browser"):
        come_back(FOREIGN[name])


def test_O01_a_flow_that_is_over_is_refused() -> None:
    good = {"state": STATE, "code": CODE}
    assert come_back(good, now=NOW + LIFE - timedelta(seconds=1)) == CODE
    for now in (NOW + LIFE, NOW - timedelta(seconds=1)):
        with pytest.raises(InvalidRequest, match="is over"):
            come_back(good, now=now)


def test_O02_a_flow_of_another_provider_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="not begun"):
        come_back({"state": STATE, "code": CODE}, provider=OTHER)


def test_O02_a_provider_that_always_names_itself_must_do_so() -> None:
    """RFC 9207, section 2.4."""
    good = {"state": STATE, "code": CODE}
    assert come_back(good | {"iss": "https://id.example"}, endpoints=NAMED) == CODE
    with pytest.raises(InvalidRequest, match="not begun"):
        come_back(good, endpoints=NAMED)


def test_O02_GitHub_names_itself_as_it_does_and_not_as_its_site_is_called() -> None:
    """GitHub sends ``iss=https://github.com/login/oauth`` since April 2026 and is trusted under no other name."""
    provider = github("id", "secret")
    flow = begin_flow(provider, "https://app.example/cb", "/", NOW)
    query = {"state": flow.state.reveal(), "code": CODE}
    for iss in ({}, {"iss": "https://github.com/login/oauth"}):
        assert code_of(query | iss, flow, provider, provider.endpoints or PLAIN, NOW).reveal() == CODE
    with pytest.raises(InvalidRequest, match="not begun"):
        code_of(query | {"iss": "https://github.com"}, flow, provider, provider.endpoints or PLAIN, NOW)


MALFORMED: list[Any] = [
    None, 7, True, b"state=x", [], ["state"], {}, "", object(), float("nan"),
    {"state": STATE}, {"state": STATE, "code": ""}, {"state": STATE, "code": CODE, "error": "access_denied"},
    {"state": STATE, "code": [CODE, CODE]}, {"state": [STATE, STATE], "code": CODE}, {"state": STATE, "code": []},
    {"state": STATE, "code": None}, {"state": STATE, "code": 7}, {"state": STATE, "code": b"x"}, {"state": None,
    "code": CODE},
    {"state": STATE, "code": {"a": 1}}, {"state": STATE, 7: "x", "code": CODE}, {"state": STATE, "code": CODE,
    "x": None},
    {"state": STATE, "code": "a\nb"}, {"state": STATE, "code": "a\0"}, {"state": STATE, "code": "é"},
    {"state": STATE, "code": "\ud800"}, {"state": STATE, "code": "x" * 5000}, {"state": STATE, "code": "x" * 100_000},
    f"state={STATE}&code=a&code=b", f"state={STATE}&state={STATE}&code=a", f"state={STATE}&code=a&error=x",
    f"state={STATE}&code=a&error_description=x&error_description=y", f"state={STATE}&code=%ff", "&" * 100,
    f"state={STATE}&code={'x' * 9000}", f"state={STATE}&code=a&" + "&".join(f"p{n}=1" for n in range(40)),
    {"state": STATE, "code": CODE} | {f"p{n}": "1" for n in range(40)},
]  # fmt: skip


@pytest.mark.parametrize("query", MALFORMED, ids=range(len(MALFORMED)))
def test_O01_a_malformed_callback_is_refused(query: Any) -> None:
    with pytest.raises(InvalidRequest, match="malformed"):
        come_back(query)


@pytest.mark.parametrize(
    ("error", "refusal"),
    [
        ("access_denied", InvalidCredentials),
        ("login_required", InvalidCredentials),
        ("server_error", Unavailable),
        ("temporarily_unavailable", Unavailable),
        ("invalid_scope", Unavailable),
        ("<script>alert(1)</script>", Unavailable),
        ("", Unavailable),
    ],
)
def test_O14_an_error_of_the_provider_is_mapped_and_never_echoed(error: str, refusal: type[AuthError]) -> None:
    query = {"state": STATE, "error": error, "error_description": "c4nary <b>", "error_uri": "https://c4nary.example"}
    with pytest.raises(refusal) as caught:
        come_back(query)
    told = f"{caught.value!r} {caught.value.problem()}"
    assert "c4nary" not in told
    assert "<" not in told


def test_O14_the_log_is_told_a_code_of_the_standards_or_none() -> None:
    assert reported_error({"error": "access_denied"}) == "access_denied"
    assert reported_error("error=server_error&state=x") == "server_error"
    assert reported_error({"error": "c4nary"}) == "other"
    assert reported_error({"code": CODE}) is None
    assert reported_error(7) is None


@pytest.mark.parametrize("query", [{"state": "other", "code": CODE}, {"state": STATE, "code": CODE, "error": "x"},
    {"state": STATE, "code": CODE + "\n"}, {"state": STATE, "code": [CODE, CODE]}])  # fmt: skip
def test_O14_a_refused_callback_leaves_no_code_and_no_state_in_a_frame(query: dict[str, Any]) -> None:
    given_, query = [query], {}
    with pytest.raises(InvalidRequest) as caught:
        come_back_with(given_)
    held = framed(caught.value)
    assert CODE not in held
    assert STATE not in held


def come_back_with(queries: list[Any]) -> Secret:
    return code_of(queries.pop(), FLOW, ACME, PLAIN, NOW)


@given(
    st.dictionaries(
        st.sampled_from(["state", "code", "error", "iss", "x"]),
        st.sampled_from([STATE, CODE, "", "https://id.example"])
        | st.text(max_size=5)
        | st.lists(st.just(STATE), max_size=2)
        | st.none(),
    )
    | st.text(max_size=100)
)
def test_O01_nothing_without_the_state_gives_a_code(query: Any) -> None:
    try:
        found = come_back(query)
    except AuthError:
        return
    assert query["state"] in (STATE, [STATE])
    assert found == (query["code"] if isinstance(query["code"], str) else query["code"][0])
