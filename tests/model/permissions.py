"""Permissions to try rules with: mostly of few words, so that they meet often, and some of every word there may be."""

from hypothesis import strategies as st

from plexe_auth import Permissions

WORDS = st.sampled_from(["models", "keys", "read", "write", "manage", "a"])
ANY_WORD = st.from_regex(r"[a-z0-9][a-z0-9_.\-]{0,63}", fullmatch=True)
PARTS = WORDS | st.just("*") | ANY_WORD
PERMISSION = st.sampled_from(["read", "write"]) | st.tuples(PARTS, PARTS).map(":".join)
GRANTS = st.lists(PERMISSION, max_size=6)
PERMISSIONS = GRANTS.map(Permissions.parse)
