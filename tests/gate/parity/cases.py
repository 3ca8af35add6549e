"""The corpus: raw requests, each with the decision that every server must come to.

A line of a corpus file reads `REQUEST LINE | FIELD | FIELD => EXPECTED ## NOTES`. `[name]` begins the requests under
one policy of the app, `#` a remark. `\\xNN` is a byte, `{good}` the text of a key, `{pad 9}` nine letters.
` HTTP/1.1` stands behind each request line, and each has a host and closes its connection, unless it says otherwise.

Expected is `STATUS CODE`, or `200` and as which key it is served. The notes say where servers differ before the gate
is asked: `own: NAMES` may answer by themselves, `NAME: EXPECTED` hands over something else than what was sent.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

CORPUS = Path(__file__).parent / "corpus"
EVERYBODY = ("gunicorn", "waitress", "wsgiref", "uvicorn", "hypercorn")


class Case(NamedTuple):
    """One request as it goes over the wire, but for the keys, and what is to come of it."""

    name: str
    data: str
    expected: str
    own: tuple[str, ...]
    otherwise: Mapping[str, str]

    def sent(self, keys: Mapping[str, str]) -> bytes:
        """Return the bytes to send."""
        text = re.sub(r"\{([a-z ]+)\}", lambda found: keys[found[1]], self.data)
        return text.encode("latin-1")

    def by(self, server: str) -> str:
        """Return what this server's app is to decide."""
        return self.otherwise.get(server, self.expected)


def corpus() -> list[Case]:
    """Return every request."""
    return [case for file in sorted(CORPUS.glob("*.txt")) for case in _read(file)]


def _read(file: Path) -> Iterator[Case]:
    policy = "plain"
    for number, line in enumerate(file.read_text("ascii").splitlines(), 1):
        if line.startswith("["):
            policy = line.strip("[]")
        elif line and not line.startswith("#"):
            yield _case(f"{file.stem}:{number}", line, policy)


def _case(name: str, line: str, policy: str) -> Case:
    request, _arrow, rest = line.partition(" => ")
    expected, _mark, remarks = rest.partition(" ## ")
    notes = {who.strip(): what.strip() for who, what in (note.split(":", 1) for note in remarks.split(";") if note)}
    own = tuple(notes.pop("own", "").replace("all", " ".join(EVERYBODY)).split())
    return Case(name, _request(request, policy), expected.strip(), own, notes)


def _request(text: str, policy: str) -> str:
    line, *fields = re.sub(r"\{pad (\d+)\}", lambda found: "x" * int(found[1]), _unescaped(text.rstrip())).split(" | ")
    if not any(field.lower().startswith("host:") for field in fields):
        fields.insert(0, "Host: example.com")
    fields = [field for field in fields if field != "host:none"]
    version = "" if re.search(r" HTTP/\d\.\d$", line) else " HTTP/1.1"
    return "\r\n".join([line + version, "Connection: close", f"x-policy: {policy}", *fields, "", ""])


def _unescaped(text: str) -> str:
    return re.sub(r"\\x([0-9a-f]{2})", lambda found: chr(int(found[1], 16)), text)
