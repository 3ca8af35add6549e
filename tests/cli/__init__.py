"""The command line: what it tells people and programs, what it asks for, and how it ends."""
