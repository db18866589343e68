"""The ledger of a printer that another was merged into: manual reads, breaks and decisions of both, and apart again."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.ingest.lineages.merging import merge, surviving
from functions.ingest.lineages.splitting import undo_merger
from functions.ingest.meters.breaks import decide_break, list_breaks
from functions.ingest.meters.days import seen_state
from functions.ingest.meters.entry_models import ManualRead, NewBreakDecision, NewManualRead, NewReadDecision
from functions.ingest.meters.ledger import Ledger
from functions.ingest.meters.reads import decide_read, enter_read, list_reads
from functions.ingest.table import keys
from functions.ingest.table.reviews import ask_review
from functions.ingest.uploads.accept_upload import accept_upload
from shared.directory import keys as directory
from shared.errors import Conflict
from shared.table import Item
from tests.support.ingest import BERLIN, FakeDocuments, sender, upload
from tests.support.meters import LATER, at_day, counted, day_of, reviewed

TENANT = sender().caller.tenant_id
KEY = "key_01jd2x00000000000000000001"
MINUTE = timedelta(minutes=1)
WHO = {"decided_by": "Ada", "reason": "x"}


class History:
    """A printer under two identities, each reading reviewed when it came."""

    def __init__(self, *readings: tuple[str, int, int]) -> None:
        self.documents = FakeDocuments()
        self.sent = 0
        ids = {serial: self.reviewed(serial, days_ago, count) for serial, days_ago, count in readings}
        self.former, self.present = ids["FORMER"], ids["PRESENT"]

    def reviewed(self, serial_number: str, days_ago: int, count: int) -> str:
        """The printer of a reading whose breaks were looked at on the same day."""
        printer_id = self.read(serial_number, days_ago, count)
        reviewed(self.documents, at_day(days_ago, 13))
        return printer_id

    def read(self, serial_number: str, days_ago: int, count: int) -> str:
        """The printer of a reading that came at once."""
        self.sent += 1
        at = at_day(days_ago)
        told = counted(self.sent, at, {"life_count": count}, serial_number=serial_number, mac_address=None)
        batch = upload(told, seq=self.sent, sent_at=at)
        receipt = accept_upload(batch, sender=sender(now=at + MINUTE), config_etag='"c"', documents=self.documents)
        printer_id = receipt.outcomes[0].printer_id
        assert printer_id is not None
        return printer_id

    def meta(self, printer_id: str) -> Item:
        """The printer that an id leads to."""
        key = keys.meta(TENANT, printer_id)
        return surviving(self.documents, self.documents.load([key])[key])

    def merge(self) -> None:
        """Make the former one's history part of the present one's."""
        free = frozenset[str]()
        merge(self.documents, TENANT, self.present, self.former, holdings_of=lambda *_: free, now=LATER)  # type: ignore[arg-type] # nothing holds them
        reviewed(self.documents, LATER + timedelta(minutes=5))

    def split(self, days_from: int | None = None) -> None:
        """Take the merger back; the former one gets the present one's days from so many days ago on."""
        meta, first = self.meta(self.present), None if days_from is None else at_day(days_from).date()
        undo_merger(self.documents, meta, self.former, days_from=first, key_id=KEY, now=LATER + MINUTE)

    def enter(self, printer_id: str, at: datetime, count: int, corrects: str | None = None) -> ManualRead:
        """A manual read."""
        said = {"counters": {"life_count": count}, "read_by": "Ada", "reason": "x", "corrects": corrects}
        wanted = NewManualRead.model_validate({"printer_id": printer_id, "taken_at": at, **said})
        meta = self.meta(printer_id)
        return enter_read(self.documents, meta, wanted, zone=BERLIN, key_id=KEY, now=LATER)

    def reads(self, printer_id: str, limit: int = 50) -> list[ManualRead]:
        """All manual reads, a page after the other."""
        found: list[ManualRead] = []
        cursor: str | None = None
        while True:
            page, cursor = list_reads(self.documents, self.meta(printer_id), limit=limit, cursor=cursor, now=LATER)
            found += page
            if cursor is None:
                return found

    def pages(self, printer_id: str, first: int, last: int) -> int:
        """Pages between two days, so many days ago."""
        meta = self.meta(printer_id)
        state = seen_state(self.documents, TENANT, meta["printer_id"])
        ledger = Ledger.of(self.documents, TENANT, meta["printer_id"], state, LATER)
        return sum(usage.pages for usage in ledger.usages(day_of(first), day_of(last)))


@pytest.fixture
def history() -> History:
    """It was read until sixty days ago, and is read under the other identity since; eighty days ago it was reset."""
    until = [("FORMER", 100, 7_000), ("FORMER", 90, 8_000), ("FORMER", 80, 100), ("FORMER", 60, 2_100)]
    return History(*until, ("PRESENT", 20, 6_100), ("PRESENT", 1, 8_000))


Readings = dict[int, tuple[str, int]]
"""Identity and count, by how many days ago."""
counts = st.tuples(st.sampled_from(("FORMER", "PRESENT")), st.integers(0, 5_000))


@given(st.dictionaries(st.integers(3, 120), counts, max_size=8))
@settings(deadline=None)
def test_whatever_was_read_a_merger_counts_nothing_negative_and_its_split_gives_both_back(said: Readings) -> None:
    readings = [(serial, days_ago, count) for days_ago, (serial, count) in sorted(said.items(), reverse=True)]
    history = History(*readings, ("FORMER", 2, 5_000), ("PRESENT", 1, 5_100))
    ids = history.former, history.present
    before = [(history.pages(each, 121, 0), breaks_of(history, each), history.reads(each)) for each in ids]

    history.merge()
    parts = [history.pages(history.present, first, last) for first, last in ((121, 61), (60, 31), (30, 0))]
    whole = history.pages(history.present, 121, 0)
    history.split()
    reviewed(history.documents, LATER + 10 * MINUTE)

    assert min(parts) >= 0
    assert sum(parts) == whole
    assert [(history.pages(each, 121, 0), breaks_of(history, each), history.reads(each)) for each in ids] == before


def decide(history: History, printer_id: str, break_id: str, final: int, corrects: str | None = None) -> None:
    said = {"cause": "reset", "final_value": final, "start_value": 0, "corrects": corrects, **WHO}
    wanted = NewBreakDecision.model_validate({"printer_id": printer_id, **said})
    decide_break(history.documents, history.meta(printer_id), break_id, wanted, key_id=KEY, now=LATER)


def breaks_of(history: History, printer_id: str) -> list[tuple[str, str, int | None]]:
    found, _ = list_breaks(history.documents, history.meta(printer_id), limit=50, cursor=None, now=LATER)
    assert {each.printer_id for each in found} <= {history.meta(printer_id)["printer_id"]}
    return [(each.day.isoformat(), each.status, each.usage) for each in found]


def test_what_was_decided_of_the_merged_printer_holds_for_the_survivor(history: History) -> None:
    break_id = f"{day_of(80)}.1.life_count"
    decide(history, history.former, break_id, 8_050)
    apart = history.pages(history.former, 101, 60), history.pages(history.present, 21, 0)

    history.merge()

    assert apart == (1_000 + 150 + 2_000, 1_900)
    assert history.pages(history.present, 101, 0) == 3_150 + 4_000 + 1_900
    assert breaks_of(history, history.present) == [(day_of(80), "accepted", 150)]


def test_a_break_of_the_merged_printer_is_decided_at_the_survivor(history: History) -> None:
    break_id = f"{day_of(80)}.1.life_count"
    decide(history, history.former, break_id, 8_050)
    (first,) = history.documents.of_kind("METER#RULING#")
    history.merge()

    with pytest.raises(Conflict, match="not the last decision"):
        decide(history, history.former, break_id, 8_100)
    decide(history, history.former, break_id, 8_100, corrects=first["decision_id"])

    assert history.pages(history.present, 101, 0) == 3_200 + 4_000 + 1_900


def test_manual_reads_of_the_merged_printer_are_the_survivors(history: History) -> None:
    entered = history.enter(history.former, at_day(40), 4_000)

    history.merge()

    assert [each.read_id for each in history.reads(history.present)] == [entered.read_id]
    assert {each.printer_id for each in history.reads(history.former)} == {history.present}
    assert history.pages(history.present, 50, 40) == 1_900
    with pytest.raises(Conflict, match="same moment"):
        history.enter(history.present, at_day(40), 4_010)


def test_a_manual_read_of_the_merged_printer_is_corrected_and_decided_at_the_survivor(history: History) -> None:
    entered = history.enter(history.former, at_day(40), 4_000)
    history.merge()

    history.enter(history.present, at_day(40, 13), 4_100, corrects=entered.read_id)
    wanted = NewReadDecision.model_validate({"printer_id": history.present, "accept": False, **WHO})
    with pytest.raises(Conflict, match="Another read took the place"):
        decide_read(history.documents, history.meta(history.present), entered.read_id, wanted, key_id=KEY, now=LATER)

    assert [each.verdict for each in history.reads(history.present)] == ["corrected", "accepted"]
    assert history.pages(history.present, 50, 40) == 2_000


def test_entries_of_both_come_in_order_of_day_a_page_at_a_time(history: History) -> None:
    days = {history.former: (70, 40, 30), history.present: (50, 35, 10)}
    for printer_id, each in days.items():
        for days_ago in each:
            history.enter(printer_id, at_day(days_ago), 10_000 - 100 * days_ago)
    history.merge()

    found = [each.day.isoformat() for each in history.reads(history.present, limit=2)]

    assert found == [day_of(days_ago) for days_ago in (70, 50, 40, 35, 30, 10)]


def test_each_has_its_own_again_when_they_are_split(history: History) -> None:
    decide(history, history.former, f"{day_of(80)}.1.life_count", 8_050)
    entered = history.enter(history.former, at_day(40), 4_000)
    history.merge()

    history.split()

    for _ in range(2):
        assert [each.read_id for each in history.reads(history.former)] == [entered.read_id]
        assert history.reads(history.present) == []
        assert (history.pages(history.former, 101, 60), history.pages(history.present, 21, 0)) == (3_150, 1_900)
        assert breaks_of(history, history.present) == []
        assert breaks_of(history, history.former) == [(day_of(80), "accepted", 150)]
        reviewed(history.documents, LATER + 10 * MINUTE)


def test_a_manual_read_goes_with_the_day_that_it_is_of(history: History) -> None:
    history.merge()
    entered = [history.enter(history.present, at_day(days_ago), 10_000 - 100 * days_ago) for days_ago in (25, 10)]

    history.split(days_from=15)

    assert [each.read_id for each in history.reads(history.present)] == [entered[0].read_id]
    assert [each.read_id for each in history.reads(history.former)] == [entered[1].read_id]


@pytest.mark.parametrize("serial_number", ["FORMER", "PRESENT"])
def test_a_break_stays_though_the_reading_before_it_is_kept_no_more(serial_number: str) -> None:
    """Its days cannot show it again: the printer was silent for long, and what was read before that is gone."""
    history = History((serial_number, 450, 9_000), (serial_number, 390, 100), ("FORMER", 30, 500), ("PRESENT", 1, 700))
    oldest = f"{directory.PRINTER_WEEK_PREFIX}{day_of(420)}"
    for key in [each for each in history.documents.items if directory.PRINTER_WEEK_PREFIX < each[1] < oldest]:
        history.documents.remove(key)
    before = [(day_of(390), "held", None)]
    assert breaks_of(history, history.former) + breaks_of(history, history.present) == before

    free = frozenset[str]()
    merge(history.documents, TENANT, history.present, history.former, holdings_of=lambda *_: free, now=LATER)  # type: ignore[arg-type] # nothing holds them
    assert breaks_of(history, history.present) == before
    reviewed(history.documents, LATER + timedelta(minutes=5))

    assert breaks_of(history, history.present) == before


def test_an_old_break_holds_while_a_review_waits(history: History) -> None:
    before = history.pages(history.former, 101, 60), breaks_of(history, history.former)

    ask_review(history.documents, history.meta(history.former), LATER)

    assert before == (3_000, [(day_of(80), "held", None)])
    assert (history.pages(history.former, 101, 60), breaks_of(history, history.former)) == before


def test_a_break_that_the_two_histories_make_together_is_noticed_after_the_merger(history: History) -> None:
    """The present one was read lower than the former one ended: nobody knows what was counted in between."""
    history.read("FORMER", 30, 9_000)
    reviewed(history.documents)

    history.merge()

    assert breaks_of(history, history.present) == [(day_of(80), "held", None), (day_of(20), "held", None)]
    assert history.pages(history.present, 101, 0) == 1_000 + 2_000 + 6_900 + 1_900
