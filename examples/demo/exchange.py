"""One HTTP request and its answer as plain values, and what was promised of the answer."""

import http.client
import json
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. Header names are in lower case."""

    status: int
    headers: dict[str, str]
    body: str

    @property
    def reason(self) -> str:
        """The status in words, spelled alike whichever server it came from."""
        return http.client.responses[self.status]

    @property
    def code(self) -> str | None:
        """The wire code of a refusal, which clients branch on."""
        return self._problem().get("code")

    @property
    def detail(self) -> str:
        """The sentence of a refusal, or else the body."""
        return self._problem().get("detail") or self.body.strip()

    def _problem(self) -> dict[str, str]:
        if self.headers.get("content-type") != "application/problem+json":
            return {}
        found: dict[str, str] = json.loads(self.body)
        return found


@dataclass(frozen=True, slots=True)
class Promise:
    """What an answer must be: its status, its wire code, and fields that it must carry."""

    status: int
    code: str | None = None
    fields: tuple[str, ...] = ()

    def kept(self, answer: Answer) -> bool:
        """Tell whether `answer` is as promised."""
        same = (answer.status, answer.code) == (self.status, self.code)
        return same and all(field in answer.headers for field in self.fields)

    def __str__(self) -> str:
        return " ".join(filter(None, (str(self.status), self.code, *self.fields)))


def send(base: str, method: str, path: str, key: str | None) -> Answer:
    """Send one request, with the key in its header if there is one, and return the answer."""
    connection = http.client.HTTPConnection(urlsplit(base).netloc, timeout=30)
    try:
        connection.request(method, path, headers={} if key is None else {"x-api-key": key})
        response = connection.getresponse()
        headers = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, headers, response.read().decode())
    finally:
        connection.close()
