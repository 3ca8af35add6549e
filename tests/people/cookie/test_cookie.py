"""A request by session cookie acts for its person, if it is one plain cookie and, to change things, from our pages."""

from typing import Any

import pytest

from plexe_auth import ConfigurationError, Policy, Rule
from tests.gate.shims import Ask, Host
from tests.people.conftest import HOME, PASSWORD
from tests.people.cookie.conftest import NAME, by

OWN = (("host", "api.example.com"), ("origin", "http://api.example.com"))


def test_a_request_by_session_cookie_acts_for_its_person(guarded: Any, token: str, signed_in: Any) -> None:
    for _ in range(3):
        answer = guarded()(by(token))
        assert (answer.code, answer.principal) == ("ok", signed_in.session.id)
        assert answer.headers["cache-control"] == "no-store"
        assert "set-cookie" not in answer.headers


def test_it_needs_what_the_policy_says_of_its_users_role(guarded: Any, auth: Any) -> None:
    auth.users.create("viewer@example.com", PASSWORD, account_id="acct", role="viewer")
    token = auth.sign_in.with_password("viewer@example.com", PASSWORD, HOME).token.reveal()
    shim = guarded(Policy(rules=(Rule("/admin", permission="keys:manage"),)))
    assert shim(by(token)).code == "ok"
    assert shim(by(token)._replace(target="/admin")).code == "insufficient_permissions"
    assert shim(by(token, "POST", *OWN)).code == "insufficient_permissions"


def test_a_bad_key_never_falls_back_to_a_good_cookie(guarded: Any, token: str, auth: Any, signed_in: Any) -> None:
    assert guarded()(by(token).by("plx_sk_nonsense")).code == "invalid_key"
    assert guarded()(by(token).by("")).code == "invalid_key"
    key = auth.keys.create(signed_in.user.account_id, name="CI")
    answer = guarded()(by(token).by(key.secret.reveal()))
    assert (answer.code, answer.principal) == ("ok", key.key.id)


def test_a_policy_without_cookies_and_a_public_path_do_not_look_at_them(guarded: Any, token: str) -> None:
    assert guarded(Policy(cookie=False))(by(token)).code == "invalid_key"
    assert guarded(Policy(public=("/models",)))(by("nonsense")).principal is None


def test_an_optional_path_refuses_a_bad_cookie(guarded: Any, token: str, signed_in: Any) -> None:
    shim = guarded(Policy(optional=("/models",)))
    assert shim(by(token)).principal == signed_in.session.id
    assert shim(by("nonsense")).code == "invalid_session"
    assert shim(Ask()).principal is None


@pytest.mark.parametrize(
    "cookie",
    [
        "{name}={token}; {name}={token}",
        "{name}={token};{name}=",
        "{name}=",
        "{name}= {token}",
        "{name}={token} ",
        '{name}="{token}"',
        "{name}={token}x",
        "{name}=x{token}",
        "{name}={token}%00",
        "{name}==" + "{token}",
    ],
)
def test_S11_a_cookie_that_is_not_one_plain_token_is_refused(guarded: Any, token: str, cookie: str) -> None:
    answer = guarded()(Ask().having(("cookie", cookie.format(name=NAME, token=token))))
    assert answer.code == "invalid_session"


@pytest.mark.parametrize(
    "cookie",
    [
        "\u00a0{name}={token}",
        "  {name}={token}",
        "\t{name}={token}",
        "{name} ={token}",
        "{lower}={token}",
        "x{name}={token}",
        "={name}={token}",
        '$Version=1; a="x; {name}={token}"',
        "a=b,{name}={token}",
        "{name}",
        "{token}",
    ],
)
def test_S11_a_name_that_is_not_ours_exactly_is_no_session(guarded: Any, token: str, cookie: str) -> None:
    text = cookie.format(name=NAME, token=token, lower=NAME.lower())
    assert guarded()(Ask().having(("cookie", text))).code in ("invalid_key", "invalid_session")


@pytest.mark.parametrize("junk", ["a=b; ", ";;; ", "=; ", "\x7f=\x80; ", "bad name[]=1; ", '"; ', "a" * 4000 + "=1; "])
def test_S11_no_cookie_of_a_neighbour_hides_the_session(guarded: Any, token: str, signed_in: Any, junk: str) -> None:
    for text in (f"{junk}{NAME}={token}", f"{NAME}={token}; {junk}"):
        assert guarded()(Ask().having(("cookie", text))).principal == signed_in.session.id


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "get", "TRACE", "NONSENSE"])
@pytest.mark.parametrize(
    "fields",
    [
        (),
        (("content-type", "text/plain"),),
        (("origin", "null"),),
        (("origin", "https://evil.example"),),
        (("origin", "http://api.example.com.evil.example"),),
        (("origin", "http://evil-api.example.com"),),
        (("origin", "http://sub.api.example.com"),),
        (("origin", "https://api.example.com"),),
        (("origin", "http://api.example.com:8080"),),
        (("origin", "HTTP://api.example.com"),),
        (("origin", ""),),
        (("sec-fetch-site", "cross-site"),),
        (("sec-fetch-site", "same-site"),),
        (("sec-fetch-site", "none"),),
        (("sec-fetch-site", ""),),
        (("sec-fetch-site", "cross-site"), ("origin", "http://api.example.com")),
        (("referer", "http://api.example.com/"),),
    ],
)
def test_S12_what_changes_anything_needs_proof_that_our_own_page_sent_it(
    guarded: Any, token: str, method: str, fields: tuple[tuple[str, str], ...]
) -> None:
    app = Host()
    ask = by(token, method, ("host", "api.example.com"), *fields)
    assert guarded(app=app)(ask).code == "csrf_failed"
    assert app.calls == []


@pytest.mark.parametrize(
    "fields",
    [
        (("origin", "http://api.example.com"),),
        (("sec-fetch-site", "same-origin"),),
        (("sec-fetch-site", "same-origin"), ("origin", "http://api.example.com")),
        (("origin", "https://app.example.com"), ("sec-fetch-site", "same-site")),
    ],
)
def test_S12_a_page_of_our_own_or_of_an_allowed_origin_may_change_things(
    guarded: Any, token: str, fields: tuple[tuple[str, str], ...]
) -> None:
    shim = guarded(Policy(origins=("https://app.example.com",)))
    assert shim(by(token, "POST", ("host", "API.example.com"), *fields)).code == "ok"


def test_S12_a_key_needs_no_such_proof(guarded: Any, auth: Any) -> None:
    key = auth.keys.create("acct", name="CI", permissions="read write").secret.reveal()
    assert guarded()(Ask(method="POST").by(key).having(("origin", "https://evil.example"))).code == "ok"


@pytest.mark.parametrize("odd", ["https://app.example.com/", "app.example.com", "*", "https://*.example.com", 5, ""])
def test_an_origin_that_no_browser_sends_is_refused_at_once(odd: Any) -> None:
    with pytest.raises(ConfigurationError):
        Policy(origins=(odd,))


def test_S01_a_session_that_was_ended_is_refused_at_the_gate(guarded: Any, auth: Any, token: str) -> None:
    assert guarded()(by(token)).code == "ok"
    auth.sign_in.out(token)
    answer = guarded()(by(token))
    assert (answer.status, answer.code) == (401, "invalid_session")
    assert "set-cookie" not in answer.headers


def test_a_rate_of_the_policy_counts_each_session(guarded: Any, auth: Any, ada: Any) -> None:
    one, other = (auth.sign_in.with_password(ada.email, PASSWORD, HOME).token.reveal() for _ in range(2))
    shim = guarded(Policy(rate="2/minute"))
    assert [shim(by(one)).code for _ in range(3)] == ["ok", "ok", "rate_limit_exceeded"]
    assert shim(by(other)).code == "ok"


def test_each_request_by_cookie_is_told_once_with_all_that_is_known(
    guarded: Any, auth: Any, token: str, signed_in: Any
) -> None:
    fields = (("user-agent", "tests/1"), ("x-request-id", "req-7"))
    guarded()(by(token, "GET", *fields))
    guarded()(by(token, "GET", *fields))
    guarded()(by(token, "POST", *fields))
    guarded()(by("nonsense", "GET", *fields))
    auth.log.flush()
    told = [one for one in auth.log.page() if one.action == "session.verify"]
    assert {(one.ip, one.user_agent, one.path, one.request_id) for one in told} == {
        ("127.0.0.1", "tests/1", "/models", "req-7")
    }
    assert sorted((one.outcome, one.code or "", one.session_id or "") for one in told) == sorted(
        [
            ("allowed", "", signed_in.session.id),
            ("allowed", "", signed_in.session.id),
            ("denied", "csrf_failed", ""),
            ("denied", "invalid_session", ""),
        ]
    )
    assert auth.log.verify().ok
