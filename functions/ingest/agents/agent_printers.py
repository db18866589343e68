"""Which printers an agent reads, by the items that its partition has of them."""

from collections.abc import Iterator
from typing import Final

from functions.ingest.table import keys
from functions.ingest.table.ports import Documents

PAGE: Final = 200
"""Read at once, so that any number of them fits in memory."""


def printers_of(documents: Documents, agent_id: str, *, most: int) -> list[str]:
    """Ids of the printers that an agent reads, at most ``most``."""
    found: list[str] = []
    for page in printer_pages(documents, agent_id):
        found += page
        if len(found) >= most:
            break
    return found[:most]


def printers_after(
    documents: Documents, agent_id: str, after: str, *, most: int, consistent: bool = False
) -> tuple[list[str], bool]:
    """Ids of an agent's printers behind one of them (``""``: of the first), in order; and whether there are more.

    Perhaps as they were a moment before, unless ``consistent``.
    """
    partition, _ = keys.agent(agent_id)
    _, low = keys.agent_printer(agent_id, f"{after}\0" if after else "")
    _, high = keys.agent_printer(agent_id, "~")
    found: list[str] = []
    cursor: str | None = None
    while True:
        limit = min(most - len(found), PAGE)
        page = documents.page(partition, sk_between=(low, high), limit=limit, cursor=cursor, consistent=consistent)
        found += [item["printer_id"] for item in page.items]
        cursor = page.next_cursor
        if cursor is None or len(found) >= most:
            return found, cursor is not None


def printer_pages(documents: Documents, agent_id: str) -> Iterator[list[str]]:
    """Ids of all printers that an agent reads, a page at a time, perhaps as they were a moment before."""
    partition, _ = keys.agent(agent_id)
    cursor: str | None = None
    while True:
        page = documents.page(partition, sk_prefix=keys.AGENT_PRINTER_PREFIX, limit=PAGE, cursor=cursor)
        yield [item["printer_id"] for item in page.items]
        cursor = page.next_cursor
        if cursor is None:
            return
