"""How often anybody may guess, and who shares a budget: no outsider can spend that of a place its owner comes from.

NIST SP 800-63B-4, section 3.2.2: no more than 100 failures in a row on one account. What is guessed from one network
is counted for itself; so an owner who comes from where they have signed in before is let in however often others try.
All attempts count, good ones among them, so that nothing that succeeds can give a budget back (CVE-2019-5421).
"""

import hashlib
from dataclasses import dataclass
from datetime import timedelta

_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Budget:
    """So many attempts in a window that begins with the first.

    Attributes:
        name: what it is for; part of its buckets' names.
        limit: how many.
        window: how long, in microseconds.
    """

    name: str
    limit: int
    window: int

    def bucket(self, *parts: str) -> str:
        """Return the name of the bucket for these parts. It tells no address to who reads it."""
        told = "\0".join((self.name, *parts))
        return f"{self.name}:{hashlib.sha256(told.encode()).hexdigest()}"


def _budget(name: str, limit: int, window: timedelta) -> Budget:
    return Budget(name, limit, window // _MICROSECOND)


# Of one network against one account, of one network against all, of all unknown networks together against one account.
HERE = _budget("sign_in.here", 20, timedelta(minutes=15))
NETWORK = _budget("sign_in.network", 300, timedelta(minutes=15))
ELSEWHERE = _budget("sign_in.elsewhere", 50, timedelta(hours=1))

# Of all factors and challenges of one person together: no new challenge and no other factor gives another budget.
FACTORS = _budget("factors", 10, timedelta(minutes=15))
FACTORS_DAILY = _budget("factors.daily", 100, timedelta(days=1))

# Of the passwords that whoever holds a session gives as the one so far: somebody else may hold it. It has no say in
# who signs in, so that nobody is locked out by it.
CHANGES = _budget("password.change", 20, timedelta(hours=1))

# Of letters to one address, and of those that one network asks for: nobody floods a mailbox.
LETTERS_TO = _budget("letters.to", 5, timedelta(hours=1))
LETTERS_FROM = _budget("letters.from", 30, timedelta(hours=1))
