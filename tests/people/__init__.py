"""People: their addresses, their passwords, how they sign in."""
