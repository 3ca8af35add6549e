"""A path that could be read in two ways is judged in both; patterns are exact, or everything below a folder."""

import re

from plexe_auth.errors import ConfigurationError

# Where an app might route on another path than the one it was handed; and where the target was sent in an odd way, with
# something before its path, segments that a server may have taken out, a fragment, or an encoded dot or slash.
_DOUBTFUL = re.compile(r"\A(?!/)|//|/\.|%")
_ODD = re.compile(r"\A(?!/|\Z)|//|/\.\.?(?:/|\Z)|#|%2[ef]", re.IGNORECASE)
_ENCODED = re.compile("%2[ef]", re.IGNORECASE)
_AUTHORITY = re.compile(r"\A[a-z][a-z0-9+.-]*://[^/]*", re.IGNORECASE)  # of an absolute form (RFC 9112, section 3.2.2)
_MISWRITTEN = re.compile(r"[?#{}<>]|%[0-9a-f]{2}", re.IGNORECASE)


def forms(path: str, raw_path: str) -> tuple[str, ...]:
    """Return the forms under which an app might route a path: itself, and normalised if that is another.

    A path that is only sent in an odd way (``%2f``, ``%2e``) has two forms as well, though both may be equal.
    """
    odd = _ODD.search(raw_path) is not None
    if not odd and not _DOUBTFUL.search(path):
        return (path,)
    plain = normalised(path.partition("#")[0] if "#" in raw_path else path)
    return (path, plain) if odd or plain != path else (path,)


def normalised(path: str) -> str:
    """Return the path alone, without empty and dot segments, encoded dots and slashes decoded (RFC 3986, 6.2.2)."""
    decoded = _ENCODED.sub(lambda found: "." if found[0][-1] in "eE" else "/", _AUTHORITY.sub("", path, count=1))
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
    if _MISWRITTEN.search(pattern):
        raise ConfigurationError(f"{pattern!r} is no pattern; write the path alone, decoded and without placeholders")
    if normalised(pattern) != pattern:
        raise ConfigurationError(f"the pattern {pattern!r} could never match; write {normalised(pattern)!r}")
