"""Whom each printer's supplies are delivered to."""

from collections.abc import Iterator

import pytest

from shared.directory.reader import AccountsDirectory
from shared.table import Table
from tests.support.accounts import accounts_tables, add_organization, add_printer, call, new_contact
from tests.support.api_events import (
    CHILD_ORGANIZATION,
    ROOT_ORGANIZATION,
    body_of,
    foreign_partner,
    partner,
)

SIBLING = "org_01jd2x00000000000000000003"
PRINTER, ELSEWHERE = "prn_01jd2x00000000000000000001", "prn_01jd2x00000000000000000002"


@pytest.fixture
def accounts(monkeypatch: pytest.MonkeyPatch) -> Iterator[Table]:
    with accounts_tables(monkeypatch) as (table, fleet):
        add_organization(table, ROOT_ORGANIZATION)
        for below in (CHILD_ORGANIZATION, SIBLING):
            add_organization(table, below, above=f"/{ROOT_ORGANIZATION}/")
        add_printer(fleet, PRINTER, CHILD_ORGANIZATION)
        add_printer(fleet, ELSEWHERE, SIBLING)
        yield table


def contact_of(organization_id: str) -> str:
    made: str = body_of(call(partner(), "POST", "/v1/contacts", new_contact(organization_id)))["contact_id"]
    return made


def test_an_assigned_contact_is_what_other_contexts_read(accounts: Table) -> None:
    contact_id = contact_of(CHILD_ORGANIZATION)

    answer = call(partner(), "PUT", f"/v1/contact-assignments/{PRINTER}", {"contact_id": contact_id})

    view = AccountsDirectory(accounts).delivery_contact(ROOT_ORGANIZATION, PRINTER)
    assert answer["statusCode"] == 200
    assert view is not None
    assert (view.contact_id, view.address.city) == (contact_id, "Berlin")
    assert body_of(call(partner(), "GET", f"/v1/contact-assignments/{PRINTER}")) == body_of(answer)


def test_the_last_assignment_replaces_the_one_before_and_can_be_taken_away_twice(accounts: Table) -> None:
    first, second = contact_of(CHILD_ORGANIZATION), contact_of(ROOT_ORGANIZATION)
    path = f"/v1/contact-assignments/{PRINTER}"

    call(partner(), "PUT", path, {"contact_id": first})
    replaced = body_of(call(partner(), "PUT", path, {"contact_id": second}))
    removed = [call(partner(), "DELETE", path)["statusCode"] for _ in range(2)]

    assert replaced["contact_id"] == second
    assert removed == [204, 204]
    assert call(partner(), "GET", path)["statusCode"] == 404


def test_a_contact_of_a_sibling_organisation_never_receives_a_printers_supplies(accounts: Table) -> None:
    body = {"contact_id": contact_of(SIBLING)}

    answer = call(partner(), "PUT", f"/v1/contact-assignments/{PRINTER}", body)

    assert answer["statusCode"] == 422
    assert body_of(answer)["code"] == "contact_elsewhere"
    assert AccountsDirectory(accounts).delivery_contact(ROOT_ORGANIZATION, PRINTER) is None


def test_a_printer_or_contact_out_of_sight_is_not_found(accounts: Table) -> None:
    mine, above = contact_of(CHILD_ORGANIZATION), contact_of(ROOT_ORGANIZATION)
    child = partner(CHILD_ORGANIZATION)

    foreign = call(foreign_partner(), "PUT", f"/v1/contact-assignments/{PRINTER}", {"contact_id": mine})
    sideways = call(child, "PUT", f"/v1/contact-assignments/{ELSEWHERE}", {"contact_id": mine})
    upwards = call(child, "PUT", f"/v1/contact-assignments/{PRINTER}", {"contact_id": above})
    unknown = call(child, "PUT", f"/v1/contact-assignments/{PRINTER[:-1]}7", {"contact_id": mine})

    assert [each["statusCode"] for each in (foreign, sideways, upwards, unknown)] == [404, 404, 404, 404]


def test_a_bulk_assignment_tells_each_printers_outcome_and_stops_at_none(accounts: Table) -> None:
    body = {"contact_id": contact_of(CHILD_ORGANIZATION), "printer_ids": [ELSEWHERE, PRINTER, f"{PRINTER[:-1]}7"]}

    answer = call(partner(), "POST", "/v1/contact-assignments", body)

    outcomes = [(one["printer_id"], one["assigned"], one["code"]) for one in body_of(answer)["items"]]
    assert outcomes == [
        (ELSEWHERE, False, "contact_elsewhere"),
        (PRINTER, True, None),
        (f"{PRINTER[:-1]}7", False, "not_found"),
    ]
    assert AccountsDirectory(accounts).printers_with_contact(ROOT_ORGANIZATION, [PRINTER, ELSEWHERE]) == {PRINTER}


def test_more_than_two_hundred_printers_at_once_are_refused(accounts: Table) -> None:
    ids = [f"prn_01jd2x0000000000000000{number:04d}" for number in range(201)]

    answer = call(partner(), "POST", "/v1/contact-assignments", {"contact_id": ids[0], "printer_ids": ids})

    assert answer["statusCode"] == 422
    assert body_of(answer)["errors"][0]["pointer"] == "/printer_ids"
