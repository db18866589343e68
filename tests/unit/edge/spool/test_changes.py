from datetime import datetime, timedelta
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.spool.changes import Cause, Report, ReportedState, Rhythm, judge
from shared.wire.reading import Alert, Counter, Cover, Identity, PrinterReading, Status, Supply
from tests.support.edge_sending import NOON, a_reading

HOUR = 3_600


def first_report(reading: PrinterReading) -> ReportedState:
    report = judge(None, reading, now=NOON, rhythm=Rhythm(HOUR))
    assert report is not None
    return report.state


def judged(before: PrinterReading, after: PrinterReading, *, minutes: float = 15) -> Report | None:
    return judge(first_report(before), after, now=NOON + timedelta(minutes=minutes), rhythm=Rhythm(HOUR))


def test_the_first_reading_is_reported() -> None:
    report = judge(None, a_reading(), now=NOON, rhythm=Rhythm(HOUR))

    assert report is not None
    assert report.cause is Cause.FIRST


def test_a_reading_that_says_nothing_new_is_not_reported() -> None:
    later = a_reading("rd_2", taken_at=NOON + timedelta(minutes=15), uptime_ticks=90_000)

    assert judged(a_reading(uptime_ticks=0), later) is None


@pytest.mark.parametrize(
    "after",
    [
        a_reading(status=Status(device_status="down")),
        a_reading(alerts=[Alert(index="1.1", code=8)]),
        a_reading(serial="SN-2"),
        a_reading(address="192.0.2.8"),
    ],
)
def test_any_change_of_status_alert_or_identity_is_reported_at_once(after: PrinterReading) -> None:
    report = judged(a_reading(), after)

    assert report is not None
    assert report.cause is Cause.CHANGED


@pytest.mark.parametrize("after", [a_reading(pages=1_001), a_reading(toner=79)])
def test_pages_and_levels_are_reported_once_in_an_interval_however_often_they_change(after: PrinterReading) -> None:
    assert judged(a_reading(), after, minutes=59.9) is None

    report = judged(a_reading(), after, minutes=60)

    assert report is not None
    assert (report.cause, report.is_urgent) == (Cause.CHANGED, False)


def test_pages_are_reported_at_once_when_another_day_has_begun() -> None:
    midnight = datetime(2026, 3, 5, 0, 0, tzinfo=NOON.astimezone().tzinfo)
    late, same, more = (
        a_reading(pages=pages, taken_at=midnight + timedelta(minutes=minutes))
        for pages, minutes in ((1_000, -10), (1_000, 0), (1_001, 0))
    )
    evening = judge(None, late, now=late.taken_at, rhythm=Rhythm(HOUR))
    assert evening is not None

    assert judge(evening.state, same, now=midnight, rhythm=Rhythm(HOUR)) is None
    assert judge(evening.state, more, now=midnight, rhythm=Rhythm(HOUR)) is not None


def test_the_day_of_pages_is_that_of_their_reading_whatever_the_clock_says() -> None:
    today, tomorrow = a_reading(), a_reading(pages=1_001, taken_at=NOON + timedelta(days=1))
    first = judge(None, today, now=NOON, rhythm=Rhythm(HOUR))
    assert first is not None

    assert judge(first.state, tomorrow, now=NOON + timedelta(seconds=1), rhythm=Rhythm(HOUR)) is not None


def test_a_level_that_crosses_a_threshold_does_not_wait_for_the_interval() -> None:
    before, after = (
        a_reading().model_copy(update={"supplies": [Supply(index="1.1", level_state="percent", percent=percent)]})
        for percent in (21.0, 20.0)
    )

    report = judged(before, after)

    assert report is not None
    assert report.is_urgent


def test_a_heartbeat_is_reported_when_its_interval_has_passed() -> None:
    assert judged(a_reading(), a_reading(), minutes=59.9) is None

    report = judged(a_reading(), a_reading(), minutes=60)

    assert report is not None
    assert report.cause is Cause.HEARTBEAT


def test_a_clock_set_back_does_not_silence_a_printer() -> None:
    report = judged(a_reading(), a_reading(), minutes=-1)

    assert report is not None
    assert report.cause is Cause.HEARTBEAT


@pytest.mark.parametrize(
    "after",
    [
        a_reading(toner=None),
        a_reading(alerts=None),
        a_reading(status=Status()),
        a_reading().model_copy(update={"identity": Identity(), "counters": None}),
    ],
)
def test_what_was_not_read_this_time_is_no_change(after: PrinterReading) -> None:
    assert judged(a_reading(), after) is None


def test_what_was_not_read_once_is_compared_with_what_was_reported_before() -> None:
    state = first_report(a_reading(toner=80))
    gap = judge(state, a_reading(toner=None, address="b"), now=NOON, rhythm=Rhythm(HOUR))
    assert gap is not None
    later = NOON + timedelta(hours=1)

    same = judge(gap.state, a_reading(toner=80, address="b"), now=later, rhythm=Rhythm(HOUR))
    other = judge(gap.state, a_reading(toner=79, address="b"), now=later, rhythm=Rhythm(HOUR))

    assert same is not None
    assert other is not None
    assert (same.cause, other.cause) == (Cause.HEARTBEAT, Cause.CHANGED)


@pytest.mark.parametrize(
    ("before", "after", "changed"),
    [
        ([], [Alert(index="1.1", code=8)], True),
        ([Alert(index="1.1", code=8)], [], True),
        ([Alert(index="1.1", code=8)], None, False),
        ([Alert(index="1.1", raised_at=NOON)], [Alert(index="1.1", raised_at=NOON + timedelta(seconds=1))], False),
    ],
)
def test_alerts_changed_says_whether_the_alerts_did(
    before: list[Alert], after: list[Alert] | None, changed: bool
) -> None:
    report = judged(a_reading(alerts=before), a_reading(alerts=after, address="b"))

    assert report is not None
    assert report.alerts_changed is changed


@pytest.mark.parametrize(
    "after",
    [
        a_reading(status=Status(device_status="running", console_text=["12:01"])),
        a_reading(covers=[Cover(index="1.1", status="coverOpen")]),
    ],
)
def test_the_panel_and_covers_cause_no_report_of_their_own(after: PrinterReading) -> None:
    assert judged(a_reading(), after) is None


def test_the_state_survives_being_kept() -> None:
    state = first_report(a_reading(alerts=[Alert(index="1.1")]))

    assert ReportedState.from_json(state.to_json()) == state


def test_counters_and_supplies_of_every_kind_take_part() -> None:
    before = a_reading().model_copy(update={"counters": [Counter(name="life_count", value=1, marker="1.1")]})
    after = a_reading().model_copy(
        update={
            "counters": [Counter(name="life_count", value=1, marker="1.1")],
            "supplies": [Supply(index="1.1", max_capacity=100, level=80), Supply(index="1.2", level=-3)],
        }
    )

    report = judged(before, after, minutes=60)

    assert judged(before, before) is None
    assert report is not None
    assert report.cause is Cause.CHANGED


@given(
    st.lists(st.tuples(st.integers(0, 200), st.booleans()), min_size=3, max_size=40),
    st.sampled_from([(900, HOUR), (300, HOUR), (600, HOUR), (HOUR, HOUR), (900, 900), (2_700, HOUR), (7_200, HOUR)]),
)
def test_printers_that_are_quiet_are_reported_together_whatever_reported_each_of_them_last(
    odd: list[tuple[int, bool]], intervals: tuple[int, int]
) -> None:
    """Each poll, a printer answers up to 20 seconds into it; now and then the first one has an alert."""
    poll, heartbeat = intervals
    rhythm = Rhythm(heartbeat, poll, NOON)
    facts = first_report(a_reading()).facts
    states = [ReportedState(facts, NOON - timedelta(minutes=minutes)) for minutes in (1, 17, 44)]
    gaps: list[list[float]] = [[], [], []]
    uploads = 0
    for number, (late, has_alert) in enumerate(odd):
        said = False
        for place, before in enumerate(states):
            at = NOON + timedelta(seconds=number * poll + late / 10 * (place + 1) / 3)
            alerts = [Alert(index="1.1", code=number)] if has_alert and place == 0 else []
            reading = a_reading(f"r{number}", pages=number, alerts=alerts, taken_at=at)
            report = judge(before, reading, now=at, rhythm=rhythm)
            if report is not None:
                gaps[place].append((at - before.reported_at).total_seconds())
                states[place] = report.state
                said = said or place > 0
        uploads += said
    spent = len(odd) * poll
    assert max((gap for each in gaps for gap in each[1:]), default=0) <= max(heartbeat, poll) + poll / 2 + 20
    assert uploads <= spent / (max(1, ceil((heartbeat - poll / 2) / poll)) * poll) + 4


def test_reports_of_an_earlier_run_keep_their_own_time_until_they_are_due() -> None:
    before = ReportedState(first_report(a_reading()).facts, NOON - timedelta(minutes=10))
    more = a_reading(pages=1_001, taken_at=NOON + timedelta(minutes=1))
    rhythm = Rhythm(HOUR, 900, NOON)

    assert judge(before, more, now=NOON + timedelta(minutes=1), rhythm=rhythm) is None
    assert judge(before, more, now=NOON + timedelta(minutes=45), rhythm=rhythm) is not None


def test_printers_that_fell_out_of_step_are_told_of_in_one_upload_an_hour_again() -> None:
    rhythm = Rhythm(HOUR, 900, NOON)
    facts = first_report(a_reading()).facts
    states = [ReportedState(facts, NOON - timedelta(minutes=minutes)) for minutes in (1, 17, 44)]
    polls_with_reports = set()
    for number in range(48):
        for place, before in enumerate(states):
            at = NOON + timedelta(seconds=900 * number + 7 * place)
            report = judge(before, a_reading(f"r{number}", pages=number, taken_at=at), now=at, rhythm=rhythm)
            if report is not None:
                polls_with_reports.add(number)
                states[place] = report.state

    assert len(polls_with_reports) <= 48 / 4 + 3  # more until they fall into step, one at midnight
