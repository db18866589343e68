"""Manual reads, documented changes and decisions: each is a new entry, checked, and none is edited."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from functions.ingest.meters.breaks import decide_break, document_break, list_breaks
from functions.ingest.meters.entry_models import (
    ManualRead,
    MeterBreak,
    NewBreakDecision,
    NewDocumentedBreak,
    NewManualRead,
    NewReadDecision,
)
from functions.ingest.meters.ledger import ReadVerdict
from functions.ingest.meters.reads import decide_read, enter_read, list_reads
from shared.errors import Conflict, Invalid, NotFound
from tests.support.ingest import BERLIN, NOW, FakeDocuments
from tests.support.meters import LATER, at_day, counted, day_of, ledger_of, meta_of, pages, reviewed, stored

KEY = "key_01jd2x00000000000000000001"


def fleet(*values: tuple[int, int]) -> FakeDocuments:
    """A printer whose life count had a value so many days ago, its breaks reviewed."""
    documents = stored(
        counted(number, at_day(days_ago), {"life_count": value}) for number, (days_ago, value) in enumerate(values)
    )
    reviewed(documents)
    return documents


def steady(*, last: int = 1) -> FakeDocuments:
    """A printer that prints a hundred pages a day."""
    return fleet(*((days_ago, 10_000 - 100 * days_ago) for days_ago in range(20, last - 1, -1)))


def enter(documents: FakeDocuments, days_ago: int, value: int, **fields: Any) -> ManualRead:  # noqa: ANN401
    meta = meta_of(documents)
    given = {"taken_at": at_day(days_ago, 14), "counters": {"life_count": value}, "read_by": "Ada", "reason": "x"}
    wanted = NewManualRead.model_validate({"printer_id": meta["printer_id"], **given, **fields})
    return enter_read(documents, meta, wanted, zone=BERLIN, key_id=KEY, now=LATER)


def decide(documents: FakeDocuments, break_id: str, **fields: Any) -> MeterBreak:  # noqa: ANN401 - any field
    meta = meta_of(documents)
    wanted = NewBreakDecision.model_validate(
        {"printer_id": meta["printer_id"], "decided_by": "Ada", "reason": "x", "cause": "reset", **fields}
    )
    return decide_break(documents, meta, break_id, wanted, key_id=KEY, now=LATER)


def document(documents: FakeDocuments, days_ago: int, final: int, start: int, hour: int = 13) -> list[MeterBreak]:
    meta = meta_of(documents)
    values = {"life_count": {"final_value": final, "start_value": start}}
    given = {"cause": "board_swap", "at": at_day(days_ago, hour), "counters": values, "decided_by": "A", "reason": "x"}
    wanted = NewDocumentedBreak.model_validate({"printer_id": meta["printer_id"], **given})
    return document_break(documents, meta, wanted, zone=BERLIN, key_id=KEY, now=LATER)


def listed(documents: FakeDocuments) -> list[MeterBreak]:
    items, _ = list_breaks(documents, meta_of(documents), limit=50, cursor=None, now=LATER)
    return items


@pytest.mark.parametrize("value", [True, False, "48300", "0"])
def test_a_count_is_a_number_and_nothing_that_could_be_read_as_one(value: object) -> None:
    documents = fleet((2, 0), (1, 1))
    counters = {"life_count": value}

    with pytest.raises(ValidationError, match=r"life_count\n.*a whole number, without quotes"):
        enter(documents, 0, 1, counters=counters)
    with pytest.raises(ValidationError, match=r"final_value\n.*a whole number, without quotes"):
        decide(documents, "2026-11-22.1.life_count", final_value=value, start_value=0)

    items, _ = list_reads(documents, meta_of(documents), limit=50, cursor=None, now=LATER)
    assert items == []


def test_at_mtr_04_a_held_break_is_counted_once_somebody_decides() -> None:
    documents = fleet((3, 84_000), (2, 84_210), (1, 12), (0, 62))
    (held,) = listed(documents)
    assert (held.status, held.decided, held.usage, pages(documents, 3, 0)) == ("held", "nobody", None, 260)

    decided = decide(documents, held.break_id, final_value=84_300, start_value=0)

    assert (decided.status, decided.decided, decided.usage, decided.cause) == ("accepted", "person", 102, "reset")
    assert pages(documents, 3, 0) == 210 + 102 + 50
    assert ledger_of(documents).usages(day_of(3), day_of(0))[0].held == ()


def test_at_mtr_05_a_documented_change_of_board_explains_the_break_it_is_near_to() -> None:
    # Given the change is documented before the readings show it
    documents = fleet((3, 95_000), (2, 95_210))
    (told,) = document(documents, 1, final=98_440, start=105, hour=9)

    # When the new board is read
    stored([counted(7, at_day(1), {"life_count": 1_905})], documents)
    reviewed(documents)

    # Then it is one break, counted to the old end and from the new start
    noticed, told_now = listed(documents)[0], listed(documents)[1]
    if noticed.source != "readings":
        noticed, told_now = told_now, noticed
    assert (noticed.explained_by, noticed.usage, noticed.cause) == (told.break_id, 5_030, "board_swap")
    assert (told_now.epoch, told_now.status) == (None, "accepted")
    assert pages(documents, 1, 0) == 5_030
    assert ledger_of(documents).readings_on(day_of(0))["life_count"].logical == 95_210 + 5_030


def test_a_board_that_starts_higher_shows_no_break_and_is_told_by_its_document_alone() -> None:
    documents = fleet((2, 1_000), (1, 70_050))
    assert pages(documents, 1, 0) == 69_050

    document(documents, 1, final=1_010, start=70_000, hour=8)

    assert pages(documents, 1, 0) == 60


def test_a_change_is_documented_once() -> None:
    documents = fleet((3, 95_000), (2, 95_210), (1, 1_905))
    document(documents, 1, final=98_440, start=105, hour=9)

    with pytest.raises(Conflict, match="correct its decision"):
        document(documents, 1, final=98_440, start=105, hour=10)
    with pytest.raises(Invalid):
        document(fleet((3, 95_000), (2, 95_210)), 1, final=95_000, start=0)


def test_a_decision_is_corrected_by_another_that_names_it() -> None:
    documents = fleet((2, 84_210), (1, 12))
    (held,) = listed(documents)
    first = decide(documents, held.break_id, final_value=84_210, start_value=0)

    with pytest.raises(Conflict):
        decide(documents, held.break_id, final_value=84_300, start_value=0)
    second = decide(documents, held.break_id, cause="unknown", usage=40, corrects=first.decisions[0].decision_id)

    assert [each.cause for each in second.decisions] == ["reset", "unknown"]
    assert (second.usage, pages(documents, 1, 0)) == (40, 40)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"final_value": 84_209, "start_value": 0},
        {"final_value": 84_210, "start_value": 13},
        {"final_value": 84_300},
        {"usage": 3, "modulus": 10**5},
        {"modulus": 10**5},
        {"cause": "roll_over", "modulus": 84_000},
    ],
)
def test_a_decision_that_does_not_fit_the_readings_is_refused(fields: dict[str, Any]) -> None:
    documents = fleet((2, 84_210), (1, 12))

    with pytest.raises(Invalid):
        decide(documents, f"{day_of(1)}.1.life_count", **fields)
    with pytest.raises(NotFound):
        decide(documents, "2026-01-01.1.life_count", usage=1)


def test_a_plausible_manual_read_counts_and_is_marked() -> None:
    documents = steady(last=3)

    read = enter(documents, 0, 10_000)

    assert (read.verdict, read.checks[0].finding, read.checks[0].expected) == ("accepted", "as_expected", 300)
    now = ledger_of(documents).readings_on(day_of(0))["life_count"]
    assert (now.kind, now.logical, now.read_id) == ("manual", 10_000, read.read_id)
    assert pages(documents, 2, 0) == 300


def test_two_hours_after_a_reading_little_or_nothing_printed_is_plausible_and_two_days_worth_is_not() -> None:
    """Read by the agent at noon with 9,900 pages, by hand at two o'clock; a day has a hundred."""
    verdicts = [enter(steady(), 1, value).verdict for value in (9_900, 9_910, 10_060, 10_061, 10_100)]

    assert verdicts == ["accepted", "accepted", "accepted", "held", "held"]
    assert enter(steady(last=3), 1, 9_710).verdict == "held"


def test_an_implausible_manual_read_is_held_until_somebody_accepts_it() -> None:
    documents = steady(last=3)
    read = enter(documents, 0, 19_700)
    assert (read.verdict, read.checks[0].finding, read.checks[0].usage) == ("held", "unexpected_volume", 10_000)
    assert pages(documents, 2, 0) == 0
    wanted = {"printer_id": read.printer_id, "accept": True, "decided_by": "Ada", "reason": "big job"}

    accepted = decide_read(
        documents, meta_of(documents), read.read_id, NewReadDecision.model_validate(wanted), key_id=KEY, now=LATER
    )

    assert (accepted.verdict, pages(documents, 2, 0)) == ("accepted", 10_000)
    with pytest.raises(Conflict):
        decide_read(
            documents, meta_of(documents), read.read_id, NewReadDecision.model_validate(wanted), key_id=KEY, now=LATER
        )


def test_a_read_lower_than_before_or_higher_than_after_is_held() -> None:
    documents = steady()

    assert enter(documents, 0, 9_000).checks[0].finding == "lower_than_before"
    assert enter(documents, 5, 9_950).checks[0].finding == "higher_than_after"


def test_an_accepted_read_that_a_later_reading_contradicts_makes_nothing_negative() -> None:
    documents = steady(last=3)
    enter(documents, 1, 9_950)
    assert pages(documents, 1, 1) == 250

    stored([counted(90, at_day(0), {"life_count": 9_900})], documents)

    assert (pages(documents, 1, 1), pages(documents, 0, 0), pages(documents, 2, 0)) == (0, 200, 200)


def test_a_read_is_corrected_by_another_and_stays_in_the_list() -> None:
    documents = steady(last=3)
    wrong = enter(documents, 0, 10_010)
    right = enter(documents, 0, 10_001, corrects=wrong.read_id)

    reads, _ = list_reads(documents, meta_of(documents), limit=50, cursor=None, now=LATER)

    assert {each.read_id: each.verdict for each in reads} == {wrong.read_id: "corrected", right.read_id: "accepted"}
    assert ledger_of(documents).readings_on(day_of(0))["life_count"].value == 10_001
    with pytest.raises(Conflict):
        enter(documents, 0, 10_002, corrects=wrong.read_id)
    with pytest.raises(NotFound):
        enter(documents, 0, 10_002, corrects="mrd_01jd2x00000000000000000001")


def test_of_one_moment_a_counter_has_one_value_and_another_names_it() -> None:
    documents = steady()
    first = enter(documents, 0, 10_000)

    with pytest.raises(Conflict, match=f"'{first.read_id}' is of the same moment") as refused:
        enter(documents, 0, 9_990)
    other = enter(documents, 0, 55, counters={"scan_count": 55})
    second = enter(documents, 0, 9_990, corrects=first.read_id)

    assert (refused.value.code, refused.value.errors[0].pointer) == ("read_exists", "/corrects")
    assert (other.verdict, second.verdict) == (ReadVerdict.ACCEPTED, ReadVerdict.ACCEPTED)
    assert ledger_of(documents).readings_on(day_of(0))["life_count"].value == 9_990


def test_a_rejected_read_leaves_its_moment_to_another() -> None:
    documents = steady()
    held = enter(documents, 0, 90_000)
    with pytest.raises(Conflict):
        enter(documents, 0, 10_000)
    meta = meta_of(documents)
    no = NewReadDecision(printer_id=meta["printer_id"], accept=False, decided_by="Ada", reason="typo")
    decide_read(documents, meta, held.read_id, no, key_id=KEY, now=LATER)

    assert enter(documents, 0, 10_000).verdict is ReadVerdict.ACCEPTED


@pytest.mark.parametrize(
    "fields",
    [
        {"taken_at": NOW + timedelta(hours=1)},
        {"taken_at": NOW - timedelta(days=401)},
        {"counters": {"pages": 3}},
        {"counters": {"power_on_count": 3}},
    ],
)
def test_a_read_of_no_time_or_no_counter_is_refused_by_its_place(fields: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as refused:
        enter(steady(last=18), 0, 10_000, **fields)

    assert refused.value.errors[0].pointer.split("/")[1] in {"taken_at", "counters"}
