"""Supply positions: which rows of a reading they are, what their printer says of them, what pages they burn."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from functions.orders.table.models import Alarm, Position
from shared.directory.views import PrinterState
from shared.wire.printer_mib import RECEPTACLE_TYPES, LevelState
from shared.wire.reading import COLOR_IMPRESSIONS, LIFE_COUNT, Alert, Supply

TONER: Final = frozenset({"toner", "tonerCartridge", "matteToner"})
INK: Final = frozenset({"ink", "inkCartridge", "matteInk"})
RIBBON: Final = frozenset({"inkRibbon", "ribbonWax"})
OPC: Final = frozenset({"opc"})
DEVELOPER: Final = frozenset({"developer"})
WASTE_TONER: Final = frozenset({"wasteToner"})
WASTE_INK: Final = frozenset({"wasteInk"})
TECHNICIAN_INSTALLED: Final = frozenset(
    "developer fuser fuserOil fuserOilWick fuserOiler fuserCleaningPad cleanerUnit transferUnit coronaWire".split()
)
"""Maintenance items that a technician puts in (SUP-34); everything else the customer changes."""
PAGE_UNITS: Final = frozenset({"impressions", "sheets"})
_COLOURS: Final = frozenset("cyan magenta yellow red green blue orange violet".split())

_MARKER_SUPPLIES: Final = "markerSupplies"
_EMPTY: Final = {
    1101: TONER,
    1102: INK,
    1103: RIBBON,
    1109: WASTE_TONER,
    1110: WASTE_INK,
    1112: OPC,
    1114: DEVELOPER,
}
_LOW: Final = {
    1104: TONER,
    1105: INK,
    1106: RIBBON,
    1107: WASTE_TONER,
    1108: WASTE_INK,
    1111: OPC,
    1113: DEVELOPER,
}
_GENERIC_EMPTY: Final = frozenset({13, 15})
_GENERIC_LOW: Final = frozenset({10, 12, 14, 16})
_MISSING: Final = frozenset({9, 1115})
_COVER: Final = frozenset({3, 4, 5, 6, 501, 502})
_NO_SERIAL: Final = frozenset({"", "unknown", "n/a", "na", "none", "0"})


@dataclass(frozen=True, slots=True)
class Observation:
    """What one reading, or one day's last reading, says of one position.

    ``previous_at`` is the reading before, where it is known; ``supported`` says that a cover moved or an
    alarm of the supplies went away since then (SUP-22, E4).
    """

    position_id: str
    at: datetime
    level_state: LevelState = LevelState.NOT_READ
    percent: float | None = None
    pages: int | None = None
    alarm: Alarm = Alarm.NONE
    serial_number: str | None = None
    previous_at: datetime | None = None
    supported: bool = False
    supply: Supply | None = None


def observations(state: PrinterState, previous: PrinterState | None) -> list[Observation]:
    """One observation for each supply row that can be a position."""
    supported = previous is not None and _was_handled(previous, state)
    return [
        Observation(
            position_id=supply.index,
            at=state.taken_at,
            level_state=supply.level_state,
            percent=None if is_receptacle(supply) else supply.percent,
            pages=relevant_pages(supply, state),
            alarm=alarm_of(supply, state),
            serial_number=known_serial(supply.serial_number),
            previous_at=previous.taken_at if previous else None,
            supported=supported,
            supply=supply,
        )
        for supply in state.supplies
    ]


def new_position(state: PrinterState, supply: Supply, at: datetime) -> Position:
    """A position seen for the first time, nothing known of its level yet."""
    return Position(
        tenant_id=state.tenant_id,
        organization_id=state.organization_id,
        organization_path=state.organization_path,
        printer_id=state.printer_id,
        position_id=supply.index,
        epoch_started_at=at,
        edge_at=at,
        observed_at=at,
    )


def described(position: Position, supply: Supply) -> Position:
    """The position with what the row says of it; a column that a reading lacks keeps its value."""
    return position.model_copy(
        update={
            name: value
            for name, value in (
                ("description", supply.description),
                ("supply_class", supply.supply_class),
                ("supply_type", supply.supply_type),
                ("supply_unit", supply.supply_unit),
                ("colorant", supply.colorant),
                ("part_number", supply.part_number),
                ("max_capacity", supply.max_capacity),
                ("receptacle", is_receptacle(supply) or None),
            )
            if value is not None
        }
    )


def is_receptacle(supply: Supply) -> bool:
    """True for what fills up. Its level is never believed: makers disagree on what it means."""
    return (
        supply.receptacle or supply.supply_class == "receptacleThatIsFilled" or supply.supply_type in RECEPTACLE_TYPES
    )


def counter_name(colorant: str | None, supply_type: str | None) -> str:
    """The counter whose pages burn a supply: colour impressions for C, M and Y, all of them otherwise (SUP-10)."""
    is_colour = (colorant or "").casefold() in _COLOURS
    return COLOR_IMPRESSIONS if is_colour and supply_type not in OPC else LIFE_COUNT


def relevant_pages(supply: Supply, state: PrinterState) -> int | None:
    """Where the relevant counter stands; the life count where the printer has no colour count."""
    count = state.count(counter_name(supply.colorant, supply.supply_type))
    return count if count is not None else state.count(LIFE_COUNT)


def alarm_of(supply: Supply, state: PrinterState) -> Alarm:
    """The worst that alerts and error bits say of one supply (SUP-14, T3 and T4)."""
    alarms = {_alarm(alert) for alert in state.alerts if _concerns(alert, supply, state.supplies)}
    if Alarm.EMPTY in alarms or _no_toner(supply, state):
        return Alarm.EMPTY
    return Alarm.LOW if Alarm.LOW in alarms else Alarm.NONE


def known_serial(serial_number: str | None) -> str | None:
    """The cartridge's serial number, None for the words that printers put where they have none."""
    text = (serial_number or "").strip()
    return None if text.casefold() in _NO_SERIAL else text


def rated_pages(position: Position) -> float | None:
    """The yield that the printer itself declares: a capacity counted in pages."""
    if position.supply_unit in PAGE_UNITS and position.max_capacity and position.max_capacity > 0:
        return float(position.max_capacity)
    return None


def _kinds(code: int | None) -> frozenset[str]:
    return _EMPTY.get(code or 0) or _LOW.get(code or 0) or frozenset()


def _alarm(alert: Alert) -> Alarm:
    generic = alert.group == _MARKER_SUPPLIES
    if alert.code in _EMPTY or (generic and alert.code in _GENERIC_EMPTY):
        return Alarm.EMPTY
    if alert.code in _LOW or (generic and alert.code in _GENERIC_LOW):
        return Alarm.LOW
    return Alarm.NONE


def _concerns(alert: Alert, supply: Supply, supplies: Sequence[Supply]) -> bool:
    """By the row the alert names; by its kind where it names none and only one supply is of that kind."""
    if alert.group not in {_MARKER_SUPPLIES, None}:
        return False
    if alert.group_index is not None and alert.group_index > 0:
        return supply.index.rsplit(".", 1)[-1] == str(alert.group_index)
    kinds = _kinds(alert.code)
    return supply.supply_type in kinds and sum(other.supply_type in kinds for other in supplies) == 1


def _no_toner(supply: Supply, state: PrinterState) -> bool:
    bits = state.status.detected_errors or []
    return (
        "noToner" in bits
        and supply.supply_type in TONER
        and sum(other.supply_type in TONER for other in state.supplies) == 1
    )


def _was_handled(before: PrinterState, now: PrinterState) -> bool:
    """True when a cover opened or closed, or an alarm of the supplies went away, between two readings (E4)."""
    covers = [{alert.index for alert in state.alerts if alert.code in _COVER} for state in (before, now)]
    alarms = [
        {
            (alert.group_index, alert.code)
            for alert in state.alerts
            if _alarm(alert) is not Alarm.NONE or (alert.group == _MARKER_SUPPLIES and alert.code in _MISSING)
        }
        for state in (before, now)
    ]
    return covers[0] != covers[1] or bool(alarms[0] - alarms[1])
