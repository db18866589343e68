"""Where a printer stands in the order of its lowest supply: index keys that its own item carries.

The place is a step of percent: a printer's item is written when its lowest supply leaves the step. Inside a step the
order is by organisation.
"""

from typing import Final

from shared.attributes import Item
from shared.directory import keys as directory

UNKNOWN: Final = "unknown"


def partition(tenant_id: str) -> str:
    """Index partition of a tenant's printers in order of their lowest supply."""
    return f"TENANT#{tenant_id}#LOWEST"


def step_text(step: int | None) -> str:
    """The beginning of the sort keys of a step, or of those without any level."""
    return UNKNOWN if step is None else f"{step:03d}"


def place(meta: Item, step: int | None) -> Item:
    """The index keys of a printer's own item."""
    order = directory.printer_order(meta["organization_path"], meta["printer_id"])
    return {"duepk": partition(meta["tenant_id"]), "duesk": f"{step_text(step)}#{order}"}
