from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.ipp.attributes import REQUESTED_ATTRIBUTES, Attributes, Item
from edge.ipp.message import read_answer
from edge.ipp.printer import ipp_reading
from local.printers.clock import SimulatedClock
from local.printers.device import PrinterModel
from local.printers.fleet import model_printer
from local.printers.ipp_encoding import answer_octets
from local.printers.ipp_state import ipp_attributes
from local.printers.models.catalogue import MODELS
from shared.wire.printer_mib import LevelState
from shared.wire.reading import MissingReason, PrinterReading, Supply
from tests.support.edge import NOON, MemoryTransport, read

SUPPLY = b"index=3;class=supplyThatIsConsumed;type=toner;unit=percent;maxcapacity=100;level=%d;colorantname=cyan;"
WASTE = b"class=receptacleThatIsFilled;type=wasteToner;unit=percent;maxcapacity=100;level=0;"


def reading_of(items: dict[str, list[Item]], unreadable: tuple[str, ...] = ()) -> PrinterReading:
    answered = Attributes({"printer-state-reasons": [b"none"], **items}, frozenset(unreadable))
    return ipp_reading(answered, reading_id="rdg_1", taken_at=NOON, address="10.0.0.5")


@pytest.mark.parametrize("model", [model for model in MODELS if not model.silent], ids=lambda model: model.model)
def test_a_printer_reads_the_same_over_ipp_as_over_snmp(model: PrinterModel) -> None:
    printer = model_printer(model, clock=SimulatedClock(datetime(2026, 11, 22, 12, tzinfo=UTC), 0.0, 0.0))
    view = printer.view()
    snmp = read(MemoryTransport({oid: row for oid in view if (row := view.get(oid)) is not None}))

    answered = read_answer(answer_octets(ipp_attributes(printer))).attributes
    reading = ipp_reading(answered, reading_id="rdg_1", taken_at=NOON, address="10.0.0.5")

    assert answered.unreadable == frozenset()
    for field in ("manufacturer", "model", "serial_number", "location"):
        assert getattr(reading.identity, field) == getattr(snmp.identity, field), field
    assert reading.status.console_text == snmp.status.console_text
    assert {row.index: shown(row) for row in reading.supplies or []} == {
        row.index: shown(row) for row in snmp.supplies or []
    }
    assert [(row.name, row.max_capacity, row.current_level) for row in reading.inputs or []] == [
        (row.name, row.max_capacity, row.current_level) for row in snmp.inputs or []
    ]
    assert [alert.model_dump(exclude={"raised_at"}) for alert in reading.alerts or []] == [
        alert.model_dump(exclude={"raised_at"}) for alert in snmp.alerts or []
    ]
    over_snmp, over_ipp = snmp.counter("life_count"), reading.counter("life_count")
    assert (over_ipp and over_ipp.value) == (over_snmp and over_snmp.value)


def shown(row: Supply) -> dict[str, object]:
    return row.model_dump(
        include={"supply_class", "supply_type", "description", "colorant", "supply_unit", "max_capacity", "level"}
        | {"level_state", "percent", "receptacle", "part_number", "serial_number"}
    )


@pytest.mark.parametrize(
    ("level", "state", "percent"),
    [
        (37, LevelState.PERCENT, 37.0),
        (-1, LevelState.NOT_METERED, None),
        (-2, LevelState.UNKNOWN, None),
        (-3, LevelState.SOME, None),
        (154, LevelState.PERCENT, 100.0),
    ],
)
@pytest.mark.parametrize("way", ["printer-supply", "marker-levels"])
def test_levels_keep_their_meaning_either_way(way: str, level: int, state: LevelState, percent: float | None) -> None:
    items: dict[str, list[Item]] = {way: [SUPPLY % level]} if way == "printer-supply" else {way: [level]}

    supplies = reading_of(items).supplies

    assert supplies is not None
    assert (supplies[0].level, supplies[0].level_state, supplies[0].percent) == (level, state, percent)


def test_a_row_of_printer_supply_is_read_whole() -> None:
    reading = reading_of({"printer-supply": [SUPPLY % 37], "printer-supply-description": [b"Cyan Toner, PN TK-1;SN77"]})

    assert reading.supplies is not None
    row = reading.supplies[0]
    assert (row.index, row.supply_class, row.supply_type) == ("1.3", "supplyThatIsConsumed", "toner")
    assert (row.colorant, row.part_number, row.serial_number) == ("cyan", "TK-1", "77")
    assert "supplies" not in reading.missing


def test_rows_without_an_index_of_their_own_are_numbered_by_place() -> None:
    rows: list[Item] = [b"type=toner;maxcapacity=100;level=90;", b"", b"type=opc;maxcapacity=100;level=50;"]

    supplies = reading_of({"printer-supply": rows}).supplies

    assert [row.index for row in supplies or []] == ["1.1", "1.3"]


def test_marker_attributes_stand_in_for_printer_supply() -> None:
    reading = reading_of(
        {
            "marker-names": [b"Black Cartridge", b"Waste"],
            "marker-types": [b"toner-cartridge", b"waste-toner"],
            "marker-colors": [b"#000000", b"none"],
            "marker-levels": [62, 90],
        }
    )

    assert [(row.supply_type, row.colorant, row.percent) for row in reading.supplies or []] == [
        ("tonerCartridge", "black", 62.0),
        ("wasteToner", None, None),
    ]


def test_a_receptacle_that_may_count_what_is_in_it_gets_no_percentage_and_keeps_its_number() -> None:
    by_standard, with_high_level = reading_of({"printer-supply": [WASTE, WASTE + b"highlevel=95;"]}).supplies or []

    assert (by_standard.level, by_standard.percent) == (0, 0.0)
    assert (with_high_level.level, with_high_level.percent) == (0, None)
    assert with_high_level.level_state is LevelState.UNKNOWN


def test_counters_name_their_source_and_colour_is_told_when_the_parts_add_up() -> None:
    parts = {"monochrome": 60, "monochrome-two-sided": 20, "full-color": 15, "highlight-color": 3, "blank": 2}
    items: dict[str, list[Item]] = {"printer-impressions-completed-col": [parts]}

    adding_up = reading_of({**items, "printer-impressions-completed": [100]})
    other = reading_of({**items, "printer-impressions-completed": [5_000]})

    assert [(each.name, each.value, each.unit, each.source) for each in adding_up.counters or []] == [
        ("life_count", 100, "impressions", "ipp:printer-impressions-completed"),
        ("mono_impressions", 80, "impressions", "ipp:printer-impressions-completed-col"),
        ("color_impressions", 18, "impressions", "ipp:printer-impressions-completed-col"),
    ]
    assert [each.name for each in other.counters or []] == ["life_count"]


def test_sheets_are_counted_only_where_sides_are_not() -> None:
    sheets = reading_of({"printer-media-sheets-completed": [7]}).counter("life_count")
    both = reading_of({"printer-media-sheets-completed": [7], "printer-impressions-completed": [9]})

    assert sheets is not None
    assert (sheets.value, sheets.unit, sheets.source) == (7, "sheets", "ipp:printer-media-sheets-completed")
    assert [(each.value, each.unit) for each in both.counters or []] == [(9, "impressions")]


def test_alert_rows_carry_the_tables_meaning_and_absolute_time() -> None:
    row = b"code=markerTonerEmpty;index=23;severity=critical;training=trained;group=markerSupplies;groupindex=2;"
    reading = reading_of(
        {
            "printer-up-time": [1_000],
            "printer-alert": [row + b"location=-1;time=40000"],
            "printer-alert-description": [b"Replace cyan"],
        }
    )

    assert reading.alerts is not None
    alert = reading.alerts[0]
    assert (alert.index, alert.code, alert.group, alert.group_index) == ("1.23", 1101, "markerSupplies", 2)
    assert (alert.severity, alert.training_level, alert.description) == ("critical", "trained", "Replace cyan")
    assert alert.raised_at == NOON - timedelta(seconds=600)


def test_an_uptime_that_is_the_calendar_dates_nothing() -> None:
    reading = reading_of({"printer-up-time": [1_790_000_000], "printer-alert": [b"code=jam;index=1;time=40000"]})

    assert reading.uptime_ticks is None
    assert [alert.raised_at for alert in reading.alerts or []] == [None]


def test_reasons_fill_in_for_parts_that_no_alert_row_tells_of() -> None:
    reading = reading_of(
        {
            "printer-state": [5],
            "printer-alert": [
                b"code=unknown;severity=otherother",
                b"code=unknown;severity=otherother",
                b"code=inputMediaSupplyLow;severity=warning;group=input",
            ],
            "printer-state-reasons": [b"media-empty-error", b"toner-low-warning", b"cover-open", b"paused", b"none"],
        }
    )

    told = [(alert.code, alert.group, alert.severity) for alert in reading.alerts or []]
    assert told == [
        (2, None, None),
        (807, "input", "warning"),
        (1104, "markerSupplies", "warningBinaryChangeEvent"),
        (3, "cover", "critical"),
    ]
    assert len({alert.index for alert in reading.alerts or []}) == 4


def test_an_unknown_reason_is_kept_in_the_printers_words() -> None:
    reading = reading_of({"printer-state-reasons": [b"com.example-drawer-ajar-warning"]})

    assert [(alert.code, alert.description) for alert in reading.alerts or []] == [(2, "com.example-drawer-ajar")]


def test_nothing_wrong_is_an_empty_table_and_an_unreadable_one_is_none() -> None:
    assert reading_of({}).alerts == []
    without_rows = reading_of({}, unreadable=("printer-alert",))
    without_reasons = reading_of({"printer-state-reasons": []}, unreadable=("printer-state-reasons",))
    for reading in (without_rows, without_reasons):
        assert reading.alerts is None
        assert reading.missing["alerts"] is MissingReason.UNREADABLE


@pytest.mark.parametrize(
    ("state", "reason", "shown"),
    [
        (3, b"none", ("running", "idle")),
        (4, b"none", ("running", "printing")),
        (3, b"toner-low-warning", ("warning", "idle")),
        (3, b"subunit-power-saver-report", ("running", "idle")),
        (5, b"media-jam-error", ("down", "other")),
    ],
)
def test_the_state_becomes_device_and_printer_status(state: int, reason: bytes, shown: tuple[str, str]) -> None:
    status = reading_of({"printer-state": [state], "printer-state-reasons": [reason]}).status

    assert (status.device_status, status.printer_status) == shown


def test_the_device_id_tells_what_the_attributes_do_not() -> None:
    reading = reading_of({"printer-device-id": [b"MFG:Acme;MDL:Printo 5;CLS:PRINTER;SN:AC123;"]})

    identity = reading.identity
    assert (identity.manufacturer, identity.model, identity.serial_number) == ("Acme", "Printo 5", "AC123")


def test_what_the_printer_does_not_have_is_not_supported() -> None:
    missing = reading_of({}).missing

    for name in ("life_count", "serial_number", "supplies", "inputs", "outputs", "covers"):
        assert missing[name] is MissingReason.NOT_SUPPORTED, name


octet_texts = st.one_of(
    st.binary(max_size=300),
    st.lists(
        st.tuples(
            st.sampled_from(
                "index class type unit maxcapacity level colorantname code severity group time name".split()
            ),
            st.one_of(st.integers(-(10**25), 10**25).map(str), st.text(max_size=12)),
        ),
        max_size=9,
    ).map(lambda pairs: ";".join(f"{key}={value}" for key, value in pairs).encode("utf-8", "replace")),
)
values = st.one_of(
    st.integers(-(2**31), 2**31 - 1),
    octet_texts,
    st.dictionaries(st.text(max_size=20), st.integers(-(2**31), 2**31 - 1)),
)


@given(
    st.dictionaries(st.sampled_from(list(REQUESTED_ATTRIBUTES)), st.lists(values, min_size=1, max_size=70)),
    st.sets(st.sampled_from(list(REQUESTED_ATTRIBUTES))),
)
def test_whatever_the_attributes_hold_a_reading_that_the_wire_takes_comes_of_it(
    items: dict[str, list[Item]], unreadable: set[str]
) -> None:
    reading = ipp_reading(
        Attributes(items, frozenset(unreadable)), reading_id="rdg_1", taken_at=NOON, address="10.0.0.5"
    )

    assert PrinterReading.model_validate_json(reading.model_dump_json()) == reading
