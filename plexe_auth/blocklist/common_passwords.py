"""The common passwords are read from the package once, when the first new password is judged."""

import functools

FILE = "common-passwords.txt.gz"


@functools.cache
def common_passwords() -> frozenset[str]:
    """Return 8,354 common passwords of eight characters or more, case-folded; LICENSE says where they come from.

    Shorter ones are refused for their length.

    Example:
        >>> "password123" in common_passwords()
        True
    """
    import gzip
    from importlib.resources import files  # which loads much of the standard library

    data = files("plexe_auth.blocklist").joinpath(FILE).read_bytes()
    return frozenset(gzip.decompress(data).decode().splitlines())
