"""Readings that only say *as before*: no state is written, their time is kept, and each day has a whole reading."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from functions.ingest.silence import heard
from functions.ingest.silence.episodes import taken_at_of
from functions.ingest.silence.heard import heard_at_of, with_heard
from functions.ingest.table import keys
from functions.ingest.uploads.accept_upload import accept_upload
from shared.table import Item
from shared.wire.reading import PrinterReading
from shared.wire.upload import Outcome, Upload, UploadReceipt
from tests.support.api_events import AGENT
from tests.support.ingest import NOW, FakeDocuments, reading, sender, upload, upload_body

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
OTHER_AGENT = "agt_01jd2x00000000000000000002"


def unchanged(reading_id: str, printer_id: str, *, same_as: str = "r1", at: datetime = NOW + HOUR) -> dict[str, Any]:
    return {"reading_id": reading_id, "printer_id": printer_id, "same_as": same_as, "taken_at": at.isoformat()}


def send(
    documents: FakeDocuments,
    *readings: PrinterReading | dict[str, Any],
    seq: int = 1,
    now: datetime = NOW + HOUR,
    agent_id: str = AGENT,
) -> UploadReceipt:
    body = upload_body(seq=seq)
    whole = upload_body(*[each for each in readings if isinstance(each, PrinterReading)])["readings"]
    body["readings"] = whole + [each for each in readings if isinstance(each, dict)]
    return accept_upload(
        Upload.model_validate(body), sender=sender(now=now, agent_id=agent_id), config_etag='"c"', documents=documents
    )


def known(documents: FakeDocuments, at: datetime = NOW, **fields: Any) -> str:  # noqa: ANN401 - any field
    printer_id = send(documents, reading("r1", taken_at=at, **fields), seq=0, now=at).outcomes[0].printer_id
    assert printer_id is not None
    return printer_id


def outcomes(receipt: UploadReceipt) -> list[Outcome]:
    return [each.outcome for each in receipt.outcomes]


def state(documents: FakeDocuments) -> Item:
    return documents.of_kind("STATE")[0]


def test_an_unchanged_reading_writes_nothing_of_the_printer_and_its_time_is_told_to_who_asks(
    fake: FakeDocuments,
) -> None:
    printer_id = known(fake)
    before = {key: item for key, item in fake.items.items() if key[1] in {"STATE", "META"} or "WEEK#" in key[1]}

    receipt = send(fake, unchanged("r2", printer_id))

    assert outcomes(receipt) == [Outcome.STORED]
    assert before == {key: fake.items[key] for key in before}
    stored = state(fake)
    assert taken_at_of(fake, stored["tenant_id"], [printer_id]) == {printer_id: (NOW + HOUR).replace(microsecond=0)}
    assert heard_at_of(fake, [stored]) == {printer_id: (NOW + HOUR).replace(microsecond=0)}


def test_an_upload_of_unchanged_readings_is_one_write_however_many_they_are(fake: FakeDocuments) -> None:
    serials = [f"PHB{number:07}" for number in range(40)]
    first = [reading(f"w{each}", serial_number=each, mac_address=None) for each in serials]
    named = [each.printer_id or "" for each in send(fake, *first, seq=0, now=NOW).outcomes]
    before = fake.writes

    receipt = send(
        fake,
        *[unchanged(f"u{n}", printer, same_as=f"w{serials[n]}") for n, printer in enumerate(named)],
    )

    assert set(outcomes(receipt)) == {Outcome.STORED}
    assert fake.writes - before == 1


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({"same_as": "r0"}, Outcome.RESEND),
        ({"printer_id": "prn_01jd2x0000000000000000zzzz"}, Outcome.RESEND),
        ({"taken_at": (NOW + timedelta(hours=12)).isoformat()}, Outcome.RESEND),
        ({"taken_at": (NOW - HOUR).isoformat()}, Outcome.SUPERSEDED),
        ({"taken_at": (NOW - timedelta(days=36)).isoformat()}, Outcome.REJECTED),
        ({"taken_at": "yesterday"}, Outcome.REJECTED),
        ({"same_as": 7}, Outcome.REJECTED),
    ],
    ids=["another reading", "unknown printer", "another day", "older", "far too old", "no time", "no name"],
)
def test_what_cannot_be_the_last_whole_reading_again_is_not_taken_for_it(
    fake: FakeDocuments, changes: dict[str, Any], outcome: Outcome
) -> None:
    printer_id = known(fake)

    receipt = send(fake, unchanged("r2", printer_id) | changes, now=NOW + timedelta(hours=12))

    assert outcomes(receipt) == [outcome]
    assert (receipt.outcomes[0].reason is not None) == (outcome is Outcome.REJECTED)


def test_another_agent_cannot_speak_for_what_it_never_sent(fake: FakeDocuments) -> None:
    printer_id = known(fake)

    receipt = send(fake, unchanged("r2", printer_id), agent_id=OTHER_AGENT)

    assert outcomes(receipt) == [Outcome.RESEND]
    assert (
        with_heard(fake, {keys.state("t", "p"): state(fake)})[keys.state("t", "p")]["heard_at"]
        == (state(fake)["taken_at"])
    )


def test_a_clock_that_is_ahead_does_not_make_a_printer_heard_in_the_future(fake: FakeDocuments) -> None:
    printer_id = known(fake)
    now = NOW + timedelta(minutes=30)

    send(fake, unchanged("r2", printer_id, at=NOW + timedelta(hours=20)), now=now)

    assert heard_at_of(fake, [state(fake)]) == {printer_id: now.replace(microsecond=0)}


def test_an_agent_that_moved_to_another_site_is_asked_for_whole_readings(fake: FakeDocuments) -> None:
    printer_id = known(fake)
    key = keys.agent_contact(AGENT)
    fake.items[key] = fake.items[key] | {"place": "site_01jd2x00000000000000000099@00"}

    assert outcomes(send(fake, unchanged("r2", printer_id))) == [Outcome.RESEND]
    assert outcomes(send(fake, reading("r3", taken_at=NOW + HOUR), seq=2)) == [Outcome.STORED]
    following = unchanged("r4", printer_id, same_as="r3", at=NOW + 2 * HOUR)
    assert outcomes(send(fake, following, seq=3, now=NOW + 2 * HOUR)) == [Outcome.STORED]


def test_a_repeat_of_the_batch_is_answered_the_same_and_writes_nothing(fake: FakeDocuments) -> None:
    printer_id = known(fake)
    batch: list[PrinterReading | dict[str, Any]] = [
        reading("r5", taken_at=NOW + HOUR, life_count=1_001),
        unchanged("r6", printer_id, same_as="gone"),
    ]
    first = send(fake, *batch, {"reading_id": "r7", "same_as": None}, seq=2)
    before = fake.writes

    again = send(fake, *batch, {"reading_id": "r7", "same_as": None}, seq=2, now=NOW + 3 * HOUR)

    assert again == first
    assert fake.writes == before


@pytest.mark.parametrize("writes", range(6))
def test_a_crash_between_any_two_writes_is_repaired_by_the_repeat(fake: FakeDocuments, writes: int) -> None:
    printer_id = known(fake)
    batch: list[PrinterReading | dict[str, Any]] = [
        reading("r8", taken_at=NOW + HOUR, life_count=1_001),
        unchanged("r9", printer_id, at=NOW + HOUR / 2),
    ]
    whole = FakeDocuments()
    whole.items = dict(fake.items)
    send(whole, *batch, seq=2)
    fake.fail_after = fake.writes + writes

    try:
        send(fake, *batch, seq=2)
    except ConnectionError:
        fake.fail_after = None
        send(fake, *batch, seq=2)

    kinds = ("STATE", "WEEK#", "MEDIA", "META")
    assert [fake.of_kind(kind) for kind in kinds] == [whole.of_kind(kind) for kind in kinds]
    (told,), (expected,) = fake.of_kind("CONTACT"), whole.of_kind("CONTACT")
    assert (told["told"], told["last_seen_at"]) == (expected["told"], expected["last_seen_at"])


def test_an_agent_that_never_heard_of_it_is_served_as_before(fake: FakeDocuments) -> None:
    receipt = accept_upload(upload(reading("r1")), sender=sender(), config_etag='"c"', documents=fake)

    assert outcomes(receipt) == [Outcome.STORED]
    assert receipt.unchanged_readings


def whole(documents: FakeDocuments, number: int, at: datetime = NOW, reading_id: str = "") -> str:
    """A whole reading of the printer of that number; its printer's id."""
    told = reading(reading_id or f"w{number}", taken_at=at, serial_number=f"PHB{number}", mac_address=None)
    printer_id = send(documents, told, seq=100 + number, now=at).outcomes[0].printer_id
    assert printer_id is not None
    return printer_id


def test_of_an_agent_with_too_many_printers_only_those_beyond_the_bound_are_sent_whole_again(
    fake: FakeDocuments, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Forgetting those that were read longest ago would forget each just before its turn: all would be sent whole."""
    monkeypatch.setattr(heard, "MOST_PRINTERS", 3)
    ids = {number: whole(fake, number) for number in range(4)}
    last = {number: f"w{number}" for number in ids}

    for hour in (1, 2, 3):
        at = NOW + hour * HOUR
        answers = {}
        for number, printer in ids.items():
            again = unchanged(f"r{hour}", printer, same_as=last[number], at=at)
            (answers[number],) = outcomes(send(fake, again, seq=10 * hour + number, now=at))
            if answers[number] is Outcome.RESEND:
                last[number] = f"h{hour}w{number}"
                whole(fake, number, at + MINUTE, last[number])
        assert sorted(answers.values()) == [Outcome.RESEND, Outcome.STORED, Outcome.STORED, Outcome.STORED]


def test_a_printer_that_is_read_no_more_leaves_its_place_to_another(
    fake: FakeDocuments, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heard, "MOST_PRINTERS", 1)
    for day, number in enumerate((1, 2, 1)):
        at = NOW + day * timedelta(hours=26)
        again = unchanged(f"r{day}", whole(fake, number, at, f"d{day}"), same_as=f"d{day}", at=at + MINUTE)
        assert outcomes(send(fake, again, seq=day, now=at + MINUTE)) == [Outcome.STORED]
