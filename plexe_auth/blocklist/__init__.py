"""The passwords that guessers try first, as a list by other hands, with its licence beside it."""
