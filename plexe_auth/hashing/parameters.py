"""What a password's hash costs, and who says so.

===============  ==========  ========  =======  ======================================================================
parameters       memory      passes    lanes    source
===============  ==========  ========  =======  ======================================================================
`OWASP`          19 MiB      2         1        OWASP Password Storage Cheat Sheet: the least for Argon2id; our default
`RFC_9106`       64 MiB      3         4        RFC 9106, section 4: the second recommended option
`FOR_TESTS`      8 KiB       1         1        RFC 9106, section 3.1: the least there is. It protects nothing
===============  ==========  ========  =======  ======================================================================

The first recommended option of RFC 9106 takes 2 GiB for each sign-in under way, which few servers have. Salts have 16
bytes and tags 32, as in both options.
"""

from collections.abc import Mapping
from dataclasses import astuple, dataclass

from plexe_auth.errors import ConfigurationError

# A hash that was stored with absurd costs must not hold up the process: what costs more than a second is not read.
_MOST_WORK = 1024 * 1024  # KiB times passes
_MOST_LANES = 16  # threads that Argon2 starts


@dataclass(frozen=True, slots=True)
class Parameters:
    """The costs of one Argon2id hash (RFC 9106, section 3.1).

    Attributes:
        memory: in KiB.
        passes: how often the memory is filled.
        lanes: how many threads fill it.

    Raises:
        ConfigurationError: Argon2 has no such costs, or they are more than a sign-in may take.
    """

    memory: int
    passes: int
    lanes: int

    def __post_init__(self) -> None:
        if not all(type(one) is int for one in astuple(self)) or not bearable(*astuple(self)):
            raise ConfigurationError(
                f"Argon2 takes 1 to {_MOST_LANES} lanes, at least 8 KiB of memory for each and one pass,"
                f" and here at most {_MOST_WORK} KiB times passes"
            )


def bearable(memory: int, passes: int, lanes: int) -> bool:
    """Tell whether Argon2 can do it, and in about a second."""
    return 1 <= lanes <= _MOST_LANES and passes >= 1 and 8 * lanes <= memory and memory * passes <= _MOST_WORK


OWASP = Parameters(memory=19 * 1024, passes=2, lanes=1)
RFC_9106 = Parameters(memory=64 * 1024, passes=3, lanes=4)
FOR_TESTS = Parameters(memory=8, passes=1, lanes=1)

COSTS: Mapping[str, Parameters] = {"owasp": OWASP, "rfc9106": RFC_9106, "insecure_tests": FOR_TESTS}
