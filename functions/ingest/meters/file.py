"""Usage as a file: CSV (RFC 4180) or JSON lines, one row for each printer and counter, the same columns everywhere."""

import csv
import io
import json
from collections.abc import Iterator
from enum import StrEnum
from typing import Any, Final

from functions.ingest.meters.models import CounterUsage, PrinterUsage, UsagePage
from shared.clock import key_time

COLUMNS: Final = (
    "printer_id",
    "organization_id",
    "site_id",
    "manufacturer",
    "model",
    "serial_number",
    "counter",
    "unit",
    "source",
    "first_day",
    "last_day",
    "usage",
    "is_complete",
    "held_breaks",
    "sum_agrees",
    "opening_at",
    "opening_kind",
    "opening_value",
    "opening_logical",
    "closing_at",
    "closing_kind",
    "closing_value",
    "closing_logical",
)
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


class FileFormat(StrEnum):
    """How a file is written."""

    CSV = "csv"
    JSON_LINES = "jsonl"

    @property
    def media_type(self) -> str:
        """For Content-Type."""
        return "text/csv" if self is FileFormat.CSV else "application/jsonl"


def file_of(page: UsagePage, form: FileFormat, *, with_header: bool) -> str:
    """A page of usage as a part of a file; parts in order make the whole.

    Args:
        page: What to write.
        form: CSV or JSON lines.
        with_header: Whether the first line names the columns: of the first part only (CSV).
    """
    if form is FileFormat.JSON_LINES:
        return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows_of(page))
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    if with_header:
        writer.writerow(COLUMNS)
    for row in rows_of(page):
        writer.writerow([_cell(row[column]) for column in COLUMNS])
    return out.getvalue()


def rows_of(page: UsagePage) -> Iterator[dict[str, Any]]:
    """One row for each printer, stay and counter, values as JSON has them, in the order of `COLUMNS`.

    A printer without any counter has one row without one: nobody has to miss it to know of it.
    """
    for printer in page.items:
        for usage in printer.counters:
            yield _of_printer(printer) | _of_counter(usage)
        if not printer.counters:
            yield _of_printer(printer)


def _of_printer(printer: PrinterUsage) -> dict[str, Any]:
    return dict.fromkeys(COLUMNS) | {
        "printer_id": printer.printer_id,
        "organization_id": printer.organization_id,
        "site_id": printer.site_id,
        "manufacturer": printer.manufacturer,
        "model": printer.model,
        "serial_number": printer.serial_number,
        "first_day": printer.first_day.isoformat(),
        "last_day": printer.last_day.isoformat(),
        "is_complete": printer.is_complete,
        "sum_agrees": printer.sums.agrees,
    }


def _of_counter(usage: CounterUsage) -> dict[str, Any]:
    return {
        "counter": usage.counter,
        "unit": usage.unit,
        "source": usage.closing.source,
        "usage": usage.usage,
        "held_breaks": " ".join(usage.held_breaks),
        "opening_at": key_time(usage.opening.taken_at),
        "opening_kind": usage.opening.kind.value,
        "opening_value": usage.opening.value,
        "opening_logical": usage.opening.logical,
        "closing_at": key_time(usage.closing.taken_at),
        "closing_kind": usage.closing.kind.value,
        "closing_value": usage.closing.value,
        "closing_logical": usage.closing.logical,
    }


def _cell(value: Any) -> str:  # noqa: ANN401 - any value of a row
    """The value as text; an apostrophe stands before what a spreadsheet would take for a formula."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    return "'" + text if isinstance(value, str) and text.lstrip("'").startswith(_FORMULA) else text
