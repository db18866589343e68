"""What the use cases need of a store: versioned documents, written all or nothing."""

from collections.abc import Callable, Sequence
from typing import Protocol

from functions.ingest.table.keys import Key
from shared.table import Item, Page


class Documents(Protocol):
    """Items with ``pk``, ``sk`` and ``version``.

    ``version`` is the one that was read, 0 or absent for a new item; a stored item has at least 1. A write whose
    version is not the stored one is refused, so that whoever read first must read again: repeating is safe.
    """

    def load(self, keys: Sequence[Key], *, consistent: bool = True) -> dict[Key, Item]:
        """The items that exist, as last written; at half the price perhaps as they were a moment before."""
        ...

    def save(self, item: Item) -> bool:
        """Write one item at the version that was read; False when somebody else wrote first."""
        ...

    def saving(self, item: Item) -> Callable[[], bool]:
        """`save` made ready: the processor's part is done, and the call only waits for the store.

        Many such calls go side by side; in threads, what computes would only stand in its own way.
        """
        ...

    def commit(
        self,
        items: Sequence[Item],
        *,
        gone: Sequence[Key] = (),
        still: Sequence[Item] = (),
        ended: Sequence[Item] = (),
    ) -> bool:
        """Write all items, each at the version that was read, and delete what is ``gone``; or nothing: False then.

        Nothing either when one of ``still`` (not written) or ``ended`` (deleted) is not at the version that was read.
        """
        ...

    def replace(self, item: Item) -> None:
        """Write an item whatever was there: the last writer wins."""
        ...

    def remove(self, key: Key) -> None:
        """Delete an item; nothing happens when it is not there."""
        ...

    def count(self, key: Key, expires_at: int) -> int:
        """Count one more under a key that is dropped after ``expires_at`` (seconds since 1970); the new count."""
        ...

    def page(  # noqa: PLR0913 - one keyword for each part of a query
        self,
        pk: str,
        *,
        sk_prefix: str = "",
        sk_between: tuple[str, str] | None = None,
        index: str | None = None,
        limit: int = 50,
        cursor: str | None = None,
        newest_first: bool = False,
        consistent: bool = False,
    ) -> Page:
        """One page of a partition in sort-key order, or in the order turned round.

        Perhaps as it was a moment before, unless ``consistent``, at double the price and of no index.
        """
        ...
