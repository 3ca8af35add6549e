"""Examples to read, run and copy. `python -m examples.demo` is the place to begin."""
