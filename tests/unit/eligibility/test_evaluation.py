"""Evaluating printers, on the real repositories."""

from shared.eligibility.statuses import EligibilityStatus
from tests.support.api_events import (
    CHILD_ORGANIZATION,
    FOREIGN_ORGANIZATION,
    ROOT_ORGANIZATION,
    body_of,
    foreign_partner,
    operator,
    partner,
)
from tests.support.eligibility import World, call, enrol, managed_by, printer_id, ready_to_enrol


def evaluate(**body: object) -> dict[str, object]:
    return {"organization_id": CHILD_ORGANIZATION, **body}


def test_a_selection_with_each_status_is_counted_and_told_printer_by_printer(world: World) -> None:
    managed_by(world, world.add_printer(1, contact=False))
    ready_to_enrol(world, partner())
    enrol(partner(), world.add_printer(2))
    world.add_printer(3, registration="failed")
    world.add_printer(4, model="CX900")
    world.add_printer(5, agent_version="0.0.9")
    world.add_printer(6, life_count=None)
    world.add_printer(7, life_count=250_001)
    world.add_printer(8, contact=False)
    world.add_printer(9, life_count=250_000)

    evaluation = body_of(call(partner(), "POST", "/v1/eligibility-evaluations", evaluate()))

    assert evaluation["counts"] == {status.value: 1 for status in EligibilityStatus}
    assert [one["status"] for one in evaluation["printers"]] == [status.value for status in EligibilityStatus]
    assert evaluation["printers"][0]["blockers"] == ["no_contact"]
    assert evaluation["printers"][6]["lifetime_count"] == 250_001
    assert evaluation["rule_version"] == "elg-1"

    everything = [*(printer_id(number) for number in range(1, 10)), world.add_printer(10)]
    made = body_of(enrol(partner(), *everything))
    accepted = [one["printer_id"] for one in made["printers"] if one["outcome"] == "accepted"]
    assert accepted == [printer_id(9), printer_id(10)]


def test_named_printers_are_evaluated_in_the_order_named_and_each_once(world: World) -> None:
    one, two = world.add_printer(1), world.add_printer(2)

    body = evaluate(printer_ids=[two, one, two])
    evaluation = body_of(
        call(operator(), "POST", "/v1/eligibility-evaluations", body | {"organization_id": ROOT_ORGANIZATION})
    )

    assert [printer["printer_id"] for printer in evaluation["printers"]] == [two, one]


def test_a_printer_elsewhere_is_answered_exactly_as_a_missing_one(world: World) -> None:
    above, missing = world.add_printer(1, organization_id=ROOT_ORGANIZATION), printer_id(2)

    elsewhere = call(partner(), "POST", "/v1/eligibility-evaluations", evaluate(printer_ids=[above]))
    absent = call(partner(), "POST", "/v1/eligibility-evaluations", evaluate(printer_ids=[missing]))

    assert elsewhere["statusCode"] == 404
    assert elsewhere["body"].replace(above, missing) == absent["body"]


def test_another_tenant_cannot_evaluate(world: World) -> None:
    world.add_organization(FOREIGN_ORGANIZATION, tenant_id=FOREIGN_ORGANIZATION)

    assert call(foreign_partner(), "POST", "/v1/eligibility-evaluations", evaluate())["statusCode"] == 404
