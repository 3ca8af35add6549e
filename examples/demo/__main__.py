"""`python -m examples.demo` serves, tours and stays up until it is interrupted; `--once` ends after the tour."""

import argparse
import signal
import sys

from examples.demo.screen import Screen
from examples.demo.show import show

KEPT, BROKEN, INTERRUPTED = 0, 1, 130


def main() -> int:
    """Run the demo, and return 0 if every answer was as promised, 1 if not, 130 if it was interrupted on its tour."""
    parser = argparse.ArgumentParser(prog="python -m examples.demo", description=__doc__)
    parser.add_argument("--once", action="store_true", help="end after the tour")
    once: bool = parser.parse_args().once
    _end_by_interrupt()
    try:
        return KEPT if show(Screen(sys.stdout), once=once) else BROKEN
    except KeyboardInterrupt:
        return INTERRUPTED


def _end_by_interrupt() -> None:
    """End by any usual signal as by Ctrl-C, so that everything is cleaned up; also where a shell had it ignored."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.default_int_handler)


if __name__ == "__main__":
    sys.exit(main())
