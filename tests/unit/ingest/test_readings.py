"""Rules on one reading and the stored state: epochs and where counters roll over."""

from datetime import datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.ingest.meters.readings import (
    Folded,
    counter_break,
    fold_media,
    fold_state,
    media_digest,
    media_of,
    placed_at,
    sections_of,
)
from shared.attributes import Item
from shared.clock import key_time
from shared.wire.reading import PrinterReading
from shared.wire.upload import Outcome
from tests.support.api_events import agent_caller
from tests.support.ingest import NOW, minutes, reading


def folded(state: Item | None, read: PrinterReading, now: datetime = NOW) -> Folded:
    when = {"now": now, "at": placed_at(read, now)}
    return fold_state(state, read, sections_of(read), caller=agent_caller(), printer_id="prn_x", **when)


def rows(value: int, name: str = "life_count") -> list[dict[str, object]]:
    return [{"name": name, "value": value}]


@pytest.mark.parametrize(
    ("before", "after", "rebooted", "cause"),
    [
        (1_000, 1_001, False, None),
        (1_000, 1_000, True, None),
        (999_850, 320, False, "roll_over"),  # AT-MTR-03
        (2**31 - 5, 7, False, "roll_over"),
        (84_210, 12, False, "unknown"),  # AT-MTR-04
        (84_210, 12, True, "reset"),
    ],
)
def test_a_decrease_has_a_cause(before: int, after: int, rebooted: bool, cause: str | None) -> None:
    assert counter_break(rows(before), rows(after), rebooted=rebooted) == cause


def test_the_count_since_power_on_may_restart_without_an_epoch() -> None:
    assert counter_break(rows(50, "power_on_count"), rows(0, "power_on_count"), rebooted=True) is None


def test_a_counter_that_appears_or_vanishes_is_no_break() -> None:
    assert counter_break(rows(50, "scans"), rows(3, "life_count"), rebooted=True) is None
    assert counter_break(None, rows(3), rebooted=False) is None


@given(st.lists(st.integers(0, 2**32), min_size=2, max_size=10))
def test_epochs_are_as_many_as_decreases(values: list[int]) -> None:
    state = None
    for number, value in enumerate(values):
        read = reading(f"r{number}", taken_at=NOW + minutes(number), life_count=value)
        now = NOW + minutes(number)
        state = folded(state, read, now).item

    assert state is not None
    assert state["counter_epoch"] == sum(after < before for before, after in pairwise(values))


@given(st.lists(st.integers(0, 2**32 - 1), min_size=2, max_size=10))
def test_a_boot_epoch_begins_each_time_the_uptime_goes_back(ticks: list[int]) -> None:
    state = None
    for number, uptime in enumerate(ticks):
        now = NOW + minutes(number)
        read = reading(f"r{number}", taken_at=now, uptime_ticks=uptime)
        state = folded(state, read, now).item

    assert state is not None
    assert state["boot_epoch"] == sum(after < before for before, after in pairwise(ticks))


def test_a_reading_that_arrived_before_is_a_duplicate() -> None:
    state = folded(None, reading("r1"), NOW).item

    assert folded(state, reading("r1"), NOW).outcome is (Outcome.DUPLICATE)


def test_a_walk_of_alerts_that_failed_clears_none() -> None:
    jam = [{"index": "1", "code": 8, "group": "mediaPath"}]
    state = folded(None, reading("r1", alerts=jam), NOW).item

    failed = reading("r2", taken_at=NOW + minutes(1), alerts=None)
    after = folded(state, failed, NOW + minutes(1)).item
    assert [row["code"] for row in after["alerts"]] == [8]

    clear = reading("r3", taken_at=NOW + minutes(2), alerts=[])
    assert folded(after, clear, NOW + minutes(2)).item["alerts"] == []


def media_after(media: Item | None, read: PrinterReading, *, is_newest: bool = True) -> Item | None:
    return fold_media(media, media_of(read), key_time(read.taken_at), is_newest=is_newest)


def test_trays_are_written_only_when_they_changed() -> None:
    trays = [{"index": "1", "name": "Tray 1", "current_level": -3}]
    media = media_after(None, reading("r1", inputs=trays))
    assert media is not None

    assert media_after(media, reading("r2", taken_at=NOW + minutes(1), inputs=trays)) is None
    assert media_after(media, reading("r3", taken_at=NOW + minutes(1))) is None
    emptied = [{"index": "1", "name": "Tray 1", "current_level": 0}]
    changed = media_after(media, reading("r4", taken_at=NOW + minutes(1), inputs=emptied))
    assert changed is not None
    assert changed["inputs"][0]["current_level"] == 0


def test_an_older_reading_of_trays_only_fills_in_what_is_not_known() -> None:
    media = media_after(None, reading("r2", inputs=[{"index": "1", "current_level": 5}]))
    older = reading("r1", taken_at=NOW - minutes(1), inputs=[{"index": "1"}], covers=[{"index": "1"}])

    filled = media_after(media, older, is_newest=False)

    assert filled is not None
    assert (filled["inputs"], filled["covers"]) == ([{"index": "1", "current_level": 5}], [{"index": "1"}])


def test_the_digest_of_trays_tells_another_level() -> None:
    full, empty = ([{"index": "1", "current_level": level}] for level in (50, 0))

    assert media_digest(reading(inputs=full)) == media_digest(reading("r2", inputs=full))
    assert media_digest(reading(inputs=full)) != media_digest(reading(inputs=empty))
    assert media_digest(reading()) is None


def test_the_digest_of_trays_is_the_one_that_states_hold_already() -> None:
    trays = [{"index": "1", "current_level": 50, "name": "Fach 1 für ü"}]
    covers = [{"index": "1.1", "status": "coverClosed"}]

    assert media_digest(reading(inputs=trays, covers=covers)) == "ff5ae78cd84b4465"
