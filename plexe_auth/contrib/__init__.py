"""One shim for each framework. A shim translates and decides nothing; none is imported until a host asks for it."""
