"""The first minute of a user who installed plexe_auth without extras: open, create, verify, revoke."""

import sys
import tempfile

from plexe_auth import Auth, RevokedKey


def first_minute(folder: str) -> str:
    with Auth.open(f"sqlite:///{folder}/auth.db") as auth:
        issued = auth.keys.create("acct_42", name="smoke")
        principal = auth.keys.verify(issued.secret.reveal(), permission="read")
        auth.keys.revoke(issued.key.id)
        try:
            auth.keys.verify(issued.secret.reveal())
        except RevokedKey:
            return principal.account_id
    return "accepted after its revocation"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        outcome = first_minute(place)
    sys.exit(None if outcome == "acct_42" else f"the installed wheel misbehaves: {outcome}")
