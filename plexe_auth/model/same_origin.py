"""A browser sends cookies with requests that other sites' pages make; what changes anything must come from our own.

Browsers say where a request comes from, and pages cannot change what they say: ``Sec-Fetch-Site`` (Fetch Metadata) and
``Origin`` (Fetch standard, section 3.2). Where neither says that it is our own page, nobody has proven anything.
"""

from plexe_auth.model.origin import Origin
from plexe_auth.wire import Request

READING = ("GET", "HEAD")


def proves_itself(request: Request, came: Origin, allowed: tuple[str, ...]) -> bool:
    """Tell whether a request by cookie may be acted on: it only reads, or comes from our own pages or allowed ones.

    Args:
        request: what came.
        came: where from.
        allowed: other origins whose pages may use our cookie, such as ``https://app.example.com``.
    """
    if request.kind == "http" and request.method in READING:
        return True
    sites, origins = request.fields.get("sec-fetch-site", []), request.fields.get("origin", [])
    if len(sites) > 1 or len(origins) > 1:
        return False
    if origins:
        return origins[0] in allowed or (origins[0] == _own(request, came) and all(map(_is_same, sites)))
    return bool(sites) and _is_same(sites[0])


def _is_same(site: str) -> bool:
    return site == "same-origin"


def _own(request: Request, came: Origin) -> str | None:
    hosts = request.fields.get("host", [])
    if len(hosts) != 1:
        return None
    return f"{'https' if came.encrypted else 'http'}://{hosts[0].lower()}"
