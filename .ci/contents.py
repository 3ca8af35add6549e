"""Refuse a wheel or an sdist that holds more, or less, than plexe_auth and its papers."""

import sys
import tarfile
import zipfile

PAPERS = {"LICENSE", "README.md", "CHANGELOG.md", "pyproject.toml", "PKG-INFO", ".gitignore"}
DATA = {"plexe_auth/py.typed", "plexe_auth/blocklist/common-passwords.txt.gz", "plexe_auth/blocklist/LICENSE"}
DATA |= {"plexe_auth/console/static/console.css", "plexe_auth/console/static/console.js"}
DATA |= {"plexe_auth/console/static/htmx.min.js", "plexe_auth/console/static/htmx.LICENSE"}
DATA |= {"plexe_auth/console/templates/frame.html"}


def strange_in_wheel(path: str) -> list[str]:
    with zipfile.ZipFile(path) as wheel:
        names = wheel.namelist()
    missing = sorted(f"(missing) {one}" for one in DATA - set(names))
    return missing + [name for name in names if not name.startswith(("plexe_auth/", "plexe_auth-"))]


def strange_in_sdist(path: str) -> list[str]:
    with tarfile.open(path) as sdist:
        names = [name.partition("/")[2] for name in sdist.getnames()]
    missing = sorted(f"(missing) {paper}" for paper in PAPERS - {".gitignore"} - set(names))
    return missing + [name for name in names if name not in PAPERS and not name.startswith("plexe_auth/")]


def main(wheel: str, sdist: str) -> str | None:
    strange = strange_in_wheel(wheel) + strange_in_sdist(sdist)
    return f"unexpected in the distribution: {', '.join(strange)}" if strange else None


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
