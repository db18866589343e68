"""Whatever the order and however often they come, the same readings end in the same state and the same days."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from functions.ingest.meters.readings import sections_of
from functions.ingest.meters.rollup import local_day, roll_up
from functions.ingest.uploads.accept_upload import accept_upload
from shared.directory.week import days_of
from shared.table import Item
from shared.wire.reading import PrinterReading
from shared.wire.upload import Outcome
from tests.support.any_order import batches_of
from tests.support.ingest import BERLIN, NOW, FakeDocuments, reading, sender, supply, upload

INTERNAL = {"version", "printer_id", "pk", "quarters"}
"""A state's quarters are what it has still to tell its day: the order decides them, but not the day that is seen."""
ARRIVAL_DEPENDENT = INTERNAL | {"boot_epoch"}
"""Boot epochs count the restarts that were seen: a restart between two readings that came late was not."""

LIFE = st.one_of(st.none(), st.integers(0, 5))
LEVEL = st.one_of(st.none(), st.integers(-2, 100))


@st.composite
def histories(draw: st.DrawFn) -> list[PrinterReading]:
    """Readings of one printer over some days, oldest first; sections are missing now and then, pages only rise."""
    offsets = draw(st.lists(st.integers(0, 4 * 24 * 60), min_size=1, max_size=8, unique=True).map(sorted))
    count = 1_000
    history = []
    for number, offset in enumerate(offsets):
        pages, level = draw(LIFE), draw(LEVEL)
        count += pages or 0
        history.append(
            reading(
                f"r{number}",
                taken_at=NOW - timedelta(days=5) + timedelta(minutes=offset),
                life_count=None if pages is None else count,
                level=None,
                supplies=None if level is None else [supply(level)],
                alerts=draw(st.sampled_from([None, []])),
                uptime_ticks=draw(st.sampled_from([None, 100, 200])),
            )
        )
    return history


@st.composite
def schedules(draw: st.DrawFn) -> tuple[list[PrinterReading], list[list[PrinterReading]]]:
    """A history, and batches that bring all of it in any order, with repetitions."""
    history = draw(histories())
    return history, batches_of(draw, history, most_repeated=6)


def stored(batches: list[list[PrinterReading]], ignored: set[str]) -> list[Item]:
    documents = FakeDocuments()
    for seq, batch in enumerate(batches):
        accept_upload(upload(*batch, seq=seq), sender=sender(), config_etag='"c"', documents=documents)
    items = documents.of_kind("STATE") + documents.seen_days()
    return [{name: value for name, value in item.items() if name not in ignored} for item in items]


@given(schedules())
@settings(max_examples=150, deadline=None)
def test_any_order_and_repetition_ends_like_the_sorted_history(
    schedule: tuple[list[PrinterReading], list[list[PrinterReading]]],
) -> None:
    history, batches = schedule

    assert stored(batches, ARRIVAL_DEPENDENT) == stored([[each] for each in history], ARRIVAL_DEPENDENT)


@given(histories(), st.data())
@settings(max_examples=75, deadline=None)
def test_repetitions_in_order_change_nothing_at_all(history: list[PrinterReading], data: st.DataObject) -> None:
    batches: list[list[PrinterReading]] = []
    for position, each in enumerate(history):
        batches.append([each])
        batches += [[data.draw(st.sampled_from(history[: position + 1]))] for _ in range(data.draw(st.integers(0, 2)))]

    assert stored(batches, INTERNAL) == stored([[each] for each in history], INTERNAL)


@given(schedules())
@settings(max_examples=100, deadline=None)
def test_days_are_seen_as_if_every_reading_had_been_rolled_up(
    schedule: tuple[list[PrinterReading], list[list[PrinterReading]]],
) -> None:
    history, batches = schedule
    expected: dict[str, Item] = {}
    for each in history:
        name = local_day(each.taken_at, BERLIN)
        expected[name] = roll_up(expected.get(name), sections_of(each), each.taken_at, BERLIN)

    found = {item["day"]: item for item in stored(batches, {"version", "pk"}) if "first_reading_at" in item}

    assert {name: {part: found[name].get(part) for part in day} for name, day in expected.items()} == expected
    assert found.keys() == expected.keys()


@given(histories())
@settings(max_examples=50, deadline=None)
def test_a_days_counters_are_its_first_and_last_and_its_quarters_are_counted(history: list[PrinterReading]) -> None:
    days: dict[str, Any] = {}
    for each in history:
        day = days.setdefault(local_day(each.taken_at, BERLIN), {"quarters": set(), "counts": []})
        day["quarters"].add(int(each.taken_at.timestamp()) // 900)
        life_count = each.counter("life_count")
        day["counts"] += [life_count.value] if life_count else []

    found = {item["day"]: item for item in stored([[each] for each in reversed(history)], set()) if "readings" in item}

    assert {n: item["readings"] for n, item in found.items()} == {n: len(day["quarters"]) for n, day in days.items()}
    for name, day in days.items():
        counters = [found[name].get(f"{end}_counters", {}).get("life_count") for end in ("first", "last")]
        assert counters == ([day["counts"][0], day["counts"][-1]] if day["counts"] else [None, None])


def test_a_day_is_written_once_and_told_by_the_next_days_first_reading() -> None:
    documents = FakeDocuments()
    midnight = NOW.replace(hour=23, minute=0, second=0) - timedelta(days=2)  # in Berlin
    for hour in range(25):
        taken = reading(f"r{hour}", taken_at=midnight + timedelta(hours=hour), life_count=1_000 + hour, level=90 - hour)
        accept_upload(upload(taken, seq=hour), sender=sender(), config_etag='"c"', documents=documents)

    (week,) = documents.of_kind("WEEK#")
    first, second = days_of([week])

    assert (first["first_counters"], first["last_counters"]) == ({"life_count": 1_000}, {"life_count": 1_023})
    assert (first["supplies"]["1.1"]["percent"], first["readings"], week["version"]) == (67, 24, 2)
    assert second["last_counters"] == {"life_count": 1_024}


def test_a_printer_that_was_silent_for_longer_than_days_are_kept_is_taken_up_again() -> None:
    documents = FakeDocuments()
    long_ago = reading("r1", taken_at=NOW - timedelta(days=500), life_count=1_000)
    then = replace(sender(), now=long_ago.taken_at)
    accept_upload(upload(long_ago, seq=1), sender=then, config_etag='"c"', documents=documents)
    for key in [key for key in documents.items if key[1].startswith("WEEK#")]:
        documents.remove(key)

    receipt = accept_upload(
        upload(reading("r2", life_count=1_500), seq=2), sender=sender(), config_etag='"c"', documents=documents
    )

    assert [each.outcome for each in receipt.outcomes] == [Outcome.STORED]
    assert [day["first_counters"] for day in documents.seen_days()] == [{"life_count": 1_500}]
