"""A reading that only moves a printer's state on is folded in fewer steps, and comes to the same."""

from datetime import timedelta
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from functions.ingest.table import keys
from functions.ingest.table.identity import claim_of
from functions.ingest.uploads.accept_upload import accept_upload
from functions.ingest.uploads.store_readings import keys_to_load, storing
from functions.ingest.uploads.taken import Sender, Taken
from shared.wire.reading import Counter, PrinterReading
from shared.wire.upload import Outcome
from tests.support.api_events import AGENT
from tests.support.ingest import NOW, FakeDocuments, minutes, reading, sender, supply, upload

LATER = st.integers(0, 36 * 60)
TRAYS = st.sampled_from([None, [{"index": "1", "current_level": 5}], [{"index": "1", "current_level": 4}]])


@st.composite
def said(draw: st.DrawFn, least: int, most: int) -> dict[str, Any]:
    """What a printer says of itself, each part of it perhaps not at all."""
    pages, jams, level = draw(st.integers(least, most)), draw(st.integers(least, most)), draw(st.integers(-2, 12))
    counters = [Counter(name="life_count", value=pages), Counter(name="jam_count", value=jams, marker="1.2")]
    return {
        "counters": draw(st.sampled_from([None, [], counters, counters, counters[:1]])),
        "supplies": draw(st.sampled_from([None, [], [supply(level), supply(50, index="1.2")]])),
        "alerts": draw(st.sampled_from([None, []])),
        "uptime_ticks": draw(st.sampled_from([None, 100, 200])),
        "inputs": draw(TRAYS),
    }


def taken_of(each: PrinterReading, sender_: Sender) -> Taken:
    return Taken.of(each, claim_of(each.identity, AGENT, each.address), sender_)


def stored(first: PrinterReading) -> tuple[FakeDocuments, str]:
    documents = FakeDocuments()
    receipt = accept_upload(upload(first), sender=sender(), config_etag='"c"', documents=documents)
    return documents, receipt.outcomes[0].printer_id or ""


@given(said(0, 2), said(1, 3), LATER, st.integers(0, 9).map(lambda number: not number))
def test_both_ways_of_folding_come_to_the_same(
    before: dict[str, Any], after: dict[str, Any], later: int, is_again: bool
) -> None:
    documents, printer_id = stored(reading("r1", taken_at=NOW - timedelta(hours=37), **before))
    at = NOW - timedelta(hours=37) + minutes(later)
    told, from_ = taken_of(reading("r1" if is_again else "r2", taken_at=at, **after), sender()), sender()
    state_key = keys.state(from_.caller.tenant_id, printer_id)
    state = documents.load([state_key])
    assume(not keys_to_load(printer_id, [told], state[state_key], from_))
    other = FakeDocuments()
    other.items = dict(documents.items)

    in_few_steps = storing(printer_id, [told], [], state, sender=from_, documents=documents)()
    in_all_steps = storing(printer_id, [told], [state_key], state, sender=from_, documents=other)()

    assert in_few_steps == in_all_steps
    assert documents.items == other.items


def test_a_reading_whose_counters_and_levels_move_needs_nothing_but_the_state() -> None:
    documents, printer_id = stored(reading("r1", taken_at=NOW - minutes(60), life_count=100, level=78))
    from_ = sender()
    state_key = keys.state(from_.caller.tenant_id, printer_id)
    state = documents.load([state_key])
    told = taken_of(reading("r2", life_count=120, level=77), from_)

    assert keys_to_load(printer_id, [told], state[state_key], from_) == []

    assert storing(printer_id, [told], [], state, sender=from_, documents=documents)() == [Outcome.STORED]
    after = documents.load([state_key])[state_key]
    assert (after["reading_id"], after["counters"][0]["value"]) == ("r2", 120)
