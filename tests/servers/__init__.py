"""Real database servers for the tests, each in a folder of its own that is gone afterwards.

`postgresql.running()` and `mariadb.running()` start one; `fresh_database` empties a place on it. Only
`plugin` knows pytest. Every local user may enter these servers while they run: they listen on 127.0.0.1 and
hold nothing but test data.
"""

from tests.servers import mariadb, postgresql
from tests.servers.server import Kind, Server, ServerMissing

__all__ = ["KINDS", "Server", "ServerMissing", "fresh_database", "mariadb", "postgresql"]

KINDS: dict[str, Kind] = {"postgresql": postgresql, "mariadb": mariadb}


def fresh_database(server: Server, name: str) -> str:
    """The driverless URL of an empty database called `name`; an older one of that name is dropped."""
    return KINDS[server.name].fresh_database(server, name)
