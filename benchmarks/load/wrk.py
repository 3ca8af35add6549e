"""wrk, which loads a server and counts what it answers."""

import re
import subprocess
from typing import NamedTuple

from benchmarks.environments import NotMade
from benchmarks.load.pinning import CLIENT, pinned

_CONNECTIONS = 16
_UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0}


class Load(NamedTuple):
    """What one run brought: requests per second, and what 99 of 100 answers took at most, in milliseconds."""

    rate: float
    p99: float


def loaded(wrk: str, address: str, key: str, seconds: int) -> Load:
    """Load an address for some seconds with a good key.

    Raises:
        NotMade: not every answer was a 200.
    """
    command = [wrk, "-t1", f"-c{_CONNECTIONS}", f"-d{seconds}s", "--latency", "-H", f"x-api-key: {key}", address]
    told = subprocess.run(pinned(CLIENT, command), capture_output=True, text=True, check=False).stdout
    if failed := re.search(r"Non-2xx or 3xx responses: \d+", told):
        raise NotMade(failed[0])
    rate, p99 = re.search(r"Requests/sec:\s+([\d.]+)", told), re.search(r"99%\s+([\d.]+)(us|ms|s)", told)
    if rate is None or p99 is None:
        raise NotMade("wrk told no figures")
    return Load(float(rate[1]), float(p99[1]) * _UNITS[p99[2]])
