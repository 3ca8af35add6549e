"""A service that keeps models for its customers."""
