"""How many different things somebody has shown; two are a second factor, and one thing shown twice is one.

A mailbox is one thing whether a code, a link or a reset went there (ASVS 6.4.3). A passkey is one as well: the
authenticator has verified its user, so NIST SP 800-63B-4 (section 3.1.7) takes it for two, but whoever can have one
thing stolen has one. Where NIST's reading is wanted, ``Settings(passkey_alone=True)`` says so.
"""

from collections.abc import Iterable

ENROLLED = frozenset(("totp", "passkey"))  # what somebody has set up so that they are asked for it

_SAME = {"email": "mailbox", "reset": "mailbox", "invitation": "mailbox"}


def things(methods: Iterable[str]) -> frozenset[str]:
    """Return the different things that somebody has shown who has signed in by these methods.

    Example:
        >>> sorted(things(("reset", "email", "totp")))
        ['mailbox', 'totp']
    """
    return frozenset(_SAME.get(one, one) for one in methods)


def is_strong(methods: Iterable[str], *, passkey_alone: bool) -> bool:
    """Tell whether that was more than one factor.

    Example:
        >>> is_strong(("password", "totp"), passkey_alone=False), is_strong(("passkey",), passkey_alone=False)
        (True, False)
    """
    shown = things(methods)
    return len(shown) > 1 or (passkey_alone and "passkey" in shown)
