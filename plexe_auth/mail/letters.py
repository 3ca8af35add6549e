"""What plexe_auth writes to people: one method for each occasion, so that a host can say any of it in its own words."""

from datetime import datetime, timedelta

from plexe_auth.errors import ConfigurationError
from plexe_auth.mail.page import Body, as_html, as_text
from plexe_auth.model.inert import inert
from plexe_auth.model.letter import Letter
from plexe_auth.model.network import address

_UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60))
# Whatever the locale of the server is.
_MONTHS = (
    *("", "January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_NOT_YOU = "If this was not you, somebody else may know your password. Set a new one now."


class Letters:
    """Writes every letter, in English. Override a method to say something else, or `write` to give all another look.

    Whatever somebody else chose, such as a name, is shown by `plexe_auth.model.inert.inert`. Links come ready-made from
    `plexe_auth.model.links.Links`.

    Args:
        product: what people know your product as.

    Raises:
        ConfigurationError: it has no name.

    Example:
        >>> from datetime import timedelta
        >>> letter = Letters("Example").sign_in_code("ada@example.com", "271828", timedelta(minutes=10))
        >>> print(letter.text)
        Here is your code for signing in to Example:
        <BLANKLINE>
            271828
        <BLANKLINE>
        It is good for 10 minutes. Type it only on the page where you began; nobody of ours will ever ask you for it.
        <BLANKLINE>
        If you are not signing in just now, somebody else knows your password. Please change it.
        <BLANKLINE>
        --\x20
        Example
        <BLANKLINE>
    """

    language = "en"

    def __init__(self, product: str) -> None:
        self.product: str = inert(product)
        if not self.product:
            raise ConfigurationError("letters need the name of your product")

    def write(self, to: str, subject: str, body: Body) -> Letter:
        """Return the letter that says `body`, in plain text and in HTML."""
        page = as_html(body, self.product, subject, self.language)
        return Letter(to, subject, as_text(body, self.product), page)

    def verify_email(self, to: str, link: str, lasts: timedelta) -> Letter:
        """To who registered or has a new address: is it yours?"""
        before = (f"Please confirm that this is your e-mail address for {self.product}.",)
        after = (f"The link works for {span(lasts)}. If you did not ask for this, you can ignore this letter.",)
        return self.write(to, f"Confirm your address for {self.product}", Body(before, after, "", "Confirm", link))

    def reset_password(self, to: str, link: str, lasts: timedelta) -> Letter:
        """To who forgot the password."""
        before = (f"Somebody, we hope you, asked to set a new password for {self.product}.",)
        after = (
            f"The link works once, and for {span(lasts)}.",
            "If you did not ask for this, you can ignore this letter: your password stays as it is.",
        )
        return self.write(
            to, f"Set a new password for {self.product}", Body(before, after, "", "Set a new password", link)
        )

    def already_registered(self, to: str, link: str) -> Letter:
        """To the owner of an address that somebody tried to register again; the link is for setting a new password."""
        before = (
            f"Somebody, perhaps you, tried to register this address with {self.product}. You are registered already.",
            "If you have forgotten your password, you can set a new one.",
        )
        after = ("If this was not you, you can ignore this letter: nothing was changed.",)
        return self.write(
            to, f"You are already registered with {self.product}", Body(before, after, "", "Set a new password", link)
        )

    def sign_in_code(self, to: str, code: str, lasts: timedelta) -> Letter:
        """To who signs in and has chosen codes by e-mail. The code is not in the subject, which locked screens show."""
        before = (f"Here is your code for signing in to {self.product}:",)
        after = (
            f"It is good for {span(lasts)}. Type it only on the page where you began; nobody of ours will ever ask you "
            "for it.",
            "If you are not signing in just now, somebody else knows your password. Please change it.",
        )
        return self.write(to, f"Your code for {self.product}", Body(before, after, inert(code)))

    def new_device(self, to: str, link: str, at: datetime, device: str = "", ip: str | None = None) -> Letter:
        """To who signed in from where we have not seen them; the link leads to setting a new password.

        Args:
            to: whose account it is.
            link: where to set a new password.
            at: when, as an aware `datetime`.
            device: what the browser says of itself.
            ip: the address it came from.
        """
        told = [f"Somebody signed in to your account at {self.product} from a new device.", f"When: {moment(at)}"]
        told.append(f"Device: {inert(device) or 'unknown'}")
        told += [f"IP address: {found}"] if (found := address(ip)) else []
        body = Body(tuple(told), (f"If this was you, all is well. {_NOT_YOU}",), "", "Set a new password", link)
        return self.write(to, f"A new sign-in to {self.product}", body)

    def password_changed(self, to: str, link: str) -> Letter:
        """To whose password was changed; the link leads to setting a new one."""
        before = (f"The password of your account at {self.product} was changed.",)
        body = Body(before, (f"If this was you, all is well. {_NOT_YOU}",), "", "Set a new password", link)
        return self.write(to, f"Your password for {self.product} was changed", body)

    def email_changed(self, to: str, link: str) -> Letter:
        """To the old address; the new one is not told, for whoever reads this mailbox may not be its owner any more.

        The link leads to your support: by this address nothing can be reset any more.
        """
        before = (
            f"Your account at {self.product} has a new e-mail address. Letters about it will go there from now on.",
        )
        after = ("If this was you, all is well. If not, please tell us at once.",)
        body = Body(before, after, "", "This was not me", link)
        return self.write(to, f"Your e-mail address for {self.product} was changed", body)

    def factor_changed(self, to: str, change: str, link: str) -> Letter:
        """To whose second factor was added or removed.

        Args:
            to: whose account it is.
            change: what was done: ``an authenticator app was added``. The name of a passkey may be part of it.
            link: where to set a new password.
        """
        before = (f"How you sign in to {self.product} has changed: {inert(change)}.",)
        body = Body(before, (f"If this was you, all is well. {_NOT_YOU}",), "", "Set a new password", link)
        return self.write(to, f"A change to how you sign in to {self.product}", body)

    def provider_linked(self, to: str, provider: str, link: str) -> Letter:
        """To whose account can be signed in to by a provider from now on.

        A new password alone would leave whoever linked it in, so that the letter tells what else to do.

        Args:
            to: whose account it is.
            provider: what people know it as, such as ``Google``.
            link: where to set a new password.
        """
        name = inert(provider)
        before = (f"Your account at {self.product} can now be signed in to by {name}.",)
        after = (
            "If this was you, all is well. If not, somebody else can sign in to your account. Set a new password now, "
            f"and then remove {name} from the ways in which you sign in.",
        )
        body = Body(before, after, "", "Set a new password", link)
        return self.write(to, f"A new way to sign in to {self.product}", body)

    def provider_unlinked(self, to: str, provider: str, link: str) -> Letter:
        """To whose account cannot be signed in to by a provider any more; the arguments are as before."""
        before = (f"Your account at {self.product} can no longer be signed in to by {inert(provider)}.",)
        body = Body(before, (f"If this was you, all is well. {_NOT_YOU}",), "", "Set a new password", link)
        return self.write(to, f"A change to how you sign in to {self.product}", body)

    def invitation(self, to: str, inviter: str, organisation: str, link: str, lasts: timedelta) -> Letter:
        """To somebody whom a user of yours invites. Names are shown, but none of them becomes a link or a subject.

        Args:
            to: who is invited.
            inviter: the name of who invites.
            organisation: the name of what they are to join.
            link: where to join.
            lasts: how long the link works.
        """
        who, what = inert(inviter) or "Somebody", inert(organisation) or "their organisation"
        before = (f"{who} invites you to join {what} on {self.product}.",)
        after = (f"The link works for {span(lasts)}. If you do not know them, you can ignore this letter.",)
        return self.write(to, f"An invitation to {self.product}", Body(before, after, "", "Join", link))


def span(lasts: timedelta) -> str:
    """Return a span in words, in the largest unit that says it well.

    Example:
        >>> span(timedelta(minutes=90)), span(timedelta(hours=1)), span(timedelta(days=3))
        ('90 minutes', '1 hour', '3 days')
    """
    seconds = int(lasts.total_seconds())
    for unit, size in _UNITS:
        if seconds >= size and seconds % size == 0:
            return _counted(seconds // size, unit)
    return _counted(max(1, seconds // 60), "minute")


def moment(at: datetime) -> str:
    """Return a time as people write it, in the zone it has.

    Example:
        >>> from datetime import UTC
        >>> moment(datetime(2026, 3, 29, 12, 5, tzinfo=UTC))
        '29 March 2026, 12:05 UTC'
    """
    return f"{at.day} {_MONTHS[at.month]} {at:%Y, %H:%M %Z}".rstrip()


def _counted(count: int, unit: str) -> str:
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"
