"""Pages are drawn from templates; whatever somebody wrote shows on them and does nothing."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PrefixLoader, StrictUndefined
from markupsafe import Markup

from plexe_auth.console.device import device
from plexe_auth.console.look import Look
from plexe_auth.console.visit import Visit
from plexe_auth.secret import Secret
from plexe_auth.wire import Header, Response, advice

_OURS = Path(__file__).parent / "templates"

# Nothing from anywhere but us, no inline script or style, in nobody's frame (CSP level 3).
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
HARDENED: tuple[Header, ...] = (
    ("content-security-policy", _POLICY),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),  # for browsers that know no frame-ancestors
    ("referrer-policy", "same-origin"),  # browsers that are to send no referrer send `Origin: null` as well
    ("cross-origin-opener-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=()"),
)
_PRIVATE: Header = ("cache-control", "no-store")


class Renderer:
    """Draws pages in one look.

    Args:
        look: the host's.
        product: what people know the product as, where the look does not say it.
    """

    def __init__(self, look: Look, product: str) -> None:
        self.look = look
        ours = FileSystemLoader(_OURS)
        own = [] if look.templates is None else [FileSystemLoader(look.templates)]
        self._templates: Any = Environment(  # whose members are untyped
            autoescape=True,
            undefined=StrictUndefined,
            loader=ChoiceLoader([*own, ours, PrefixLoader({"plexe_auth": ours})]),
            finalize=shown,
            auto_reload=False,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters.update(moment=moment, day=day, device=device)
        self._templates.globals.update(product=look.name or product, has_logo=look.logo is not None)

    def text(self, template: str, **values: Any) -> str:
        """Return what a template makes of some values."""
        drawn: str = self._templates.get_template(template).render(**values)
        return drawn

    def page(
        self, template: str, visit: Visit, *, status: int = 200, headers: Iterable[Header] = (), **values: Any
    ) -> Response:
        """Return a page. Where the visit's form was refused, it says why, and the status is that of the refusal."""
        refusal = visit.refusal
        body = self.text(template, visit=visit, me=visit.person, refusal=refusal, to=visit.to, **values).encode()
        answered = status if refusal is None else refusal.status
        return document("text/html; charset=utf-8", body, *advice(refusal), *headers, status=answered)


def redirect(place: str, *headers: Header) -> Response:
    """Return the answer that has the browser get another page (RFC 9110, section 15.4.4): a reload repeats nothing."""
    return Response(303, (("location", place), ("content-length", "0"), _PRIVATE, *HARDENED, *headers))


def in_json(value: object, *headers: Header) -> Response:
    """Return the answer to a script of ours."""
    return document("application/json", msgspec.json.encode(value), *headers)


def document(kind: str, body: bytes, *headers: Header, status: int = 200) -> Response:
    """Return an answer of any kind, which nobody keeps."""
    told = (("content-type", kind), ("content-length", str(len(body))), _PRIVATE)
    return Response(status, (*told, *HARDENED, *headers), body)


def shown(value: object) -> object:
    """Return a value as a page shows it: a text without what hides or turns it, a secret in the clear."""
    if isinstance(value, Markup):
        return value
    if isinstance(value, Secret):
        return value.reveal()
    if isinstance(value, str):
        return value if value.isprintable() else visible(value)
    return "" if value is None else value


def visible(text: str) -> str:
    """Return a text in which a sign stands for each character that is not printed."""
    return "".join(one if one.isprintable() or one in "\n\t" else "\N{REPLACEMENT CHARACTER}" for one in text)


def moment(at: datetime | None) -> str:
    """Return an instant as pages write it, in UTC."""
    return "never" if at is None else f"{at:%Y-%m-%d %H:%M} UTC"


def day(at: datetime | None) -> str:
    """Return the day of an instant, in UTC."""
    return "never" if at is None else f"{at:%Y-%m-%d}"
