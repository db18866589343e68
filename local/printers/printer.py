"""One simulated printer: rows, ours or a recording's, with its behaviour laid over them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from local.printers import oids
from local.printers.alerts import (
    COVER_OPEN,
    GROUP_COVER,
    GROUP_INPUT,
    INPUT_EMPTY,
    Alert,
    alert_rows,
    device_status,
    error_state,
)
from local.printers.behaviour import Behaviour, Snapshot
from local.printers.rows import MibView, Oid, Tag, Value, integer, octets, text, ticks
from local.printers.supplies import Supply, supply_rows

_PRINTER_STATUS_OTHER = 1
_DEVICE_DOWN = 5


@dataclass(frozen=True, kw_only=True)
class Identity:
    """What a correct reader finds; None where the printer does not tell."""

    manufacturer: str | None
    model: str | None
    serial: str | None
    mac: str | None = None


def device_index(view: MibView) -> int:
    """The printer's hrDeviceIndex: the one its Printer-MIB rows carry, 1 where it has none."""
    for entry in (oids.PRT_GENERAL_ENTRY, oids.PRT_MARKER_ENTRY, oids.PRT_MARKER_SUPPLIES_ENTRY):
        for suffix, _ in view.below(entry):
            return suffix[1]
    return 1


def _number(value: Value | None) -> int:
    return value.content if value is not None and isinstance(value.content, int) else 0


class SimulatedPrinter:
    """Serves rows with a behaviour laid over them; commands go to ``behaviour``.

    ``target`` is "host:port" once a fleet serves it; ``in_programme`` says whether the demo's catalogue has it.

    `view` belongs to the thread that answers requests; everything else may be called from any thread.
    """

    def __init__(
        self,
        name: str,
        rows: Mapping[Oid, Value],
        behaviour: Behaviour,
        *,
        identity: Identity,
        community: str = "public",
        in_programme: bool = True,
    ) -> None:
        self.name = name
        self.target = ""
        self.in_programme = in_programme
        self.identity = identity
        self.behaviour = behaviour
        self._community = community
        self._base = dict(rows)
        self._view = MibView(rows)
        self._shown: set[Oid] = set()
        self.device = device_index(self._view)

    @property
    def community(self) -> str:
        """The community it answers."""
        return self._community

    @property
    def silent(self) -> bool:
        """True while it answers nothing."""
        return self.behaviour.silent

    @property
    def life_count(self) -> int | None:
        """The first marker's prtMarkerLifeCount now; None when the printer does not count."""
        row = self._base.get((*oids.PRT_MARKER_LIFE_COUNT, self.device, 1))
        return None if row is None else _number(row) + self.behaviour.snapshot().pages

    def percent(self, supply: int) -> float | None:
        """What is left of a supply now, None when it is not measured or not simulated."""
        state = self.behaviour.snapshot().supplies.get(supply)
        return None if state is None else state.percent

    def adopt(self, *, part_number: str, serial: str, percent: float, yield_pages: int) -> int:
        """Makes one supply of a recording a black toner that falls with pages; gives its index.

        Its whole row is written, with the columns that the recording lacks: without a capacity and a level
        nothing could be seen to fall.
        """
        index = self._black_supply()
        colorant = self._base.get((*oids.PRT_MARKER_SUPPLIES_COLORANT_INDEX, self.device, index))
        toner = Supply(
            index=index,
            name="Black Toner Cartridge",
            percent=percent,
            yield_pages=yield_pages,
            colorant=_number(colorant),
            part_number=part_number,
            serial=serial,
        )
        self.behaviour.insert(toner)
        return index

    def view(self) -> MibView:
        """The rows as they are now; the next call changes them in place."""
        now = self.behaviour.snapshot()
        wanted = dict(self._overlay(now))
        for oid, value in wanted.items():
            self._view.put(oid, value)
        for oid in self._shown - wanted.keys():
            if oid in self._base:
                self._view.put(oid, self._base[oid])
            else:
                self._view.remove(oid)
        self._shown = set(wanted)
        self._hide(now.cleared)
        return self._view

    def _overlay(self, now: Snapshot) -> Iterator[tuple[Oid, Value]]:
        uptime = (*oids.SYS_UP_TIME, 0)
        base_ticks = _number(self._base.get(uptime))
        if uptime in self._base:
            yield uptime, ticks(base_ticks + now.uptime_ticks)
        for column in (oids.PRT_MARKER_LIFE_COUNT, oids.PRT_MARKER_POWER_ON_COUNT):
            yield from self._grown((*column, self.device, 1), now.pages)
        for index, state in now.supplies.items():
            row = supply_rows((self.device, index), state.supply)
            row[*oids.PRT_MARKER_SUPPLIES_LEVEL, self.device, index] = integer(state.supply.level(state.percent))
            description = text(state.supply.description(state.serial))
            row[*oids.PRT_MARKER_SUPPLIES_DESCRIPTION, self.device, index] = description
            yield from row.items()
        for index, standing in now.alerts.items():
            yield from alert_rows((self.device, index), standing.alert, base_ticks + standing.raised_ticks).items()
            yield from self._consequence(standing.alert)
        yield from self._grown((*oids.PRT_ALERT_ALL_EVENTS, self.device), now.events)
        yield from self._grown((*oids.PRT_ALERT_CRITICAL_EVENTS, self.device), now.critical_events)
        yield from self._status([standing.alert for standing in now.alerts.values()])

    def _grown(self, oid: Oid, growth: int) -> Iterator[tuple[Oid, Value]]:
        row = self._base.get(oid)
        if row is not None and isinstance(row.content, int) and row.content >= 0:
            yield oid, Value(row.tag, (row.content + growth) % 2 ** (31 if row.tag is Tag.INTEGER else 32))

    def _consequence(self, alert: Alert) -> Iterator[tuple[Oid, Value]]:
        """The row of the part that an alert is about: an open cover, an empty tray."""
        about = {
            (GROUP_COVER, COVER_OPEN): (oids.PRT_COVER_STATUS, 3),
            (GROUP_INPUT, INPUT_EMPTY): (oids.PRT_INPUT_CURRENT_LEVEL, 0),
        }.get((alert.group, alert.code))
        if about is not None and (*about[0], self.device, alert.group_index) in self._base:
            yield (*about[0], self.device, alert.group_index), integer(about[1])

    def _status(self, alerts: list[Alert]) -> Iterator[tuple[Oid, Value]]:
        if not alerts:
            return
        errors = (*oids.HR_PRINTER_DETECTED_ERROR_STATE, self.device)
        row = self._base.get(errors)
        if row is not None and isinstance(row.content, bytes):
            yield errors, octets(error_state(row.content, alerts))
        status = (*oids.HR_DEVICE_STATUS, self.device)
        shown = device_status(_number(self._base.get(status)), alerts)
        if status in self._base:
            yield status, integer(shown)
        if shown == _DEVICE_DOWN and (*oids.HR_PRINTER_STATUS, self.device) in self._base:
            yield (*oids.HR_PRINTER_STATUS, self.device), integer(_PRINTER_STATUS_OTHER)
        panel = (*oids.PRT_CONSOLE_DISPLAY_BUFFER_TEXT, self.device, 1)
        if panel in self._base:
            yield panel, text(alerts[-1].description)

    def _hide(self, cleared: frozenset[int]) -> None:
        for index in cleared:
            for column in range(1, 10):
                self._view.remove((*oids.PRT_ALERT_ENTRY, column, self.device, index))

    def _black_supply(self) -> int:
        """The row to adopt: of a black colorant or named black, else the first, else a new one at 1."""
        rows = MibView(self._base).below(oids.PRT_MARKER_SUPPLIES_ENTRY)
        indexes = sorted({index for (_, device, index), _ in rows if device == self.device})
        for index in indexes:
            name = self._base.get((*oids.PRT_MARKER_SUPPLIES_DESCRIPTION, self.device, index))
            if name is not None and isinstance(name.content, bytes) and b"black" in name.content.lower():
                return index
        return indexes[0] if indexes else 1
