"""Whoever read our output may go before its end, as ``head`` does; that is no error, and nothing is said of it."""

import os
import sys

BROKEN = 141  # as a shell tells of SIGPIPE


def silenced() -> int:
    """Have what is still buffered go nowhere, or Python would complain of it at the end; return the exit code."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return BROKEN
