import pytest

from local.printers import alerts, oids
from local.printers.behaviour import Behaviour
from local.printers.device import PrinterModel, Tray, printer_rows
from local.printers.printer import Identity, SimulatedPrinter
from local.printers.rows import Oid, Tag, Value, counter, integer, octets, text
from tests.support.printers import HandClock, steady, toner

NOBODY = Identity(manufacturer=None, model=None, serial=None)
MODEL = PrinterModel(
    manufacturer="Made",
    model="Up 1",
    enterprise=(99999,),
    sys_descr="Made Up 1",
    device_descr="Made Up 1",
    serial="S1",
    mac="02:00:5e:10:00:ff",
    life_count=1_000,
    supplies=(toner(percent=50),),
    trays=(Tray(name="Tray 1", level=300),),
    covers=("Front", "Back"),
)


def printer_of(clock: HandClock, model: PrinterModel = MODEL) -> SimulatedPrinter:
    behaviour = Behaviour(clock=clock, usage=steady(100), supplies=model.supplies, alerts=model.alerts)
    return SimulatedPrinter("made up", printer_rows(model), behaviour, identity=NOBODY)


def content(printer: SimulatedPrinter, *oid: int) -> int | bytes | Oid | None:
    value = printer.view().get(oid)
    return None if value is None else value.content


def test_counters_and_levels_follow_the_pages() -> None:
    clock = HandClock()
    printer = printer_of(clock)

    clock.pass_time(days=1)

    assert content(printer, *oids.PRT_MARKER_LIFE_COUNT, 1, 1) == 1_100
    assert content(printer, *oids.PRT_MARKER_POWER_ON_COUNT, 1, 1) == 100
    assert content(printer, *oids.PRT_MARKER_SUPPLIES_LEVEL, 1, 1) == 40
    assert content(printer, *oids.SYS_UP_TIME, 0) == 8_640_000
    assert printer.life_count == 1_100
    assert printer.percent(1) == pytest.approx(40)


def test_the_description_names_the_cartridge_that_is_in() -> None:
    printer = printer_of(HandClock())
    before = content(printer, *oids.PRT_MARKER_SUPPLIES_DESCRIPTION, 1, 1)

    printer.behaviour.replace_cartridge(1, "SN2")

    assert before == b"Black Toner, PN PN1;SNSN1"
    assert content(printer, *oids.PRT_MARKER_SUPPLIES_DESCRIPTION, 1, 1) == b"Black Toner, PN PN1;SNSN2"


def test_an_alert_shows_in_every_row_it_concerns_and_leaves_none_behind() -> None:
    clock = HandClock()
    printer = printer_of(clock)
    clock.pass_time(seconds=1)
    quiet = {oid: printer.view().get(oid) for oid in printer.view()}

    index = printer.behaviour.raise_alert(alerts.CRITICAL, alerts.UNTRAINED, alerts.GROUP_COVER, 2, 3, "Back is open")
    row = [content(printer, *oids.PRT_ALERT_ENTRY, column, 1, index) for column in range(2, 10)]

    assert row == [3, 3, 6, 2, -1, 3, b"Back is open", 100]
    assert content(printer, *oids.PRT_COVER_STATUS, 1, 1) == 4
    assert content(printer, *oids.PRT_COVER_STATUS, 1, 2) == 3
    assert content(printer, *oids.HR_PRINTER_DETECTED_ERROR_STATE, 1) == b"\x08"
    assert content(printer, *oids.HR_DEVICE_STATUS, 1) == 5
    assert content(printer, *oids.PRT_ALERT_CRITICAL_EVENTS, 1) == 1

    printer.behaviour.clear_alert(index)
    after = {oid: printer.view().get(oid) for oid in printer.view()}

    assert {oid for oid in quiet.keys() | after.keys() if quiet.get(oid) != after.get(oid)} == {
        (*oids.PRT_ALERT_CRITICAL_EVENTS, 1),
        (*oids.PRT_ALERT_ALL_EVENTS, 1),
    }


def test_an_empty_tray_is_empty_until_paper_is_added() -> None:
    printer = printer_of(HandClock())

    index = printer.behaviour.raise_alert(5, 3, alerts.GROUP_INPUT, 1, alerts.INPUT_EMPTY, "Add paper")
    empty = content(printer, *oids.PRT_INPUT_CURRENT_LEVEL, 1, 1)
    errors = content(printer, *oids.HR_PRINTER_DETECTED_ERROR_STATE, 1)
    printer.behaviour.clear_alert(index)

    assert (empty, errors) == (0, b"\x40\x04")
    assert content(printer, *oids.PRT_INPUT_CURRENT_LEVEL, 1, 1) == 300


RECORDED: dict[Oid, Value] = {
    (*oids.SYS_UP_TIME, 0): Value(Tag.TIME_TICKS, 5_000),
    (*oids.PRT_GENERAL_SERIAL_NUMBER, 7): text("R1"),
    (*oids.PRT_MARKER_LIFE_COUNT, 7, 1): counter(2**32 - 10),
    (*oids.PRT_MARKER_SUPPLIES_DESCRIPTION, 7, 3): text("Cyan Cartridge"),
    (*oids.PRT_MARKER_SUPPLIES_DESCRIPTION, 7, 4): text("Black Cartridge"),
    (*oids.PRT_MARKER_SUPPLIES_LEVEL, 7, 4): integer(-2),
    (*oids.PRT_ALERT_SEVERITY_LEVEL, 7, 489): integer(4),
    (*oids.HR_PRINTER_DETECTED_ERROR_STATE, 7): octets(b"\x81"),
}


def recorded(clock: HandClock, rows: dict[Oid, Value] | None = None) -> SimulatedPrinter:
    return SimulatedPrinter("recorded", rows or RECORDED, Behaviour(clock=clock, last_alert=489), identity=NOBODY)


def test_a_recording_stands_still_but_for_its_uptime() -> None:
    clock = HandClock()
    printer = recorded(clock)

    clock.pass_time(days=3)
    rows = {oid: printer.view().get(oid) for oid in printer.view()}

    assert rows == {**RECORDED, (*oids.SYS_UP_TIME, 0): Value(Tag.TIME_TICKS, 5_000 + 3 * 8_640_000)}


def test_a_recording_adopts_its_black_toner_with_every_column() -> None:
    printer = recorded(HandClock())

    index = printer.adopt(part_number="PN9", serial="SN9", percent=44, yield_pages=1_000)
    printer.behaviour.print_pages(40)
    row = [content(printer, *oids.PRT_MARKER_SUPPLIES_ENTRY, column, 7, index) for column in range(2, 10)]

    assert index == 4
    assert row == [1, 0, 3, 21, b"Black Toner Cartridge, PN PN9;SNSN9", 19, 100, 40]
    assert content(printer, *oids.PRT_MARKER_LIFE_COUNT, 7, 1) == 30  # a Counter32 wraps
    assert content(printer, *oids.PRT_MARKER_SUPPLIES_DESCRIPTION, 7, 3) == b"Cyan Cartridge"


def test_a_recording_without_supplies_adopts_a_new_row() -> None:
    printer = recorded(HandClock(), {(*oids.PRT_GENERAL_SERIAL_NUMBER, 7): text("R1")})

    index = printer.adopt(part_number="PN9", serial="SN9", percent=44, yield_pages=1_000)

    assert content(printer, *oids.PRT_MARKER_SUPPLIES_LEVEL, 7, index) == 44


def test_a_recorded_alert_can_be_cleared_and_new_ones_follow_it() -> None:
    printer = recorded(HandClock())

    index = printer.behaviour.raise_alert(3, 5, 10, 1, 1004, "Fuser")
    printer.behaviour.clear_alert(489)

    assert index == 490
    assert content(printer, *oids.PRT_ALERT_SEVERITY_LEVEL, 7, 489) is None
    assert content(printer, *oids.PRT_ALERT_SEVERITY_LEVEL, 7, 490) == 3
    assert content(printer, *oids.HR_PRINTER_DETECTED_ERROR_STATE, 7) == b"\x81"
