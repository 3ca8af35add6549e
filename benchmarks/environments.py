"""A virtual environment for each peer, made once under ``build/bench-envs`` and kept while it asks for the same."""

import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "build" / "bench-envs"


class NotMade(Exception):
    """An environment cannot be had here; the text says why, on one line."""


def python(name: str, requirements: tuple[str, ...]) -> Path:
    """Return the interpreter of the environment of that name, which has what `requirements` ask for.

    Raises:
        NotMade: it could not be made or filled.
    """
    folder = FOLDER / name
    stamp, asked = folder / "has.txt", "\n".join(requirements)
    interpreter = folder / "bin" / "python"
    if not stamp.exists() or stamp.read_text() != asked:
        _run(str(ROOT / ".ci" / "venv"), str(folder))
        _run(str(interpreter), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *_each(requirements))
        stamp.write_text(asked)
    return interpreter


def program(name: str) -> str:
    """Return the path of a program that Debian has under its own name; it is installed where that may be done.

    Raises:
        NotMade: it is not there and cannot be put there.
    """
    if shutil.which(name) is None and os.geteuid() == 0:
        subprocess.run([str(ROOT / ".ci" / "apt"), name], cwd=ROOT, capture_output=True, check=False)
    found = shutil.which(name)
    if found is None:
        raise NotMade(f"{name} is not installed (Debian: apt install {name})")
    return found


def _each(requirements: tuple[str, ...]) -> list[str]:
    # ".[async]" is this project itself, as it lies here.
    here = [["--editable", f"{ROOT}{one[1:]}"] if one.startswith(".") else [one] for one in requirements]
    return [part for one in here for part in one]


def _run(*command: str) -> str:
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if ended.returncode:
        told = (ended.stderr.strip() or ended.stdout.strip() or f"exit code {ended.returncode}").splitlines()
        raise NotMade(next((line for line in reversed(told) if line.strip()), "no reason told")[:200])
    return ended.stdout
