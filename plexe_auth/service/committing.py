"""A change and what goes with it are one commit; one that narrows something is not done before every process knows."""

from collections.abc import Sequence
from typing import Literal

from plexe_auth.cache.elapsed import elapsed
from plexe_auth.cache.epoch import Epoch
from plexe_auth.errors import Conflict
from plexe_auth.journal.batch import chain_of
from plexe_auth.journal.chain import Chain
from plexe_auth.model.instant import to_microseconds
from plexe_auth.model.note import Note
from plexe_auth.rows import Change
from plexe_auth.world import World

Effect = Literal["none", "altered", "narrowed"]


async def commit(
    world: World,
    *changes: Change,
    notes: Sequence[Note],
    effect: Effect = "none",
    on: Sequence[Epoch] | None = None,
) -> tuple[int, ...]:
    """Make the changes, all or none, and return what the store says of them.

    Args:
        world: where to.
        changes: what to change.
        notes: what the access log shall tell of it, stored in the same commit.
        effect: on good credentials. Where one is ``altered``, every process will see it by and by, and this one at
            once; where one is ``narrowed``, this returns only when nobody accepts any more what is refused from now on.
        on: which credentials; by default keys.

    Raises:
        Conflict: nothing was changed.
        Unavailable: the store does not answer. It may be changed or not; asking again also waits.
    """
    if effect == "none":
        return await _told(world, changes, notes)
    epochs = (world.epoch,) if on is None else on
    try:
        done = await _told(world, (*changes, *(more for epoch in epochs for more in epoch.count_up)), notes)
    except Conflict:
        raise
    except BaseException:
        _renewed(epochs)  # it may have been done
        raise
    _renewed(epochs)
    if effect == "narrowed":
        committed = elapsed()  # of several nobody waits for one after the other
        for epoch in epochs:
            await epoch.outlived(committed)
    return done[: len(changes)]


def _renewed(epochs: Sequence[Epoch]) -> None:
    for epoch in epochs:
        epoch.renewed()


async def _told(world: World, changes: Sequence[Change], notes: Sequence[Note]) -> tuple[int, ...]:
    at = to_microseconds(world.now())
    while True:
        chain = world.journal.chains.take()
        longer, inserts, more = world.journal.lengthened(chain, [note.values(at) for note in notes])
        try:
            done = await world.store.commit(*changes, *inserts, *more)
        except Conflict:
            if await _stands(world, chain):
                world.journal.chains.give_back(chain)
                raise
            continue  # the conflict may be that over the chain, whose row somebody has altered: take another one
        # Where it failed otherwise, nobody knows how long the chain is: it is left as it is, and another one is begun.
        world.journal.chains.give_back(longer)
        world.journal.told(inserts)
        return done[: len(changes)]


async def _stands(world: World, chain: Chain) -> bool:
    return chain_of(chain.writer, await world.store.get("writers", "id", chain.writer)) == chain
