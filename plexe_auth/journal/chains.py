"""Chains are lent like connections: what is done in one commit lengthens one that nobody else has meanwhile."""

from plexe_auth.journal.chain import Chain, new_writer
from plexe_auth.storage.forking import forget_when_forked


class Chains:
    """The chains of this process that are free. A forked child has none: each chain has one process that writes it."""

    def __init__(self) -> None:
        self.forget()
        forget_when_forked(self)

    def forget(self) -> None:
        """Leave the parent's chains to the parent."""
        self._free: list[Chain] = []

    def take(self) -> Chain:
        """Return a chain that nobody else has. One that is not given back is left as it is, and that harms nobody."""
        try:
            return self._free.pop()
        except IndexError:
            return Chain(new_writer())

    def give_back(self, chain: Chain) -> None:
        """Keep a chain, as it stands by now, for the next one."""
        self._free.append(chain)
