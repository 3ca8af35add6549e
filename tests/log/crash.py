"""Kills workers at random moments while they decide, store and change, and looks each time what is in the log.

    python -m tests.log.crash URL SPOOL_DIR RUNS SEED

A worker tells what it has answered by a pipe, after the answer. Whatever was answered must be in the log, once, and
usage must be what the log says; the log may be ahead by what each thread was just doing.
"""

import logging
import os
import random
import select
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from plexe_auth import Settings, Unavailable
from plexe_auth.bridge import finish
from plexe_auth.model.note import Note
from plexe_auth.service.committing import commit
from tests.log.lines import AT, of_remembered, verified
from tests.log.wired import closed, opened

DECIDERS = 3
LONGEST = 0.08  # seconds that a worker lives after its first answer
SINCE, UNTIL = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)


def main(url: str, folder: str, runs: int, seed: int) -> None:
    chance = random.Random(seed)
    settings = Settings(spool_dir=folder, spool_limit=1024 * 1024)
    answered = sum(run(url, settings, f"run_{seed}_{number}", chance) for number in range(runs))
    auth = opened(url, settings=settings)
    found = auth.log.verify()
    closing(auth)
    sys.stdout.write(
        f"{runs} runs, {answered} answers, {found.entries} entries, {'whole' if found.ok else found.broken}\n"
    )


def run(url: str, settings: Settings, account: str, chance: random.Random) -> int:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        work(url, settings, account, writing)
    os.close(writing)
    answered = heard(reading, child, chance.uniform(0, LONGEST))
    check(url, settings, account, answered)
    return len(answered)


def work(url: str, settings: Settings, account: str, pipe: int) -> None:
    # It may be, where a busy machine stores more slowly than it decides: nobody was answered then.
    logging.getLogger("plexe_auth").addFilter(lambda told: told.getMessage() != "the spool of the access log is full")
    auth = opened(url, settings=settings)

    def decide(thread: int) -> None:
        for number in range(1_000_000):
            name = f"{thread}.{number}"
            key, outcome = f"{account}_{thread}", "denied" if number % 5 == 0 else "allowed"
            line = verified(at=AT + number, account=account, key=key, outcome=outcome, request_id=name)
            try:
                auth.world.journal.append(line if outcome == "denied" or number % 2 else of_remembered(line))
            except Unavailable:  # the spool is full
                continue
            os.write(pipe, f"{name}\n".encode())

    def change() -> None:
        for number in range(1_000_000):
            finish(commit(auth.world, notes=[Note("account.suspend", account, detail=f"note.{number}")]))
            os.write(pipe, f"note.{number}\n".encode())

    for target, *args in [(decide, one) for one in range(DECIDERS)] + [(change,)]:
        threading.Thread(target=target, args=args).start()
    while True:
        auth.log.flush()


def heard(pipe: int, child: int, span: float) -> list[str]:
    """Return what the worker answered until it was killed, `span` seconds after its first answer."""
    data = os.read(pipe, 65536)
    end = time.monotonic() + span
    while (rest := end - time.monotonic()) > 0:
        if select.select([pipe], [], [], rest)[0]:
            data += os.read(pipe, 65536)
    os.kill(child, 9)
    while more := os.read(pipe, 65536):
        data += more
    os.close(pipe)
    os.waitpid(child, 0)
    return data.decode().split()


def check(url: str, settings: Settings, account: str, answered: list[str]) -> None:
    auth = opened(url, settings=settings)
    auth.log.flush()
    found = Counter(entry.request_id or entry.detail for entry in entries(auth, account))
    kept = Counter((entry.key_id, entry.outcome) for entry in entries(auth, account) if entry.action == "key.verify")
    totals = auth.usage.totals(account, SINCE, UNTIL)
    closing(auth)
    assert not (lost := set(answered) - found.keys()), f"lost: {lost}"
    assert set(found.values()) <= {1}, f"twice: {found.most_common(3)}"
    assert len(found) <= len(answered) + DECIDERS + 1, "more than was decided"
    counted = {(one.key_id, outcome): getattr(one, outcome) for one in totals for outcome in ("allowed", "denied")}
    assert +Counter(counted) == kept, "usage is not what the log says"


def entries(auth: Any, account: str) -> Iterator[Any]:
    after = None
    while True:
        page = auth.log.page(account_id=account, after=after, limit=1000)
        yield from page.items
        after = page.next
        if after is None:
            return


def closing(auth: Any) -> None:
    closed(auth)
    auth.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
