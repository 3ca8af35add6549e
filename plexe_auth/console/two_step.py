"""An authenticator app is added by its picture and a code; recovery codes are shown once, however often one asks."""

from markupsafe import Markup
from msgspec import Struct

from plexe_auth.console.rendering import redirect
from plexe_auth.console.services import Services
from plexe_auth.console.visit import ANYBODY, Page, Visit
from plexe_auth.secret import Secret
from plexe_auth.service.totp_enrolment import Enrolment
from plexe_auth.web.route import Nothing
from plexe_auth.wire import Response

_HERE = "/security/two-step"


class Confirmation(Struct):
    """What the new app shows."""

    enrolment: str
    code: str


class Renewal(Struct):
    """As whom the page that asks has seen its person: they are another one when this was done."""

    version: int


async def page(services: Services, visit: Visit) -> Response:
    """Show what second factors there are."""
    factors = await services.ways.of(visit.user.id, visit.version)
    return services.draw.page("two_step.html", visit, factors=factors)


async def begin(services: Services, visit: Visit) -> Response:
    """Show what the app has to read. It takes the place of what was begun before."""
    return _asked(services, visit, await services.mfa.begin_totp(visit.user.id))


async def again(services: Services, visit: Visit) -> Response:
    """Ask for the code once more, by what the app has read: nothing is begun anew."""
    return _asked(services, visit, None)


def _asked(services: Services, visit: Visit, begun: Enrolment | None) -> Response:
    enrolment = visit.sent.get("enrolment", "") if begun is None else begun.id
    picture = None if begun is None else Markup(begun.svg)  # noqa: S704 - drawn by us; nothing typed stands in it
    secret = None if begun is None else begun.secret
    return services.draw.page("two_step_app.html", visit, enrolment=enrolment, picture=picture, secret=secret)


async def confirm(services: Services, visit: Visit) -> Response:
    """Make the app count, and show the recovery codes."""
    given: Confirmation = visit.form
    codes = await services.mfa.confirm_totp(visit.user.id, given.enrolment, given.code, keep=visit.who.id)
    return shown(services, visit, codes, _HERE)


async def remove(services: Services, visit: Visit) -> Response:
    """Take the app away."""
    await services.mfa.disable_totp(visit.user.id, keep=visit.who.id)
    return redirect(visit.to(_HERE))


async def renew(services: Services, visit: Visit) -> Response:
    """Void the recovery codes and show others; a page that is sent again does neither."""
    codes = await services.mfa.renew_recovery_codes(visit.user.id, if_version=visit.form.version)
    return shown(services, visit, codes, _HERE)


def shown(services: Services, visit: Visit, codes: tuple[Secret, ...], then: str) -> Response:
    """Return the page that shows recovery codes this once."""
    return services.draw.page("recovery_codes.html", visit, codes=codes, then=visit.to(then))


PAGES = (
    Page("GET", "/security/two-step", ANYBODY, page, recent=True, reads_twice=True),
    Page("POST", "/security/two-step/app", ANYBODY, begin, form=Nothing, again=page, recent=True),
    Page("POST", "/security/two-step/confirm", ANYBODY, confirm, form=Confirmation, again=again, recent=True),
    Page("POST", "/security/two-step/remove", ANYBODY, remove, form=Nothing, again=page, recent=True),
    Page("POST", "/security/two-step/recovery-codes", ANYBODY, renew, form=Renewal, again=page, recent=True),
)
