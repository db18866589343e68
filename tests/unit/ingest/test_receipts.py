"""The one item that an upload writes of its agent: when it was heard of, what it told, how its batch was answered."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.ingest.silence.heard import Heard, Told, digest, heard_from, note_heard
from functions.ingest.table import keys
from functions.ingest.uploads.accept_upload import accept_upload
from shared.table import Item, to_attributes
from shared.wire.upload import Outcome
from tests.support.api_events import AGENT, agent_caller
from tests.support.ingest import NOW, FakeDocuments, minutes, reading, sender, upload
from tests.support.uploads import accept

SECONDS = st.integers(0, 2**32 - 1)
TOLD = st.dictionaries(
    st.binary(min_size=5, max_size=5),
    st.builds(Told, reading=st.binary(min_size=4, max_size=4), whole_at=SECONDS, heard_at=SECONDS),
    max_size=60,
)


def contact(documents: FakeDocuments) -> Item:
    return documents.items[keys.agent_contact(AGENT)]


@given(TOLD)
def test_what_an_agent_told_is_read_as_it_was_noted(told: Heard) -> None:
    documents = FakeDocuments()

    note_heard(documents, agent_caller(), told, None, lambda _: {})

    assert heard_from(contact(documents), agent_caller()) == told


def test_readings_are_counted_by_what_became_of_them_and_each_batch_once() -> None:
    documents = FakeDocuments()
    first = upload(reading("r1"), seq=1)
    accept(documents, first)
    accept(documents, first)

    accept(documents, upload(reading("r0", taken_at=NOW - minutes(20)), reading("r1"), seq=2))

    assert contact(documents)["taken"] == {"stored": 1, "superseded": 1, "duplicate": 1}


def test_a_batch_that_two_requests_bring_at_once_is_counted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    documents = FakeDocuments()
    batch = upload(reading("r1"), seq=1)
    real, others = documents.save, [batch]

    def save(item: Item) -> bool:
        if item["sk"] == "CONTACT" and others:
            accept(documents, others.pop())
        return real(item)

    monkeypatch.setattr(documents, "save", save)
    receipt = accept(documents, batch)

    assert [each.outcome for each in receipt.outcomes] == [Outcome.STORED]
    assert contact(documents)["taken"] == {"duplicate": 1}


def test_an_older_batch_that_comes_again_changes_nothing_of_its_printers() -> None:
    documents = FakeDocuments()
    older, newer = upload(reading("r1"), seq=1), upload(reading("r2", taken_at=NOW + minutes(15)), seq=2)
    accept(documents, older)
    accept(documents, newer, now=NOW + minutes(15))
    kinds = ("STATE", "WEEK#", "META", "MEDIA")
    before = [documents.of_kind(kind) for kind in kinds]

    receipt = accept(documents, older, now=NOW + minutes(30))

    assert [each.outcome for each in receipt.outcomes] == [Outcome.SUPERSEDED]
    assert [documents.of_kind(kind) for kind in kinds] == before


def test_a_slower_request_does_not_set_back_when_its_agent_was_heard_of() -> None:
    documents = FakeDocuments()
    accept(documents, upload(reading("r2", taken_at=NOW + minutes(15)), seq=2), now=NOW + minutes(15))
    latest = contact(documents)["last_seen_at"]

    accept(documents, upload(reading("r1"), seq=1))

    assert contact(documents)["last_seen_at"] == latest


def test_the_item_of_fifty_printers_takes_one_unit_of_writing() -> None:
    documents = FakeDocuments()
    serials = [f"PHB{number:07}" for number in range(50)]
    at = NOW
    for hour in range(6):
        at = NOW + hour * timedelta(hours=1)
        changed = serials if hour == 0 else serials[hour::8]
        readings = [
            reading(f"{hour}-{each}", serial_number=each, mac_address=None, taken_at=at - place * minutes(0.01))
            for place, each in enumerate(changed)
        ]
        accept_upload(upload(*readings, seq=hour), sender=sender(now=at), config_etag='"c"', documents=documents)

    assert len(heard_from(contact(documents), agent_caller())) == len(serials)
    assert size_of(contact(documents)) <= 1_024
    assert digest("prn_1") != digest("prn_2")


def size_of(item: Item) -> int:
    """Octets as DynamoDB counts them, with all that a number can take."""
    typed = {name: next(iter(value.items())) for name, value in to_attributes(item).items()}
    return sum(len(name) + (21 if kind == "N" else len(value)) for name, (kind, value) in typed.items())
