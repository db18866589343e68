"""What happens when something fails on a deployed stack, and that what must happen by itself does."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import uuid4

import pytest

from shared.clock import utc_now
from shared.ids import new_id
from tests.e2e.deployment import Deployment, eventually
from tests.e2e.throwaway import Json

LAG: Final = timedelta(minutes=1)
"""Clocks differ by less."""
SCHEDULE_SECONDS: Final = 240
POISON_SECONDS: Final = 900
# A queue that was empty for hours gets its metrics again after up to 15 minutes.
ALARM_SECONDS: Final = 1_500


@pytest.mark.parametrize("sweep", ["OrdersSweep", "TicketsSweep"])
def test_the_minute_sweeps_are_started_by_their_schedules(
    deployment: Deployment, started_at: datetime, sweep: str
) -> None:
    group = deployment.named("AWS::Logs::LogGroup", f"{sweep}Logs")

    eventually(
        lambda: deployment.log_lines(group, since=started_at - LAG),
        f"{sweep} to run: its schedule, or the schedule's permission to invoke it",
        seconds=SCHEDULE_SECONDS,
        every=10,
    )


def test_every_schedule_and_rule_is_enabled(deployment: Deployment) -> None:
    events, bus = deployment.client("events"), deployment.outputs["EventBusName"]
    rules = [
        rule
        for name in ("default", bus)
        for page in events.get_paginator("list_rules").paginate(EventBusName=name)
        for rule in page["Rules"]
        if any(resource.name.endswith(rule["Name"]) for resource in deployment.of_kind("AWS::Events::Rule"))
    ]

    assert len(rules) == len(deployment.of_kind("AWS::Events::Rule"))
    assert {rule["State"] for rule in rules} == {"ENABLED"}


def test_every_stream_and_queue_is_read(deployment: Deployment) -> None:
    mappings = [
        deployment.client("lambda").get_event_source_mapping(UUID=resource.name)
        for resource in deployment.of_kind("AWS::Lambda::EventSourceMapping")
    ]

    assert {mapping["State"] for mapping in mappings} == {"Enabled"}
    assert [each["UUID"] for each in mappings if "ReportBatchItemFailures" not in each["FunctionResponseTypes"]] == []
    assert [each["UUID"] for each in mappings if "PROBLEM" in each.get("LastProcessingResult", "")] == []


def test_a_consumer_names_the_record_that_failed_and_no_other(deployment: Deployment) -> None:
    records = [_record("1", "ORDER"), _record("2", "NOTHING-OF-OURS")]

    answer = deployment.client("lambda").invoke(
        FunctionName=deployment.function("OrdersOnChange"), Payload=json.dumps({"Records": records})
    )

    assert json.loads(answer["Payload"].read()) == {"batchItemFailures": [{"itemIdentifier": "1"}]}


@pytest.mark.aws_only("the emulator does not read which records of a stream failed")
def test_a_record_that_always_fails_ends_alone_in_the_failures_queue(deployment: Deployment) -> None:
    if deployment.settings.keeps_data:
        pytest.skip("for some minutes the record would hold up real orders of its shard")
    table = deployment.outputs["OrdersTableName"]
    key = {"pk": {"S": f"TENANT#{new_id('org')}#ORD#verification"}, "sk": {"S": "ORDER"}}
    queue = deployment.named("AWS::SQS::Queue", "OrdersFailures")
    since = utc_now() - LAG
    # An order without any of its attributes: no attempt can ever read it. It is in no index, so nobody else sees it.
    deployment.client("dynamodb").put_item(TableName=table, Item=key)

    try:
        letter = eventually(
            lambda: take(deployment, queue, lambda body: _is_position_of(body, table, since)),
            "the record's position in the Failures queue of orders",
            seconds=POISON_SECONDS,
            every=5,
        )
    finally:
        deployment.client("dynamodb").delete_item(TableName=table, Key=key)

    assert letter["DDBStreamBatchInfo"]["batchSize"] == 1
    assert deployment.function("OrdersOnChange") in letter["requestContext"]["functionArn"]


def test_a_dead_letter_raises_its_alarm_and_the_alarm_ends_with_it(deployment: Deployment) -> None:
    queue = deployment.named("AWS::SQS::Queue", "PrinterEnrolledDeadLetters")
    alarm = deployment.named("AWS::CloudWatch::Alarm", "PrinterEnrolledDeadLettersNotEmpty")
    note = uuid4().hex
    bound = deployment.seconds(ALARM_SECONDS, 30)
    deployment.client("sqs").send_message(QueueUrl=queue, MessageBody=json.dumps({"verification": note}))

    try:
        eventually(lambda: _state(deployment, alarm) == "ALARM", f"{alarm} to go off", seconds=bound, every=10)
    finally:
        eventually(
            lambda: take(deployment, queue, lambda body: body.get("verification") == note),
            "our own message to be taken out again",
            seconds=120,
        )

    eventually(lambda: _state(deployment, alarm) == "OK", f"{alarm} to end", seconds=bound, every=10)


def take(deployment: Deployment, queue: str, is_ours: Callable[[Json], bool]) -> Json | None:
    """Take our message out of a queue; what is not ours stays, unseen by others for a second."""
    sqs = deployment.client("sqs")
    received = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, VisibilityTimeout=1, WaitTimeSeconds=2)
    for message in received.get("Messages", []):
        body = _object(message["Body"])
        if is_ours(body):
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
            return body
    return None


def _record(number: str, sort_key: str) -> Json:
    """A stream's record of a new item that has nothing but its key; as an order it cannot be read."""
    image = {"pk": {"S": "VERIFICATION"}, "sk": {"S": sort_key}}
    return {
        "eventName": "INSERT",
        "eventSource": "aws:dynamodb",
        "dynamodb": {"SequenceNumber": number, "Keys": image, "NewImage": image},
    }


def _is_position_of(body: Json, table: str, since: datetime) -> bool:
    """True for the position of a record of the table that failed since then."""
    batch = body.get("DDBStreamBatchInfo", {})
    failed_at = datetime.fromisoformat(body["timestamp"]) if "timestamp" in body else since
    return f"table/{table}/" in batch.get("streamArn", "") and failed_at >= since


def _object(text: str) -> Json:
    try:
        found: Any = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _state(deployment: Deployment, alarm: str) -> str:
    (found,) = deployment.client("cloudwatch").describe_alarms(AlarmNames=[alarm])["MetricAlarms"]
    return str(found["StateValue"])
