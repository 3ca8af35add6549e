"""The access log, its chains, usage, and the spool that keeps both from being lost."""
