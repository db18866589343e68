"""The cells of a printer and how they are packed into GETs; one for all printers that have the same.

A site's printers are of a few models: what they have in common is worked out and kept once. It would cost more time
and memory than their values do.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from edge.reading.access import AccessPlan
from edge.reading.plan import ALERT_COLUMNS, PROBE, PROBED_TABLES
from edge.snmp.answers import Column
from edge.snmp.codec import Oid, Value
from edge.snmp.oids import SYS_UP_TIME
from edge.snmp.reply_size import HEADER_OCTETS, binding_octets, value_octets

Cell = tuple[Oid, Oid, Oid]
"""Column, index, and the whole name."""

_ALERTS: Final = frozenset(ALERT_COLUMNS)
_ONE_ROW: Final = frozenset(PROBE) - PROBED_TABLES
_MOST_LAYOUTS: Final = 512
_MOST_CUTS: Final = 16


@dataclass(slots=True)
class Layout:
    """Which cells, in the order in which they are asked for.

    Attributes:
        cells: column by column.
        name_octets: what each takes of a reply without its value.
        packs: the cells cut into GETs, by where each GET begins.
    """

    cells: tuple[Cell, ...]
    name_octets: tuple[int, ...]
    packs: dict[tuple[int, ...], tuple[tuple[Cell, ...], ...]] = field(default_factory=dict)


def wanted_columns(columns: Mapping[Oid, Column], labels: Collection[Oid], device_index: Oid) -> dict[Oid, Column]:
    """What is to be asked for again: no alerts, which come and go, no labels, and of the probe what is the printer's.

    sysUpTime comes last, so that it can be asked for together with the alerts (ALR-03).

    Args:
        columns: what a full reading found.
        labels: columns that only name the rows of others.
        device_index: hrDeviceIndex of the printer.
    """
    wanted = {}
    for column, rows in columns.items():
        if column in _ALERTS or column in labels:
            continue
        if column in _ONE_ROW:
            own = {index: value for index, value in rows.items() if index in {(0,), device_index}}
            if own:
                wanted[column] = own
        elif rows:
            wanted[column] = rows
    if SYS_UP_TIME in wanted:
        wanted[SYS_UP_TIME] = wanted.pop(SYS_UP_TIME)
    return wanted


def layout_of(columns: Mapping[Oid, Column]) -> Layout:
    """The layout of these columns."""
    return _layout(tuple((column, *rows) for column, rows in columns.items()))


@lru_cache(maxsize=_MOST_LAYOUTS)
def _layout(rows: tuple[tuple[Oid, ...], ...]) -> Layout:
    cells = tuple(_cell(column, index) for column, *indexes in rows for index in indexes)
    return Layout(cells, tuple(binding_octets(whole, b"") - value_octets(b"") for _, _, whole in cells))


@lru_cache(maxsize=16_384)
def _cell(column: Oid, index: Oid) -> Cell:
    """One for all layouts that have it."""
    return column, index, column + index


def packed(
    layout: Layout, values: Collection[Value], plan: AccessPlan, *, room: tuple[int, int] = (0, 0)
) -> tuple[tuple[Cell, ...], ...]:
    """The cells in as few GETs as the printer's limits allow.

    Args:
        layout: of the printer.
        values: its last ones, in the order of the cells; the replies will be about as long again.
        plan: the printer's limits.
        room: names and octets to be left in the last one; where there is no such room, the last cell is alone there.
    """
    begins = [0]
    octets = HEADER_OCTETS
    for place, (name, value) in enumerate(zip(layout.name_octets, values, strict=True)):
        size = name + value_octets(value)
        if place and (octets + size > plan.reply_octets or place - begins[-1] >= plan.most_names):
            begins.append(place)
            octets = HEADER_OCTETS
        octets += size
    last = len(layout.cells) - 1
    if begins[-1] < last and (
        octets + room[1] > plan.reply_octets or last + 1 - begins[-1] + room[0] > plan.most_names
    ):
        begins.append(last)
    cuts = tuple(begins)
    packs = layout.packs.get(cuts)
    if packs is None:
        if len(layout.packs) >= _MOST_CUTS:
            layout.packs.clear()
        ends = (*cuts[1:], len(layout.cells))
        packs = tuple(layout.cells[begin:end] for begin, end in zip(cuts, ends, strict=True) if begin < end)
        layout.packs[cuts] = packs
    return packs
