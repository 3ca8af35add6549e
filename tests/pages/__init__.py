"""A page of documentation as a programme: its blocks are read, then run from top to bottom in a process of its own."""
