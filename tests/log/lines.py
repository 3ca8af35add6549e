"""Lines of the spool as keys leave them, for tests that need no key behind them."""

from typing import Any

from plexe_auth.model.entry import line

AT = 1_774_785_600_123_456  # the instant at which the tests' clock stands


def verified(
    number: int = 0, *, outcome: str = "allowed", key: str = "key_one", account: str = "acct", **more: Any
) -> str:
    """Return the line of a verification; `number` makes it tell itself apart, by the request's id."""
    code = None if outcome == "allowed" else "revoked_key"
    told = {"user_id": None, "session_id": None, "ip": "192.0.2.7", "user_agent": None, "method": None, "path": None}
    told |= {"request_id": str(number), "detail": None} | more
    at = told.pop("at", AT)
    return line(at, "key.verify", outcome, code, account, key, *told.values())


def of_remembered(told: str) -> str:
    """Return a line as it is written for a key that is hot in the cache: it begins with the nanosecond."""
    instant, rest = told.removeprefix("[").split(",", 1)
    return f"{instant}789,{rest}"
