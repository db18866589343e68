"""Confirming enrolments, on the real repositories: what is decided, once, whatever breaks off."""

from datetime import timedelta
from typing import Any

import pytest
from botocore.model import OperationModel

from functions.eligibility.enrolment.enrolling import confirm_enrolment
from functions.eligibility.table.models import EnrolmentState, Outcome
from functions.eligibility.wiring import sources
from shared.directory import keys
from shared.directory.reader import EligibilityDirectory
from shared.eligibility.statuses import EligibilityStatus
from tests.support.api_events import ROOT_ORGANIZATION, partner
from tests.support.eligibility import NOW, World, enrol, enrolment_input, fact_of, ready_to_enrol


def test_confirmation_makes_what_is_still_eligible_managed_and_rejects_the_rest(world: World) -> None:
    ready_to_enrol(world, partner())
    good, spoilt = world.add_printer(1), world.add_printer(2)
    made = enrol(partner(), good, spoilt)
    world.add_printer(2, life_count=999_999)

    completed = confirm_enrolment(sources(), **enrolment_input(made), now=NOW)

    assert [(one.outcome, one.status) for one in completed.printers] == [
        (Outcome.MANAGED, EligibilityStatus.ELIGIBLE),
        (Outcome.REJECTED, EligibilityStatus.LPC_EXCEEDED),
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
        (Outcome.MANAGED, EligibilityStatus.ELIGIBLE),
        (Outcome.REJECTED, EligibilityStatus.REGISTRATION_FAILED),
    ]


def test_an_accepted_printer_whose_pending_mark_was_lost_is_settled_without_it(world: World) -> None:
    ready_to_enrol(world, partner())
    printer = world.add_printer(1)
    made = enrol(partner(), printer)
    assert fact_of(world, printer) is not None
    world.eligibility.delete(keys.enrolment_status(ROOT_ORGANIZATION), keys.managed_printer(printer))

    completed = confirm_enrolment(sources(), **enrolment_input(made), now=NOW)

    assert [one.outcome for one in completed.printers] == [Outcome.MANAGED]


def _break(*_: object) -> None:
    raise ConnectionError("the table went away")


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
