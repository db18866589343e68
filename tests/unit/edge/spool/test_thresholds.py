from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.spool.changes import ReportedState, Rhythm, judge
from edge.spool.thresholds import REPLACEMENT_RISE, THRESHOLDS
from shared.wire.printer_mib import LevelState
from shared.wire.reading import Alert, PrinterReading, Status, Supply
from tests.support.edge_sending import NOON, a_reading

HOUR = 3_600


def with_supply(
    percent: float | None = None, state: LevelState = LevelState.PERCENT, index: str = "1.1"
) -> PrinterReading:
    supply = Supply(index=index, max_capacity=100, level_state=state, percent=percent, level=int(percent or -2))
    return a_reading().model_copy(update={"supplies": [supply]})


def is_urgent(before: PrinterReading, after: PrinterReading) -> bool:
    first = judge(None, before, now=NOON, rhythm=Rhythm(HOUR))
    assert first is not None
    assert not first.is_urgent
    kept = ReportedState.from_json(first.state.to_json())
    report = judge(kept, after, now=NOON + timedelta(minutes=15), rhythm=Rhythm(HOUR))
    return report is not None and report.is_urgent


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (21.0, 20.0, True),
        (20.0, 19.0, False),
        (26.0, 24.0, True),
        (5.01, 5.0, True),
        (1.0, 0.0, True),
        (100.0, 0.0, True),
        (80.0, 40.0, False),
        (19.0, 21.0, False),  # jitter
        (3.0, 100.0, True),  # a new cartridge
        (40.0, 49.9, False),
        (40.0, 50.0, True),
    ],
)
def test_a_level_that_crosses_a_threshold_or_rises_as_after_a_replacement_does_not_wait(
    before: float, after: float, expected: bool
) -> None:
    assert is_urgent(with_supply(before), with_supply(after)) is expected


@given(st.floats(0, 100), st.floats(0, 100))
def test_a_fall_is_urgent_exactly_when_a_threshold_lies_in_it(before: float, after: float) -> None:
    was, now = round(before, 2), round(after, 2)
    crossed = any(now <= threshold < was for threshold in THRESHOLDS)

    assert is_urgent(with_supply(was), with_supply(now)) is (crossed or now - was >= REPLACEMENT_RISE)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (with_supply(40.0), with_supply(None, LevelState.SOME)),
        (with_supply(None, LevelState.SOME), with_supply(40.0)),
        (with_supply(None, LevelState.SOME), with_supply(None, LevelState.UNKNOWN)),
        (a_reading(), a_reading(alerts=[Alert(index="1.1", code=8)])),
        (a_reading(alerts=[Alert(index="1.1", code=8)]), a_reading()),
        (a_reading(), a_reading(status=Status(device_status="down"))),
        (
            a_reading(status=Status(device_status="running", detected_errors=[])),
            a_reading(status=Status(device_status="running", detected_errors=["jammed"])),
        ),
    ],
)
def test_another_state_of_a_supply_other_alerts_and_other_errors_do_not_wait(
    before: PrinterReading, after: PrinterReading
) -> None:
    assert is_urgent(before, after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (a_reading(), a_reading(pages=2_000)),
        (a_reading(status=Status(printer_status="idle")), a_reading(status=Status(printer_status="printing"))),
        (a_reading(alerts=[Alert(index="1.1", code=8)]), a_reading(alerts=[Alert(index="1.7", code=8)])),  # ALR-04
        (a_reading(alerts=[Alert(index="1.1", code=8)]), a_reading(alerts=None)),
        (with_supply(4.0), with_supply(None, LevelState.NOT_READ)),
        (a_reading(), a_reading(serial="SN-2")),
    ],
)
def test_ordinary_changes_and_what_was_not_read_wait_for_the_others(
    before: PrinterReading, after: PrinterReading
) -> None:
    assert not is_urgent(before, after)


def test_an_agent_brought_up_to_date_reports_no_fleet_at_once() -> None:
    of_an_older_agent = ReportedState({"supplies": "0" * 16, "alerts": "0" * 16}, NOON)

    report = judge(of_an_older_agent, with_supply(3.0), now=NOON, rhythm=Rhythm(HOUR))

    assert report is not None
    assert not report.is_urgent


def test_the_marks_alone_cause_no_report() -> None:
    first = judge(None, with_supply(40.0), now=NOON, rhythm=Rhythm(HOUR))
    assert first is not None
    without_marks = {name: value for name, value in first.state.facts.items() if not name.startswith("!")}

    assert judge(ReportedState(without_marks, NOON), with_supply(40.0), now=NOON, rhythm=Rhythm(HOUR)) is None


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"facts": 3, "reported_at": "x"}', '{"facts":{},"reported_at":"2026-01-01"}']
)
def test_a_damaged_state_is_no_state(text: str) -> None:
    assert ReportedState.from_json(text) is None
