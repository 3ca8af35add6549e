"""An answer in JSON, its tag, and what remains of it where only its head was asked for."""

import hashlib

import msgspec
from msgspec import Struct

from plexe_auth.wire import Header, Response

JSON = "application/json"
_IN_JSON: Header = ("content-type", JSON)
_encoded = msgspec.json.Encoder().encode


def json_answer(value: Struct, *headers: Header, status: int = 200) -> Response:
    """Return the answer that shows `value`."""
    data = _encoded(value)
    return Response(status, (_IN_JSON, ("content-length", str(len(data))), *headers), data)


def bytes_answer(data: bytes, *headers: Header, status: int = 200) -> Response:
    """Return the answer that shows JSON that is written already."""
    return Response(status, (_IN_JSON, ("content-length", str(len(data))), *headers), data)


def head(response: Response) -> Response:
    """Return the answer without its body; its length is told all the same (RFC 9110, section 9.3.2)."""
    return Response(response.status, response.headers)


def tag(data: bytes) -> str:
    """Return the entity tag of what never changes but as a whole."""
    return f'"{hashlib.sha256(data).hexdigest()[:32]}"'
