"""A bounded memory of what was made of octets that come again and again."""

from typing import Generic, TypeVar

Kept = TypeVar("Kept")


class Memo(Generic[Kept]):
    """What was made of octets, in two bounded generations.

    When the young generation is full it becomes the old one; what is seen again moves back to the young. That
    keeps what a poll cycle needs without a list to reorder on every hit.

    Args:
        entries: how many a generation holds.

    Attributes:
        young: for a look-up that costs no call; `recall` is asked when it finds nothing.
    """

    def __init__(self, entries: int) -> None:
        self._entries = entries
        self._old: dict[bytes, Kept] = {}
        self.young: dict[bytes, Kept] = {}

    def recall(self, octets: bytes) -> Kept | None:
        """What was kept for the octets and is no longer among the young."""
        kept = self._old.get(octets)
        if kept is not None:
            self.keep(octets, kept)
        return kept

    def keep(self, octets: bytes, made: Kept) -> None:
        """Keep among the young."""
        if len(self.young) >= self._entries:
            self._old, self.young = self.young, {}
        self.young[octets] = made
