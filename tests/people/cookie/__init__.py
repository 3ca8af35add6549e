"""Session cookies at the gate."""
