"""The columns of a list of printers as a file; their names and meaning never change."""

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from typing import Final

from functions.ingest.printers.models import Printer, SupplyLevel
from shared.clock import key_time
from shared.csv_cells import escaped
from shared.directory.views import ManagedStatus

_MANAGED: Final = {
    ManagedStatus.MANAGED: "MPS",
    ManagedStatus.PENDING: "MPS (Pending)",
    ManagedStatus.UNMANAGED: "",
}


class Column(StrEnum):
    """A column by its name, which is its header."""

    PRINTER_ID = "printer_id"
    ORGANIZATION_ID = "organization_id"
    ORGANIZATION_NAME = "organization_name"
    SITE_ID = "site_id"
    SITE_NAME = "site_name"
    AGENT_ID = "agent_id"
    MANUFACTURER = "manufacturer"
    MODEL = "model"
    SERIAL_NUMBER = "serial_number"
    ASSET_TAG = "asset_tag"
    HOST_NAME = "host_name"
    LOCATION = "location"
    ADDRESS = "address"
    MAC_ADDRESS = "mac_address"
    FIRMWARE = "firmware"
    TAGS = "tags"
    REGISTRATION = "registration"
    MANAGED = "managed"
    COMMUNICATION = "communication"
    SILENCE_STAGE = "silence_stage"
    FIRST_SEEN_AT = "first_seen_at"
    LAST_READING_AT = "last_reading_at"
    COMMUNICATION_AGE_SECONDS = "communication_age_seconds"
    LIFE_COUNT = "life_count"
    PAGES_PER_MONTH = "pages_per_month"
    LOWEST_SUPPLY = "lowest_supply"
    SUPPLIES = "supplies"
    ALERTS = "alerts"
    FRONT_PANEL = "front_panel"
    RETIRED_AT = "retired_at"
    RETIREMENT_REASON = "retirement_reason"
    RETIREMENT_NOTE = "retirement_note"


_ONLY_IF_ASKED: Final = {
    *(Column.ORGANIZATION_ID, Column.SITE_ID, Column.AGENT_ID),
    *(Column.RETIRED_AT, Column.RETIREMENT_REASON, Column.RETIREMENT_NOTE),
}
DEFAULT_COLUMNS: Final = tuple(each for each in Column if each not in _ONLY_IF_ASKED)


def file_of(printers: Iterable[Printer], columns: Sequence[Column], *, with_header: bool) -> str:
    """Rows of CSV (RFC 4180), safe to open in a spreadsheet; nothing is an empty cell."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    if with_header:
        writer.writerow(columns)
    for printer in printers:
        writer.writerow([escaped(_cell(printer, column)) for column in columns])
    return out.getvalue()


def supplies_summary(printer: Printer) -> str:
    """Each supply with its level, as ``black 85 %; cyan some; Waste Toner 90 % full``."""
    return "; ".join(
        f"{each.colorant or each.description or each.supply_type or each.index} {_level(each)}"
        for each in printer.supplies
    )


def _level(supply: SupplyLevel) -> str:
    if supply.fill_percent is not None:
        return f"{supply.fill_percent:g} % full"
    return supply.level_state if supply.percent is None else f"{supply.percent:g} %"


def _cell(printer: Printer, column: Column) -> str:
    made = _MADE.get(column)
    value = made(printer) if made else getattr(printer, column.value)
    return "" if value is None else str(value)


_MADE: Final[dict[Column, Callable[[Printer], str | None]]] = {
    Column.TAGS: lambda printer: "; ".join(printer.tags),
    Column.MANAGED: lambda printer: _MANAGED[printer.managed_status],
    Column.SILENCE_STAGE: lambda printer: printer.silence.stage.value if printer.silence else None,
    Column.FIRST_SEEN_AT: lambda printer: key_time(printer.first_seen_at),
    Column.LAST_READING_AT: lambda printer: key_time(printer.last_reading_at) if printer.last_reading_at else None,
    Column.SUPPLIES: supplies_summary,
    Column.RETIRED_AT: lambda printer: key_time(printer.retirement.retired_at) if printer.retirement else None,
    Column.RETIREMENT_REASON: lambda printer: printer.retirement.reason.value if printer.retirement else None,
    Column.RETIREMENT_NOTE: lambda printer: printer.retirement.note if printer.retirement else None,
    Column.FRONT_PANEL: lambda printer: " / ".join(printer.status.console_text),
}
