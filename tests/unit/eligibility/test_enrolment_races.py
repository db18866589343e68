"""Enrolments beside each other: what changes between looking and writing."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pytest

from functions.eligibility.enrolment.enrolling import confirm_enrolment
from functions.eligibility.enrolment.repository import FACTS_IN_TRANSACTION, EnrolmentRepository
from functions.eligibility.table.models import Enrolment, EnrolmentFact
from functions.eligibility.wiring import sources
from shared.directory.views import ManagedStatus
from shared.eligibility.statuses import EligibilityStatus
from shared.table import Table
from tests.support.api_events import ROOT_ORGANIZATION, body_of, partner
from tests.support.eligibility import NOW, World, call, enrol, fact_of, managed_by, ready_to_enrol

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef


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
    assert (last.status, last.rejected_as) == (ManagedStatus.UNMANAGED, EligibilityStatus.REGISTRATION_FAILED)
