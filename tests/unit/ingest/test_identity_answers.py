"""What is asked about a printer is listed, and people answer it once."""

from datetime import timedelta

import pytest

from functions.ingest.lineages.answers import confirm_site_move, resolve_conflict
from functions.ingest.table import keys
from functions.ingest.table.ports import Documents
from shared.errors import Conflict, NotFound
from shared.names import GSI1
from tests.support.api_events import AGENT
from tests.support.ingest import NOW
from tests.support.printer_lives import KEY, OTHER_SITE, TENANT, THIRD_AGENT, Fleet

CONTACT = "ctc_01jd2x00000000000000000001"
LATER = timedelta(days=4)


def test_a_site_move_is_confirmed_only_with_the_contact_that_is_assigned(documents: Documents) -> None:
    fleet = Fleet(documents)
    printer_id = fleet.read(AGENT)
    fleet.read(THIRD_AGENT, after=LATER)
    meta = fleet.meta(printer_id)
    question_id = meta["site_move"]["question_id"]

    def confirm(named: str | None, assigned: str | None) -> None:
        confirm_site_move(
            documents,
            meta,
            question_id,
            delivery_contact_id=named,
            assigned_contact_id=assigned,
            key_id=KEY,
            now=NOW + LATER,
        )

    listed = documents.page(keys.questions_of_tenant(TENANT), index=GSI1).items
    assert [(item["kind"], item["question"]["to_site_id"]) for item in listed] == [("site_move", OTHER_SITE)]

    with pytest.raises(Conflict):
        confirm(None, CONTACT)
    for assigned in (None, "ctc_01jd2x00000000000000000009"):
        with pytest.raises(NotFound):
            confirm(CONTACT, assigned)
    confirm(CONTACT, CONTACT)

    assert "site_move" not in fleet.meta(printer_id)
    assert documents.page(keys.questions_of_tenant(TENANT), index=GSI1).items == []
    assert fleet.story(printer_id)[-1] == "site_move_confirmed"
    with pytest.raises(NotFound):
        confirm(CONTACT, CONTACT)


def test_a_printer_that_is_one_by_itself_is_no_longer_asked_about(documents: Documents) -> None:
    fleet = Fleet(documents)
    first = fleet.read(serial_number="DUP1", life_count=5_000)
    second = fleet.read(serial_number="DUP1", life_count=10, mac_address="00:11:22:33:44:99", after=LATER)
    meta = fleet.meta(second)

    question_id = meta["identity_conflict"]["question_id"]
    resolve_conflict(documents, meta, question_id, note="Two of them", key_id=KEY, now=NOW + LATER)

    assert "identity_conflict" not in fleet.meta(second)
    assert "identity_conflict" in fleet.meta(first)
    assert fleet.story(second)[-1] == "identity_conflict_resolved"
    assert fleet.read(serial_number="DUP1", life_count=11, mac_address="00:11:22:33:44:99", after=2 * LATER) == second
    assert "identity_conflict" not in fleet.meta(second)
