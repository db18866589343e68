"""No clock moves a page: what a printer's own up-time tells against the time that an agent tells."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.ingest.uploads.accept_upload import accept_upload
from shared.clock import from_key_time
from tests.support.ingest import NOW, FakeDocuments, reading, sender, upload

HOUR: Final = timedelta(hours=1)
DAY: Final = 24 * HOUR
NOON: Final = NOW.replace(hour=11, minute=0, second=0, microsecond=0)
"""At the site in Berlin; far from midnight, so that the leeway between two clocks is no other day."""
MOST: Final = 500 if os.environ.get("HYPOTHESIS_PROFILE") == "nightly" else 25  # noqa: TID251 - how long the tests may take
HONEST: Final = 6
"""Days of which the readings' times are true; they are billed before the clock is set."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A reading as it was: how many pages there were at a time, and how long the printer had been up."""

    at: datetime
    pages: int
    up: timedelta
    told: timedelta = timedelta()
    """By how much the agent's clock was off."""


def sent(documents: FakeDocuments, number: int, taken: Taken, *, late: timedelta = timedelta()) -> None:
    """The reading arrives."""
    read = reading(
        f"r{number}",
        taken_at=taken.at + taken.told,
        life_count=taken.pages,
        uptime_ticks=taken.up // timedelta(milliseconds=10),
    )
    now = taken.at + late
    body = upload(read, seq=number + 1, sent_at=now)
    receipt = accept_upload(body, sender=sender(now=now), config_etag="", documents=documents)
    assert receipt.outcomes[0].outcome in {"stored", "superseded"}


def days_of(documents: FakeDocuments) -> dict[str, tuple[int, int]]:
    """The first and the last count of each day, and that no counter ever seemed to go back."""
    days = documents.seen_days()
    assert not any("high_counters" in day or "low_counters" in day for day in days)
    return {day["day"]: (day["first_counters"]["life_count"], day["last_counters"]["life_count"]) for day in days}


def stored(takens: Sequence[Taken]) -> FakeDocuments:
    documents = FakeDocuments()
    for number, taken in enumerate(takens):
        sent(documents, number, taken)
    return documents


@st.composite
def histories(draw: st.DrawFn) -> list[Taken]:
    """Six honest days of a printer that restarts now and then, then days on which the agent's clock is anywhere."""
    history, pages, booted = [], 10_000, NOON - 30 * DAY
    for number in range(HONEST + draw(st.integers(1, 4))):
        at = NOON + number * DAY
        if number < HONEST and draw(st.integers(0, 3)) == 0:
            booted = at - draw(st.integers(1, 20)) * HOUR
        pages += draw(st.integers(0, 500))
        hours = draw(st.integers(-28 * 24, 20)) if number >= HONEST else 0
        history.append(Taken(at, pages, at - booted, hours * HOUR))
    return history


@given(histories())
@settings(max_examples=MOST, deadline=None)
def test_no_clock_changes_what_was_counted_or_moves_a_page_into_a_day_that_was_billed(history: list[Taken]) -> None:
    billed = days_of(stored(history[:HONEST]))

    days = days_of(stored(history))

    assert {day: days[day] for day in billed} == billed
    assert min(days.values())[0] == history[0].pages
    assert max(days.values())[1] == history[-1].pages
    in_order = [count for day in sorted(days) for count in days[day]]
    assert in_order == sorted(in_order)


@given(histories())
@settings(max_examples=MOST, deadline=None)
def test_each_page_goes_to_its_true_day_while_the_printer_stays_up(history: list[Taken]) -> None:
    up = [Taken(each.at, each.pages, 30 * DAY + (each.at - NOON), min(each.told, -HOUR)) for each in history[HONEST:]]
    begin = [Taken(each.at, each.pages, 30 * DAY + (each.at - NOON)) for each in history[:HONEST]]
    true = [Taken(each.at, each.pages, each.up) for each in begin + up]

    assert days_of(stored(begin + up)) == days_of(stored(true))


def test_a_reading_that_comes_late_keeps_its_time() -> None:
    takens = [Taken(NOON + number * HOUR, 1_000 + number, 3 * DAY + number * HOUR) for number in range(5)]
    documents = FakeDocuments()
    for number in (0, 4, 2, 1, 3):
        sent(documents, number, takens[number], late=5 * HOUR)

    (state,) = documents.of_kind("STATE")

    assert (from_key_time(state["taken_at"]), state["clock_skewed"]) == (takens[4].at, False)
    assert days_of(documents) == days_of(stored(takens))


def test_a_reading_of_before_a_restart_that_comes_late_keeps_its_time() -> None:
    before = [Taken(NOON, 1_000, DAY), Taken(NOON + HOUR, 1_005, DAY + HOUR)]
    after = [Taken(NOON + DAY, 1_020, 2 * HOUR)]
    documents = FakeDocuments()
    for number, taken in enumerate([before[0], *after]):
        sent(documents, number, taken)
    sent(documents, 9, before[1], late=2 * DAY)

    assert days_of(documents) == days_of(stored([*before, *after]))


@pytest.mark.parametrize(
    ("ticks", "why"),
    [([360_000, 360_000, 360_000], "the same for ever"), ([None, None, None], "none"), ([900, 50, 7], "at random")],
)
def test_an_up_time_that_tells_nothing_dates_nothing(ticks: list[int | None], why: str) -> None:
    documents = FakeDocuments()
    for number, (hours, each) in enumerate(zip((0, 48, 24), ticks, strict=True)):
        taken_at = NOON + hours * HOUR
        fields: dict[str, Any] = {"life_count": 1_000 + hours, "uptime_ticks": each}
        body = upload(reading(f"r{number}", taken_at=taken_at, **fields), seq=number + 1)
        accept_upload(body, sender=sender(now=NOON + 3 * DAY), config_etag="", documents=documents)

    assert [day["last_counters"]["life_count"] for day in documents.seen_days()] == [1_000, 1_024, 1_048], why


def test_a_clock_set_back_is_told_of_the_printer() -> None:
    takens = [Taken(NOON, 1_000, DAY), Taken(NOON + DAY, 1_100, 2 * DAY, -10 * DAY)]

    (state,) = stored(takens).of_kind("STATE")

    assert (state["clock_skewed"], from_key_time(state["taken_at"])) == (True, NOON + DAY)
