"""Evaluating and enrolling printers, on the real repositories."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from botocore.model import OperationModel

from functions.eligibility import on_sweep
from functions.eligibility.enrolment import confirm_enrolment, restart_overdue
from functions.eligibility.enrolment_repository import FACTS_IN_TRANSACTION, EnrolmentRepository
from functions.eligibility.models import Enrolment, EnrolmentFact, EnrolmentState, Outcome
from functions.eligibility.statuses import Status
from functions.eligibility.wiring import sources
from shared.directory import keys
from shared.directory.reader import EligibilityDirectory
from shared.directory.views import ManagedStatus
from shared.table import Table
from tests.support.api_events import (
    CHILD_ORGANIZATION,
    FOREIGN_ORGANIZATION,
    ROOT_ORGANIZATION,
    body_of,
    foreign_partner,
    function_context,
    operator,
    partner,
)
from tests.support.eligibility import (
    NOW,
    World,
    call,
    eligibility_world,
    enrol,
    enrolment_input,
    printer_id,
    ready_to_enrol,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with eligibility_world(monkeypatch) as made:
        yield made


def evaluate(**body: object) -> dict[str, object]:
    return {"organization_id": CHILD_ORGANIZATION, **body}


def fact_of(world: World, printer: str) -> EnrolmentFact | None:
    return world.enrolments.facts(ROOT_ORGANIZATION, [printer]).get(printer)


def managed_by(world: World, printer: str, enrolment_id: str = "enr_01jd2x00000000000000000009") -> None:
    fact = EnrolmentFact(
        tenant_id=ROOT_ORGANIZATION,
        organization_id=CHILD_ORGANIZATION,
        organization_path=f"/{ROOT_ORGANIZATION}/{CHILD_ORGANIZATION}/",
        printer_id=printer,
        status=ManagedStatus.MANAGED,
        enrolment_id=enrolment_id,
        updated_at=NOW,
        rule_version="elg-1",
    )
    assert world.enrolments.settle(fact)


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

    assert evaluation["counts"] == {status.value: 1 for status in Status}
    assert [one["status"] for one in evaluation["printers"]] == [status.value for status in Status]
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


def test_a_printer_taken_between_looking_and_writing_is_refused_as_pending_and_the_others_proceed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready_to_enrol(world, partner())
    mine, contested = world.add_printer(1), world.add_printer(2)
    accept = type(world.enrolments).accept
    rivals: list[dict[str, object]] = []

    def rival_first(*given: object) -> bool:
        monkeypatch.setattr(type(world.enrolments), "accept", accept)
        rivals.append(enrol(partner(), contested))
        return accept(*given)  # type: ignore[arg-type] # what the use case gave

    monkeypatch.setattr(type(world.enrolments), "accept", rival_first)
    made = body_of(enrol(partner(), mine, contested))

    assert len(rivals) == 1
    assert [(one["outcome"], one["status"]) for one in made["printers"]] == [
        ("accepted", "eligible"),
        ("refused", "pending"),
    ]
    assert len(body_of(call(partner(), "GET", "/v1/enrolments"))["items"]) == 2


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


def test_confirmation_makes_what_is_still_eligible_managed_and_rejects_the_rest(world: World) -> None:
    ready_to_enrol(world, partner())
    good, spoilt = world.add_printer(1), world.add_printer(2)
    made = enrol(partner(), good, spoilt)
    world.add_printer(2, life_count=999_999)

    completed = confirm_enrolment(sources(), **enrolment_input(made), now=NOW)

    assert [(one.outcome, one.status) for one in completed.printers] == [
        (Outcome.MANAGED, Status.ELIGIBLE),
        (Outcome.REJECTED, Status.LPC_EXCEEDED),
    ]
    assert completed.state is EnrolmentState.COMPLETED
    directory = EligibilityDirectory(world.eligibility)
    assert directory.is_managed(ROOT_ORGANIZATION, good)
    assert not directory.is_managed(ROOT_ORGANIZATION, spoilt)
    assert list(world.enrolments.pending(NOW + timedelta(days=9_999))) == []


def test_confirming_again_changes_nothing_even_when_circumstances_did(world: World) -> None:
    ready_to_enrol(world, partner())
    printer = world.add_printer(1)
    made = enrol(partner(), printer)
    first = confirm_enrolment(sources(), **enrolment_input(made), now=NOW)
    world.add_printer(1, life_count=999_999)

    again = confirm_enrolment(sources(), **enrolment_input(made), now=NOW + timedelta(days=1))

    assert again == first
    assert EligibilityDirectory(world.eligibility).is_managed(ROOT_ORGANIZATION, printer)


def test_a_confirmation_that_broke_off_half_way_is_finished_by_the_next(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready_to_enrol(world, partner())
    good, spoilt = world.add_printer(1), world.add_printer(2)
    made = enrol(partner(), good, spoilt)
    world.add_printer(2, contact=False, registration="failed")
    with monkeypatch.context() as broken:
        broken.setattr(type(world.enrolments), "complete", _break)
        with pytest.raises(ConnectionError):
            confirm_enrolment(sources(), **enrolment_input(made), now=NOW)
    world.add_printer(2)

    completed = confirm_enrolment(sources(), **enrolment_input(made), now=NOW)

    assert [(one.outcome, one.status) for one in completed.printers] == [
        (Outcome.MANAGED, Status.ELIGIBLE),
        (Outcome.REJECTED, Status.REGISTRATION_FAILED),
    ]


def test_an_accepted_printer_whose_pending_mark_was_lost_is_settled_without_it(world: World) -> None:
    ready_to_enrol(world, partner())
    printer = world.add_printer(1)
    made = enrol(partner(), printer)
    assert fact_of(world, printer) is not None
    world.eligibility.delete(keys.enrolment_status(ROOT_ORGANIZATION), keys.managed_printer(printer))

    completed = confirm_enrolment(sources(), **enrolment_input(made), now=NOW)

    assert [one.outcome for one in completed.printers] == [Outcome.MANAGED]


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


def _break(*_: object) -> None:
    raise ConnectionError("the table went away")


def test_a_printer_that_changed_between_looking_and_writing_is_looked_at_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given two printers: one is taken by another request, and the other loses its registration at that moment
    ready_to_enrol(world, partner())
    taken, failing = world.add_printer(1), world.add_printer(2)
    accept = EnrolmentRepository.accept
    times = []

    def accept_late(self: EnrolmentRepository, enrolment: Enrolment, facts: Sequence[EnrolmentFact]) -> bool:
        times.append(len(facts))
        if len(times) == 1:
            managed_by(world, taken)
            world.add_printer(2, registration="failed")
        return accept(self, enrolment, facts)

    monkeypatch.setattr(EnrolmentRepository, "accept", accept_late)

    made = body_of(enrol(partner(), taken, failing))

    assert times == [2, 0]
    assert [one["status"] for one in made["printers"]] == ["already_managed", "registration_failed"]


def test_a_mark_that_comes_after_the_decision_does_not_undo_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    # Given a request of one printer more than a transaction takes, decided before its last mark is written
    ready_to_enrol(world, partner())
    printers = [world.add_printer(number) for number in range(1, FACTS_IN_TRANSACTION + 2)]
    transact = Table.transact

    def decided_at_once(self: Table, *writes: "TransactWriteItemTypeDef") -> list[str] | None:
        refusals = transact(self, *writes)
        (request,) = world.enrolments.enrolments(ROOT_ORGANIZATION, limit=5, cursor=None)[0]
        world.add_printer(FACTS_IN_TRANSACTION + 1, registration="failed")
        confirm_enrolment(sources(), ROOT_ORGANIZATION, request.enrolment_id, NOW)
        return refusals

    monkeypatch.setattr(Table, "transact", decided_at_once)

    enrol(partner(), *printers)

    last = fact_of(world, printers[-1])
    assert last is not None
    assert (last.status, last.rejected_as) == (ManagedStatus.UNMANAGED, Status.REGISTRATION_FAILED)


def test_what_cannot_be_undone_is_decided_on_what_was_last_written(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given a store that answers reads with an older state unless asked for the last
    ready_to_enrol(world, partner())
    made = enrolment_input(enrol(partner(), world.add_printer(1)))
    asked: list[tuple[str, bool]] = []

    def note(params: dict[str, Any], model: OperationModel, **_: object) -> None:
        if model.name == "Query":
            asked.append((params["TableName"], params.get("ConsistentRead", False)))
        if model.name == "BatchGetItem":
            asked.extend((name, wanted.get("ConsistentRead", False)) for name, wanted in params["RequestItems"].items())

    world.eligibility.client.meta.events.register("before-parameter-build.dynamodb", note)

    confirm_enrolment(sources(), made["tenant_id"], made["enrolment_id"], NOW)

    assert {name for name, _ in asked} == {"accounts", "eligibility", "fleet"}
    assert [name for name, is_last in asked if not is_last] == []
