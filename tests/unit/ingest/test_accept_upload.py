"""Uploads end to end in the use case, on the fake store and on DynamoDB."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from functions.ingest.table import keys
from functions.ingest.table.keys import Key
from functions.ingest.table.ports import Documents
from functions.ingest.uploads.accept_upload import accept_upload
from shared.directory.views import PrinterDay, PrinterState, PrinterView, Registration
from shared.errors import Unavailable
from shared.table import Item
from shared.wire.reading import MissingReason, PrinterReading
from shared.wire.upload import Outcome, Upload, UploadReceipt
from tests.support.api_events import AGENT, CHILD_ORGANIZATION, ROOT_ORGANIZATION, SITE
from tests.support.ingest import NOW, FakeDocuments, minutes, reading, sender, supply, upload, upload_body

TENANT = ROOT_ORGANIZATION
OTHER_AGENT = "agt_01jd2x00000000000000000002"


def accept(documents: Documents, sent: Upload, **who: Any) -> UploadReceipt:  # noqa: ANN401 - as `sender`
    return accept_upload(sent, sender=sender(**who), config_etag='"c1"', documents=documents)


def send(documents: Documents, *readings: PrinterReading, seq: int = 1, **who: Any) -> list[Outcome]:  # noqa: ANN401 - as `sender`
    return [each.outcome for each in accept(documents, upload(*readings, seq=seq), **who).outcomes]


def printer_of(receipt: UploadReceipt, position: int = 0) -> str:
    printer_id = receipt.outcomes[position].printer_id
    assert printer_id is not None
    return printer_id


def state_of(documents: Documents, printer_id: str) -> dict[str, Any]:
    key = keys.state(TENANT, printer_id)
    return documents.load([key])[key]


def meta_of(documents: Documents, printer_id: str) -> dict[str, Any]:
    key = keys.meta(TENANT, printer_id)
    return documents.load([key])[key]


def test_a_first_reading_makes_a_printer_its_state_and_its_day(documents: Documents) -> None:
    receipt = accept(documents, upload(reading()))

    printer_id = printer_of(receipt)
    assert [each.outcome for each in receipt.outcomes] == [Outcome.STORED]
    assert receipt.config_etag == '"c1"'
    meta = PrinterView.model_validate(meta_of(documents, printer_id))
    assert (meta.serial_number, meta.site_id, meta.agent_id) == ("PHB1234567", SITE, AGENT)
    assert (meta.organization_id, meta.registration) == (CHILD_ORGANIZATION, Registration.REGISTERED)
    state = PrinterState.model_validate(state_of(documents, printer_id))
    assert (state.count("life_count"), state.supplies[0].percent, state.taken_at) == (1_000, 80.0, NOW)
    day_key = keys.day(TENANT, printer_id, "2026-11-22")
    day = PrinterDay.model_validate(documents.load([day_key])[day_key])
    assert (day.first_counters, day.last_counters, day.readings) == ({"life_count": 1000}, {"life_count": 1000}, 1)


def test_a_repeated_batch_is_answered_with_its_receipt(documents: Documents) -> None:
    first = accept(documents, upload(reading()))

    again = accept(documents, upload(reading()), now=NOW + minutes(3))

    assert again == first


def test_a_batch_number_used_again_for_other_readings_loses_nothing(documents: Documents) -> None:
    accept(documents, upload(reading("r1"), seq=1))

    receipt = accept(documents, upload(reading("r2", taken_at=NOW + minutes(1)), seq=1))

    assert [(each.reading_id, each.outcome) for each in receipt.outcomes] == [("r2", Outcome.STORED)]
    assert state_of(documents, printer_of(receipt))["reading_id"] == "r2"


def test_a_reading_sent_again_in_another_batch_is_a_duplicate(documents: Documents) -> None:
    send(documents, reading("r1"), seq=1)

    assert send(documents, reading("r1"), seq=2) == [Outcome.DUPLICATE]


def test_an_older_reading_is_superseded_and_changes_nothing_of_the_state(documents: Documents) -> None:
    receipt = accept(documents, upload(reading("new", life_count=1_010)))
    before = state_of(documents, printer_of(receipt))

    outcomes = send(documents, reading("old", taken_at=NOW - minutes(15), life_count=1_000), seq=2)

    assert outcomes == [Outcome.SUPERSEDED]
    assert state_of(documents, printer_of(receipt)) == before


def test_an_older_reading_still_counts_for_its_own_day(documents: Documents) -> None:
    receipt = accept(documents, upload(reading("new", life_count=1_010)))

    send(documents, reading("old", taken_at=NOW - timedelta(days=2), life_count=900), seq=2)

    day_key = keys.day(TENANT, printer_of(receipt), "2026-11-20")
    assert PrinterDay.model_validate(documents.load([day_key])[day_key]).last_counters == {"life_count": 900}


def test_a_section_that_was_not_read_keeps_what_is_stored(documents: Documents) -> None:
    receipt = accept(documents, upload(reading("r1")))

    send(documents, reading("r2", taken_at=NOW + minutes(1), life_count=None, level=None), seq=2)

    state = PrinterState.model_validate(state_of(documents, printer_of(receipt)))
    assert (state.reading_id, state.count("life_count"), state.supplies[0].percent) == ("r2", 1_000, 80.0)


def test_an_older_reading_fills_in_a_section_that_the_newer_one_lacked(documents: Documents) -> None:
    receipt = accept(documents, upload(reading("r2", life_count=None)))

    outcomes = send(documents, reading("r1", taken_at=NOW - minutes(1), level=90), seq=2)

    state = PrinterState.model_validate(state_of(documents, printer_of(receipt)))
    assert outcomes == [Outcome.STORED]
    assert (state.reading_id, state.count("life_count"), state.supplies[0].percent) == ("r2", 1_000, 80.0)


def test_a_bad_reading_is_rejected_by_field_and_the_good_one_is_stored(documents: Documents) -> None:
    body = upload_body(reading("good"), reading("bad", serial_number="X9", mac_address=None))
    body["readings"][1]["counters"][0]["value"] = -5

    receipt = accept(documents, Upload.model_validate(body))

    assert [each.outcome for each in receipt.outcomes] == [Outcome.STORED, Outcome.REJECTED]
    assert receipt.outcomes[1].reading_id == "bad"
    assert "/counters/0/value" in (receipt.outcomes[1].reason or "")


def test_garbage_instead_of_a_reading_is_rejected_by_its_place(documents: Documents) -> None:
    body = upload_body(reading("good"))
    body["readings"].append({"reading_id": 7, "identity": "toaster"})

    receipt = accept(documents, Upload.model_validate(body))

    assert receipt.outcomes[1].outcome is Outcome.REJECTED
    assert receipt.outcomes[1].reading_id == "readings/1"
    assert "/taken_at" in (receipt.outcomes[1].reason or "")


def test_a_number_that_no_store_can_hold_is_rejected_by_field(documents: Documents) -> None:
    body = upload_body(reading("good"), reading("bad", serial_number="X9", mac_address=None))
    body["readings"][1]["supplies"][0]["level"] = 10**40

    receipt = accept(documents, Upload.model_validate(body))

    assert [each.outcome for each in receipt.outcomes] == [Outcome.STORED, Outcome.REJECTED]
    assert "/supplies/0/level" in (receipt.outcomes[1].reason or "")


@pytest.mark.parametrize("taken_at", [NOW + timedelta(days=1, seconds=1), NOW - timedelta(days=35, seconds=1)])
def test_a_reading_from_an_impossible_time_is_rejected_by_name(fake: FakeDocuments, taken_at: datetime) -> None:
    receipt = accept(fake, upload(reading(taken_at=taken_at)))

    assert receipt.outcomes[0].outcome is Outcome.REJECTED
    assert "/taken_at" in (receipt.outcomes[0].reason or "")


def test_a_clock_that_is_ahead_is_flagged_and_holds_nothing_back(fake: FakeDocuments) -> None:
    receipt = accept(fake, upload(reading("ahead", taken_at=NOW + timedelta(hours=3))))
    assert state_of(fake, printer_of(receipt))["clock_skewed"] is True

    outcomes = send(fake, reading("right", taken_at=NOW + minutes(1)), seq=2, now=NOW + minutes(1))

    assert outcomes == [Outcome.STORED]
    assert state_of(fake, printer_of(receipt))["clock_skewed"] is False


def test_an_agent_whose_clock_is_off_is_noted(fake: FakeDocuments) -> None:
    accept(fake, upload(reading(), sent_at=NOW - minutes(12)))

    contact = fake.items[keys.agent_contact(AGENT)]
    assert contact["clock_skew_seconds"] == -720
    assert contact["agent_version"] == "0.1.0"


@pytest.mark.parametrize(("told", "noted"), [(-4_000, -4_000), (4_000, 4_000), (300, None), (0, None)])
def test_an_agent_that_corrects_its_clock_says_by_how_much(fake: FakeDocuments, told: int, noted: int | None) -> None:
    accept(fake, upload(reading()).model_copy(update={"clock_ahead_seconds": told}))

    assert fake.items[keys.agent_contact(AGENT)].get("clock_skew_seconds") == noted


def test_a_counter_that_went_back_opens_an_epoch(documents: Documents) -> None:
    receipt = accept(documents, upload(reading("r1", life_count=84_210)))
    rebooted = reading("r2", taken_at=NOW + minutes(1), life_count=12, uptime_ticks=100)

    send(documents, rebooted, seq=2)

    state = state_of(documents, printer_of(receipt))
    assert (state["counter_epoch"], state["counter_epoch_cause"], state["boot_epoch"]) == (1, "reset", 1)


def test_a_serial_number_that_appears_later_is_the_same_printer(documents: Documents) -> None:
    first = accept(documents, upload(reading("r1", serial_number=None)))

    second = accept(documents, upload(reading("r2", taken_at=NOW + minutes(1)), seq=2))

    assert printer_of(second) == printer_of(first)
    assert meta_of(documents, printer_of(first))["serial_number"] == "PHB1234567"
    audit = documents.page(keys.meta(TENANT, printer_of(first))[0], sk_prefix="AUDIT#").items
    assert [each["what"] for each in audit] == ["discovered", "identified"]


def test_a_printer_without_serial_number_for_once_is_known_by_its_mac(documents: Documents) -> None:
    first = accept(documents, upload(reading("r1")))

    second = accept(documents, upload(reading("r2", taken_at=NOW + minutes(1), serial_number=None), seq=2))

    assert printer_of(second) == printer_of(first)
    assert meta_of(documents, printer_of(first))["serial_number"] == "PHB1234567"


def test_two_printers_behind_one_mac_stay_two(documents: Documents) -> None:
    receipt = accept(documents, upload(reading("r1", serial_number="A1"), reading("r2", serial_number="B2")))

    assert printer_of(receipt, 0) != printer_of(receipt, 1)


def test_a_printer_with_neither_serial_nor_mac_is_listed_as_not_registered(documents: Documents) -> None:
    nameless = reading(serial_number="000000", mac_address=None)

    receipt = accept(documents, upload(nameless))
    again = accept(documents, upload(reading("r2", serial_number=None, mac_address=None), seq=2))

    assert meta_of(documents, printer_of(receipt))["registration"] == "failed"
    assert "serial_number" not in meta_of(documents, printer_of(receipt))
    assert printer_of(again) == printer_of(receipt)


def test_a_listed_printer_is_registered_when_its_serial_number_appears(documents: Documents) -> None:
    first = accept(documents, upload(reading("r1", serial_number=None, mac_address=None)))

    second = accept(documents, upload(reading("r2", taken_at=NOW + minutes(1)), seq=2))

    assert printer_of(second) == printer_of(first)
    assert meta_of(documents, printer_of(first))["registration"] == "registered"
    nameless = reading("r3", taken_at=NOW + minutes(2), serial_number=None, mac_address=None)
    assert send(documents, nameless, seq=3) == [Outcome.REJECTED]


def test_a_printer_that_did_not_say_who_it_is_this_time_is_rejected(fake: FakeDocuments) -> None:
    silent = reading(serial_number=None, mac_address=None, missing={"serial_number": MissingReason.NOT_ANSWERED})

    assert send(fake, silent) == [Outcome.REJECTED]
    assert fake.of_kind("META") == []


def test_the_address_may_change_and_the_printer_stays_the_same(documents: Documents) -> None:
    first = accept(documents, upload(reading("r1")))

    second = accept(documents, upload(reading("r2", taken_at=NOW + minutes(1), address="192.0.2.99"), seq=2))

    assert printer_of(second) == printer_of(first)
    assert meta_of(documents, printer_of(first))["address"] == "192.0.2.99"


def test_an_older_reading_fills_gaps_in_who_the_printer_is_and_overwrites_nothing(documents: Documents) -> None:
    receipt = accept(documents, upload(reading("new", address="192.0.2.99")))
    older = reading("old", taken_at=NOW - minutes(15), address="192.0.2.7")
    older = older.model_copy(update={"identity": older.identity.model_copy(update={"location": "Basement"})})

    send(documents, older, seq=2)

    meta = meta_of(documents, printer_of(receipt))
    assert (meta["address"], meta["location"]) == ("192.0.2.99", "Basement")


class Overtaken(FakeDocuments):
    """A store in which somebody else's upload arrives just before this one's writes."""

    def __init__(self, rival: Upload, *, before_write: int) -> None:
        super().__init__()
        self._rival: Upload | None = rival
        self._before_write = before_write

    def commit(self, items: Sequence[Item], *, gone: Sequence[Key] = ()) -> bool:
        if self._rival is not None and self.writes == self._before_write:
            rival, self._rival = self._rival, None
            accept(self, rival, agent_id=OTHER_AGENT)
        return super().commit(items, gone=gone)


@pytest.mark.parametrize("before_write", range(3))
def test_two_uploads_at_once_end_as_one_after_the_other(before_write: int) -> None:
    mine = upload(reading("mine", life_count=1_010, level=None))
    rival = upload(reading("rival", taken_at=NOW - minutes(1), life_count=1_000, level=70), seq=9)
    overtaken, in_turn = Overtaken(rival, before_write=before_write), FakeDocuments()
    accept(in_turn, rival, agent_id=OTHER_AGENT)
    accept(in_turn, mine)

    accept(overtaken, mine)

    assert len(overtaken.of_kind("META")) == 1
    names = "gsi1sk duesk quarters agent_id seen_by meta_digest"
    ignored = {"pk", "sk", "printer_id", "version", *names.split()}
    for mixed, ordered in (
        (overtaken.of_kind("STATE"), in_turn.of_kind("STATE")),
        (overtaken.seen_days(), in_turn.seen_days()),
    ):
        assert len(mixed) == len(ordered) == 1
        assert {k: v for k, v in mixed[0].items() if k not in ignored} == {
            k: v for k, v in ordered[0].items() if k not in ignored
        }


def test_an_upload_that_is_overtaken_again_and_again_asks_to_be_sent_again() -> None:
    class Contended(FakeDocuments):
        def save(self, item: Item) -> bool:
            return item["sk"] != "STATE" and super().save(item)

    with pytest.raises(Unavailable):
        accept(Contended(), upload(reading()))


def test_many_printers_in_one_batch_are_answered_in_the_order_sent(documents: Documents) -> None:
    sent = [
        reading(f"r{number}", serial_number=f"SN{number % 6}", mac_address=None, taken_at=NOW - minutes(number))
        for number in range(20)
    ]

    receipt = accept(documents, upload(*sent))

    assert [each.reading_id for each in receipt.outcomes] == [each.reading_id for each in sent]
    assert len({each.printer_id for each in receipt.outcomes}) == 6


def test_a_day_is_the_sites_day(fake: FakeDocuments) -> None:
    late_evening_utc = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)

    accept(fake, upload(reading(taken_at=late_evening_utc)), now=late_evening_utc, zone=ZoneInfo("Europe/Berlin"))

    assert [item["day"] for item in fake.of_kind("DAY#")] == ["2026-11-23"]


def test_whatever_write_fails_the_repeat_ends_as_if_none_had(fake: FakeDocuments) -> None:
    sent = upload(
        reading("a1", life_count=10),
        reading("a2", taken_at=NOW + minutes(1), life_count=12, covers=[], level=70),
        reading("b1", serial_number="OTHER", mac_address=None, supplies=[supply(-2)]),
    )
    accept(fake, sent)
    expected, writes = _essence(fake), fake.writes

    for survived in range(writes):
        crashed = FakeDocuments()
        crashed.fail_after = survived
        with pytest.raises(ConnectionError):
            accept(crashed, sent)
        crashed.fail_after = None
        outcomes = accept(crashed, sent).outcomes

        assert all(each.outcome is not Outcome.REJECTED for each in outcomes), survived
        assert _essence(crashed) == expected, survived


def _essence(documents: FakeDocuments) -> list[dict[str, Any]]:
    """Every item of a printer without the ids that are drawn anew."""
    kinds = ("STATE", "DAY#", "MEDIA", "META", "IDENT", "PRN#")
    drawn = {"pk", "sk", "version", "printer_id", "gsi1sk", "duesk"}
    items = [{name: item[name] for name in sorted(item) if name not in drawn} for item in documents.items.values()]
    shown = zip(documents.items, items, strict=True)
    return sorted(({"kind": key[1], **item} for key, item in shown if key[1].startswith(kinds)), key=_without_id)


def _without_id(item: dict[str, Any]) -> str:
    item["kind"] = item["kind"].split("#")[0]
    return repr(sorted(item.items()))
