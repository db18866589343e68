"""Two printers under one serial number are never made one in silence; one printer that changed is not made two."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.ingest.identities.doubles import Doubt, Sight, doubt
from functions.ingest.table.ports import Documents
from tests.support.api_events import AGENT, CHILD_ORGANIZATION
from tests.support.ingest import NOW, FakeDocuments, reading
from tests.support.printer_lives import OTHER_AGENT, OTHER_ORGANIZATION, TENANT, Fleet

MINUTE = timedelta(minutes=1)
MAC, OTHER_MAC = "00:11:22:33:44:55", "00:11:22:33:44:99"


def sight(mac: str | None = MAC, pages: int | None = 1_000, *, minute: int = 0, model: str = "M507") -> Sight:
    return Sight(mac, model, f"192.0.2.{len(mac or '')}", pages, NOW + minute * MINUTE)


@pytest.mark.parametrize(
    ("seen", "reason"),
    [
        (sight(MAC, 5, minute=9, model="Another text"), None),
        (sight(OTHER_MAC, 1_010, minute=9), None),
        (sight(OTHER_MAC, None, minute=9), None),
        (sight(OTHER_MAC, 1_010, minute=9, model="M609"), Doubt.MODEL_DIFFERS),
        (sight(OTHER_MAC, 999, minute=9), Doubt.PAGES_WENT_BACK),
        (sight(OTHER_MAC, 50_000, minute=9), Doubt.PAGES_LEAPT),
        (sight(OTHER_MAC, 1_001, minute=-9), Doubt.PAGES_WENT_BACK),
        (sight(None, 7, minute=9, model="M609"), Doubt.MODEL_DIFFERS),
        (sight(None, 7, minute=60 * 48, model="M609"), None),
    ],
)
def test_pages_and_model_tell_a_double_from_a_new_network_card(seen: Sight, reason: Doubt | None) -> None:
    assert doubt(sight(), seen) is reason


@given(st.integers(0, 10_000), st.integers(0, 10_000), st.integers(-500, 500))
def test_a_doubt_is_the_same_from_both_sides(one: int, other: int, minute: int) -> None:
    first, second = sight(MAC, one), sight(OTHER_MAC, other, minute=minute or 1)

    assert doubt(first, second) is doubt(second, first)


def test_two_models_with_one_serial_number_are_two_printers_and_people_are_asked(documents: Documents) -> None:
    fleet = Fleet(documents)

    first = fleet.read(serial_number="DUP1")
    second = fleet.read(serial_number="DUP1", after=MINUTE, mac_address=OTHER_MAC, model="M609", address="192.0.2.8")

    assert first != second
    for minute in range(2, 8):
        assert fleet.read(serial_number="DUP1", after=minute * MINUTE) == first
        is_second: dict[str, Any] = {
            "mac_address": OTHER_MAC,
            "model": "M609",
            "address": "192.0.2.8",
            "life_count": 9_000,
        }
        assert fleet.read(serial_number="DUP1", after=minute * MINUTE, **is_second) == second
    for printer_id in (first, second):
        meta = fleet.meta(printer_id)
        assert (meta["identity_conflict"]["kind"], meta["serial_number"]) == ("duplicate_serial", "DUP1")
        assert fleet.story(printer_id).count("identity_conflict") == 1


def test_doubles_in_one_upload_are_told_apart_at_once() -> None:
    fleet = Fleet()
    one = reading("a", serial_number="DUP1", life_count=100)
    other = reading("b", serial_number="DUP1", life_count=70_000, mac_address=OTHER_MAC, taken_at=NOW + MINUTE)

    fleet.send(AGENT, one, other, now=NOW + MINUTE)

    assert isinstance(fleet.documents, FakeDocuments)
    assert sorted(item["mac_address"] for item in fleet.documents.of_kind("META")) == [MAC, OTHER_MAC]
    assert len(fleet.events("PrinterIdentityConflict")) == 2


def test_a_double_that_was_taken_for_the_printer_leaves_it_when_the_pages_go_back() -> None:
    fleet = Fleet()
    first = fleet.read(serial_number="DUP1", life_count=1_000)
    assert fleet.read(serial_number="DUP1", life_count=1_050, after=MINUTE, mac_address=OTHER_MAC) == first

    # When the pages of the first show that these are two
    assert fleet.read(serial_number="DUP1", life_count=1_001, after=2 * MINUTE) == first

    second = fleet.read(serial_number="DUP1", life_count=1_051, after=3 * MINUTE, mac_address=OTHER_MAC)
    assert second != first
    assert fleet.read(serial_number="DUP1", life_count=1_002, after=4 * MINUTE) == first


def test_a_double_that_another_agent_reads_leaves_the_printer_as_well() -> None:
    fleet = Fleet()
    first = fleet.read(AGENT, serial_number="DUP1", life_count=1_000)
    double: dict[str, Any] = {"serial_number": "DUP1", "mac_address": OTHER_MAC}
    assert fleet.read(OTHER_AGENT, life_count=1_050, after=MINUTE, **double) == first
    fleet.read(AGENT, serial_number="DUP1", life_count=1_001, after=2 * MINUTE)

    assert fleet.read(OTHER_AGENT, life_count=1_050, after=3 * MINUTE, **double) != first


def test_a_new_network_card_is_the_same_printer() -> None:
    fleet = Fleet()
    first = fleet.read(life_count=1_000)

    assert fleet.read(life_count=1_020, after=timedelta(hours=3), mac_address=OTHER_MAC) == first

    assert "identity_conflict" not in fleet.meta(first)
    assert fleet.meta(first)["mac_address"] == OTHER_MAC


def test_doubles_without_mac_addresses_are_kept_apart_by_where_they_are() -> None:
    fleet = Fleet()
    first = fleet.read(serial_number="DUP1", mac_address=None)
    other: dict[str, Any] = {"mac_address": None, "model": "M609", "address": "192.0.2.8"}

    second = fleet.read(serial_number="DUP1", after=MINUTE, **other)

    assert first != second
    assert fleet.read(serial_number="DUP1", after=2 * MINUTE, mac_address=None) == first
    assert fleet.read(serial_number="DUP1", after=3 * MINUTE, **other) == second


def test_a_serial_number_known_at_another_customer_is_another_printer_and_asked_about() -> None:
    fleet = Fleet()
    first = fleet.read(AGENT)

    second = fleet.send(OTHER_AGENT, reading("x"), now=NOW + MINUTE, organization_id=OTHER_ORGANIZATION)

    assert second != first
    assert fleet.meta(second)["identity_conflict"]["kind"] == "other_organization"
    assert "identity_conflict" not in fleet.meta(first)
    (event,) = fleet.events("PrinterIdentityConflict")
    assert (event["organization_id"], event["tenant_id"]) == (OTHER_ORGANIZATION, TENANT)
    assert first not in str(event)
    assert CHILD_ORGANIZATION not in str(event["data"])
