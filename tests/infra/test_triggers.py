"""What starts functions: streams, queue, schedules; and that nothing which fails for good is lost silently."""

import json

import pytest

from functions.webhooks.table.senders import OF_A_TENANT
from shared.directory import keys
from shared.events import EventName
from shared.names import EVENT_SOURCE_PREFIX, STATE_SORT_KEY
from tests.support.templates import Resource, Resources, Synthesized, construct_of, function_name, mentioned, target

pytestmark = pytest.mark.synth

STREAMS = {
    "AccountsOnChange": "TablesAccounts",
    "EligibilityOnChange": "TablesEligibility",
    "OrdersOnReading": "TablesFleet",
    "OrdersOnChange": "TablesOrders",
    "TicketsOnReading": "TablesFleet",
    "TicketsOnChange": "TablesTickets",
}
QUEUES = {
    "OrdersOnPrinterEvent": "OrdersPrinterEvents",
    "OnContactImport": "AccountsContactImports",
    "WebhooksOnEvent": "WebhooksEvents",
    "WebhooksOnWork": "WebhooksWork",
}
SWEEPS = {
    "EligibilitySweep": "rate(1 day)",
    "IngestSweep": "rate(1 minute)",
    "OrdersSweep": "rate(1 minute)",
    "TicketsSweep": "rate(1 minute)",
    "WebhooksSweep": "rate(1 minute)",
}
LONGEST_LAMBDA_BATCH_SECONDS = 30


def mappings(stage: Synthesized) -> Resources:
    """Event source mappings by the construct id of their function."""
    found = stage.of_type("AWS::Lambda::EventSourceMapping").values()
    return {function_name(target(each["Properties"]["FunctionName"])): each["Properties"] for each in found}


def dead_letter_queues(stage: Synthesized) -> set[str]:
    redrives = [each["Properties"].get("RedrivePolicy") for each in stage.of_type("AWS::SQS::Queue").values()]
    return {name for redrive in redrives if redrive for name in mentioned(redrive)}


def test_every_stream_has_its_consumers(prod: Synthesized) -> None:
    sources = {name: construct_of(target(each["EventSourceArn"])) for name, each in mappings(prod).items()}
    assert sources == STREAMS | QUEUES


def test_every_consumer_says_which_of_its_records_failed(prod: Synthesized) -> None:
    kinds = {name: each["FunctionResponseTypes"] for name, each in mappings(prod).items()}
    assert kinds == {name: ["ReportBatchItemFailures"] for name in kinds}


@pytest.mark.parametrize("consumer", STREAMS)
def test_a_record_that_cannot_be_handled_holds_its_stream_up_for_a_bounded_time(
    prod: Synthesized, consumer: str
) -> None:
    mapping = mappings(prod)[consumer]
    assert mapping["BisectBatchOnFunctionError"] is True
    assert 1 <= mapping["MaximumRetryAttempts"] <= 10
    assert mapping["MaximumRecordAgeInSeconds"] < 24 * 3600  # as long as a stream keeps a record
    assert mapping["StartingPosition"] == "TRIM_HORIZON"
    destination = target(mapping["DestinationConfig"]["OnFailure"]["Destination"])
    assert prod.resources[destination]["Type"] == "AWS::SQS::Queue"


@pytest.mark.parametrize("consumer", ["OrdersOnReading", "TicketsOnReading"])
def test_the_fleet_stream_s_consumers_see_states_only(prod: Synthesized, consumer: str) -> None:
    (pattern,) = mappings(prod)[consumer]["FilterCriteria"]["Filters"]
    assert json.loads(pattern["Pattern"]) == {"dynamodb": {"Keys": {"sk": {"S": [STATE_SORT_KEY]}}}}


def test_the_accounts_stream_s_consumer_sees_assignments_organisations_and_sites_only(prod: Synthesized) -> None:
    (pattern,) = mappings(prod)["AccountsOnChange"]["FilterCriteria"]["Filters"]
    beginnings = [{"prefix": each("")} for each in (keys.delivery_contact, keys.organization, keys.site)]
    assert json.loads(pattern["Pattern"]) == {"dynamodb": {"Keys": {"sk": {"S": beginnings}}}}


def test_every_queue_has_a_dead_letter_queue_or_is_where_failures_end(prod: Synthesized) -> None:
    queues = prod.of_type("AWS::SQS::Queue")
    work = {name for name, each in queues.items() if "RedrivePolicy" in each["Properties"]}
    ends = dead_letter_queues(prod) | failure_destinations(prod)
    assert {construct_of(name) for name in work} == set(QUEUES.values())
    assert set(queues) - work == ends


def failure_destinations(stage: Synthesized) -> set[str]:
    rules = [goal for rule in stage.of_type("AWS::Events::Rule").values() for goal in rule["Properties"]["Targets"]]
    return {
        name
        for part in [
            *(each.get("DestinationConfig") for each in mappings(stage).values()),
            *(each["Properties"]["DestinationConfig"] for each in invoke_configurations(stage).values()),
            *(goal.get("DeadLetterConfig") for goal in rules),
        ]
        for name in mentioned(part)
    }


def invoke_configurations(stage: Synthesized) -> Resources:
    return stage.of_type("AWS::Lambda::EventInvokeConfig")


def test_queues_are_encrypted_kept_long_and_refuse_plain_http(prod: Synthesized) -> None:
    policies = prod.of_type("AWS::SQS::QueuePolicy").values()
    for name, queue in prod.of_type("AWS::SQS::Queue").items():
        assert queue["Properties"]["SqsManagedSseEnabled"] is True
        assert queue["Properties"]["MessageRetentionPeriod"] == 14 * 24 * 3600
        denials = [
            statement["Condition"]
            for policy in policies
            if {"Ref": name} in policy["Properties"]["Queues"]
            for statement in policy["Properties"]["PolicyDocument"]["Statement"]
            if statement["Effect"] == "Deny"
        ]
        assert denials == [{"Bool": {"aws:SecureTransport": "false"}}]


def test_a_message_is_hidden_for_longer_than_its_function_takes(prod: Synthesized) -> None:
    work = [each for each in prod.of_type("AWS::SQS::Queue").values() if "RedrivePolicy" in each["Properties"]]
    assert len(work) == len(QUEUES)
    assert min(each["Properties"]["VisibilityTimeout"] for each in work) >= 6 * LONGEST_LAMBDA_BATCH_SECONDS


def test_a_whole_contact_file_has_an_invocation_to_itself_and_both_ends_know_its_queue(prod: Synthesized) -> None:
    (queue,) = [name for name in prod.of_type("AWS::SQS::Queue") if construct_of(name) == "AccountsContactImports"]
    senders = {
        function_name(name)
        for name, each in prod.functions().items()
        if any(
            grant.action == "sqs:SendMessage" and mentioned(grant.resource) == {queue} for grant in prod.grants_of(each)
        )
    }

    assert mappings(prod)["OnContactImport"]["BatchSize"] == 1
    assert senders == {"AccountsApi", "OnContactImport"}


def test_sweeps_run_on_schedule_and_their_failures_are_kept(prod: Synthesized) -> None:
    schedules = {}
    for rule in prod.of_type("AWS::Events::Rule").values():
        properties = rule["Properties"]
        if "ScheduleExpression" in properties:
            (goal,) = properties["Targets"]
            schedules[function_name(target(goal["Arn"]))] = properties["ScheduleExpression"]
            assert goal["DeadLetterConfig"]
            assert goal["RetryPolicy"]["MaximumRetryAttempts"] == 2
    asynchronous = {
        function_name(target(each["Properties"]["FunctionName"])) for each in invoke_configurations(prod).values()
    }
    assert schedules == SWEEPS
    assert asynchronous == set(SWEEPS)


def test_what_happens_to_printers_reaches_the_orders_queue_by_the_events_own_names(prod: Synthesized) -> None:
    routed = rules_to(prod, "OrdersPrinterEvents")
    patterns = [rule["EventPattern"] for rule, _ in routed]
    expected = [
        ("eligibility", EventName.PRINTER_ENROLLED),
        ("ingest", EventName.PRINTER_HEARD),
        ("ingest", EventName.PRINTER_SILENT),
    ]
    assert sorted((each["source"], each["detail-type"]) for each in patterns) == [
        ([f"{EVENT_SOURCE_PREFIX}{context}"], [name.value]) for context, name in expected
    ]
    assert all(goal["DeadLetterConfig"] for _, goal in routed)


def test_every_event_of_every_context_reaches_the_webhooks_queue(prod: Synthesized) -> None:
    ((rule, goal),) = rules_to(prod, "WebhooksEvents")
    assert rule["EventPattern"] == {"source": [{"prefix": EVENT_SOURCE_PREFIX}]}
    assert goal["DeadLetterConfig"]


def rules_to(stage: Synthesized, queue: str) -> list[tuple[Resource, Resource]]:
    """The rules of the bus whose only target is this queue, each with that target."""
    rules = [each["Properties"] for each in stage.of_type("AWS::Events::Rule").values()]
    routed = [(each, each["Targets"]) for each in rules if "EventPattern" in each]
    return [(each, goal) for each, (goal,) in routed if construct_of(target(goal["Arn"])) == queue]


def test_one_tenant_s_slow_endpoints_leave_three_quarters_of_the_senders_to_others(prod: Synthesized) -> None:
    senders = mappings(prod)["WebhooksOnWork"]["ScalingConfig"]["MaximumConcurrency"]
    assert senders == 50
    assert senders >= OF_A_TENANT * 4


def test_production_can_feed_a_consumer_its_events_again(prod: Synthesized, dev: Synthesized) -> None:
    (archive,) = prod.of_type("AWS::Events::Archive").values()
    assert archive["Properties"]["RetentionDays"] == 30
    assert "AWS::Events::Archive" not in {each["Type"] for each in dev.resources.values()}
