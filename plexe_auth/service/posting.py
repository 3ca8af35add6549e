"""Letters are posted, never sent in a request: neither time nor outcome of an answer tells whether there is one."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from plexe_auth.errors import ConfigurationError
from plexe_auth.model.letter import Letter
from plexe_auth.model.links import Links
from plexe_auth.model.ticket import RESET, Kind
from plexe_auth.secret import Secret
from plexe_auth.world import World

if TYPE_CHECKING:
    from plexe_auth.mail.letters import Letters

Written = Callable[["Letters", Links], Letter]


def must_have_mail(world: World) -> None:
    """Refuse what cannot be done without mail.

    Raises:
        ConfigurationError: no mailer was given.
    """
    if world.outbox is None:
        raise ConfigurationError(
            "this sends mail: open plexe_auth with mailer=, such as a plexe_auth.mail.smtp.SMTPMailer"
        )


def post(world: World, written: Written) -> None:
    """Have a letter sent, if there is somebody who sends it. Whatever becomes of it, nothing is raised."""
    if world.outbox is not None:
        world.outbox.post(written(world.letters, world.links))


def link(links: Links, kind: Kind, text: Secret) -> str:
    """Return the link that hands a ticket over."""
    return links.to(kind.path, text.reveal())


def forgot(links: Links) -> str:
    """Return the link to where a new password is asked for."""
    return links.to(RESET.path)
