"""Which printer an upload's readings are of, on the fake store and on DynamoDB."""

from functions.ingest.table import keys
from functions.ingest.table.ports import Documents
from shared.wire.reading import MissingReason
from shared.wire.upload import Outcome
from tests.support.ingest import NOW, FakeDocuments, minutes, reading, upload
from tests.support.uploads import TENANT, accept, meta_of, printer_of, send


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
