"""Each patch of ``local.adapter``, proved on a tiny template in the patched emulator.

The strict xfails at the end are gaps that remain: when an upgrade closes one, its test fails here
and the gap can be struck from the documentation.
"""

import http.client
import json
import ssl
import threading
import time
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from local.adapter.version import PINNED_VERSION, WrongEmulatorError, require_pinned_version
from local.stack import LocalStack, StackError
from tests.support.local_processes import eventually, processes_of
from tests.support.stopwatch import Stopwatch
from tests.support.tiny_app import write_assembly
from tests.support.tiny_template import SLOW_SECONDS

pytestmark = pytest.mark.emulator


def remaining_gap(what: str, raises: type[BaseException] = AssertionError) -> pytest.MarkDecorator:
    return pytest.mark.xfail(strict=True, reason=what, raises=raises)


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    folder = tmp_path_factory.mktemp("adapter")
    work_dir = folder / "work"
    with LocalStack(work_dir, assembly=write_assembly(folder / "cdk.out")) as local_stack:
        yield local_stack
        assert processes_of(work_dir)
    assert eventually(lambda: not processes_of(work_dir))


def run_machine(stack: LocalStack, output: str, data: dict[str, str]) -> dict[str, Any]:
    machines = stack.client("stepfunctions")
    arn = machines.start_execution(
        stateMachineArn=stack.outputs[output], name=f"run-{time.time_ns()}", input=json.dumps(data)
    )["executionArn"]

    def ended() -> bool:
        return bool(machines.describe_execution(executionArn=arn)["status"] != "RUNNING")

    assert eventually(ended)
    return dict(machines.describe_execution(executionArn=arn))


def get(stack: LocalStack, url: str, headers: dict[str, str]) -> tuple[int, str]:
    host, path = url.removeprefix("https://").split("/", 1)
    context = ssl.create_default_context(cafile=str(stack.ca_file))
    connection = http.client.HTTPSConnection(host, timeout=30, context=context)
    connection.request("GET", f"/{path}", headers=headers)
    response = connection.getresponse()
    status, body = response.status, response.read().decode()
    connection.close()
    return status, body


def look(stack: LocalStack, *modules: str) -> dict[str, Any]:
    found: dict[str, Any] = stack.invoke("WorkerName", {"do": "look", "modules": list(modules)})
    return found


def test_another_emulator_version_is_refused_with_what_to_do() -> None:
    require_pinned_version(PINNED_VERSION)

    with pytest.raises(WrongEmulatorError, match=r"exactly, found 9\.9\.9.*pip install"):
        require_pinned_version("9.9.9")


def test_an_exception_keeps_its_class_and_its_environment(stack: LocalStack) -> None:
    before = look(stack)["pid"]

    with pytest.raises(StackError, match="RefusedError: no"):
        stack.invoke("WorkerName", {"do": "raise"})

    assert look(stack)["pid"] == before


def test_a_state_machine_catches_by_error_class(stack: LocalStack) -> None:
    execution = run_machine(stack, "CatchMachineArn", {})

    assert execution["status"] == "SUCCEEDED"
    assert json.loads(execution["output"])["Error"] == "RefusedError"


def test_a_function_sees_its_code_and_the_runtime_but_nothing_of_this_machine(
    stack: LocalStack,
) -> None:
    found = look(stack, "worker", "boto3", "awslambdaric", "ministack", "pytest", "tiny_layer")

    # The layer belongs to the other function only.
    assert [name for name, there in found["modules"].items() if there] == [
        "worker",
        "boto3",
        "awslambdaric",
    ]
    assert not {"HOME", "AUTH", "GATEWAY_PORT", "TMPDIR"} & set(found["environment"])
    assert {"LAMBDA_TASK_ROOT", "AWS_LAMBDA_FUNCTION_NAME"} <= set(found["environment"])


def test_a_function_has_its_context(stack: LocalStack) -> None:
    found = look(stack)

    assert 0 < found["deadline"] <= 10_000
    assert found["arn"].endswith(f":function:{stack.outputs['WorkerName']}")


def test_a_warm_call_is_not_delayed_by_small_writes(stack: LocalStack) -> None:
    look(stack)

    times = []
    for _ in range(30):
        begin = time.perf_counter()
        look(stack)
        times.append(time.perf_counter() - begin)

    # Unpatched, no call is under 0.09 s; the best of many says it without a quiet machine.
    assert min(times) < 0.08


def test_a_burst_makes_no_more_than_four_environments(stack: LocalStack) -> None:
    pids: list[int] = []

    def call() -> None:
        pids.append(stack.invoke("WorkerName", {"do": "sleep", "seconds": 0.3}))

    threads = [threading.Thread(target=call) for _ in range(9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)

    assert len(pids) == 9
    assert 1 < len(set(pids)) <= 4


def test_a_role_that_may_send_may_send_a_batch(stack: LocalStack) -> None:
    assert stack.invoke("WorkerName", {"do": "send_batch", "body": "fine"}) == 1


def test_a_role_is_denied_what_it_was_not_granted(stack: LocalStack) -> None:
    with pytest.raises(StackError, match="AccessDenied"):
        stack.invoke("WorkerName", {"do": "purge"})


def test_a_task_token_stored_by_the_machine_is_answered_by_a_function_granted_that_machine(
    stack: LocalStack,
) -> None:
    machines, table = stack.client("stepfunctions"), stack.client("dynamodb")
    arn = machines.start_execution(
        stateMachineArn=stack.outputs["WaitMachineArn"], name="waiting", input='{"id": "order-1"}'
    )["executionArn"]
    order = {"TableName": stack.outputs["TableName"], "Key": {"pk": {"S": "order-1"}}}
    assert eventually(lambda: "Item" in table.get_item(**order))

    token = table.get_item(**order)["Item"]["task_token"]["S"]
    stack.invoke("WorkerName", {"do": "succeed", "token": token})

    assert eventually(lambda: machines.describe_execution(executionArn=arn)["status"] != "RUNNING")
    execution = machines.describe_execution(executionArn=arn)
    assert (execution["status"], execution["output"]) == ("SUCCEEDED", '{"answer": 42}')


def test_an_unknown_task_token_is_denied_to_a_function_granted_one_machine(
    stack: LocalStack,
) -> None:
    with pytest.raises(StackError, match="AccessDenied"):
        stack.invoke("WorkerName", {"do": "succeed", "token": "made-up"})


def test_a_stream_record_reaches_its_function(stack: LocalStack) -> None:
    table = stack.client("dynamodb")
    name = stack.outputs["TableName"]

    table.put_item(TableName=name, Item={"pk": {"S": "watched-1"}})

    seen = {"TableName": name, "Key": {"pk": {"S": "seen-watched-1"}}}
    assert eventually(lambda: "Item" in table.get_item(**seen))


def test_only_the_alarm_of_the_dead_letter_queue_that_fills_is_raised(stack: LocalStack) -> None:
    queues, alarms = stack.client("sqs"), stack.client("cloudwatch")

    def state() -> str:
        names = [stack.outputs["AlarmName"]]
        return str(alarms.describe_alarms(AlarmNames=names)["MetricAlarms"][0]["StateValue"])

    queues.send_message(QueueUrl=stack.outputs["OtherUrl"], MessageBody="another queue's message")
    assert state() == "OK"

    queues.send_message(QueueUrl=stack.outputs["QueueUrl"], MessageBody="poison")
    assert eventually(lambda: state() == "ALARM", seconds=15)

    queues.purge_queue(QueueUrl=stack.outputs["DeadLetterUrl"])
    assert eventually(lambda: state() == "OK")


@pytest.mark.parametrize("api", ["Agent", "Partner"])
def test_an_api_asks_its_authorizer_which_sees_its_layer(stack: LocalStack, api: str) -> None:
    url = stack.api_url("Agent" if api == "Agent" else "Partner") + "/tenant"

    assert get(stack, url, {"x-api-key": "letmein"}) == (200, '{"tenant": "letmein"}')
    assert get(stack, url, {"x-api-key": "wrong"})[0] in {401, 403}
    assert get(stack, url, {})[0] == 401


def test_waits_are_scaled_while_running(stack: LocalStack) -> None:
    stack.emulator.set_wait_scale(0)
    try:
        with Stopwatch() as watch:
            run_machine(stack, "SlowMachineArn", {})
    finally:
        stack.emulator.set_wait_scale(1)

    assert watch.seconds < SLOW_SECONDS


def test_deploying_again_changes_nothing(stack: LocalStack) -> None:
    before = dict(stack.outputs)

    stack.deploy()

    assert stack.outputs == before


def test_a_client_without_credentials_of_the_account_is_refused(stack: LocalStack) -> None:
    stranger = boto3.client(
        "sts",
        aws_access_key_id="AKIAIOSFODNN7EXAMPLE",
        aws_secret_access_key="test",
        region_name="us-east-1",
        endpoint_url=stack.endpoint_url,
        verify=str(stack.ca_file),
    )

    with pytest.raises(ClientError, match="security token"):
        stranger.get_caller_identity()


@remaining_gap("a missing JSONPath gives null instead of States.Runtime")
def test_a_missing_path_fails_the_execution(stack: LocalStack) -> None:
    assert run_machine(stack, "PathMachineArn", {})["status"] == "FAILED"


@remaining_gap("TimeoutSeconds of the whole machine is not enforced")
def test_a_machine_ends_at_its_own_time_out(stack: LocalStack) -> None:
    assert run_machine(stack, "SlowMachineArn", {})["status"] == "TIMED_OUT"


@remaining_gap("the role of a state machine is not evaluated")
def test_a_machine_without_a_grant_cannot_invoke(stack: LocalStack) -> None:
    execution = run_machine(stack, "PowerlessMachineArn", {})
    assert "AccessDenied" in execution["error"] or "AccessDenied" in execution["cause"]


@remaining_gap("any definition is accepted when a machine is created", raises=pytest.fail.Exception)
def test_a_machine_with_a_broken_definition_is_refused(stack: LocalStack) -> None:
    machines = stack.client("stepfunctions")
    healthy = machines.describe_state_machine(stateMachineArn=stack.outputs["WaitMachineArn"])

    with pytest.raises(ClientError):
        machines.create_state_machine(
            name="broken",
            definition='{"StartAt": "Nowhere", "States": {"Here": {"Type": "Pass", "End": true}}}',
            roleArn=healthy["roleArn"],
        )
