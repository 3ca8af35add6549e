"""The same bytes, sent to several servers of both kinds: what reaches the gate is decided alike by all of them."""
