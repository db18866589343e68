"""A printer whose meters are entered by hand every few hours, for years: all entries count, and there is an end."""

import pytest

from functions.ingest.meters import epochs
from functions.ingest.meters.entry_models import NewReadDecision
from functions.ingest.meters.ledger import ReadVerdict
from functions.ingest.meters.reads import decide_read
from functions.ingest.table import keys
from shared.errors import Conflict
from tests.support.ingest import FakeDocuments
from tests.support.meters import LATER, day_of, ledger_of, meta_of
from tests.unit.ingest.test_meter_entries import KEY, document, enter, steady

MANY = 2_500


def with_many_reads(documents: FakeDocuments) -> None:
    """One read that counts, and as many of the same day that were kept long ago."""
    read = enter(documents, 10, 9_000)
    meta = meta_of(documents)
    key = keys.meter_read(meta["tenant_id"], meta["printer_id"], day_of(10), read.read_id)
    item = documents.load([key])[key]
    for number in range(MANY):
        read_id = f"mrd_{number:05d}"
        pk, sk = keys.meter_read(meta["tenant_id"], meta["printer_id"], day_of(10), read_id)
        documents.replace(item | {"pk": pk, "sk": sk, "read_id": read_id})


def test_a_read_that_was_rejected_counts_no_more_among_thousands() -> None:
    documents = steady()
    with_many_reads(documents)
    held = enter(documents, 0, 90_000)
    meta = meta_of(documents)
    yes = NewReadDecision(printer_id=meta["printer_id"], accept=True, decided_by="Ada", reason="seen")
    accepted = decide_read(documents, meta, held.read_id, yes, key_id=KEY, now=LATER)
    counted = ledger_of(documents).readings_on(day_of(0))["life_count"].value
    last = accepted.decisions[-1].decision_id
    no = yes.model_copy(update={"accept": False, "corrects": last, "reason": "a typing error"})
    rejected = decide_read(documents, meta, held.read_id, no, key_id=KEY, now=LATER)

    assert (accepted.verdict, counted) == (ReadVerdict.ACCEPTED, 90_000)
    assert rejected.verdict is ReadVerdict.REJECTED
    assert ledger_of(documents).readings_on(day_of(0))["life_count"].value < 90_000


def test_a_ledger_that_is_full_says_so_and_keeps_what_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    documents = steady()
    enter(documents, 0, 9_990)
    monkeypatch.setattr(epochs, "MOST_ENTRIES", 1)

    with pytest.raises(Conflict) as another_read:
        enter(documents, 1, 9_850)
    with pytest.raises(Conflict) as another_break:
        document(documents, 1, 9_900, 100)

    assert (another_read.value.code, another_break.value.code) == ("ledger_full", "ledger_full")
    assert ledger_of(documents).readings_on(day_of(0))["life_count"].value == 9_990
