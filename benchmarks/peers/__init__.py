"""One credential verified over and over, by us and by others: a script each, which knows `protocol` and its library."""
