"""Where a printer stands in the order of pages per month: index keys that its own item carries.

The place is a step, each about a third above the one before: a printer's item is written when its pages leave their
step for good, not each time that they are counted. Inside a step the order is by organisation.
"""

from itertools import product
from typing import Final

from shared.attributes import Item
from shared.directory import keys as directory
from shared.names import PAGES_INDEX

_DECADES: Final = (10, 100, 1_000, 10_000)
_OF_A_DECADE: Final = (1.0, 1.5, 2.0, 3.0, 5.0, 7.0)
STEPS: Final = (0, 1, *(int(decade * part) for decade, part in product(_DECADES, _OF_A_DECADE)), 100_000)
"""Pages a month at which each step begins."""
UNKNOWN: Final = "unknown"
ATTRIBUTES: Final = frozenset({f"{PAGES_INDEX}pk", f"{PAGES_INDEX}sk"})


def partition(tenant_id: str) -> str:
    """Index partition of a tenant's printers in order of pages."""
    return f"TENANT#{tenant_id}#PAGES"


def step_text(pages: int | None) -> str:
    """The beginning of the sort keys of a step: of the one that so many pages are in, or of those without."""
    return UNKNOWN if pages is None else f"{max(step for step in STEPS if step <= pages):06d}"


def place(meta: Item) -> Item:
    """The index keys of a printer's own item, by the ``pages_per_month`` that it has."""
    order = directory.printer_order(meta["organization_path"], meta["printer_id"])
    step = step_text(meta.get("pages_per_month"))
    return {f"{PAGES_INDEX}pk": partition(meta["tenant_id"]), f"{PAGES_INDEX}sk": f"{step}#{order}"}
