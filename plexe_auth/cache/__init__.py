"""What a process remembers of good credentials, and how it knows that it may still believe it."""
