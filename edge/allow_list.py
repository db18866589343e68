"""Every object that this agent can ask a printer for, in one list: what a customer's IT department approves.

The list is made of what asks: the reading's plan, the discovery's question, the makers' profiles. A test holds what
goes over the wire against it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from edge import discovery, plan
from edge.profiles import load_profiles
from edge.snmp_codec import Oid
from edge.walk import name_before


class Extent(StrEnum):
    """What of an entry is asked for."""

    COLUMN = "column"  # the name itself and rows below it; a scalar is a column with one row
    OBJECT = "object"  # one object of a maker's, read directly or as the successor of the name just before it
    START = "start"  # the name alone: what follows it shows whether there is a Printer-MIB


@dataclass(frozen=True, slots=True)
class Allowed:
    """An entry of the list; ``makers`` are those whose printers are asked for it, empty for all printers."""

    name: Oid
    extent: Extent
    makers: tuple[str, ...] = ()

    def covers(self, asked: Oid) -> bool:
        """Whether a name in a request is this entry's."""
        if self.extent is Extent.COLUMN:
            return asked[: len(self.name)] == self.name
        return asked == self.name or (self.extent is Extent.OBJECT and asked == name_before(self.name))


def allow_list() -> list[Allowed]:
    """The whole list, in the order of the names: what reading and finding printers asks for."""
    standard = dict.fromkeys(_columns())
    starts = [name for name in discovery.PROBE if name not in standard]
    makers: dict[tuple[Oid, Extent], list[str]] = {}
    for profile in load_profiles():
        objects = filter(None, (*profile.oids(), profile.identify))
        for entry in dict.fromkeys(
            (*((name, Extent.OBJECT) for name in objects), *((name, Extent.COLUMN) for name in profile.columns()))
        ):
            makers.setdefault(entry, []).append(profile.manufacturer)
    return sorted(
        (
            *(Allowed(name, Extent.COLUMN) for name in standard),
            *(Allowed(name, Extent.START) for name in starts),
            *(Allowed(name, extent, tuple(known)) for (name, extent), known in makers.items()),
        ),
        key=lambda entry: entry.name,
    )


def _columns() -> Iterator[Oid]:
    yield from plan.PROBE
    for group in (*plan.TABLE_GROUPS, plan.HARDWARE_ADDRESSES, plan.ALERT_GROUP):
        yield from group.columns
