"""A real provider of OpenID Connect, of the wheel `nanoidp`: two clients, one person, keys of its own making."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from signal import SIGKILL
from urllib.request import urlopen

from tests.servers import starting
from tests.servers.server import Server, ServerMissing

CLIENT = ("plexe", "client-s3cret")  # no signs: nanoidp does not decode what RFC 6749, section 2.3.1, has encoded
POSTING_CLIENT = ("plexe-posting", "s3cret/+% &")  # it shows its secret in the body
PERSON = ("ada", "ada's passphrase")
ADDRESS = "ada@example.com"

MISSING = "nanoidp was not found: `pip install nanoidp`"


@contextmanager
def running() -> Iterator[Server]:
    """A nanoidp that answers on a free port of 127.0.0.1; its URL is its issuer."""
    if find_spec("nanoidp") is None:  # found, not imported: it runs in a process of its own
        raise ServerMissing(MISSING)
    with starting.folder_of("") as folder:
        port = starting.free_port()
        issuer = f"http://127.0.0.1:{port}"
        _configure(folder, port, issuer)
        command = [sys.executable, "-m", "nanoidp", "--config", str(folder), "--port", str(port)]
        # It has nothing to lose.
        with starting.kept(folder, "", SIGKILL, [command], lambda: _answers(issuer)):
            yield Server("nanoidp", issuer)


def _configure(folder: Path, port: int, issuer: str) -> None:
    clients = [
        {"client_id": CLIENT[0], "client_secret": CLIENT[1], "description": "the tests"},
        {
            "client_id": POSTING_CLIENT[0],
            "client_secret": POSTING_CLIENT[1],
            "description": "the tests",
            "token_endpoint_auth_method": "client_secret_post",
        },
    ]
    settings = {
        "config_version": 1,
        "server": {"host": "127.0.0.1", "port": port},
        "oauth": {"issuer": issuer, "audience": CLIENT[0], "clients": clients},
    }
    users = {"config_version": 1, "users": {PERSON[0]: {"password": PERSON[1], "email": ADDRESS}}}
    # JSON is YAML as well.
    (folder / "settings.yaml").write_text(json.dumps(settings))
    (folder / "users.yaml").write_text(json.dumps(users))


def _answers(issuer: str) -> bool:
    try:
        with urlopen(f"{issuer}/.well-known/openid-configuration", timeout=5) as answer:
            return bool(json.load(answer)["issuer"] == issuer)
    except OSError:
        return False
