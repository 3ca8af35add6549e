"""Bytes go to a server and its answer comes back, whoever has made it."""

import http.client
import json
import socket
from typing import NamedTuple

Address = tuple[str, int]
PATIENCE = 30.0


class Got(NamedTuple):
    """An answer, or the lack of one, which stands as status 0."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def is_ours(self) -> bool:
        """Whether the gate or the app behind it has made it; otherwise the server has, and the gate was not asked."""
        ours = ("application/problem+json", "application/json")
        return self.headers.get("content-type") in ours or "location" in self.headers

    @property
    def code(self) -> str:
        return json.loads(self.body)["code"]

    @property
    def who(self) -> str | None:
        return json.loads(self.body)["principal"]


NOTHING = Got(0, {}, b"")


def exchange(address: Address, data: bytes) -> Got:
    """Send `data` as it is and return what comes back."""
    with socket.create_connection(address, PATIENCE) as connection:
        try:
            connection.sendall(data)
            answer = http.client.HTTPResponse(connection, method=data.partition(b" ")[0].decode("latin-1"))
            answer.begin()
            headers = {name.lower(): value for name, value in answer.getheaders()}
            return Got(answer.status, headers, answer.read())
        except (http.client.HTTPException, ConnectionError):
            return NOTHING
