"""A printer's history made of several printers' days: nothing is lost, doubled, or dependent on an order."""

from datetime import date, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from shared.directory.lineage import LINEAGE, Span, cut, joined, spans_of, with_spans

ONE, OTHER = "prn_1", "prn_2"
DAYS = st.dates(date(2026, 11, 1), date(2026, 11, 20)).map(date.isoformat)


@st.composite
def stored_days(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Days of two printers, at most one of each printer and date."""
    keys = draw(st.lists(st.tuples(st.sampled_from([ONE, OTHER]), DAYS), max_size=12, unique=True))
    days = []
    for printer_id, day in keys:
        hours = sorted(draw(st.lists(st.integers(0, 23), min_size=2, max_size=2)))
        first, last = (f"{day}T{hour:02d}:{printer_id[-1] * 2}" for hour in hours)
        counts = {"life_count": draw(st.integers(0, 9))}
        supplies = {index: {"at": last, "level_state": "percent"} for index in draw(st.sets(st.sampled_from("ab")))}
        days.append(
            {
                "printer_id": printer_id,
                "day": day,
                "first_reading_at": first,
                "last_reading_at": last,
                "first_counters": counts,
                "first_counters_at": first,
                "first_uptime": draw(st.integers(0, 3)),
                "last_counters": counts,
                "last_counters_at": last,
                "supplies": supplies,
                "quarters": bytes([1 << (int(printer_id[-1]))]),
                "readings": 1,
            }
        )
    return days


@given(stored_days(), st.randoms(use_true_random=False))
def test_days_are_joined_the_same_in_any_order_and_any_number_of_times(
    days: list[dict[str, Any]],
    random: Any,  # noqa: ANN401 - a random.Random
) -> None:
    shuffled = days + random.sample(days, k=len(days) // 2)
    random.shuffle(shuffled)

    found = joined(days, ONE)

    assert joined(shuffled, ONE) == found == joined(found, ONE)
    assert [day["day"] for day in found] == sorted({day["day"] for day in days})
    for day in found:
        parts = [each for each in days if each["day"] == day["day"]]
        assert day["first_counters_at"] == min(each["first_counters_at"] for each in parts)
        assert day["last_counters_at"] == max(each["last_counters_at"] for each in parts)
        assert day["readings"] == len(parts)
        assert set(day["supplies"]) == {index for each in parts for index in each["supplies"]}


@given(st.lists(st.tuples(DAYS, DAYS).map(sorted), max_size=5))
def test_what_is_cut_out_of_a_history_is_all_that_is_missing(cuts: list[list[str]]) -> None:
    spans = [Span(OTHER), Span(ONE)]
    for first, last in cuts:
        spans = cut(spans, ONE, first, last)

    assert spans[0] == Span(OTHER)
    for offset in range(-3, 25):
        day = (date(2026, 11, 1) + timedelta(days=offset)).isoformat()
        kept = [span for span in spans if span.printer_id == ONE and span.within(day, day)]
        assert len(kept) == (not any(first <= day <= last for first, last in cuts))


def test_a_printer_by_itself_has_no_lineage() -> None:
    merged = with_spans({"sk": "META"}, [Span(ONE), Span(OTHER, last="2026-11-03")], ONE)

    assert spans_of(merged, ONE) == [Span(ONE), Span(OTHER, last="2026-11-03")]
    assert with_spans(merged, [Span(ONE)], ONE) == {"sk": "META"}
    assert spans_of(None, ONE) == spans_of({"sk": "META"}, ONE) == [Span(ONE)]
    assert LINEAGE in merged
