"""The files that hold digests, hashes and log entries are their owner's alone: whoever writes them lets in anybody."""

import stat
from collections.abc import Iterator
from pathlib import Path

from plexe_auth.cli.checkup.finding import Finding
from plexe_auth.cli.harmless import shown

_BESIDE = ("", "-wal", "-shm", "-journal")
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
_OTHERS_READ = stat.S_IRWXG | stat.S_IRWXO


def of_files(database: Path | None, spool: Path | None) -> Iterator[Finding]:
    """Give what is to be said of the database's own files, if it has any, and of the spool, if it is there."""
    files = [] if database is None else [Path(f"{database}{ending}") for ending in _BESIDE]
    spooled = sorted(spool.iterdir()) if spool is not None and spool.is_dir() else []
    found = [
        *(one for path in (*files, *spooled) if path.exists() for one in _of_file(path)),
        *(one for path in ({path.absolute().parent for path in files[:1]}) for one in _of_folder(path)),
        *(one for path in ([spool] if spooled and spool else []) for one in _of_file(path, "700")),
    ]
    yield from found or [Finding("files", "ok", "nobody else may read or write them")]


def _of_file(path: Path, mode: str = "600") -> Iterator[Finding]:
    has = path.stat().st_mode
    if has & _OTHERS_WRITE:
        yield Finding("files", "fail", f"{shown(path)} may be written by others", f"chmod {mode} {shown(path)}")
    elif has & _OTHERS_READ:
        yield Finding("files", "warn", f"{shown(path)} may be read by others", f"chmod {mode} {shown(path)}")


def _of_folder(path: Path) -> Iterator[Finding]:
    has = path.stat().st_mode
    if has & _OTHERS_WRITE and not has & stat.S_ISVTX:
        means = f"others may put another database into {shown(path)}"
        yield Finding("files", "fail", means, f"chmod go-w {shown(path)}")
