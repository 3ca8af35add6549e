"""Passwords are kept as Argon2id; older hashes, our own and those of others, are read until their owner signs in."""
