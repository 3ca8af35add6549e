"""Letters, the links in them, what sends them, and what becomes of them when that fails."""
