"""Settings that weaken what they stand for, or leave out what people will need, as the environment has them."""

from collections.abc import Callable, Iterator
from datetime import timedelta

from plexe_auth.cli.checkup.finding import Finding, Level
from plexe_auth.settings import Settings

_LONG_STALENESS = timedelta(minutes=1)
_LONG_LIFETIME = timedelta(days=30)

# What is asked of the settings, how bad it is if it is so, what that means, and what to do.
_RULES: tuple[tuple[Callable[[Settings], bool], Level, str, str], ...] = (
    (
        lambda one: one.hash_cost == "insecure_tests",
        "fail",
        "passwords are hashed as tests do it, and quickly guessed from a stolen database",
        "Unset PLEXE_AUTH_HASH_COST; each password is hashed anew at its next sign-in.",
    ),
    (
        lambda one: one.max_staleness > _LONG_STALENESS,
        "warn",
        "a revocation takes more than a minute",
        "Lower PLEXE_AUTH_MAX_STALENESS; 0.25 is the default.",
    ),
    (
        lambda one: one.session_lifetime > _LONG_LIFETIME,
        "warn",
        "a session may last for more than 30 days",
        "Lower PLEXE_AUTH_SESSION_LIFETIME; P14D is the default.",
    ),
    (
        lambda one: one.log_outage == "serve",
        "warn",
        "requests are served that the access log will not tell of, once its spool is full",
        "Set PLEXE_AUTH_LOG_OUTAGE to refuse, unless that is meant.",
    ),
    (
        lambda one: one.rate_storage.startswith("memory://"),
        "warn",
        "each process counts rates for itself, so that several let more through",
        "Leave PLEXE_AUTH_RATE_STORAGE at store, or name a Redis.",
    ),
    (
        lambda one: not one.secret_keys,
        "warn",
        "nothing can be encrypted, so that nobody can have an authenticator app",
        "Set PLEXE_AUTH_SECRET_KEYS to at least 16 random bytes, if people sign in.",
    ),
    (
        lambda one: one.base_url is None,
        "warn",
        "letters would lead to this machine",
        "Set PLEXE_AUTH_BASE_URL to where your pages are, if people sign in.",
    ),
)


def of_settings(settings: Settings) -> Iterator[Finding]:
    """Give what is to be said of the settings."""
    found = [Finding("settings", level, means, to_do) for is_so, level, means, to_do in _RULES if is_so(settings)]
    yield from found or [Finding("settings", "ok", "nothing weakens them")]


def of_place(*, told_openly: bool) -> Iterator[Finding]:
    """Give what is to be said of how the database's password was told."""
    if told_openly:
        means = "the database's password is an argument, which everybody on this machine can read"
        yield Finding("url", "warn", means, "Set PLEXE_AUTH_URL, or use --url - and give it on standard input.")
