"""The ledger over real uploads: breaks are noticed, kept, told once, and usage adds up whatever comes in what order."""

from datetime import timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from functions.ingest.meters.epochs import BreakStatus
from functions.ingest.meters.review import due_reviews, review_due
from functions.ingest.table.reviews import ask_review
from shared.table import Item
from shared.wire.reading import PrinterReading
from tests.support.ingest import NOW, FakeDocuments
from tests.support.meters import LATER, at_day, counted, day_of, ledger_of, meta_of, pages, reviewed, stored

INTERNAL = {"version", "pk", "printer_id"}


def life(number: int, days_ago: int, value: int, hour: int = 12) -> PrinterReading:
    return counted(number, at_day(days_ago, hour), {"life_count": value})


def entries(documents: FakeDocuments) -> list[Item]:
    return [
        {name: value for name, value in item.items() if name not in INTERNAL}
        for item in documents.of_kind("METER#BREAK#")
    ]


def test_a_break_is_noticed_kept_and_told_once() -> None:
    documents = stored([life(1, 3, 1_000), life(2, 2, 1_100), life(3, 1, 7)])
    assert reviewed(documents, NOW) == 0  # it waits until the upload is over for sure

    assert reviewed(documents) == 1
    assert reviewed(documents) == 0

    (entry,) = entries(documents)
    assert (entry["break_id"], entry["last_before"], entry["first_after"]) == (f"{day_of(1)}.1.life_count", 1_100, 7)
    (event,) = [each["event"] for each in documents.of_kind("EVENT") if each["event"]["name"] == "CounterReset"]
    assert (event["data"]["status"], event["data"]["first_after"]) == ("held", 7)


def test_usage_across_a_held_break_counts_both_sides_and_nothing_between() -> None:
    documents = stored([life(1, 3, 1_000), life(2, 2, 1_100), life(3, 1, 7), life(4, 0, 57)])

    before_review = pages(documents, 3, 0)
    reviewed(documents)

    assert before_review == pages(documents, 3, 0) == 150
    (usage,) = ledger_of(documents).usages(day_of(2), day_of(0))
    assert [epoch.status for epoch in usage.held] == [BreakStatus.HELD]
    assert usage.pages == 150
    assert usage.opening.day == day_of(3)


def test_a_break_inside_one_day_loses_nothing() -> None:
    documents = stored(
        [life(1, 2, 900), life(2, 1, 1_000, 8), life(3, 1, 1_200, 10), life(4, 1, 5, 12), life(5, 1, 50, 16)]
    )

    assert pages(documents, 1, 1) == 100 + 200 + 45
    reviewed(documents)
    assert pages(documents, 1, 1) == 345


def test_the_reading_as_of_a_day_is_the_nearest_earlier_one() -> None:
    documents = stored([life(1, 9, 1_000), life(2, 4, 1_100), life(3, 1, 7)])
    reviewed(documents)
    ledger = ledger_of(documents)

    assert {name: (each.value, each.day) for name, each in ledger.readings_on(day_of(2)).items()} == {
        "life_count": (1_100, day_of(4))
    }
    now = ledger.readings_on(day_of(0))["life_count"]
    assert (now.value, now.logical, now.epoch) == (7, 1_100, 1)
    assert ledger.readings_on(day_of(12)) == {}


def test_a_printer_without_a_reading_before_the_span_starts_at_its_first() -> None:
    documents = stored([life(1, 3, 50_000), life(2, 1, 50_040)])

    (usage,) = ledger_of(documents).usages(day_of(9), day_of(0))

    assert (usage.pages, usage.opening.day) == (40, day_of(3))


def test_a_reading_that_comes_late_moves_the_break_to_where_it_was() -> None:
    documents = stored([life(1, 5, 1_000), life(3, 1, 7)])
    reviewed(documents)
    assert [each["day"] for each in entries(documents)] == [day_of(1)]

    stored([life(2, 3, 3)], documents)
    reviewed(documents)

    assert [(each["day"], each["first_after"]) for each in entries(documents)] == [(day_of(3), 3)]
    assert pages(documents, 5, 0) == 4


def test_a_power_cycle_of_the_power_on_count_is_no_break() -> None:
    documents = stored(
        [
            counted(1, at_day(2), {"life_count": 10, "power_on_count": 10}),
            counted(2, at_day(1), {"life_count": 11, "power_on_count": 1}),
        ]
    )

    assert reviewed(documents) == 0
    assert entries(documents) == []


def test_a_review_that_fails_is_told_put_off_and_done_later() -> None:
    documents = stored([life(1, 2, 1_000), life(2, 1, 7)])
    documents.fail_after = documents.writes
    told: list[str] = []

    def failed(printer_id: str, error: Exception) -> None:
        told.append(printer_id)
        assert isinstance(error, ConnectionError)
        documents.fail_after = None

    assert review_due(documents, LATER, failed) == 0

    assert (told, reviewed(documents)) == ([meta_of(documents)["printer_id"]], 0)
    assert reviewed(documents, LATER + timedelta(minutes=6)) == 1
    assert len(entries(documents)) == 1


def test_a_review_asked_for_while_one_is_under_way_is_done_again() -> None:
    documents = stored([life(1, 2, 1_000), life(2, 1, 7)])
    state = documents.of_kind("STATE")[0]

    for page in due_reviews(documents, LATER):
        ask_review(documents, state, LATER)
        assert not documents.save({name: value for name, value in page[0].items() if name != "duesk"})

    assert reviewed(documents, LATER + timedelta(minutes=1)) == 1


@st.composite
def broken(draw: st.DrawFn) -> list[PrinterReading]:
    """Readings over six days, oldest first, whose counter is set back now and then."""
    offsets = draw(st.lists(st.integers(0, 6 * 24 * 12), min_size=1, max_size=8, unique=True).map(sorted))
    value, history = 1_000, []
    for number, offset in enumerate(offsets):
        value = draw(st.one_of(st.integers(value, value + 400), st.integers(0, 9)))
        at = NOW - timedelta(days=6) + timedelta(minutes=5 * offset)
        history.append(counted(number, at, {"life_count": value}))
    return history


@given(broken(), st.data())
@settings(max_examples=40, deadline=None)
def test_any_order_and_repetition_ends_in_the_same_entries(history: list[PrinterReading], data: st.DataObject) -> None:
    order = data.draw(st.permutations(history)) + data.draw(st.lists(st.sampled_from(history), max_size=4))
    shuffled, straight = FakeDocuments(), stored(history)
    for each in order:
        stored([each], shuffled)
        if data.draw(st.booleans()):
            reviewed(shuffled)
    for documents in (shuffled, straight):
        reviewed(documents, NOW + timedelta(minutes=9))

    assert entries(shuffled) == entries(straight)
    assert pages(shuffled, 6, 0) == pages(straight, 6, 0)


@given(broken(), st.lists(st.integers(0, 5), max_size=4, unique=True))
@settings(max_examples=40, deadline=None)
def test_parts_of_a_span_add_up_and_none_is_negative(history: list[PrinterReading], cuts: list[int]) -> None:
    documents = stored(history)
    bounds = [7, *sorted(cuts, reverse=True), -1]

    parts = [pages(documents, first, last + 1) for first, last in pairwise(bounds)]

    assert all(part >= 0 for part in parts)
    assert sum(parts) == pages(documents, 7, 0)
