"""Readings as tables for people."""

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from shared.wire.reading import PrinterReading, Supply


def reading_tables(reading: PrinterReading) -> RenderableType:
    """One printer: who it is, its meters, supplies, trays and alerts."""
    own = [_maker_supplies(reading)] if reading.maker_supplies else []
    return Group(_facts(reading), _supplies(reading), *own, _trays(reading), _alerts(reading))


def fleet_table() -> Table:
    """An empty table for `fleet_row`."""
    table = Table("printer", "manufacturer", "model", "serial number", "life count", "lowest supply", "alerts")
    table.columns[4].justify = "right"
    for column in (table.columns[0], table.columns[3]):  # half an address or serial number says nothing
        column.no_wrap = True
    return table


def fleet_row(reading: PrinterReading) -> tuple[str, ...]:
    """One printer in one row."""
    counter = reading.counter("life_count")
    levels = [
        (row.percent, row.description or row.index)
        for row in reading.supplies or []
        if row.percent is not None and not row.receptacle
    ]
    lowest = min(levels, default=None)
    return (
        _plain(reading.address),
        _plain(reading.identity.manufacturer),
        _plain(reading.identity.model),
        _plain(reading.identity.serial_number),
        str(counter.value) if counter else "",
        f"{lowest[0]:g} % {escape(lowest[1])}" if lowest else "",
        "not read" if reading.alerts is None else str(len(reading.alerts)),
    )


def _facts(reading: PrinterReading) -> Table:
    identity, status = reading.identity, reading.status
    table = Table("what", "value", title=_plain(reading.address))
    facts = {
        "manufacturer": identity.manufacturer,
        "model": identity.model,
        "serial number": identity.serial_number,
        "hardware address": identity.mac_address,
        "host name": identity.host_name,
        "location": identity.location,
        "firmware": identity.firmware,
        "asset tag": identity.asset_tag,
        "device status": status.device_status,
        "printer status": status.printer_status,
        "detected errors": ", ".join(status.detected_errors or []),
        "panel": " / ".join(line.strip() for line in status.console_text),
    }
    for counter in reading.counters or []:
        facts[counter.name.replace("_", " ")] = f"{counter.value} {counter.unit or ''}".strip()
    for what, why in reading.missing.items():
        facts.setdefault(what.replace("_", " "), None)
        facts[what.replace("_", " ")] = facts[what.replace("_", " ")] or f"({why.value.replace('_', ' ')})"
    for what, value in facts.items():
        if value:
            table.add_row(what, _plain(value))
    return table


def _supplies(reading: PrinterReading) -> Table:
    table = Table("supply", "description", "level", "of", "part number", title="supplies")
    for row in (*(reading.supplies or []), *(reading.finisher_supplies or [])):
        table.add_row(row.index, _plain(row.description), _level(row), _capacity(row), _plain(row.part_number))
    return table


def _level(row: Supply) -> str:
    """The level, and in brackets what the maker's own objects and its profile add to it."""
    space = " free" if row.receptacle else ""
    level = f"{row.percent:g} %" if row.percent is not None else row.level_state.value.replace("_", " ")
    added = [_plain(row.level_meaning)] if row.level_meaning else []
    if row.refined_percent is not None:
        sure = "the maker's own" if row.percent is not None else f"{row.refined_percent:g} % not confirmed"
        added.append(sure)
    return f"{level}{space}" + (f" ({', '.join(added)})" if added else "")


def _maker_supplies(reading: PrinterReading) -> Table:
    table = Table("part", "left", "pages left", "pages done", "serial number", "row", title="the maker's own")
    for item in reading.maker_supplies or []:
        part = " ".join(word for word in (item.colorant, item.part.replace("_", " ")) if word)
        left = f"{item.percent:g} %" if item.percent is not None else item.meaning or ""
        doubt = "" if item.confirmed else " (not confirmed)"
        pages = ("" if number is None else str(number) for number in (item.pages_left, item.pages_done))
        table.add_row(_plain(part), _plain(left) + doubt, *pages, _plain(item.serial_number), item.supply or "")
    return table


def _capacity(row: Supply) -> str:
    if row.max_capacity is None or row.max_capacity < 0:
        return ""
    return f"{row.max_capacity} {row.supply_unit or ''}".strip()


def _trays(reading: PrinterReading) -> Table:
    table = Table("tray", "name", "level", "capacity", title="trays")
    for row in reading.inputs or []:
        special = {None: "", -1: "no limit", -2: "unknown", -3: "some"}
        level = special.get(row.current_level, str(row.current_level))
        table.add_row(row.index, _plain(row.name), level, special.get(row.max_capacity, str(row.max_capacity)))
    return table


def _alerts(reading: PrinterReading) -> RenderableType:
    if reading.alerts == []:
        return Text("no alerts")
    title = "alerts" if reading.alerts is not None else "alerts (not read to the end)"
    table = Table("severity", "group", "code", "description", "since", title=title)
    for row in reading.alerts or []:
        since = f"{row.raised_at:%Y-%m-%d %H:%M} UTC" if row.raised_at else ""
        table.add_row(_plain(row.severity), _plain(row.group), str(row.code), _plain(row.description), since)
    return table


def _plain(text: str | None) -> str:
    return escape(text or "")
