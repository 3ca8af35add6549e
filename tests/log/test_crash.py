"""Whatever was answered is in the log once, and counted once, whenever and wherever the process was killed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RUNS = int(os.environ.get("PLEXE_AUTH_CRASHES", "10"))  # for each store; hundreds before a release


@pytest.mark.parametrize("store_url", ["sqlite", "postgresql", "mariadb"], indirect=True)
def test_H08_nothing_answered_is_lost_or_doubled_by_kill_9(store_url: str, tmp_path: Path) -> None:
    seed = int.from_bytes(os.urandom(4))
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-m", "tests.log.crash"]
    done = subprocess.run(
        [*command, store_url, str(tmp_path / "spool"), str(RUNS), str(seed)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("entries, whole\n")
    assert list((tmp_path / "spool").rglob("*.*")) == []
