"""When a reading may be sent as the name of an earlier one, and that nothing is lost by it."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from edge.spool.changes import Report, Rhythm, judge
from edge.spool.rows import Reported
from edge.spool.spool import Spool
from edge.spool.whole import WholeReading, unchanged_reading
from shared.wire.reading import Alert, Cover, InputTray, MissingReason, PrinterReading, Status
from shared.wire.upload import is_unchanged
from tests.support.edge_sending import NOON, a_reading, a_spool

TARGET = "192.0.2.7"
HOUR = timedelta(hours=1)
WHOLE = a_reading("rd_1", uptime_ticks=360_000)


def later(reading: PrinterReading = WHOLE, *, hours: float = 1, **fields: Any) -> PrinterReading:  # noqa: ANN401 - any field
    passed = timedelta(hours=hours)
    ticks = int(360_000 + passed.total_seconds() * 100)
    update = {"reading_id": "rd_2", "taken_at": reading.taken_at + passed, "uptime_ticks": ticks} | fields
    return reading.model_copy(update=update)


def stored(reading: PrinterReading = WHOLE) -> WholeReading:
    kept = WholeReading.of(reading).as_kept() | {"printer_id": "prn_1"}
    return WholeReading.from_kept(kept)


def test_a_reading_with_the_same_content_is_sent_as_the_name_of_the_stored_one() -> None:
    unchanged = unchanged_reading(later(), stored())

    assert unchanged is not None
    assert (unchanged.reading_id, unchanged.same_as, unchanged.printer_id) == ("rd_2", "rd_1", "prn_1")
    assert unchanged.taken_at == NOON + HOUR


@pytest.mark.parametrize(
    "fields",
    [
        {"inputs": [InputTray(index="1.1")]},
        {"covers": [Cover(index="1.1", status="coverOpen")]},
        {"supplies": None},
        {"missing": {"alerts": MissingReason.UNREADABLE}},
        {"address": "192.0.2.8"},
        {"credentials": "office-v3"},
        {"uptime_ticks": 359_999},
        {"uptime_ticks": 400_000},
        {"uptime_ticks": None},
    ],
    ids=[
        "trays",
        "covers",
        "not read",
        "missing",
        "address",
        "credentials",
        "restarted",
        "restarted long ago",
        "no uptime",
    ],
)
def test_a_reading_that_says_anything_else_or_of_a_restarted_printer_is_sent_whole(fields: dict[str, Any]) -> None:
    reading = PrinterReading.model_validate(later(**fields).model_dump())

    assert unchanged_reading(reading, stored()) is None


def test_the_panels_text_and_the_derived_time_of_an_alert_are_no_other_content() -> None:
    whole = a_reading(
        uptime_ticks=360_000,
        alerts=[Alert(index="1.1", code=8, raised_at=NOON)],
        status=Status(device_status="running", console_text=["12:00"]),
    )
    moved = later(
        whole,
        alerts=[Alert(index="1.1", code=8, raised_at=NOON + timedelta(seconds=1))],
        status=Status(device_status="running", console_text=["13:00"]),
    )

    assert unchanged_reading(moved, stored(whole)) is not None


def test_before_the_cloud_said_that_it_has_it_a_reading_is_sent_whole() -> None:
    assert unchanged_reading(later(), WholeReading.of(WHOLE)) is None
    assert unchanged_reading(later(), None) is None


def test_the_first_reading_of_a_day_is_sent_whole() -> None:
    midnight = datetime(2026, 3, 5, 0, 0, tzinfo=NOON.astimezone().tzinfo)
    evening = WHOLE.model_copy(update={"taken_at": midnight - HOUR})

    assert unchanged_reading(later(evening, hours=0.99), stored(evening)) is not None
    assert unchanged_reading(later(evening), stored(evening)) is None


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    with a_spool(tmp_path) as opened:
        yield opened


def keep(spool: Spool, reading: PrinterReading) -> Report:
    """Record a reading as the recorder does, an hour after the one before."""
    before = spool.state(TARGET, reading.identity)
    report = judge(before, reading, now=reading.taken_at, rhythm=Rhythm(3_600))
    assert report is not None
    spool.record([Reported(TARGET, reading.taken_at, reading, report)])
    return report


def settle(spool: Spool, told: dict[str, str | None]) -> list[dict[str, object]]:
    """The bodies that were sent, settled with what the cloud told of each."""
    batch = spool.next_batch(NOON)
    assert batch is not None
    spool.settle(batch, {each.reading_id: None for each in batch.readings}, NOON, None, told)
    return [json.loads(each.body) for each in batch.readings]


def test_what_the_cloud_has_is_named_from_the_next_reading_on(spool: Spool) -> None:
    keep(spool, WHOLE)
    settle(spool, {"rd_1": "prn_1"})
    keep(spool, later())

    (body,) = settle(spool, {"rd_2": None})

    assert is_unchanged(body)
    assert body["same_as"] == "rd_1"


def test_what_the_cloud_does_not_have_is_sent_whole_again(spool: Spool) -> None:
    keep(spool, WHOLE)
    settle(spool, {"rd_1": "prn_1"})
    keep(spool, later())
    settle(spool, {"rd_2": None})
    keep(spool, later(reading_id="rd_3", taken_at=NOON + 2 * HOUR, uptime_ticks=1_080_000))

    (body,) = settle(spool, {})

    assert not is_unchanged(body)
    assert body["heartbeat"] is True


def test_a_receipt_that_tells_nothing_leaves_readings_whole(spool: Spool) -> None:
    keep(spool, WHOLE)
    settle(spool, {})

    assert keep(spool, later()).unchanged is None


def test_an_answer_about_an_older_whole_reading_counts_for_nothing(spool: Spool) -> None:
    keep(spool, WHOLE)
    keep(spool, later(address="192.0.2.8"))
    settle(spool, {"rd_1": "prn_1"})

    assert keep(spool, later(address="192.0.2.8", reading_id="rd_3", taken_at=NOON + 2 * HOUR)).unchanged is None
