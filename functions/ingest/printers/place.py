"""Where a printer stands in the lists: index keys that its own item carries, so that no second item can disagree.

One index has it in order of organisation, the other in order of its lowest supply. Both are written only when the
item is: the lowest supply is kept in coarse steps, so a cartridge costs some fifteen writes in its life.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from functions.ingest.table import pages_order, supply_order
from shared.attributes import Item
from shared.directory import keys as directory
from shared.names import DUE_INDEX, GSI1, PAGES_INDEX
from shared.visibility import Visible
from shared.wire.printer_mib import LevelState

FINE_BELOW: Final = 30
"""Steps are of five percent below this and of ten above."""
STEPS: Final = (*range(0, FINE_BELOW, 5), *range(FINE_BELOW, 101, 10))
LOW_STEPS: Final = tuple(step for step in STEPS if 0 < step <= FINE_BELOW)
"""Where 'less than' can be asked: at the edge of a step."""
_FILLED: Final = "receptacleThatIsFilled"
_PERCENT: Final = LevelState.PERCENT.value
_AFTER_ALL: Final = "~"
_NEXT: Final = "!"
"""Sorts after nothing and before whatever an id or a path may hold."""


@dataclass(frozen=True, slots=True)
class Range:
    """A part of an index: its partition and the bounds of its sort keys, both included.

    One that has no items has their keys alone.
    """

    index: str
    pk: str
    low: str
    high: str
    has_items: bool = True

    @property
    def key(self) -> str:
        """The attribute with the sort key."""
        return f"{self.index}sk"

    def after(self, sort_key: str) -> tuple[str, str]:
        """The bounds of what follows a sort key."""
        return sort_key + _NEXT, self.high

    def holds(self, sort_key: str) -> bool:
        """Whether a sort key is in it."""
        return self.low <= sort_key <= self.high


def in_organization_order(visible: Visible) -> list[Range]:
    """All that is visible, by organisation path and id."""
    pk = directory.printers_of_tenant(visible.tenant_id)
    return [Range(GSI1, pk, visible.path, visible.path + _AFTER_ALL)]


def in_retired_order(visible: Visible) -> list[Range]:
    """All that is visible and out of service, by organisation path and id."""
    pk = directory.retired_printers_of_tenant(visible.tenant_id)
    return [Range(GSI1, pk, visible.path, visible.path + _AFTER_ALL)]


def in_supply_order(visible: Visible, below: int | None = None) -> list[Range]:
    """What is visible by step of the lowest supply; with ``below`` only the steps below it.

    A step is a range of its own, so that nothing of others' is read.
    """
    pk = supply_order.partition(visible.tenant_id)
    steps = [supply_order.step_text(step) for step in STEPS if below is None or step < below]
    steps += [supply_order.UNKNOWN] if below is None else []
    return [Range(DUE_INDEX, pk, f"{step}#{visible.path}", f"{step}#{visible.path}{_AFTER_ALL}") for step in steps]


def in_pages_order(visible: Visible) -> list[Range]:
    """What is visible by step of pages per month, the most first and those without any figure last."""
    pk = pages_order.partition(visible.tenant_id)
    steps = [*(pages_order.step_text(step) for step in reversed(pages_order.STEPS)), pages_order.UNKNOWN]
    bounds = [(f"{step}#{visible.path}", f"{step}#{visible.path}{_AFTER_ALL}") for step in steps]
    return [Range(PAGES_INDEX, pk, low, high, has_items=False) for low, high in bounds]


def placed(meta: Item, state: Mapping[str, Any]) -> Item:
    """A printer's item with its place by the supplies of its state; the same when that did not change."""
    step = lowest_step(state.get("supplies", ()))
    after = {name: value for name, value in meta.items() if name != "lowest_supply"}
    after |= supply_order.place(meta, step)
    return after if step is None else after | {"lowest_supply": step}


def moves(state: Mapping[str, Any] | None, sections: Mapping[str, Any]) -> bool:
    """Whether newer sections of a reading change the place that the state gave."""
    if state is None:
        return True
    if "supplies" not in sections or sections["supplies"] == state.get("supplies"):
        return False
    return lowest_step(sections["supplies"]) != lowest_step(state.get("supplies", ()))


def lowest_step(supplies: Iterable[Mapping[str, Any]]) -> int | None:
    """The step of the lowest supply that has a percentage; waste boxes and unknown levels have no say (D16)."""
    percent = lowest_percent(supplies)
    return None if percent is None else max(step for step in STEPS if step <= max(percent, 0))


def lowest_percent(supplies: Iterable[Mapping[str, Any]]) -> Decimal | float | None:
    """The percentage of the lowest supply, as it was read."""
    return min(
        (
            row["percent"]
            for row in supplies
            if row.get("level_state") == _PERCENT
            and row.get("percent") is not None
            and not row.get("receptacle")
            and row.get("supply_class") != _FILLED
        ),
        default=None,
    )
