"""What second factors a person has, and whether an answer is right; a right one is used up with what it opens."""

import base64
from collections.abc import Mapping, Sequence
from typing import Any

from plexe_auth.errors import InvalidCredentials
from plexe_auth.model import mail_code, recovery
from plexe_auth.model.enrolled_passkey import MOST
from plexe_auth.model.instant import to_microseconds
from plexe_auth.model.totp import matched_step
from plexe_auth.rows import AnyOf, Change, Delete, Query, Row, Update, at_most, equal, present
from plexe_auth.secret import Secret, same
from plexe_auth.service.ceremony import Ceremonies
from plexe_auth.vault import Vault
from plexe_auth.world import World

PURPOSE = "sign_in"

_MOST = 2 * MOST  # of each kind; a race may have let somebody exceed what they may have


def sealed(world: World, secret: Secret, user_id: str, factor_id: str) -> str:
    """Return a factor's secret as it is kept."""
    return base64.b64encode(_vault(world).seal(secret, user_id, factor_id)).decode()


def opened(world: World, row: Row) -> Secret:
    """Return the secret of a factor.

    Raises:
        Unavailable: it does not open: the key was removed, or somebody has altered the row.
    """
    return _vault(world).open(base64.b64decode(row["secret"]), row["user_id"], row["id"])


async def kinds(world: World, user_id: str) -> Mapping[str, Sequence[Row]]:
    """Return the confirmed factors of a user by their kind, and a recovery code, as far as there are any."""
    whose = (equal("user_id", user_id),)
    found = await enrolled(world, user_id)
    codes = await world.store.page(Query("recovery_codes", whose, ("id",), limit=1))
    return {**found, "recovery": codes} if codes else found


async def enrolled(world: World, user_id: str) -> Mapping[str, Sequence[Row]]:
    """Return the confirmed factors of a user by their kind, and no recovery code."""
    whose = (equal("user_id", user_id),)
    found: dict[str, list[Row]] = {}
    for row in await world.store.page(Query("factors", (*whose, present("confirmed_at")), ("id",), limit=_MOST)):
        found.setdefault(row["kind"], []).append(row)
    if rows := await world.store.page(Query("passkeys", whose, ("id",), limit=_MOST)):
        found["passkey"] = list(rows)
    return found


async def use_of(
    world: World, user_id: str, factors: Mapping[str, Sequence[Row]], challenge: Row, method: str, answer: Any
) -> Change | None:
    """Return the change that uses an answer up, or ``None`` where it is wrong.

    Args:
        world: where the factors are.
        user_id: whose.
        factors: what `kinds` returned.
        challenge: the row of what is answered, with its token under ``"holder"``.
        method: by which factor.
        answer: what was sent, of any type and size.
    """
    if method == "totp":
        return _step_used(world, factors.get("totp", ()), answer)
    if method == "passkey":
        return await _signed(world, user_id, challenge["id"], answer)
    if method == "recovery":
        code = recovery.canonical(answer)
        name = "" if code is None else recovery.code_digest(user_id, code).hex()
        known = await world.store.get("recovery_codes", "id", name) if name else None
        return None if known is None else Delete("recovery_codes", (equal("id", name), equal("user_id", user_id)))
    return _mailed(world, challenge, answer)


async def _signed(world: World, user_id: str, whose: str, answer: Any) -> Change | None:
    try:
        return (await Ceremonies(world).signed(whose, answer, user_id))[1]
    except InvalidCredentials:
        return None


def _step_used(world: World, factors: Sequence[Row], answer: Any) -> Change | None:
    for row in factors:
        step = matched_step(opened(world, row), answer, world.now(), row["last_step"])
        if step is not None:
            earlier = AnyOf((equal("last_step", None), at_most("last_step", step - 1)))
            return Update("factors", (equal("id", row["id"]), present("confirmed_at"), earlier), {"last_step": step})
    return None


def _mailed(world: World, challenge: Row, answer: Any) -> Change | None:
    code = mail_code.canonical(answer)
    if code is None or challenge["code"] is None or to_microseconds(world.now()) >= challenge["code_until"]:
        return None
    right = mail_code.code_digest(challenge["holder"], PURPOSE, challenge["id"], code)
    if not same(right, challenge["code"]):
        return None
    return Update("challenges", (equal("id", challenge["id"]), equal("code", challenge["code"])), {"code": None})


def _vault(world: World) -> Vault:
    return Vault(world.settings.secret_keys, "second factors")
