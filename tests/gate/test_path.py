"""A path that changes when it is normalised is judged in both forms; patterns are exact or all below a folder."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from plexe_auth import ConfigurationError, Policy
from plexe_auth.model.path import Patterns, forms, normalised

SEGMENTS = [
    "",
    "x",
    ".",
    "..",
    "...",
    ".x",
    "%2f",
    "%2E",
    "%2e%2e",
    "%252f",
    "%",
    "%2",
    "é",
    "x;v=1",
    "http:",
    "*",
    "#",
    "\0",
]
paths = st.lists(st.sampled_from(SEGMENTS), max_size=8).map("/".join) | st.text(max_size=30)


@pytest.mark.parametrize(
    ("path", "plain"),
    [
        ("/", "/"),
        ("", "/"),
        ("//", "/"),
        ("/x", "/x"),
        ("/x/", "/x/"),
        ("//x///y", "/x/y"),
        ("/./x/.", "/x/"),
        ("/x/../y", "/y"),
        ("/x/..", "/"),
        ("/x/y/..", "/x/"),
        ("/../../x", "/x"),
        ("/x%2fy", "/x/y"),
        ("/x%2F%2E%2e/y", "/y"),
        ("/.well-known/x", "/.well-known/x"),
        ("/...", "/..."),
        ("/X", "/X"),
        ("/x;v=1", "/x;v=1"),
        ("x", "/x"),
        ("*", "/*"),
        ("http://host", "/"),
        ("HTTP://host:80//x", "/x"),
        ("/see/http://host/x", "/see/http:/host/x"),
    ],
)
def test_a_path_is_normalised(path: str, plain: str) -> None:
    assert normalised(path) == plain


@given(paths)
@example("%2%2fe")
@example("%2%2ee")
@example("ab:%2f/x")
def test_normalising_twice_changes_nothing_more(path: str) -> None:
    assert normalised(normalised(path)) == normalised(path)


@given(paths)
def test_a_normal_path_begins_with_a_slash_and_has_no_empty_or_dot_segment(path: str) -> None:
    plain = normalised(path)
    assert plain.startswith("/")
    assert {"", ".", ".."}.isdisjoint(plain.removeprefix("/").removesuffix("/").split("/")) or plain == "/"
    assert "%2f" not in plain.lower()
    assert "%2e" not in plain.lower()


@given(paths, paths)
def test_the_forms_of_a_path_are_itself_and_its_normal_form(path: str, raw: str) -> None:
    found = forms(path, raw)
    assert found[0] == path
    if "#" not in raw:
        assert set(found) == {path, normalised(path)}


@given(paths, paths)
def test_P04_a_path_judged_public_is_never_one_whose_normal_form_differs(path: str, raw: str) -> None:
    if Policy(public=("/*", "/x", "/x/*")).requirement("GET", path, raw).public:
        assert normalised(path) == path


ODD = ["/a%2fb", "/a%2Fb", "/%2e/a/b", "a/b", "http://host/a/b", "/a/b#c", "*", "/a%2E"]
# What some servers take out before we see the path.
TAKEN_OUT = ["//a/b", "/a//b", "/./a/b", "/x/../a/b", "/a/b/.", "/a/b/c/.."]


@pytest.mark.parametrize("raw", ODD + TAKEN_OUT)
def test_P04_a_path_sent_in_an_odd_way_is_not_public_whatever_the_server_made_of_it(raw: str) -> None:
    assert not Policy(public=("/*",)).requirement("GET", "/a/b", raw).public


@pytest.mark.parametrize("raw", ["", "/a/b", "/%61/b", "/a%2", "/a/b%20", "/.a/b", "/..a/b", "/a./b", "/.../b"])
def test_a_path_sent_in_an_ordinary_way_is_public(raw: str) -> None:
    assert Policy(public=("/*",)).requirement("GET", "/a/b", raw).public


@pytest.mark.parametrize(
    ("pattern", "matching", "other"),
    [
        ("/x", ["/x"], ["/x/", "/x/y", "/", "/X", "x", "/xx", "/x;v=1", ""]),
        ("/x/", ["/x/"], ["/x", "/x/y"]),
        ("/x/*", ["/x/y", "/x/y/z", "/x/"], ["/x", "/xy", "/", "x/y", "/X/y"]),
        ("/*", ["/", "/x", "/x/y"], ["", "x", "*"]),
        ("/", ["/"], ["", "/x"]),
    ],
)
def test_a_pattern_is_an_exact_path_or_all_below_a_folder(pattern: str, matching: list[str], other: list[str]) -> None:
    patterns = Patterns((pattern,))
    assert all(map(patterns.match, matching))
    assert not any(map(patterns.match, other))


def test_no_patterns_match_nothing() -> None:
    assert not Patterns(()).match("/")


MISWRITTEN = [
    "x",
    "*",
    "/*/x",
    "/x*",
    "/x/**",
    "//x",
    "/./x",
    "/x/../y",
    "/x%2fy",
    "/a%20b",
    "/x?y",
    "/x#y",
    "/models/{id}",
    "/models/<int:id>",
]


@pytest.mark.parametrize("pattern", [*MISWRITTEN, "", None, 7, b"/x", ("/x",)])
def test_a_pattern_that_could_never_match_is_refused(pattern: object) -> None:
    with pytest.raises(ConfigurationError, match="pattern"):
        Patterns((pattern,))  # type: ignore[arg-type]
