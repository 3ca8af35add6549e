"""Every peer: what it is called, which script it is, which environment it needs, and how it was set up."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Peer:
    """One thing that is measured, in a process of its own.

    Attributes:
        kind: what it verifies, "key" or "session".
        name: the library.
        how: its configuration, in a few words.
        script: the module under `benchmarks.peers`.
        configuration: what the script is told.
        requirements: what its environment has; none where it is ours.
        staleness: how long a revoked credential may still be accepted elsewhere.
    """

    kind: str
    name: str
    how: str
    script: str
    configuration: str
    requirements: tuple[str, ...] = ()
    staleness: str = "none"

    @property
    def title(self) -> str:
        """Return library and configuration."""
        return f"{self.name}, {self.how}"

    @property
    def environment(self) -> str:
        """Return the name of its environment."""
        return self.script.replace("_", "-")


def _ours(how: str, configuration: str, kind: str = "key") -> Peer:
    return Peer(kind, "plexe_auth", how, "ours", configuration)


_SAFE = ("safe-api-keys==0.4.0",)
_KEYSHIELD = ("keyshield[core]==2.0.1", "sqlalchemy[asyncio]==2.1.9", "aiosqlite==0.22.1")
_BETTER = ("better-auth-server[sqlalchemy]==1.1.0", "aiosqlite==0.22.1")
_DRF = ("djangorestframework-api-key==3.1.0", "djangorestframework==3.18.3", "django==5.2.19")
_DJANGO = ("django==5.2.19",)
_FASTAPI_USERS = ("fastapi-users[sqlalchemy]==15.0.5", "aiosqlite==0.22.1")
_FLASK_SECURITY = ("flask-security[common,fsqla]==5.9.2",)
_FLASK_LOGIN = ("flask-login==0.6.3", "flask==3.1.3", "flask-sqlalchemy==3.1.1", "sqlalchemy==2.1.9")
_STARLETTE = ("starlette==1.10.0", "itsdangerous==2.2.0")

WARM, WARM_ASYNC = _ours("warm", "blocking-warm"), _ours("warm, async", "async-warm")
LIMITED, LIMITED_ASYNC = (
    _ours("warm, rate in memory", "blocking-limited"),
    _ours("warm, rate in memory, async", "async-limited"),
)
EXACT, EXACT_ASYNC = _ours("max_staleness=0", "blocking-exact"), _ours("max_staleness=0, async", "async-exact")
COLD, COLD_ASYNC = _ours("cold", "blocking-cold"), _ours("cold, async", "async-cold")
OURS = (WARM, WARM_ASYNC, LIMITED, LIMITED_ASYNC, EXACT, EXACT_ASYNC, COLD, COLD_ASYNC)

THRICE, LEAST, LEAST_ASYNC = (
    Peer("key", "no library", "SHA-256 three times, and nothing else", "floors", "thrice", staleness=""),
    Peer("key", "no library", "the least that does the same for one key", "floors", "least", staleness=""),
    Peer("key", "no library", "the least for one key, async", "floors", "least-async", staleness=""),
)
FLOORS = (THRICE, LEAST, LEAST_ASYNC)

SAFE_CACHED = Peer("key", "safe-api-keys", "cached for 300 s", "safe_api_keys", "cached", _SAFE, "300 s")
KEY_PEERS = (
    SAFE_CACHED,
    Peer("key", "safe-api-keys", "as it comes", "safe_api_keys", "default", _SAFE),
    Peer("key", "keyshield", "cached, no delay, in memory", "keyshield", "memory", _KEYSHIELD, "300 s"),
    Peer("key", "keyshield", "cached, no delay, SQLite", "keyshield", "sqlite", _KEYSHIELD, "300 s"),
    Peer("key", "keyshield", "as it comes, SQLite", "keyshield", "default", _KEYSHIELD),
    Peer("key", "better-auth-server", "in memory", "better_auth", "key-memory", _BETTER),
    Peer("key", "better-auth-server", "SQLite", "better_auth", "key-sqlite", _BETTER),
    Peer("key", "djangorestframework-api-key", "SQLite", "drf_api_key", "", _DRF),
)
SESSION, SESSION_ASYNC = (
    _ours("warm", "blocking-session", "session"),
    _ours("warm, async", "async-session", "session"),
)
SESSION_PEERS = (
    SESSION,
    SESSION_ASYNC,
    Peer(
        "session", "Starlette's SessionMiddleware", "a signed cookie", "starlette_session", "", _STARLETTE, "for ever"
    ),
    Peer("session", "Django sessions", "cached_db", "django_sessions", "cached_db", _DJANGO),
    Peer("session", "Django sessions", "db", "django_sessions", "db", _DJANGO),
    Peer("session", "Flask-Login", "SQLite", "flask_login", "", _FLASK_LOGIN, "for ever"),
    Peer("session", "Flask-Security", "SQLite", "flask_security", "", _FLASK_SECURITY),
    Peer("session", "fastapi-users", "JWT", "fastapi_users", "jwt", _FASTAPI_USERS, "its lifetime"),
    Peer("session", "fastapi-users", "database strategy", "fastapi_users", "database", _FASTAPI_USERS),
    Peer("session", "better-auth-server", "cookie cache", "better_auth", "session-cached", _BETTER, "300 s"),
    Peer("session", "better-auth-server", "SQLite", "better_auth", "session-sqlite", _BETTER),
)
PEERS = (*OURS, *FLOORS, *KEY_PEERS, *SESSION_PEERS)
