"""Signs in at a nanoidp as a person with a browser would: opens the page, fills the form, comes back with a query."""

import re
from http.client import HTTPMessage
from http.cookiejar import CookieJar
from typing import IO
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPCookieProcessor, HTTPRedirectHandler, ProxyHandler, Request, build_opener

from tests.servers.nanoidp import PERSON

HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')


class Stay(HTTPRedirectHandler):
    """Follows nobody: the redirect is what we want to see."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        return None


def sign_in(url: str, name: str = PERSON[0], password: str = PERSON[1]) -> str:
    """Open an authorization URL, sign in, and return the query with which the browser is sent back."""
    browser = build_opener(Stay(), HTTPCookieProcessor(CookieJar()), ProxyHandler({}))
    with browser.open(url, timeout=20) as page:
        form = dict(HIDDEN.findall(page.read().decode()))
    form |= {"username": name, "password": password}
    try:
        with browser.open(url.partition("?")[0], urlencode(form).encode(), timeout=20) as page:
            raise AssertionError(f"the provider did not send us back: {page.status}")
    except HTTPError as sent:
        with sent:
            return urlsplit(sent.headers["location"]).query
