"""Real servers for the tests, databases and others, each in a folder of its own that is gone afterwards.

`running()` of a module starts its server; `fresh_database` empties a place on a database. Only `plugin` knows pytest.
Every local user may enter these servers while they run: they listen on 127.0.0.1 and hold nothing but test data.
"""

from tests.servers import axe, chromium, mariadb, memcached, nanoidp, oidc_provider, postgresql, redis, valkey
from tests.servers.server import Kind, Server, ServerMissing, Startable

__all__ = [
    "BROWSING",
    "COUNTERS",
    "EVERY",
    "KINDS",
    "PROVIDERS",
    "Server",
    "ServerMissing",
    "fresh_database",
    "mariadb",
    "nanoidp",
    "oidc_provider",
    "postgresql",
]

KINDS: dict[str, Kind] = {"postgresql": postgresql, "mariadb": mariadb}
COUNTERS: dict[str, Startable] = {"redis": redis, "valkey": valkey, "memcached": memcached}
PROVIDERS: dict[str, Startable] = {"nanoidp": nanoidp, "oidc_provider": oidc_provider}
BROWSING: dict[str, Startable] = {"chromium": chromium, "axe": axe}  # programs that are only found
EVERY: dict[str, Startable] = {**KINDS, **COUNTERS, **PROVIDERS, **BROWSING}


def fresh_database(server: Server, name: str) -> str:
    """The driverless URL of an empty database called `name`; an older one of that name is dropped."""
    return KINDS[server.name].fresh_database(server, name)
