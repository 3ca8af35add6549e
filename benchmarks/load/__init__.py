"""Real servers under load: the same app bare and behind our middleware, in turns."""
