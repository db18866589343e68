"""Enrolling printers, on the real repositories."""

from datetime import timedelta

from functions.eligibility import on_sweep
from functions.eligibility.enrolment.enrolling import confirm_enrolment, restart_overdue
from functions.eligibility.enrolment.repository import FACTS_IN_TRANSACTION
from functions.eligibility.table.models import Outcome
from functions.eligibility.wiring import sources
from shared.directory.views import ManagedStatus
from tests.support.api_events import (
    CHILD_ORGANIZATION,
    ROOT_ORGANIZATION,
    body_of,
    foreign_partner,
    function_context,
    partner,
)
from tests.support.eligibility import NOW, World, call, enrol, enrolment_input, fact_of, printer_id, ready_to_enrol


def test_without_entitlement_the_whole_request_is_refused(world: World) -> None:
    answer = enrol(partner(), world.add_printer(1))

    assert answer["statusCode"] == 403
    assert body_of(answer)["code"] == "org_not_entitled"
    assert fact_of(world, printer_id(1)) is None


def test_an_entitlement_whose_parent_lost_its_own_enrols_no_more(world: World) -> None:
    world.entitle(CHILD_ORGANIZATION, f"/{ROOT_ORGANIZATION}/{CHILD_ORGANIZATION}/")

    assert body_of(enrol(partner(), world.add_printer(1)))["code"] == "org_not_entitled"


def test_a_parent_cannot_enrol_printers_of_a_child_that_is_not_entitled(world: World) -> None:
    world.entitle(ROOT_ORGANIZATION, f"/{ROOT_ORGANIZATION}/")
    accepted = {"organization_id": ROOT_ORGANIZATION, "terms_version": "1.0"}
    call(partner(), "POST", "/v1/terms-acceptances", accepted)

    answer = enrol(partner(), world.add_printer(1), organization_id=ROOT_ORGANIZATION)

    assert body_of(answer)["code"] == "org_not_entitled"
    assert CHILD_ORGANIZATION in body_of(answer)["detail"]


def test_without_acceptance_the_refusal_names_the_terms_version(world: World) -> None:
    world.entitle(ROOT_ORGANIZATION, f"/{ROOT_ORGANIZATION}/")
    world.entitle(CHILD_ORGANIZATION, f"/{ROOT_ORGANIZATION}/{CHILD_ORGANIZATION}/")

    answer = enrol(partner(), world.add_printer(1))

    assert answer["statusCode"] == 409
    assert body_of(answer)["code"] == "terms_not_accepted"
    assert "'1.0'" in body_of(answer)["detail"]


def test_eligible_printers_are_accepted_and_the_others_refused_with_their_reasons(world: World) -> None:
    ready_to_enrol(world, partner())
    good, bad = world.add_printer(1), world.add_printer(2, life_count=None, contact=False)

    answer = enrol(partner(), good, bad)

    made = body_of(answer)
    assert answer["statusCode"] == 201
    assert [(one["printer_id"], one["outcome"], one["status"], one["blockers"]) for one in made["printers"]] == [
        (good, "accepted", "eligible", []),
        (bad, "refused", "lpc_missing", ["no_contact"]),
    ]
    assert made["state"] == "pending"
    fact = fact_of(world, good)
    assert fact is not None
    assert fact.status is ManagedStatus.PENDING
    assert fact_of(world, bad) is None
    assert body_of(call(partner(), "GET", f"/v1/enrolments/{made['enrolment_id']}")) == made


def test_a_request_without_any_eligible_printer_is_complete_at_once(world: World) -> None:
    ready_to_enrol(world, partner())

    made = body_of(enrol(partner(), world.add_printer(1, contact=False)))

    assert made["state"] == "completed"
    assert list(world.enrolments.pending(NOW + timedelta(days=9_999))) == []


def test_a_hundred_printers_are_accepted_together_and_a_hundred_and_one_refused(world: World) -> None:
    ready_to_enrol(world, partner())
    printers = [world.add_printer(number) for number in range(101)]

    made = enrol(partner(), *printers[:100])

    pending = world.enrolments.facts(ROOT_ORGANIZATION, printers)
    assert len(pending) == 100 > FACTS_IN_TRANSACTION
    assert {fact.status for fact in pending.values()} == {ManagedStatus.PENDING}
    assert enrol(partner(), *printers)["statusCode"] == 422
    completed = confirm_enrolment(sources(), **enrolment_input(made), now=NOW)
    assert {printer.outcome for printer in completed.printers} == {Outcome.MANAGED}


def test_a_rejected_printer_can_be_asked_for_again(world: World) -> None:
    ready_to_enrol(world, partner())
    printer = world.add_printer(1)
    first = enrol(partner(), printer)
    world.add_printer(1, agent_version="0.0.1")
    confirm_enrolment(sources(), **enrolment_input(first), now=NOW)
    world.add_printer(1)

    second = enrol(partner(), printer)
    completed = confirm_enrolment(sources(), **enrolment_input(second), now=NOW)

    assert [one.outcome for one in completed.printers] == [Outcome.MANAGED]


def test_a_managed_printer_is_never_enrolled_twice(world: World) -> None:
    ready_to_enrol(world, partner())
    printer = world.add_printer(1)
    confirm_enrolment(sources(), **enrolment_input(enrol(partner(), printer)), now=NOW)

    again = body_of(enrol(partner(), printer))

    assert [(one["outcome"], one["status"]) for one in again["printers"]] == [("refused", "already_managed")]


def test_a_partner_has_no_way_back(world: World) -> None:
    ready_to_enrol(world, partner())
    made = body_of(enrol(partner(), world.add_printer(1)))

    assert call(partner(), "DELETE", f"/v1/enrolments/{made['enrolment_id']}")["statusCode"] == 404


def test_a_child_sees_its_own_requests_and_a_foreigner_none(world: World) -> None:
    ready_to_enrol(world, partner())
    made = body_of(enrol(partner(), world.add_printer(1)))
    path = f"/v1/enrolments/{made['enrolment_id']}"

    assert call(partner(CHILD_ORGANIZATION), "GET", path)["statusCode"] == 200
    assert call(partner("org_01jd2x00000000000000000004"), "GET", path)["statusCode"] == 404
    assert call(foreign_partner(), "GET", path)["statusCode"] == 404
    assert body_of(call(partner("org_01jd2x00000000000000000004"), "GET", "/v1/enrolments"))["items"] == []


class Runs:
    """Workflow runs that are remembered; the names in ``ended`` cannot be started again."""

    def __init__(self, *ended: str) -> None:
        self.ended = ended
        self.started: list[str] = []

    def start(self, name: str, tenant_id: str, enrolment_id: str) -> bool:
        if name in self.ended:
            return False
        self.started.append(name)
        assert tenant_id == ROOT_ORGANIZATION
        assert name.startswith(enrolment_id)
        return True


def test_the_sweep_starts_what_is_overdue_under_the_requests_own_name_and_else_once_a_day(world: World) -> None:
    ready_to_enrol(world, partner())
    made = body_of(enrol(partner(), world.add_printer(1)))["enrolment_id"]
    later = NOW + timedelta(days=9_999)
    fresh, broken = Runs(), Runs(made)

    counts = [restart_overdue(world.enrolments, runs, later) for runs in (fresh, broken)]

    assert counts == [1, 1]
    assert fresh.started == [made]
    assert broken.started == [f"{made}-{later:%Y%m%d}"]


def test_the_sweep_leaves_a_request_alone_that_was_made_just_now(world: World) -> None:
    ready_to_enrol(world, partner())
    enrol(partner(), world.add_printer(1))

    assert on_sweep.lambda_handler({}, function_context()) == {"overdue": 0}
