"""The same place over HTTPS, where the request says in a harmless way which place it means."""

import re

from plexe_auth.wire import Request, Response

_HOST = re.compile(r"([A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?", re.ASCII)
_TARGET = re.compile(r"/[!-~]*", re.ASCII)


def to_https(request: Request) -> Response | None:
    """Return the redirect (308, RFC 9110, section 15.4.9) to HTTPS on the default port, or ``None`` where none is safe.

    Only ``GET`` and ``HEAD`` are redirected: what else was sent has been sent in the clear already, and says so.
    """
    hosts = request.fields.get("host", [])
    host = _HOST.fullmatch(hosts[0]) if len(hosts) == 1 else None
    target = request.raw_path + (f"?{request.query}" if request.query else "")
    if request.method not in ("GET", "HEAD") or host is None or not _TARGET.fullmatch(target):
        return None
    headers = (
        ("location", f"https://{host[1]}{target}"),
        ("cache-control", "no-store"),
        ("content-length", "0"),
    )
    return Response(308, headers)
