"""Counters that go back: whatever the order and however often readings come, the days that are seen are the same."""

from datetime import timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from functions.ingest.meters.rollup import local_day
from functions.ingest.uploads.accept_upload import accept_upload
from shared.table import Item
from shared.wire.reading import Counter, PrinterReading
from tests.support.any_order import batches_of
from tests.support.ingest import BERLIN, NOW, FakeDocuments, reading, sender, upload

INTERNAL = {"version", "quarters", "pk", "printer_id"}
COUNTS = st.one_of(st.none(), st.integers(0, 9), st.sampled_from([99_998, 99_999, 999_990]))


@st.composite
def broken_histories(draw: st.DrawFn) -> list[PrinterReading]:
    """Readings of one printer over four days, oldest first, whose two counters take any value."""
    offsets = draw(st.lists(st.integers(0, 4 * 24 * 60), min_size=1, max_size=9, unique=True).map(sorted))
    history = []
    for number, offset in enumerate(offsets):
        life, mono = draw(COUNTS), draw(st.integers(0, 9))
        counters = None
        if life is not None:
            counters = [Counter(name="life_count", value=life), Counter(name="mono_impressions", value=mono)]
        history.append(
            reading(
                f"r{number}",
                taken_at=NOW - timedelta(days=5) + timedelta(minutes=offset),
                counters=counters,
                level=None,
                uptime_ticks=draw(st.sampled_from([None, 100, 200])),
            )
        )
    return history


@st.composite
def schedules(draw: st.DrawFn) -> tuple[list[PrinterReading], list[list[PrinterReading]]]:
    """A history, and batches that bring all of it in any order, with repetitions."""
    history = draw(broken_histories())
    return history, batches_of(draw, history, most_repeated=4)


def days_after(batches: list[list[PrinterReading]]) -> list[Item]:
    documents = FakeDocuments()
    for seq, batch in enumerate(batches):
        accept_upload(upload(*batch, seq=seq), sender=sender(), config_etag='"c"', documents=documents)
    return [{name: value for name, value in day.items() if name not in INTERNAL} for day in documents.seen_days()]


@given(schedules())
@settings(max_examples=150, deadline=None)
def test_any_order_and_repetition_ends_in_the_same_days(
    schedule: tuple[list[PrinterReading], list[list[PrinterReading]]],
) -> None:
    history, batches = schedule

    assert days_after(batches) == days_after([[each] for each in history])


@given(broken_histories())
@settings(max_examples=75, deadline=None)
def test_a_day_keeps_the_ends_of_a_decrease(history: list[PrinterReading]) -> None:
    counted: dict[str, list[int]] = {}
    for day in days_after([[each] for each in history]):
        counted[day["day"]] = [value for value, _ in day.get("high_counters", {}).values()]
        highest = day.get("high_counters", {}).get("life_count", [day.get("last_counters", {}).get("life_count")])[0]
        lowest = day.get("low_counters", {}).get("life_count", [day.get("first_counters", {}).get("life_count")])[0]
        values = [each.counters[0].value for each in history if each.counters and local(each) == day["day"]]
        assert [highest, lowest] == ([max(values), min(values)] if values else [None, None])
        went_back = any(after < before for before, after in pairwise(values))
        is_hidden = bool(values) and values[0] == min(values) and values[-1] == max(values)
        if went_back and not is_hidden:
            assert day.get("high_counters") or day.get("low_counters")


def local(each: PrinterReading) -> str:
    return local_day(each.taken_at, BERLIN)
