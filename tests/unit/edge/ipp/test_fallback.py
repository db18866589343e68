import asyncio
from pathlib import Path

from edge.config.settings import AgentSettings, IppSettings
from edge.ipp.client import Endpoint, IppError, IppSilent
from edge.ipp.fallback import FallbackReader, Way, with_ipp
from edge.ipp.routes import ROUTES_FILE, Routes
from edge.snmp.targets import Target
from shared.wire.reading import MissingReason, Supply
from tests.support.edge_ipp import IPP, PRINTER, Ipp, Site, Snmp, over_snmp, page_count
from tests.support.printers import HandClock


def test_a_printer_with_snmp_and_a_page_count_is_never_asked_over_ipp() -> None:
    site = Site(over_snmp(count=100), IPP)

    assert page_count(site.read()) == (100, "1.3.6")
    assert (site.ipp.asked, site.changes) == ([], [])
    assert site.reader.answered_by(str(PRINTER)) is None


def test_a_silent_printer_is_read_over_ipp_and_snmp_is_not_waited_for_again_for_six_hours() -> None:
    site = Site(None, IPP)

    assert page_count(site.read()) == (500, "ipp:printer-impressions-completed")
    site.clock.pass_time(hours=5)
    site.read()
    assert site.snmp.asked == 1

    site.clock.pass_time(hours=1)
    site.read()
    site.read()
    assert site.snmp.asked == 2
    assert site.ipp.asked == [None, *[Endpoint(path="/ipp/printer")] * 3]
    assert site.reader.way(str(PRINTER)) is Way.IPP
    assert site.changes == [Way.IPP]


def test_when_snmp_comes_back_it_is_used_again() -> None:
    site = Site(None, IPP)
    site.read()
    site.snmp.answer = over_snmp(count=501)

    site.clock.pass_time(hours=6)

    assert page_count(site.read()) == (501, "1.3.6")
    assert site.changes == [Way.IPP, Way.SNMP]


def test_a_printer_that_answers_snmp_is_not_read_over_ipp_because_it_is_silent_for_a_while() -> None:
    site = Site(over_snmp(count=100), IPP)
    site.read()
    site.snmp.answer = None

    for _ in range(23):
        site.clock.pass_time(hours=1)
        assert site.fails().stage == "answer"
    assert site.ipp.asked == []

    site.clock.pass_time(hours=2)
    assert page_count(site.read()) == (500, "ipp:printer-impressions-completed")


def test_a_page_count_that_snmp_told_once_is_never_replaced_by_another_one() -> None:
    site = Site(over_snmp(count=100), IPP)
    site.read()
    site.snmp.answer = over_snmp(missing={"supplies": MissingReason.NOT_SUPPORTED})

    assert page_count(site.read()) is None
    assert site.ipp.asked == []


def test_another_printer_at_the_address_is_judged_anew() -> None:
    site = Site(over_snmp(count=100), {**IPP, "printer-serial-number": [b"CN2"]})
    site.read()
    site.snmp.answer = over_snmp(serial="CN2")

    assert page_count(site.read()) == (500, "ipp:printer-impressions-completed")


def test_a_printer_without_a_page_count_gets_it_from_ipp_and_keeps_what_snmp_told() -> None:
    own = Supply(index="1.1", level=80, description="as SNMP tells it")
    tray = {"printer-input-tray": [b"type=sheetFeedManual;maxcapacity=50;level=-3;name=MP;"]}
    site = Site(over_snmp(supplies=[own], missing={"inputs": MissingReason.NOT_ANSWERED}), {**IPP, **tray})

    reading = site.read()

    assert page_count(reading) == (500, "ipp:printer-impressions-completed")
    assert reading.supplies == [own]
    assert reading.inputs is None
    assert reading.missing == {"inputs": MissingReason.NOT_ANSWERED}
    assert reading.reading_id == "rdg_snmp"
    assert site.reader.way(str(PRINTER)) is Way.BOTH
    assert site.reader.answered_by(str(PRINTER)) == "SNMP and IPP"


def test_tables_that_snmp_does_not_have_come_whole_from_ipp() -> None:
    site = Site(over_snmp(supplies=[], missing={"supplies": MissingReason.NOT_SUPPORTED}), IPP)

    reading = site.read()

    assert [(row.index, row.percent) for row in reading.supplies or []] == [("1.1", 40.0)]
    assert "supplies" not in reading.missing


def test_a_count_that_was_only_cut_short_this_time_is_not_filled_in() -> None:
    site = Site(over_snmp(missing={"life_count": MissingReason.NOT_ANSWERED}), IPP)

    assert page_count(site.read()) is None
    assert site.ipp.asked == []


def test_two_devices_are_never_put_together() -> None:
    site = Site(over_snmp(serial="CN-OTHER"), IPP)

    reading = site.read()

    assert page_count(reading) is None
    assert reading.identity.serial_number == "CN-OTHER"
    assert site.changes == [Way.UNLIKE]


def test_another_device_at_the_ipp_port_is_asked_once_a_day_and_told_meanwhile() -> None:
    site = Site(over_snmp(serial="CN-OTHER"), IPP)

    for _ in range(23):
        site.read()
        site.clock.pass_time(hours=1)
    assert len(site.ipp.asked) == 1
    assert site.changes == [Way.UNLIKE]

    site.clock.pass_time(hours=1)
    site.read()
    assert len(site.ipp.asked) == 2


def test_what_another_device_answered_over_ipp_says_nothing_of_the_printer_that_comes_next() -> None:
    site = Site(over_snmp(serial="CN-OTHER"), IPP)
    site.read()
    site.snmp.answer = over_snmp(serial="CN1")

    assert page_count(site.read()) == (500, "ipp:printer-impressions-completed")
    assert site.changes == [Way.UNLIKE, Way.BOTH]


def test_a_printer_that_moved_keeps_the_page_count_that_snmp_told_before() -> None:
    site = Site(over_snmp(count=100), IPP)
    site.read()
    site.snmp.answer = over_snmp()

    assert page_count(site.read(Target("10.0.0.6", named=True))) is None
    assert site.ipp.asked == []


def test_a_missing_serial_number_is_filled_in_from_the_same_address() -> None:
    site = Site(over_snmp(serial=None, missing={"serial_number": MissingReason.NOT_SUPPORTED}), IPP)

    reading = site.read()

    assert reading.identity.serial_number == "CN1"
    assert "serial_number" not in reading.missing


def test_when_the_other_half_fails_what_it_tells_counts_as_not_answered() -> None:
    site = Site(over_snmp(supplies=[], missing={"supplies": MissingReason.NOT_SUPPORTED}), IPP)
    site.read()
    site.ipp.answer = IppSilent("no")

    reading = site.read()

    assert (reading.supplies, reading.counters) == (None, None)
    assert reading.missing["supplies"] is reading.missing["life_count"] is MissingReason.NOT_ANSWERED


def test_a_printer_without_ipp_is_asked_once_a_day() -> None:
    site = Site(over_snmp(), IppError("nothing takes connections"))

    for _ in range(24):
        assert page_count(site.read()) is None
        site.clock.pass_time(hours=1)
    assert len(site.ipp.asked) == 1

    site.read()
    assert len(site.ipp.asked) == 2


def test_a_printer_that_is_off_is_asked_over_ipp_once_an_hour_and_says_both_reasons() -> None:
    site = Site(None, IppSilent("nothing answers at the IPP port"))

    assert site.fails().message == "silent; over IPP: nothing answers at the IPP port"
    site.clock.pass_time(minutes=30)
    assert site.fails().message == "silent"
    site.clock.pass_time(minutes=30)
    site.fails()

    assert len(site.ipp.asked) == 2


def test_a_known_ipp_printer_that_is_off_is_asked_once_each_way() -> None:
    site = Site(None, IPP)
    site.read()
    site.ipp.answer = IppSilent("nothing answers at the IPP port")

    for number in (1, 2):
        assert site.fails().message == "silent; over IPP: nothing answers at the IPP port"
        assert (site.snmp.asked, len(site.ipp.asked)) == (1 + number, 1 + number)

    site.ipp.answer = IPP
    assert page_count(site.read()) == (500, "ipp:printer-impressions-completed")


def test_other_failures_of_snmp_are_left_as_they_are() -> None:
    site = Site(None, IPP)
    site.snmp.stage = "decode"

    assert site.fails().stage == "decode"
    assert site.ipp.asked == []


def test_an_answer_that_fits_no_reading_is_an_error_of_the_printer() -> None:
    site = Site(None, {**IPP, "printer-impressions-completed": [2**70]})

    assert "cannot be kept" in site.fails().message


def test_discovery_tries_silent_printers_that_were_named_and_ranges_only_when_told() -> None:
    of_range = Target("10.0.0.6")

    assert Site(None, IPP).discover(PRINTER, of_range) == [PRINTER]
    assert set(Site(None, IPP, discover_ranges=True).discover(PRINTER, of_range)) == {PRINTER, of_range}
    assert Site(None, IppSilent("no")).discover(PRINTER) == []


def test_a_printer_found_over_ipp_is_read_over_ipp_at_once_and_what_snmp_found_is_not_tried() -> None:
    site = Site(None, IPP)
    site.discover(PRINTER)
    site.read()
    assert site.snmp.asked == 0

    other = Site(over_snmp(count=1), IPP)
    assert other.discover(PRINTER) == [PRINTER]
    assert other.ipp.asked == []


def test_the_agent_keeps_what_it_learned_and_asks_nothing_over_ipp_where_that_is_off(tmp_path: Path) -> None:
    settings = AgentSettings(server="https://agents.example.com", state_dir=tmp_path)
    clock, snmp = HandClock(), Snmp(None)
    with with_ipp(snmp, settings, clock) as (reader, answered_by):
        assert isinstance(reader, FallbackReader)
        reader._inquiry = Ipp(IPP)  # type: ignore[assignment] # asks nobody
        asyncio.run(reader.read(PRINTER))
        assert answered_by(str(PRINTER)) == "IPP"
    assert Routes(tmp_path / ROUTES_FILE).of(str(PRINTER)).endpoint is not None

    off = settings.model_copy(update={"ipp": IppSettings(enabled=False)})
    with with_ipp(snmp, off, clock) as (reader, answered_by):
        assert reader is snmp
        assert answered_by(str(PRINTER)) is None
