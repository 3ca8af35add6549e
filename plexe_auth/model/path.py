"""A path that could be read in two ways is judged in both; patterns are exact, or everything below a folder."""

import re

from plexe_auth.errors import ConfigurationError

_ENCODED = re.compile("%2[ef]", re.IGNORECASE)
_DOUBTFUL = ("//", "/.", "%")


def forms(path: str, raw_path: str) -> tuple[str, ...]:
    """Return the forms under which an app might route a path: itself, and normalised if that is another.

    A path that is only written in a doubtful way (``%2f``, ``%2e``) has two forms as well, though both are equal.
    """
    if "%" not in raw_path and not any(sign in path for sign in _DOUBTFUL):
        return (path,)
    plain = normalised(path)
    return (path,) if plain == path and not _ENCODED.search(raw_path) else (path, plain)


def normalised(path: str) -> str:
    """Return the path without empty and dot segments, and its encoded dots and slashes decoded (RFC 3986, 6.2.2)."""
    decoded = _ENCODED.sub(lambda found: "." if found[0][-1] in "eE" else "/", path)
    kept: list[str] = []
    for segment in decoded.split("/"):
        if segment == "..":
            kept[-1:] = []
        elif segment not in ("", "."):
            kept.append(segment)
    return "/" + "/".join(kept) + ("/" if kept and decoded.endswith(("/", "/.", "/..")) else "")


class Patterns:
    """Several patterns, each an exact path or a folder and ``/*``, which stands for everything below the folder."""

    def __init__(self, patterns: tuple[str, ...]) -> None:
        for pattern in patterns:
            _check(pattern)
        self._exact = frozenset(pattern for pattern in patterns if not pattern.endswith("/*"))
        self._below = tuple(pattern[:-1] for pattern in patterns if pattern.endswith("/*"))

    def match(self, path: str) -> bool:
        """Tell whether one of the patterns stands for `path`."""
        return path in self._exact or path.startswith(self._below)


def _check(pattern: object) -> None:
    if not isinstance(pattern, str) or not pattern.startswith("/") or "*" in pattern.removesuffix("/*"):
        raise ConfigurationError(
            f"{pattern!r} is no pattern; write a path from / on, with /* at its end or no * at all"
        )
    if normalised(pattern) != pattern:
        raise ConfigurationError(f"the pattern {pattern!r} could never match; write {normalised(pattern)!r}")
