"""Freezes what this version writes, for all later ones to read: `python -m tests.keys.corpus.make` from the top.

It is run once for each release, and its files are never changed afterwards: `VERSION.sqlite` is the database,
`VERSION.json` holds the peppers, and each key's text with what is to be decided of it at the given instant.
"""

import json
import tomllib
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from plexe_auth import Auth, Settings

HERE = Path(__file__).parent
NOW = datetime(2026, 3, 29, 12, 0, 0, 123456, tzinfo=UTC)
PEPPERS = ("the newest pepper of the corpus", "an older pepper of the corpus")
HOUR = timedelta(hours=1)


def made(bare: Auth, older: Auth, newest: Auth) -> dict[str, Any]:
    """Keys in every state and under every pepper."""
    keys = newest.keys
    issued = {
        "unpeppered": bare.keys.create("acct", name="unpeppered"),
        "older pepper": older.keys.create("acct", name="older pepper", permissions="read write"),
        "newest pepper": keys.create("acct", name="newest pepper", permissions="models:read keys:manage"),
        "terms": keys.create(
            "Kontó 42 ",
            name=" Ключ 🔑 ",
            expires_in=HOUR,
            allowed_ips=["10.0.0.0/8", "::1"],
            rate="5/minute",
            metadata={"a": [1.5]},
        ),
        "expired": keys.create("acct", name="expired", expires_in=timedelta(microseconds=1)),
        "revoked": keys.create("acct", name="revoked"),
        "disabled": keys.create("acct", name="disabled"),
        "rotated": keys.create("acct", name="rotated"),
        "retired": keys.create("acct", name="retired"),
        "suspended": keys.create("suspended", name="suspended"),
    }
    keys.revoke(issued["revoked"].key.id, reason="leaked")
    keys.disable(issued["disabled"].key.id)
    issued["successor"] = keys.rotate(issued["rotated"].key.id, overlap=HOUR)
    keys.rotate(issued["retired"].key.id, overlap=timedelta(0))
    newest.accounts.suspend("suspended", reason="unpaid")
    return issued


def told(auth: Auth, issued: Any) -> dict[str, Any]:
    text, ip = issued.secret.reveal(), "10.1.2.3"
    key = auth.keys.get(issued.key.id)
    code = auth.keys.explain(text, ip=ip).code
    return {"text": text, "ip": ip, "id": key.id, "code": code, "key": repr(key)}


def main() -> None:
    version = tomllib.loads(Path("pyproject.toml").read_text())["project"]["version"]
    url = f"sqlite:///{HERE / version}.sqlite?journal=delete"
    now = [NOW]
    with ExitStack() as stack:
        bare, older, newest = (
            stack.enter_context(Auth.open(url, settings=Settings(peppers=peppers), clock=lambda: now[0]))
            for peppers in ((), PEPPERS[1:], PEPPERS)
        )
        issued = made(bare, older, newest)
        now[0] += timedelta(minutes=1)
        keys = {name: told(newest, one) for name, one in issued.items()}
    frozen = {"at": now[0].isoformat(), "peppers": PEPPERS, "keys": keys}
    (HERE / f"{version}.json").write_text(json.dumps(frozen, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
