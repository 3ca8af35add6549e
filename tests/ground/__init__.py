"""The ground knows nothing of authentication: errors, the bridge, secrets, identifiers, settings."""
