"""Uploads end to end in the use case, on the fake store and on DynamoDB."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from functions.ingest.table import keys
from functions.ingest.table.ports import Documents
from shared.directory.views import PrinterDay, PrinterState, PrinterView, Registration
from shared.directory.week import day_in, week_of
from shared.wire.upload import Outcome, Upload
from tests.support.api_events import AGENT, CHILD_ORGANIZATION, SITE
from tests.support.ingest import NOW, FakeDocuments, minutes, reading, upload, upload_body
from tests.support.uploads import TENANT, accept, meta_of, printer_of, send, state_of


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
    day = stored_day(documents, printer_id, "2026-11-22")
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

    assert stored_day(documents, printer_of(receipt), "2026-11-20").last_counters == {"life_count": 900}


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

    assert [day["day"] for day in fake.seen_days()] == ["2026-11-23"]


@pytest.mark.parametrize("damage", ["reading_id", "boot_epoch"])
def test_a_printer_whose_state_is_damaged_does_not_keep_the_others_of_its_batch(
    fake: FakeDocuments, damage: str
) -> None:
    damaged = printer_of(accept(fake, upload(reading("r1", uptime_ticks=9_000), seq=1)))
    del fake.items[keys.state(TENANT, damaged)][damage]
    others = [reading(f"o{number}", serial_number=f"OTHER{number}", mac_address=None) for number in range(3)]

    with pytest.raises(KeyError):
        accept(
            fake,
            upload(reading("r2", uptime_ticks=10, taken_at=NOW + minutes(1)), *others, seq=2),
            now=NOW + minutes(1),
        )

    assert {"o0", "o1", "o2"} < {state.get("reading_id") for state in fake.of_kind("STATE")}


def stored_day(documents: Documents, printer_id: str, day: str) -> PrinterDay:
    key = keys.week(TENANT, printer_id, week_of(day))
    return PrinterDay.model_validate(day_in(documents.load([key])[key], day))
