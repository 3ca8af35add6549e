"""One key of each kind that a request may come with."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, NamedTuple

HOUR = timedelta(hours=1)
UNKNOWN = "plx_sk_" + "A" * 40 + "2iXHdZ"  # its checksum is right, but nobody ever made it
MALFORMED = "plx_sk_nonsense"


class Made(NamedTuple):
    """The text of each key, and the id under which an app sees it."""

    text: Mapping[str, str]
    id: Mapping[str, str]


def make(auth: Any, pass_time: Any) -> Made:
    """Make keys of all kinds; `pass_time` lets hours go by, so that some of them die."""
    issued: dict[str, Any] = {}

    def create(name: str, permissions: str, account: str = "acct_1", **given: Any) -> str:
        issued[name] = auth.keys.create(account, name=name, permissions=permissions, **given)
        return issued[name].key.id

    create("expired", "read write", expires_in=HOUR)
    issued["heir"] = auth.keys.rotate(create("retired", "read write"), overlap=HOUR)
    pass_time(2 * HOUR)
    for name, permissions in KINDS.items():
        create(name, permissions)
    create("bound", "read write", allowed_ips=("203.0.113.0/24",))
    create("bound here", "read write", allowed_ips=("127.0.0.0/8",))
    auth.keys.revoke(create("revoked", "read write"))
    auth.keys.disable(create("disabled", "read write"))
    create("suspended", "read write", account="acct_2")
    auth.accounts.suspend("acct_2")
    issued["successor"] = auth.keys.rotate(create("rotated", "read write"), overlap=24 * HOUR)
    texts = {name: one.secret.reveal() for name, one in issued.items()}
    return Made(
        texts | {"unknown": UNKNOWN, "malformed": MALFORMED}, {name: one.key.id for name, one in issued.items()}
    )


KINDS = {
    "good": "read write",
    "reader": "read",
    "writer": "write",
    "models": "models:read",
    "admin": "read write admin:write",
    "everything": "*:*",
    "powerless": "files:purge",
}
