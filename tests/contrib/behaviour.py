"""What the small app does in every framework: what its handlers raise, and how it is guarded."""

from functools import partial
from pathlib import Path

from plexe_auth import ExpiredKey, InvalidRequest, NotFound, Policy, RateLimitExceeded, Rule

STATIC = Path(__file__).parent / "static"

REFUSALS = {
    "expired": ExpiredKey,
    "limit": partial(RateLimitExceeded, retry_after=7),
    "missing": NotFound,
    "value": partial(InvalidRequest, "No such name.", field="name"),
}

POLICY = Policy(
    public=("/healthz", "/healthz/*"),
    optional=("/optional",),
    rules=(Rule("/admin/*", permission="admin:write"),),
)
