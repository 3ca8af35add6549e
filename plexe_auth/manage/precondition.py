"""A key's entity tag is its version: who changes a key may ask that it be still as they saw it (RFC 9110, 13.1.1)."""

import re

from plexe_auth.http_errors import PreconditionFailed

_TAG = re.compile(r'"([1-9][0-9]{0,17})"', re.ASCII)


def version_tag(version: int) -> str:
    """Return the tag of what can be changed of a key. When it was last used is none of that."""
    return f'"{version}"'


def version_asked(field: str, current: int) -> int | None:
    """Return the version that an ``If-Match`` asks for; ``None`` where any will do.

    The store decides by it, in the same commit. Of several tags, only the current one can still be right by then.

    Raises:
        PreconditionFailed: none of its tags is one of ours, or none is the current one; a weak one never is.
    """
    if field.strip(" \t") == "*":
        return None
    tags = [_TAG.fullmatch(part.strip(" \t")) for part in field.split(",")]
    if current not in {int(tag[1]) for tag in tags if tag}:
        raise PreconditionFailed
    return current
