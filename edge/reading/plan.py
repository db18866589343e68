"""What is asked of a printer and in which order: six requests when nothing is known of it, fewer afterwards."""

from dataclasses import dataclass
from typing import Final

from edge.snmp import oids
from edge.snmp.answers import Answers
from edge.snmp.codec import Oid


@dataclass(frozen=True, slots=True)
class TableGroup:
    """Columns of tables of about equal length, walked together; ``rows`` is how many to ask for at first."""

    columns: tuple[Oid, ...]
    rows: int


PROBE: Final = (
    oids.SYS_DESCR,
    oids.SYS_OBJECT_ID,
    oids.SYS_UP_TIME,
    oids.SYS_NAME,
    oids.SYS_LOCATION,
    oids.HR_DEVICE_DESCR,
    oids.HR_DEVICE_STATUS,
    oids.HR_PRINTER_STATUS,
    oids.HR_PRINTER_DETECTED_ERROR_STATE,
    oids.PRT_GENERAL_CONFIG_CHANGES,
    oids.PRT_GENERAL_CURRENT_LOCALIZATION,
    oids.PRT_CONSOLE_LOCALIZATION,
    oids.PRT_GENERAL_PRINTER_NAME,
    oids.PRT_GENERAL_SERIAL_NUMBER,
    oids.PRT_LOCALIZATION_CHARACTER_SET,
    oids.FIN_SUPPLY_CLASS,
)
"""First rows read by one GETNEXT: they tell hrDeviceIndex, and whether there is a Printer-MIB and a finisher."""
PROBED_TABLES: Final = frozenset({oids.PRT_LOCALIZATION_CHARACTER_SET, oids.FIN_SUPPLY_CLASS})
"""Those of them whose further rows are wanted too."""

SUPPLY_COLUMNS: Final = (
    oids.PRT_MARKER_SUPPLIES_COLORANT_INDEX,
    oids.PRT_MARKER_SUPPLIES_CLASS,
    oids.PRT_MARKER_SUPPLIES_TYPE,
    oids.PRT_MARKER_SUPPLIES_DESCRIPTION,
    oids.PRT_MARKER_SUPPLIES_SUPPLY_UNIT,
    oids.PRT_MARKER_SUPPLIES_MAX_CAPACITY,
    oids.PRT_MARKER_SUPPLIES_LEVEL,
)
INPUT_COLUMNS: Final = (
    oids.PRT_INPUT_TYPE,
    oids.PRT_INPUT_CAPACITY_UNIT,
    oids.PRT_INPUT_MAX_CAPACITY,
    oids.PRT_INPUT_CURRENT_LEVEL,
    oids.PRT_INPUT_STATUS,
    oids.PRT_INPUT_MEDIA_NAME,
    oids.PRT_INPUT_NAME,
    oids.PRT_INPUT_DESCRIPTION,
)
OUTPUT_COLUMNS: Final = (
    oids.PRT_OUTPUT_TYPE,
    oids.PRT_OUTPUT_CAPACITY_UNIT,
    oids.PRT_OUTPUT_MAX_CAPACITY,
    oids.PRT_OUTPUT_REMAINING_CAPACITY,
    oids.PRT_OUTPUT_STATUS,
    oids.PRT_OUTPUT_NAME,
    oids.PRT_OUTPUT_DESCRIPTION,
)
MARKER_COLUMNS: Final = (
    oids.PRT_MARKER_COUNTER_UNIT,
    oids.PRT_MARKER_LIFE_COUNT,
    oids.PRT_MARKER_POWER_ON_COUNT,
)
FINISHER_COLUMNS: Final = (
    oids.FIN_SUPPLY_CLASS,
    oids.FIN_SUPPLY_TYPE,
    oids.FIN_SUPPLY_DESCRIPTION,
    oids.FIN_SUPPLY_UNIT,
    oids.FIN_SUPPLY_MAX_CAPACITY,
    oids.FIN_SUPPLY_CURRENT_LEVEL,
)
COVER_COLUMNS: Final = (oids.PRT_COVER_DESCRIPTION, oids.PRT_COVER_STATUS)
ALERT_COLUMNS: Final = (
    oids.PRT_ALERT_SEVERITY_LEVEL,
    oids.PRT_ALERT_TRAINING_LEVEL,
    oids.PRT_ALERT_GROUP,
    oids.PRT_ALERT_GROUP_INDEX,
    oids.PRT_ALERT_LOCATION,
    oids.PRT_ALERT_CODE,
    oids.PRT_ALERT_DESCRIPTION,
    oids.PRT_ALERT_TIME,
)

TABLE_GROUPS: Final = (
    TableGroup((*SUPPLY_COLUMNS, oids.PRT_MARKER_COLORANT_VALUE), 6),
    TableGroup((*INPUT_COLUMNS, *MARKER_COLUMNS), 4),
    TableGroup((*OUTPUT_COLUMNS, *COVER_COLUMNS, oids.PRT_CONSOLE_DISPLAY_BUFFER_TEXT, oids.IF_PHYS_ADDRESS), 3),
)
HARDWARE_ADDRESSES: Final = TableGroup((oids.IF_PHYS_ADDRESS,), 4)
"""All there is to read of a printer without the Printer-MIB."""

ALERT_GROUP: Final = TableGroup(ALERT_COLUMNS, 3)
FINISHER_GROUP: Final = TableGroup(FINISHER_COLUMNS, 4)
"""Walked only where the probe saw a finisher's supplies: others pay nothing for it."""

COUNTER_TABLE_ROWS: Final = 20
"""Rows asked for at first of a maker's own tables."""

_INDEXED_BY_PRINTER: Final = (
    oids.HR_PRINTER_STATUS,
    oids.HR_PRINTER_DETECTED_ERROR_STATE,
    oids.PRT_GENERAL_CONFIG_CHANGES,
    oids.PRT_GENERAL_CURRENT_LOCALIZATION,
    oids.PRT_GENERAL_SERIAL_NUMBER,
    oids.PRT_LOCALIZATION_CHARACTER_SET,
)


def printer_device_index(answers: Answers) -> Oid:
    """The (first) printer's hrDeviceIndex, told by the tables that only printers have; 1 when none answers."""
    for column in _INDEXED_BY_PRINTER:
        for index in answers.column(column):
            return index[:1]
    return (1,)


def follow_up_cells(answers: Answers) -> list[tuple[Oid, Oid]]:
    """Cells that the probe showed to be elsewhere than in the first row."""
    device = answers.device_index
    cells = [
        (column, device)
        for column in (oids.HR_DEVICE_DESCR, oids.HR_DEVICE_STATUS)
        if device not in answers.column(column) and answers.column(column)
    ]
    localizations = {
        answers.number(oids.PRT_GENERAL_CURRENT_LOCALIZATION, device),
        answers.number(oids.PRT_CONSOLE_LOCALIZATION, device),
    }
    for localization in sorted(number for number in localizations if number is not None and number > 0):
        index = (*device, localization)
        if index not in answers.column(oids.PRT_LOCALIZATION_CHARACTER_SET):
            cells.append((oids.PRT_LOCALIZATION_CHARACTER_SET, index))
    return cells
