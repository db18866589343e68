"""The `enrolment` definition on an ASL interpreter, with the real task: every branch and how it ends."""

import json
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import boto3
import pytest

from functions.eligibility.enrolment.workflow import EnrolmentWorkflow
from functions.eligibility.tasks import confirm_enrolment
from shared import aws
from shared.directory.reader import EligibilityDirectory
from shared.errors import Unavailable
from tests.support.api_events import ROOT_ORGANIZATION, function_context, partner
from tests.support.eligibility import (
    MACHINE_NAME,
    World,
    eligibility_world,
    enrol,
    enrolment_input,
    ready_to_enrol,
)

DEFINITION: Final = Path(__file__).parents[2] / "infra" / "state_machines" / "enrolment.asl.json"
TASK_ARN: Final = "arn:aws:lambda:us-east-1:123456789012:function:ConfirmEnrolment"
PATIENCE_SECONDS: Final = 20.0


class Task:
    """The real task in the place of moto's Lambda; ``faults`` are raised before it is asked."""

    def __init__(self) -> None:
        self.faults: list[Exception] = []
        self.answer: dict[str, Any] | None = None
        self.calls = 0

    def invoke(self, _function: str, _qualifier: str, body: Any, _headers: object, answer: Any) -> bytes:  # noqa: ANN401 - moto's own types
        """What AWS's runtime answers for our handler."""
        self.calls += 1
        try:
            return json.dumps(self._answer(json.loads(body))).encode()
        except Exception as error:  # noqa: BLE001 - the runtime reports every error by its class
            answer["x-amz-function-error"] = "Unhandled"
            return json.dumps({"errorType": type(error).__name__, "errorMessage": str(error)}).encode()

    def _answer(self, event: dict[str, Any]) -> dict[str, Any]:
        if self.faults:
            raise self.faults.pop(0)
        if self.answer:
            return self.answer
        answer: dict[str, Any] = confirm_enrolment.lambda_handler(event, function_context())
        return answer


@pytest.fixture
def task(monkeypatch: pytest.MonkeyPatch) -> Task:
    made = Task()
    monkeypatch.setattr(
        "moto.awslambda_simple.models.LambdaSimpleBackend.invoke", lambda _backend, *given: made.invoke(*given)
    )
    return made


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with eligibility_world(monkeypatch, runs_workflows=True) as made:
        ready_to_enrol(made, partner())
        yield made


def run(answer: Mapping[str, Any]) -> tuple[str, list[str]]:
    """How the workflow of a request ends, and the states it entered."""
    definition = json.loads(DEFINITION.read_text().replace("${ConfirmEnrolmentFunctionArn}", TASK_ARN))
    for retry in definition["States"]["ConfirmEnrolment"]["Retry"]:
        retry |= {"IntervalSeconds": 1, "BackoffRate": 1.0}
    client = boto3.client("stepfunctions")
    machine = client.create_state_machine(
        name=MACHINE_NAME, definition=json.dumps(definition), roleArn="arn:aws:iam::123456789012:role/enrolment"
    )["stateMachineArn"]
    started = enrolment_input(answer)
    assert EnrolmentWorkflow(machine, aws.stepfunctions()).start(started["enrolment_id"], **started)
    execution = machine.replace(":stateMachine:", ":execution:") + f":{started['enrolment_id']}"
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (status := client.describe_execution(executionArn=execution)["status"]) == "RUNNING":
        assert time.monotonic() < deadline, "the execution never ended"
        time.sleep(0.05)
    history = client.get_execution_history(executionArn=execution)["events"]
    entered = [event["stateEnteredEventDetails"]["name"] for event in history if "stateEnteredEventDetails" in event]
    return status, entered


def test_eligible_printers_end_enrolled_and_managed(world: World, task: Task) -> None:
    printer = world.add_printer(1)

    ended = run(enrol(partner(), printer))

    assert ended == ("SUCCEEDED", ["ConfirmEnrolment", "ChooseOutcome", "Enrolled"])
    assert EligibilityDirectory(world.eligibility).is_managed(ROOT_ORGANIZATION, printer)


def test_printers_that_are_no_longer_eligible_end_rejected(world: World, task: Task) -> None:
    printer = world.add_printer(1)
    answer = enrol(partner(), printer)
    world.add_printer(1, registration="failed")

    ended = run(answer)

    assert ended == ("SUCCEEDED", ["ConfirmEnrolment", "ChooseOutcome", "Rejected"])
    assert not EligibilityDirectory(world.eligibility).is_managed(ROOT_ORGANIZATION, printer)


def test_a_passing_fault_is_tried_again(world: World, task: Task) -> None:
    task.faults = [Unavailable("table_busy", "try again"), ConnectionError("reset")]
    printer = world.add_printer(1)

    status, entered = run(enrol(partner(), printer))

    assert (status, entered[-1], task.calls) == ("SUCCEEDED", "Enrolled", 3)


def test_a_lasting_fault_fails_the_run_and_leaves_the_request_pending_for_the_sweep(world: World, task: Task) -> None:
    task.faults = [Unavailable("table_busy", "try again") for _ in range(5)]
    answer = enrol(partner(), world.add_printer(1))

    status, _ = run(answer)

    request = world.enrolments.enrolment(**enrolment_input(answer))
    assert (status, task.calls) == ("FAILED", 5)
    assert request is not None
    assert request.state.value == "pending"


def test_a_request_that_is_not_there_is_not_asked_for_again(world: World, task: Task) -> None:
    answer = enrol(partner(), world.add_printer(1))
    missing = json.loads(answer["body"])
    missing["enrolment_id"] = "enr_01jd2x00000000000000000007"

    status, _ = run({"body": json.dumps(missing)})

    assert (status, task.calls) == ("FAILED", 1)


def test_an_outcome_nobody_knows_fails_the_run(world: World, task: Task) -> None:
    task.answer = {"outcome": "perhaps", "managed": 0, "rejected": 0}

    status, entered = run(enrol(partner(), world.add_printer(1)))

    assert (status, entered[-1]) == ("FAILED", "UnknownOutcome")
