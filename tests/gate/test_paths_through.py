"""The gate judges the very path on which the app behind it routes, whatever else a request says about its path."""

from collections.abc import Callable

import pytest

from plexe_auth import Policy, Rule
from tests.gate.keys import Made
from tests.gate.shims import Ask, Shim

Guarded = Callable[..., Shim]
PUBLIC = Policy(public=("/healthz", "/docs/*"))
ADMIN = Policy(rules=(Rule("/admin/*", permission="keys:manage"), Rule("/admin", permission="keys:manage")))


@pytest.mark.parametrize(
    "target", ["/healthz", "/healthz?x=1", "/%68ealthz", "/healthz?x=/../admin", "/docs/x", "/docs/"]
)
def test_P04_a_public_path_is_public_however_its_letters_are_encoded(guarded: Guarded, target: str) -> None:
    assert guarded(PUBLIC)(Ask(target=target)).code == "ok"


DOUBTFUL = [
    "//healthz",
    "/healthz/",
    "/healthz//",
    "/./healthz",
    "/healthz/.",
    "/x/../healthz",
    "/%2e/healthz",
    "/%2Fhealthz",
    "/healthz%2f",
    "/HEALTHZ",
    "/healthz;v=1",
    "/healthz%00",
    "/healthz%20",
    "/healthz%3fx",
    "/healthz%23",
    "/healthz..",
    "/docs",
    "/docs/../models",
    "/docs/%2e%2e/models",
    "/docs/..%2fmodels",
    "/docs/%252e%252e/models",
    "/docs//models",
    "/docs/x%2fy",
    "/docs/%2e",
    "/models?/healthz",
    "/models/../docs/x",
    "healthz",
    "*",
    "http://h/healthz",
    "/%C3%A9",
    "/healthz#x",
    "/docs/x#/../models",
    "http://h/docs/x",
    "?/healthz",
    "/",
    "//",
    "/%",
    "/%zz",
    "/%ff",
]


@pytest.mark.parametrize("target", [*DOUBTFUL, ""])
def test_P04_every_doubtful_spelling_of_a_public_path_needs_a_key(guarded: Guarded, keys: Made, target: str) -> None:
    app = guarded(PUBLIC)
    assert app(Ask(target=target)).code == "invalid_key"
    assert app(Ask(target=target).by(keys.text["good"])).principal == keys.id["good"]


SPELLINGS = [
    "/admin/x",
    "//admin/x",
    "/admin//x",
    "/./admin/x",
    "/x/../admin/x",
    "/admin/y/../x",
    "/%61dmin/x",
    "/admin%2fx",
    "/%2e/admin/x",
    "/admin/%2e%2e/admin",
    "/x%2f..%2fadmin/x",
    "/%2561dmin/../admin/x",
    "admin/x",
    "http://h/admin/x",
    "/admin",
    "/admin#x",
    "/admin/?x",
    "/admin?/healthz",
]


@pytest.mark.parametrize("target", SPELLINGS)
def test_P04_a_rule_holds_for_every_spelling_of_its_path(guarded: Guarded, keys: Made, target: str) -> None:
    app = guarded(ADMIN)
    assert app(Ask(target=target).by(keys.text["good"])).code == "insufficient_permissions"
    assert app(Ask(target=target).by(keys.text["everything"])).code == "ok"


LIES = ["script-name", "path-info", "x-original-url", "x-rewrite-url", "x-forwarded-prefix", "x-forwarded-path"]


@pytest.mark.parametrize("name", [*LIES, "SCRIPT_NAME", "PATH_INFO", "x-original-uri", "referer", "host"])
@pytest.mark.parametrize("value", ["/healthz", "a/healthz?x=", "/models", ""])
def test_P04_no_field_moves_a_request_to_another_path(guarded: Guarded, name: str, value: str) -> None:
    app = guarded(PUBLIC)
    assert app(Ask(target="/models").having((name, value))).code == "invalid_key"
    assert app(Ask(target="/healthz").having((name, value))).code == "ok"


@pytest.mark.parametrize(
    ("target", "public"),
    [
        ("/api/healthz", True),
        ("/api/healthz?x", True),
        ("/api/models", False),
        ("/api/api/healthz", False),
        ("/api", False),
        ("/api/", False),
        ("/api//healthz", False),
        ("/api/../healthz", False),
        ("/api%2fhealthz", False),
    ],
)
def test_P04_below_a_mount_patterns_are_about_the_rest_of_the_path(guarded: Guarded, target: str, public: bool) -> None:
    assert (guarded(PUBLIC)(Ask(target=target, prefix="/api")).code == "ok") == public


@pytest.mark.parametrize("shim", ["asgi"], indirect=True)
@pytest.mark.parametrize(
    ("target", "prefix", "public"),
    [
        ("/apihealthz", "/api", False),  # the prefix ends within a segment: Starlette routes on all of it
        ("/healthz", "/api", True),  # a server that leaves its prefix out of the path
        ("/xyz/healthz", "/api", False),
        ("/api/healthz", "/api/", False),
    ],
)
def test_P04_a_root_path_is_cut_off_as_starlette_does(guarded: Guarded, target: str, prefix: str, public: bool) -> None:
    assert (guarded(PUBLIC)(Ask(target=target, prefix=prefix)).code == "ok") == public


@pytest.mark.parametrize("shim", ["asgi"], indirect=True)
def test_P04_a_root_path_that_ends_within_a_segment_is_no_prefix(guarded: Guarded, keys: Made) -> None:
    app = guarded(Policy(rules=(Rule("/v1/admin", permission="keys:manage"),)))
    ask = Ask(target="/v1/admin").by(keys.text["reader"])
    assert app(ask._replace(prefix="/v")).code == "insufficient_permissions"
    assert app(ask._replace(prefix="/v1")).code == "ok"


def test_P04_the_root_of_a_mount_is_judged_as_its_root(guarded: Guarded) -> None:
    app = guarded(Policy(public=("/",)))
    assert app(Ask(target="/api", prefix="/api")).code == "ok"
    assert app(Ask(target="/api/", prefix="/api")).code == "ok"
    assert app(Ask(target="/", prefix="")).code == "ok"


@pytest.mark.parametrize("target", ["/h\xe9", "/%C3%A9/x", "/%ff", "/caf%C3%A9"])
def test_a_path_beyond_ascii_is_read_as_utf_8(guarded: Guarded, target: str) -> None:
    app = guarded(Policy(public=("/café", "/é/*")))
    assert (app(Ask(target=target)).code == "ok") == (target in ("/%C3%A9/x", "/caf%C3%A9"))
