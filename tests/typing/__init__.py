"""What a user's type checker sees of plexe_auth, and what it refuses."""
