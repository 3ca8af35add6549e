"""Every page of the Console: what is not in one of these tables is not there."""

from plexe_auth.console import (
    adding_factor,
    assets,
    invitations,
    invited,
    keys,
    linked,
    logs,
    members,
    passkey_sign_in,
    passkeys,
    providers,
    proving,
    resetting,
    second_factor,
    security,
    sessions,
    signing_in,
    signing_up,
    two_step,
    usage,
)
from plexe_auth.console.visit import Page
from plexe_auth.web.route import Routes

PAGES: Routes[Page] = Routes(
    (
        *assets.PAGES,
        *signing_in.PAGES,
        *second_factor.PAGES,
        *adding_factor.PAGES,
        *passkey_sign_in.PAGES,
        *providers.PAGES,
        *signing_up.PAGES,
        *resetting.PAGES,
        *invited.PAGES,
        *proving.PAGES,
        *keys.PAGES,
        *logs.PAGES,
        *usage.PAGES,
        *members.PAGES,
        *invitations.PAGES,
        *security.PAGES,
        *two_step.PAGES,
        *passkeys.PAGES,
        *linked.PAGES,
        *sessions.PAGES,
    )
)
