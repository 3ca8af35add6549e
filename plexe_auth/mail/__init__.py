"""One letter is handed to one mail server; who it goes to and what it says is decided elsewhere."""
