"""What the eligibility table's stream sets off."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest

from functions.eligibility import on_change
from functions.eligibility.enrolment.announcements import announcement
from functions.eligibility.enrolment.enrolling import confirm_enrolment
from functions.eligibility.table.models import EnrolmentFact
from functions.eligibility.wiring import sources
from shared.directory.views import ManagedStatus
from shared.eligibility.statuses import EligibilityStatus
from shared.events import BusEvent, EventName, parse
from shared.table import to_attributes
from tests.support.api_events import CHILD_ORGANIZATION, ROOT_ORGANIZATION, function_context, partner
from tests.support.eligibility import (
    MACHINE_NAME,
    NOW,
    World,
    eligibility_world,
    enrol,
    enrolment_input,
    printer_id,
    ready_to_enrol,
)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with eligibility_world(monkeypatch) as made:
        machine = json.dumps({"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}})
        role = "arn:aws:iam::123456789012:role/enrolment"
        boto3.client("stepfunctions").create_state_machine(name=MACHINE_NAME, definition=machine, roleArn=role)
        yield made


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> list[BusEvent]:
    events: list[BusEvent] = []
    monkeypatch.setattr(on_change, "publish", lambda batch, **_: events.extend(batch))
    return events


def record(old: dict[str, Any] | None, new: dict[str, Any] | None, number: int = 1) -> dict[str, Any]:
    images = {"OldImage": to_attributes(old) if old else None, "NewImage": to_attributes(new) if new else None}
    change = {name: image for name, image in images.items() if image is not None}
    return {
        "eventID": str(number),
        "eventName": "MODIFY",
        "eventSource": "aws:dynamodb",
        "dynamodb": {"SequenceNumber": str(number), **change},
    }


def handle(*records: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = on_change.lambda_handler({"Records": list(records)}, function_context())
    return answer


def items(world: World, prefix: str) -> list[dict[str, Any]]:
    partition = {"ENROLMENT#": "ENROLMENT", "PRN#": "MANAGED"}[prefix]
    return list(world.eligibility.query_all(f"TENANT#{ROOT_ORGANIZATION}#{partition}", sk_prefix=prefix))


def runs() -> list[str]:
    client = boto3.client("stepfunctions")
    (machine,) = client.list_state_machines()["stateMachines"]
    return [run["name"] for run in client.list_executions(stateMachineArn=machine["stateMachineArn"])["executions"]]


def test_a_new_request_starts_one_run_named_by_it_however_often_it_is_told(
    world: World, published: list[BusEvent]
) -> None:
    ready_to_enrol(world, partner())
    made = enrolment_input(enrol(partner(), world.add_printer(1)))
    (request,) = items(world, "ENROLMENT#")

    answers = [handle(record(None, request)), handle(record(None, request))]

    assert answers == [{"batchItemFailures": []}] * 2
    assert runs() == [made["enrolment_id"]]
    assert published == []


def test_a_request_that_is_complete_or_only_changed_starts_nothing(world: World) -> None:
    ready_to_enrol(world, partner())
    enrol(partner(), world.add_printer(1, contact=False))
    (complete,) = items(world, "ENROLMENT#")

    answer = handle(record(None, complete), record(complete, complete, 2))

    assert answer == {"batchItemFailures": []}
    assert runs() == []


def test_a_printer_that_became_managed_is_announced_once_for_its_change(
    world: World, published: list[BusEvent]
) -> None:
    ready_to_enrol(world, partner())
    made = enrol(partner(), world.add_printer(1))
    (pending,) = items(world, "PRN#")
    confirm_enrolment(sources(), **enrolment_input(made), now=NOW)
    (managed,) = items(world, "PRN#")

    handle(record(None, pending), record(pending, managed, 2), record(managed, managed, 3), record(managed, None, 4))

    (event,) = published
    assert event.name is EventName.PRINTER_ENROLLED
    assert event.subject_id == printer_id(1)
    assert event.organization_id == CHILD_ORGANIZATION
    assert event.data == {
        "enrolment_id": enrolment_input(made)["enrolment_id"],
        "model": "MX521",
        "serial_number": "SN0001",
    }


def test_a_record_that_cannot_be_handled_fails_alone(world: World, published: list[BusEvent]) -> None:
    ready_to_enrol(world, partner())
    enrol(partner(), world.add_printer(1))
    (request,) = items(world, "ENROLMENT#")
    broken = {"pk": request["pk"], "sk": "ENROLMENT#broken"}

    answer = handle(record(None, broken, 7), record(None, request, 8))

    assert answer == {"batchItemFailures": [{"itemIdentifier": "7"}]}
    assert len(runs()) == 1


def test_a_rule_for_enrolled_printers_matches_what_is_put_on_the_bus(world: World) -> None:
    bus, queues = boto3.client("events"), boto3.client("sqs")
    bus.create_event_bus(Name="platen")
    queue = queues.create_queue(QueueName="enrolled")["QueueUrl"]
    arn = queues.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    pattern = {"source": ["platen.eligibility"], "detail-type": ["PrinterEnrolled"]}
    bus.put_rule(Name="enrolled", EventBusName="platen", EventPattern=json.dumps(pattern))
    bus.put_targets(Rule="enrolled", EventBusName="platen", Targets=[{"Id": "queue", "Arn": arn}])
    ready_to_enrol(world, partner())
    made = enrol(partner(), world.add_printer(1))
    confirm_enrolment(sources(), **enrolment_input(made), now=NOW)
    (managed,) = items(world, "PRN#")

    handle(record(None, managed))

    (message,) = queues.receive_message(QueueUrl=queue)["Messages"]
    told = parse(json.loads(message["Body"])["detail"])
    assert (told.subject_id, told.tenant_id) == (printer_id(1), ROOT_ORGANIZATION)


def fact(status: ManagedStatus, enrolment: str = "enr_01jd2x00000000000000000001") -> EnrolmentFact:
    return EnrolmentFact(
        tenant_id=ROOT_ORGANIZATION,
        organization_id=CHILD_ORGANIZATION,
        organization_path=f"/{ROOT_ORGANIZATION}/{CHILD_ORGANIZATION}/",
        printer_id=printer_id(1),
        status=status,
        enrolment_id=enrolment,
        updated_at=datetime(2026, 11, 22, tzinfo=UTC),
        rejected_as=EligibilityStatus.LPC_EXCEEDED if status is ManagedStatus.UNMANAGED else None,
        blockers=[EligibilityStatus.NO_CONTACT] if status is ManagedStatus.UNMANAGED else [],
        rule_version="elg-1",
    )


def test_a_rejection_is_announced_with_its_reasons_under_an_id_that_stays_the_same() -> None:
    event = announcement(fact(ManagedStatus.PENDING), fact(ManagedStatus.UNMANAGED))
    again = announcement(None, fact(ManagedStatus.UNMANAGED))

    assert event is not None
    assert event == again
    assert event.name is EventName.ENROLMENT_REJECTED
    assert event.data["status"] == "lpc_exceeded"
    assert event.data["blockers"] == ["no_contact"]


def test_a_printer_that_became_pending_is_no_news() -> None:
    other = "enr_01jd2x00000000000000000002"

    assert announcement(None, fact(ManagedStatus.PENDING)) is None
    assert announcement(fact(ManagedStatus.UNMANAGED), fact(ManagedStatus.PENDING, other)) is None
