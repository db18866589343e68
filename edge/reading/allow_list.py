"""Every object that this agent can ask a printer for, in one list: what a customer's IT department approves.

The list is made of what asks: the reading's plan, the discovery's question, the makers' profiles. A test holds what
goes over the wire against it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from edge.profiles.makers import load_profiles, profiles_in_use
from edge.profiles.object_names import maker_uses, standard_use
from edge.reading import discovery, plan
from edge.reading.walk import name_before
from edge.snmp.codec import Oid


class Extent(StrEnum):
    """What of an entry is asked for."""

    COLUMN = "column"  # the name itself and rows below it; a scalar is a column with one row
    OBJECT = "object"  # one object of a maker's, read directly or as the successor of the name just before it
    START = "start"  # the name alone: what follows it shows whether there is a Printer-MIB


@dataclass(frozen=True, slots=True)
class Allowed:
    """An entry of the list; ``makers`` are those whose printers are asked for it, empty for all printers.

    ``site`` is true for what only the site's own profiles ask for.
    """

    name: Oid
    extent: Extent
    makers: tuple[str, ...] = ()
    site: bool = False

    def covers(self, asked: Oid) -> bool:
        """Whether a name in a request is this entry's."""
        if self.extent is Extent.COLUMN:
            return asked[: len(self.name)] == self.name
        return asked == self.name or (self.extent is Extent.OBJECT and asked == name_before(self.name))

    def uses(self) -> list[str]:
        """What it is asked for, for people."""
        if not self.makers:
            return [standard_use(self.name)]
        return list(dict.fromkeys(use for profile in load_profiles() for use in maker_uses(profile, self.name)))


def allow_list() -> list[Allowed]:
    """The whole list, in the order of the names: what reading and finding printers asks for."""
    standard = dict.fromkeys(_columns())
    starts = [name for name in discovery.PROBE if name not in standard]
    makers: dict[tuple[Oid, Extent], list[str]] = {}
    shipped: set[Oid] = set()
    for loaded in profiles_in_use():
        profile = loaded.profile
        objects = filter(None, (*profile.oids(), profile.identify))
        for entry in dict.fromkeys(
            (*((name, Extent.OBJECT) for name in objects), *((name, Extent.COLUMN) for name in profile.columns()))
        ):
            makers.setdefault(entry, []).append(profile.name)
            if loaded.folder is None:
                shipped.add(entry[0])
    return sorted(
        (
            *(Allowed(name, Extent.COLUMN) for name in standard),
            *(Allowed(name, Extent.START) for name in starts),
            *(
                Allowed(name, extent, tuple(known), site=name not in shipped)
                for (name, extent), known in makers.items()
            ),
        ),
        key=lambda entry: entry.name,
    )


def _columns() -> Iterator[Oid]:
    yield from plan.PROBE
    for group in (*plan.TABLE_GROUPS, plan.HARDWARE_ADDRESSES, plan.FINISHER_GROUP, plan.ALERT_GROUP):
        yield from group.columns
