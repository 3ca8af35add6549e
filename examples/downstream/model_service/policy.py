"""Who may do what. It is the same whichever framework asks."""

from plexe_auth import Policy, Rule

POLICY = Policy(
    public=("/healthz",),
    rules=(
        Rule("/models", resource="models"),  # GET needs models:read, everything else models:write
        Rule("/models/*", resource="models"),
    ),
)
