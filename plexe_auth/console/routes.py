"""Every page of the Console: what is not in one of these tables is not there."""

from plexe_auth.console import assets, keys, logs, members, proving, signing_in, usage
from plexe_auth.console.visit import Page
from plexe_auth.web.route import Routes

PAGES: Routes[Page] = Routes(
    (*assets.PAGES, *signing_in.PAGES, *proving.PAGES, *keys.PAGES, *logs.PAGES, *usage.PAGES, *members.PAGES)
)
