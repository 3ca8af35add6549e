"""Frozen values and pure rules: ``now`` is always an argument, and nothing here reads or writes anything."""
