"""An authenticator app is begun, and counts from when it has shown a right code."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from plexe_auth.errors import InvalidCredentials, NotFound
from plexe_auth.identifier import new_id
from plexe_auth.model import totp
from plexe_auth.model.instant import to_microseconds
from plexe_auth.qr import svg
from plexe_auth.rows import Change, Delete, Insert, Row, Update, equal, present
from plexe_auth.secret import Secret
from plexe_auth.service.factor_change import new_codes
from plexe_auth.service.factors import opened, sealed
from plexe_auth.service.finding import by_id
from plexe_auth.world import World


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A second factor that is not active yet.

    Attributes:
        id: what `confirm_totp` takes.
        secret: what an app that reads no picture is given by hand.
        uri: the same as an ``otpauth://`` URI.
        svg: the same as a picture.
    """

    id: str
    secret: Secret
    uri: str = field(repr=False)
    svg: str = field(repr=False)


async def begun(world: World, user: Row) -> Enrolment:
    """Begin adding an authenticator app, in place of one that was begun and not confirmed."""
    secret, factor_id = totp.new_secret(), new_id("fct")
    uri = totp.uri(secret, world.product, user["email"])
    since = {"created_at": to_microseconds(world.now()), "confirmed_at": None, "last_step": None}
    row = {"id": factor_id, "user_id": user["id"], "kind": "totp", **since}
    kept = {**row, "secret": sealed(world, secret, user["id"], factor_id)}
    before = (equal("user_id", user["id"]), equal("kind", "totp"), equal("confirmed_at", None))
    await world.store.commit(Delete("factors", before, several=True), Insert("factors", kept))
    return Enrolment(factor_id, secret, uri.reveal(), svg(uri).reveal())


async def waiting(world: World, user_id: str, enrolment_id: object) -> Row:
    """Return the row of an app that a user has begun to add.

    Raises:
        NotFound: they have not.
    """
    row = await by_id(world, "factors", enrolment_id)
    if row is None or row["user_id"] != user_id or row["confirmed_at"] is not None:
        raise NotFound
    return row


def confirmed(world: World, row: Row, code: object) -> tuple[tuple[Secret, ...], Sequence[Change]]:
    """Return new recovery codes, and the changes that make an app a second factor, in place of one that was.

    Raises:
        InvalidCredentials: the code is not right.
    """
    step = totp.matched_step(opened(world, row), code, world.now(), None)
    if step is None:
        raise InvalidCredentials("The code is not right.")
    others = (equal("user_id", row["user_id"]), equal("kind", "totp"), present("confirmed_at"))
    here = (equal("id", row["id"]), equal("confirmed_at", None))
    since = {"confirmed_at": to_microseconds(world.now()), "last_step": step}
    codes, renewed = new_codes(row["user_id"])
    return codes, (Delete("factors", others, several=True), Update("factors", here, since), *renewed)
