"""Many printers at once: counted at their contacts, handed over, and assigned to a contact that is being made."""

from typing import Any

import pytest

from functions.accounts.contacts import delivery
from functions.accounts.contacts.assignment_repository import AssignmentRepository
from functions.accounts.contacts.ports import Written
from shared.directory import keys
from tests.support.accounts import call, new_contact
from tests.support.api_events import CHILD_ORGANIZATION, ROOT_ORGANIZATION, body_of, partner
from tests.unit.accounts.conftest import Dealer

Json = dict[str, Any]


def made(last_name: str, organization_id: str = CHILD_ORGANIZATION) -> str:
    answer = call(partner(), "POST", "/v1/contacts", new_contact(organization_id, last_name=last_name))
    contact_id: str = body_of(answer)["contact_id"]
    return contact_id


def assign(contact_id: str, *printers: str) -> Json:
    body = {"contact_id": contact_id, "printer_ids": printers}
    answer: Json = body_of(call(partner(), "POST", "/v1/contact-assignments", body))
    return answer


def reassign(contact_id: str, to: str, cursor: str | None = None) -> Json:
    body = {"to_contact_id": to, "cursor": cursor}
    answer = call(partner(), "POST", f"/v1/contacts/{contact_id}/reassignments", body)
    assert answer["statusCode"] == 200, answer["body"]
    progress: Json = body_of(answer)
    return progress


def count(contact_id: str) -> int:
    printers: int = body_of(call(partner(), "GET", f"/v1/contacts/{contact_id}"))["assigned_printers"]
    return printers


def printers_of(contact_id: str) -> list[str]:
    page = body_of(call(partner(), "GET", "/v1/contact-assignments", query={"contact_id": contact_id, "limit": "200"}))
    return [each["printer_id"] for each in page["items"]]


def test_a_contact_counts_its_printers_however_they_come_and_go(dealer: Dealer) -> None:
    one, other = made("One"), made("Other")

    assign(one, *dealer.printers)
    assign(one, *dealer.printers)
    assign(other, *dealer.printers[:35], dealer.printers[0])
    call(partner(), "DELETE", f"/v1/contact-assignments/{dealer.printers[0]}")
    call(partner(), "PUT", f"/v1/contact-assignments/{dealer.printers[1]}", {"contact_id": one})

    assert (count(one), count(other)) == (6, 33)
    assert printers_of(other) == list(dealer.printers[2:35])


def test_the_printers_of_a_contact_are_handed_over_step_by_step(
    dealer: Dealer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "STEP", 15)
    one, other = made("One"), made("Other", ROOT_ORGANIZATION)
    assign(one, *dealer.printers)

    first = reassign(one, other)
    rest = reassign(one, other)
    last = reassign(one, other)

    assert [len(step["items"]) for step in (first, rest, last)] == [15, 15, 10]
    assert [step["remaining"] for step in (first, rest, last)] == [25, 10, 0]
    assert all(outcome["assigned"] for step in (first, rest, last) for outcome in step["items"])
    assert last["next_cursor"] is None
    assert (count(one), count(other), printers_of(one)) == (0, 40, [])


def test_a_cursor_goes_on_behind_a_printer_that_cannot_be_handed_over(
    dealer: Dealer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "STEP", 2)
    above, below = made("Above", ROOT_ORGANIZATION), made("Below")
    foreign = dict(dealer.accounts.client.get_item(TableName="fleet", Key=_meta(dealer.printers[0]))["Item"])
    foreign["organization_path"] = {"S": f"/{ROOT_ORGANIZATION}/"}
    dealer.accounts.client.put_item(TableName="fleet", Item=foreign)
    assign(above, *dealer.printers[:3])

    first = reassign(above, below)
    second = reassign(above, below, first["next_cursor"])

    assert [outcome["code"] for outcome in first["items"] + second["items"]] == ["contact_elsewhere", None, None]
    assert (second["remaining"], printers_of(above)) == (1, [dealer.printers[0]])


def _meta(printer: str) -> dict[str, Any]:
    return {"pk": {"S": keys.printer(ROOT_ORGANIZATION, printer)}, "sk": {"S": keys.PRINTER_META}}


def test_what_somebody_else_assigned_meanwhile_is_not_handed_over(
    dealer: Dealer, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other, third = made("One"), made("Other"), made("Third")
    assign(one, *dealer.printers[:3])
    keep = AssignmentRepository.assign
    late = [dealer.printers[1]]

    def meanwhile(kept: AssignmentRepository, wanted: Any, *, instead_of: str | None = None) -> Written:  # noqa: ANN401
        if late and instead_of:
            call(partner(), "PUT", f"/v1/contact-assignments/{late.pop()}", {"contact_id": third})
        return keep(kept, wanted, instead_of=instead_of)

    monkeypatch.setattr(AssignmentRepository, "assign", meanwhile)

    step = reassign(one, other)

    assert [outcome["code"] for outcome in step["items"]] == [None, "assignment_changed", None]
    assert (count(one), count(other), count(third)) == (0, 2, 1)


def test_nobody_is_handed_printers_over_that_are_his_already(dealer: Dealer) -> None:
    one = made("One")

    answer = call(partner(), "POST", f"/v1/contacts/{one}/reassignments", {"to_contact_id": one})

    assert (answer["statusCode"], body_of(answer)["code"]) == (422, "same_contact")


def test_an_archived_contact_is_not_assignable_but_keeps_its_printers(dealer: Dealer) -> None:
    one = made("One")
    assign(one, dealer.printers[0])
    call(partner(), "PUT", f"/v1/contacts/{one}/archived")

    answer = call(partner(), "PUT", f"/v1/contact-assignments/{dealer.printers[1]}", {"contact_id": one})
    (outcome,) = assign(one, dealer.printers[1])["items"]

    assert (answer["statusCode"], body_of(answer)["code"]) == (409, "contact_not_assignable")
    assert (outcome["assigned"], outcome["code"]) == (False, "contact_not_assignable")
    assert printers_of(one) == [dealer.printers[0]]


def test_a_contact_archived_while_it_is_being_assigned_gets_no_printer(
    dealer: Dealer, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = made("One")
    keep = AssignmentRepository.assign

    def meanwhile(kept: AssignmentRepository, wanted: Any, *, instead_of: str | None = None) -> Written:  # noqa: ANN401
        call(partner(), "PUT", f"/v1/contacts/{one}/archived")
        return keep(kept, wanted, instead_of=instead_of)

    monkeypatch.setattr(AssignmentRepository, "assign", meanwhile)

    answer = call(partner(), "PUT", f"/v1/contact-assignments/{dealer.printers[0]}", {"contact_id": one})

    assert (answer["statusCode"], printers_of(one), count(one)) == (409, [], 0)


def test_a_contact_is_made_and_assigned_in_one_call_that_tells_each_printers_outcome(dealer: Dealer) -> None:
    unknown = dealer.printers[0][:-4] + "9999"
    body = {"contact": new_contact(CHILD_ORGANIZATION), "printer_ids": [dealer.printers[0], unknown]}

    answer = call(partner(), "POST", "/v1/assigned-contacts", body)
    again = call(partner(), "POST", "/v1/assigned-contacts", body)

    made_one = body_of(answer)
    contact_id = made_one["contact"]["contact_id"]
    assert answer["statusCode"] == 201
    assert answer["multiValueHeaders"]["Location"] == [f"/v1/contacts/{contact_id}"]
    assert [(each["assigned"], each["code"]) for each in made_one["items"]] == [(True, None), (False, "not_found")]
    assert made_one["contact"]["assigned_printers"] == count(contact_id) == 1
    assert (again["statusCode"], body_of(again)["code"]) == (409, "contact_exists")
