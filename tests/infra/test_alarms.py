"""Alarms: nothing that a person must act on stays unseen."""

from pathlib import Path
from typing import Any

import pytest

from shared.names import (
    AGENT_IDENTITY_SERVICE,
    AGENTS_SUSPECTED_METRIC,
    DELIVERIES_GIVEN_UP_METRIC,
    METRICS_NAMESPACE,
    WEBHOOKS_PARKED_METRIC,
    WEBHOOKS_SERVICE,
)
from tests.support.templates import Resource, Synthesized, construct_of, function_name, mentioned

pytestmark = pytest.mark.synth


def alarms(stage: Synthesized) -> list[Resource]:
    return [each["Properties"] for each in stage.of_type("AWS::CloudWatch::Alarm").values()]


def watched(stage: Synthesized, metric: str) -> set[str]:
    """Logical ids in the dimensions of the alarms on a metric."""
    return {
        name
        for alarm in alarms(stage)
        if alarm["MetricName"] == metric
        for name in mentioned(alarm.get("Dimensions", []))
    }


def queues(stage: Synthesized, *, with_redrive: bool) -> set[str]:
    found = stage.of_type("AWS::SQS::Queue").items()
    return {name for name, each in found if ("RedrivePolicy" in each["Properties"]) is with_redrive}


def test_every_alarm_tells_a_person_what_to_do(prod: Synthesized) -> None:
    (topic,) = prod.of_type("AWS::SNS::Topic")
    for alarm in alarms(prod):
        assert alarm["AlarmActions"] == [{"Ref": topic}]
        assert len(alarm["AlarmDescription"]) > 40


def test_one_message_in_any_dead_letter_queue_is_an_alarm(prod: Synthesized) -> None:
    depth = "ApproximateNumberOfMessagesVisible"
    assert watched(prod, depth) == queues(prod, with_redrive=False)
    assert {alarm["Threshold"] for alarm in alarms(prod) if alarm["MetricName"] == depth} == {0}


def test_waiting_work_is_an_alarm(prod: Synthesized) -> None:
    assert watched(prod, "ApproximateAgeOfOldestMessage") == queues(prod, with_redrive=True)


@pytest.mark.parametrize("outcome", ["ExecutionsFailed", "ExecutionsTimedOut"])
def test_every_workflow_that_does_not_end_well_is_an_alarm(prod: Synthesized, outcome: str) -> None:
    assert watched(prod, outcome) == set(prod.of_type("AWS::StepFunctions::StateMachine"))


def test_every_stream_consumer_that_falls_behind_is_an_alarm(prod: Synthesized) -> None:
    consumers = {
        function
        for mapping in prod.of_type("AWS::Lambda::EventSourceMapping").values()
        if any(construct_of(name).startswith("Tables") for name in mentioned(mapping["Properties"]["EventSourceArn"]))
        for function in mentioned(mapping["Properties"]["FunctionName"])
    }
    assert watched(prod, "IteratorAge") == consumers


def test_a_minute_sweep_that_stands_still_is_an_alarm_even_without_data(prod: Synthesized) -> None:
    stopped = [alarm for alarm in alarms(prod) if alarm["MetricName"] == "Invocations"]
    assert {function_name(name) for alarm in stopped for name in mentioned(alarm["Dimensions"])} == {
        "IngestSweep",
        "OrdersSweep",
        "TicketsSweep",
        "WebhooksSweep",
    }
    assert {(alarm["TreatMissingData"], alarm["ComparisonOperator"]) for alarm in stopped} == {
        ("breaching", "LessThanThreshold")
    }


@pytest.mark.parametrize("metric", ["Errors", "Throttles"])
def test_a_failing_function_is_an_alarm_whichever_it_is(prod: Synthesized, metric: str) -> None:
    (alarm,) = [each for each in alarms(prod) if (each["Namespace"], each["MetricName"]) == ("AWS/Lambda", metric)]
    assert "Dimensions" not in alarm
    assert alarm["Threshold"] == 0


def test_answers_of_the_5xx_kind_are_an_alarm_on_both_apis(prod: Synthesized) -> None:
    server_errors = {
        alarm["MetricName"]: dimensions(alarm) for alarm in alarms(prod) if alarm["Namespace"] == "AWS/ApiGateway"
    }
    assert server_errors == {"5xx": ["ApiId"], "5XXError": ["ApiName"]}


def test_an_agent_whose_key_has_two_holders_is_an_alarm(prod: Synthesized) -> None:
    (alarm,) = [each for each in alarms(prod) if each["MetricName"] == AGENTS_SUSPECTED_METRIC]
    assert (alarm["Namespace"], alarm["Threshold"]) == (METRICS_NAMESPACE, 0)
    assert alarm["Dimensions"] == [{"Name": "service", "Value": AGENT_IDENTITY_SERVICE}]


@pytest.mark.parametrize("metric", [WEBHOOKS_PARKED_METRIC, DELIVERIES_GIVEN_UP_METRIC])
def test_a_partner_that_is_no_longer_told_is_an_alarm(prod: Synthesized, metric: str) -> None:
    (alarm,) = [each for each in alarms(prod) if each["MetricName"] == metric]
    assert (alarm["Namespace"], alarm["Threshold"], alarm["Statistic"]) == (METRICS_NAMESPACE, 0, "Sum")
    assert alarm["Dimensions"] == [{"Name": "service", "Value": WEBHOOKS_SERVICE}]


def dimensions(alarm: dict[str, Any]) -> list[str]:
    return [each["Name"] for each in alarm["Dimensions"]]


def test_the_alarm_topic_refuses_plain_http(prod: Synthesized) -> None:
    (policy,) = prod.of_type("AWS::SNS::TopicPolicy").values()
    denied = [each for each in policy["Properties"]["PolicyDocument"]["Statement"] if each["Effect"] == "Deny"]
    assert [each["Condition"] for each in denied] == [{"Bool": {"aws:SecureTransport": "false"}}]


def test_every_alarm_has_its_line_in_the_operators_page(prod: Synthesized) -> None:
    page = (Path(__file__).parents[2] / "docs" / "operations.md").read_text(encoding="utf-8")
    names = [construct_of(name).removeprefix("Monitoring") for name in prod.of_type("AWS::CloudWatch::Alarm")]

    assert names
    assert [name for name in names if f"`{name}`" not in page] == []
