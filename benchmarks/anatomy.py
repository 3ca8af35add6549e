"""Where the time of a warm verification goes: its parts, each measured by itself beside the whole."""

import tempfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from benchmarks.effort import Effort
from benchmarks.finding import Finding, Ratio, Sheet
from benchmarks.interleaving import interleaved
from benchmarks.least import called as least_of
from benchmarks.locking import locked
from plexe_auth import Auth, Settings
from plexe_auth.cache.elapsed import CLOCK, elapsed_by
from plexe_auth.cache.known import made
from plexe_auth.journal.spool import NoRoom
from plexe_auth.model.principal import Principal

TURNS, BATCH = 2_000, 50
RATE = "1000000/second"  # never reached
FLOOR, WHOLE, LIMITED, CALL = (
    "SHA-256 of the key",
    "keys.verify",
    "keys.verify, with a rate",
    "a call with two arguments",
)
LEAST, LEAST_LIMITED = "the least function that does the same", "the least, with a count"
LINE, WRITING = "the line of the access log, with the time", "writing that line down"
GOAL_UNWRITTEN = 3.0  # hashes, for a verification of which no entry is written down
NAMING = "its name in the cache, by BLAKE2s"
SESSION, TOKEN, NAMING_SESSION, PRINCIPAL = (
    "sessions.verify",
    "SHA-256 of the token",
    "a session's name in the cache, by BLAKE2s",
    "making its principal",
)
EMAIL, PASSWORD = "ada@example.com", "a long and lovely word"
PERMISSION = "models:read"


def anatomy(effort: Effort) -> list[Finding]:
    """Return what each part takes."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "auth.db"
        with Auth.open(f"sqlite:///{file}", settings=Settings(rate_storage="memory://")) as auth:
            plain, limited = (
                auth.keys.create("acct_42", name="CI", rate=rate).secret.reveal() for rate in (None, RATE)
            )
            auth.users.create(EMAIL, PASSWORD)
            token = auth.sign_in.with_password(EMAIL, PASSWORD).token.reveal()
            for text in (plain, limited) * 3:
                auth.keys.verify(text, permission=PERMISSION)
                auth.sessions.verify(token, permission=PERMISSION)
            with locked(file):
                subjects = {**_subjects(auth, plain, limited), **_session_subjects(auth, token)}
                timings = interleaved(subjects, effort.turns(TURNS), batch=BATCH)
    medians = {one.name: one.median for one in timings}
    nothing = medians.pop(CALL)
    unwritten = (medians[WHOLE] - medians[LINE] - medians[WRITING] + nothing) / (medians[FLOOR] - nothing)
    ratios = [Ratio(f"{WHOLE}, less the line and its writing ÷ SHA-256", unwritten, GOAL_UNWRITTEN)]
    sessions = {name: medians.pop(name) for name in (SESSION, TOKEN, NAMING_SESSION, PRINCIPAL)}
    sheets = [
        Sheet(
            (head, f"× {floor}"),
            [(name, f"{(one - nothing) / (parts[floor] - nothing):.2f}") for name, one in parts.items()],
        )
        for head, floor, parts in (("a key", FLOOR, medians), ("a session", TOKEN, sessions))
    ]
    how = (
        "Each part is called by itself, on a SQLite file; what calling it takes is taken off. What the parts "
        "leave of the whole is the calls between them. A line of the access log is written into a file's memory "
        "before the answer is told, so that a killed process loses none; its text and the writing are more than "
        "a quarter of it. The least function that does the same knows one key, is good for one thread and refuses "
        "nothing well: it is the floor. A session's token takes two blocks of SHA-256 and one of BLAKE2s, a "
        "key's text one of either."
    )
    return [Finding("Where the time of a warm verification goes", how, sheets=sheets, ratios=ratios)]


def _subjects(auth: Auth, plain: str, limited: str) -> dict[str, Callable[[], object]]:
    verify, world, named = auth.keys.verify, auth.world, auth.world.cache.named
    name = named(plain.encode()).digest()
    known = world.cache.hot[name]
    hit_now, journal, now, hot = world.limiter.hit_now, world.journal, world.nanoseconds, world.cache.hot.get
    least, counting = least_of(plain, counts=False), least_of(plain, counts=True)
    assert hit_now is not None

    def line() -> bytes:
        return f"{now()}{known.line}]\n".encode()

    def written() -> None:
        try:
            journal.pen.write(told)
        except NoRoom:
            journal.write(told)

    told = line()
    return {
        WHOLE: lambda: verify(plain, permission=PERMISSION),
        LIMITED: lambda: verify(limited, permission=PERMISSION),
        LEAST: lambda: least(plain, permission=PERMISSION),
        LEAST_LIMITED: lambda: counting(plain, permission=PERMISSION),
        FLOOR: lambda: sha256(plain.encode()).digest(),
        NAMING: lambda: named(plain.encode()).digest(),
        "looking it up in the cache": lambda: hot(name),
        "asking whether it may be believed": lambda: elapsed_by(CLOCK) < known.until,
        LINE: line,
        WRITING: written,
        "counting in memory": lambda: hit_now("anatomy", RATE, now()),
        CALL: lambda: None,
    }


def _session_subjects(auth: Auth, token: str) -> dict[str, Callable[[], object]]:
    verify, cache = auth.sessions.verify, auth.world.session_cache
    named, held = cache.named, cache.hot[cache.named(token.encode()).digest()]
    at = auth.world.nanoseconds() // 1000
    return {
        SESSION: lambda: verify(token, permission=PERMISSION),
        TOKEN: lambda: sha256(token.encode()).digest(),
        NAMING_SESSION: lambda: named(token.encode()).digest(),
        PRINCIPAL: lambda: made(Principal, held.facts + (at,)),  # noqa: RUF005 - as it is done
    }
