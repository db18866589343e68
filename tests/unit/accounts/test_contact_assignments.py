"""Whom each printer's supplies are delivered to."""

from collections.abc import Iterator
from typing import Any

import pytest

from functions.accounts.contacts.repository import ContactRepository
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


def other_contact() -> str:
    wanted = new_contact(ROOT_ORGANIZATION) | {"first_name": "Grace", "last_name": "Hopper"}
    made: str = body_of(call(partner(), "POST", "/v1/contacts", wanted))["contact_id"]
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


def tag_of(answer: dict[str, Any]) -> dict[str, str]:
    """If-Match with the ETag of an answer."""
    return {"If-Match": answer["multiValueHeaders"]["ETag"][0]}


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_of_two_writers_that_saw_the_same_assignment_the_second_is_told(accounts: Table, method: str) -> None:
    path = f"/v1/contact-assignments/{PRINTER}"
    first, mine, theirs = contact_of(CHILD_ORGANIZATION), contact_of(ROOT_ORGANIZATION), other_contact()
    call(partner(), "PUT", path, {"contact_id": first})
    seen = tag_of(call(partner(), "GET", path))

    won = call(partner(), "PUT", path, {"contact_id": theirs}, headers=seen)
    lost = call(partner(), method, path, {"contact_id": mine} if method == "PUT" else None, headers=seen)
    present = call(partner(), "GET", path)
    again = call(partner(), method, path, {"contact_id": mine} if method == "PUT" else None, headers=tag_of(present))

    assert won["statusCode"] == 200
    assert (lost["statusCode"], body_of(lost)["code"]) == (412, "version_changed")
    assert body_of(present)["contact_id"] == theirs
    assert tag_of(present) == tag_of(won) != seen
    assert again["statusCode"] in {200, 204}


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_what_a_writer_saw_is_not_there_when_the_assignment_was_taken_away(accounts: Table, method: str) -> None:
    path, contact_id = f"/v1/contact-assignments/{PRINTER}", contact_of(CHILD_ORGANIZATION)
    seen = tag_of(call(partner(), "PUT", path, {"contact_id": contact_id}))
    call(partner(), "DELETE", path)

    for if_match in (seen, {"If-Match": "*"}):
        body = {"contact_id": contact_id} if method == "PUT" else None
        assert call(partner(), method, path, body, headers=if_match)["statusCode"] == 412
    assert call(partner(), "GET", path)["statusCode"] == 404


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_a_writer_that_is_overtaken_between_reading_and_writing_is_told_too(
    accounts: Table, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    path = f"/v1/contact-assignments/{PRINTER}"
    first, mine, theirs = contact_of(CHILD_ORGANIZATION), contact_of(ROOT_ORGANIZATION), other_contact()
    seen = tag_of(call(partner(), "PUT", path, {"contact_id": first}))
    name = "assign" if method == "PUT" else "unassign"
    write = getattr(ContactRepository, name)

    def overtaken(self: ContactRepository, *given: object, **more: object) -> object:
        monkeypatch.setattr(ContactRepository, name, write)
        call(partner(), "PUT", path, {"contact_id": theirs})
        return write(self, *given, **more)

    monkeypatch.setattr(ContactRepository, name, overtaken)
    body = {"contact_id": mine} if method == "PUT" else None

    assert call(partner(), method, path, body, headers=seen)["statusCode"] == 412
    assert body_of(call(partner(), "GET", path))["contact_id"] == theirs
