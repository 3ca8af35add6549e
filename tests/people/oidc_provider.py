"""Signs in at an oidc-provider as a person with a browser would: says who they are, agrees, comes back with a query."""

import re
from http.client import HTTPMessage
from http.cookiejar import CookieJar
from typing import IO
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPCookieProcessor, HTTPRedirectHandler, ProxyHandler, Request, build_opener

from tests.servers.oidc_provider import VERIFIED

FORM = re.compile(r'<form [^>]*action="([^"]+)"')
CANCEL = re.compile(r'<a href="([^"]+)">\[ Cancel \]')


class Nearby(HTTPRedirectHandler):
    """Follows the provider to itself: the redirect that leaves it is what we want to see."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> Request | None:
        is_away = urlsplit(newurl).netloc != urlsplit(req.full_url).netloc
        return None if is_away else super().redirect_request(req, fp, code, msg, headers, newurl)


class Browser:
    """A browser that knows nothing of earlier visits: the page that it shows, and the query that leads back to us."""

    page = came_back = ""

    def __init__(self, url: str) -> None:
        self._opener = build_opener(Nearby(), HTTPCookieProcessor(CookieJar()), ProxyHandler({}))
        self._open(url)

    def send(self, **fields: str) -> None:
        self._open(FORM.findall(self.page)[0], fields)

    def cancel(self) -> None:
        self._open(CANCEL.findall(self.page)[0])

    def _open(self, url: str, fields: dict[str, str] | None = None) -> None:
        form = None if fields is None else urlencode(fields).encode()
        try:
            with self._opener.open(url, form, timeout=20) as answer:
                self.page = answer.read().decode()
        except HTTPError as sent:
            with sent:
                self.came_back = urlsplit(sent.headers.get("location", "")).query


def sign_in(url: str, name: str = VERIFIED, *, agrees: bool = True) -> str:
    """Open an authorization URL, sign in, agree or not, and return the query with which the browser is sent back."""
    browser = Browser(url)
    browser.send(prompt="login", login=name, password="whichever")
    if agrees:
        browser.send(prompt="consent")
    else:
        browser.cancel()
    assert browser.came_back, f"the provider did not send us back: {browser.page}"
    return browser.came_back
