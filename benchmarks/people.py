"""What people cost: a session that nobody remembers against one bare select, a sign-in against one password hash."""

import os
import tempfile
from contextlib import ExitStack
from itertools import cycle
from pathlib import Path

from argon2.low_level import Type, hash_secret

from benchmarks import bare
from benchmarks.effort import Effort
from benchmarks.finding import Finding, ratio
from benchmarks.interleaving import Timing, interleaved
from plexe_auth import Auth, Settings
from plexe_auth.hashing.parameters import OWASP

PASSWORD = "a long and lovely word"
SESSIONS, TURNS = 200, 20_000
USERS, SIGN_INS = 60, 200  # few for each, or a budget refuses them
COLD = Settings(cache_entries=0, hash_cost="insecure_tests")
VERIFY, SELECT = "sessions.verify", "bare select, connection held"
SIGN_IN, IN_MEMORY = "sign_in.with_password, SQLite", "sign_in.with_password, in memory"
HASH = "one hash of a password"


def people(effort: Effort) -> list[Finding]:
    """Return what was found on a SQLite file."""
    with tempfile.TemporaryDirectory() as folder:
        cold = _cold(f"sqlite:///{Path(folder) / 'cold.db'}", effort.turns(TURNS))
        signed_in = _signed_in(f"sqlite:///{Path(folder) / 'hashed.db'}", effort.turns(SIGN_INS))
    how = (
        f"{SESSIONS} sessions on SQLite, each read and verified in turn, and nothing remembered; the bare select is "
        "SQLAlchemy Core's, of the session's row alone, and ours brings the user and the account in the same read."
    )
    cost = (
        "Argon2id as we come: 19 MiB, two passes; the bare hash is argon2-cffi's. A sign-in also commits its attempt "
        "to each budget, then the session and its entry of the access log; on SQLite each commit waits for the disk."
    )
    return [
        Finding("A session verified, cold", how, cold, [ratio(cold, VERIFY, SELECT)]),
        Finding("Signing in", cost, signed_in, [ratio(signed_in, one, HASH) for one in (IN_MEMORY, SIGN_IN)]),
    ]


def _cold(url: str, turns: int) -> list[Timing]:
    with ExitStack() as stack:
        auth = stack.enter_context(Auth.open(url, settings=COLD))
        texts = [_token(auth, email) for email in _users(auth, SESSIONS)]
        mine, digests = cycle(texts).__next__, cycle(map(bare.digest, texts)).__next__
        connection = stack.enter_context(stack.enter_context(bare.engine(url)).connect())
        held = bare.held(connection, digests, bare.SESSIONS)
        return interleaved({VERIFY: lambda: auth.sessions.verify(mine()), SELECT: held}, turns)


def _signed_in(url: str, turns: int) -> list[Timing]:
    with Auth.open(url) as auth, Auth.open("memory://") as forgetful:
        mine, others = (cycle(_users(one, USERS)).__next__ for one in (auth, forgetful))
        subjects = {
            SIGN_IN: lambda: _token(auth, mine()),
            IN_MEMORY: lambda: _token(forgetful, others()),
            HASH: _hash,
        }
        return interleaved(subjects, turns)


def _users(auth: Auth, count: int) -> list[str]:
    emails = [f"user-{number}@example.com" for number in range(count)]
    for email in emails:
        auth.users.create(email, PASSWORD)
    return emails


def _token(auth: Auth, email: str) -> str:
    return auth.sign_in.with_password(email, PASSWORD).token.reveal()


def _hash() -> bytes:
    return hash_secret(PASSWORD.encode(), os.urandom(16), OWASP.passes, OWASP.memory, OWASP.lanes, 32, Type.ID)
