"""That a deployed stack is what its stage promises: runtime, protection of data, logs, alarms, firewall, quotas."""

from datetime import timedelta
from typing import Final

import pytest

from shared.clock import utc_now
from shared.names import TTL_ATTRIBUTE
from tests.e2e.deployment import Deployment
from tests.e2e.throwaway import Json

COLD_START_MS: Final = 1_000
"""What `docs/deploy.md` states: importing a function takes at most a second before its first request."""
COLD_STARTS_OF: Final = timedelta(days=1)
CONCURRENCY: Final = 100
"""Below this a burst of agents is throttled; an account begins with as little as 10."""
LEAST_FUNCTIONS: Final = 20
LEAST_ALARMS: Final = 15


def configurations(deployment: Deployment) -> list[Json]:
    """Every function of the stack as Lambda has it."""
    client = deployment.client("lambda")
    names = [resource.name for resource in deployment.of_kind("AWS::Lambda::Function")]
    assert len(names) >= LEAST_FUNCTIONS
    return [client.get_function_configuration(FunctionName=name) for name in names]


def test_every_function_has_the_runtime_and_processor_of_the_stage(deployment: Deployment) -> None:
    expected = (f"python{deployment.settings.python}", [deployment.settings.architecture])

    others = [
        each["FunctionName"]
        for each in configurations(deployment)
        if (each["Runtime"], each["Architectures"]) != expected
    ]

    assert others == []


def test_every_function_imports_its_code_and_its_layer(deployment: Deployment) -> None:
    broken = {}
    for resource in deployment.of_kind("AWS::Lambda::Function"):
        # An empty event: each refuses it, or finds nothing to do. What the refusal is called tells if it was ours.
        answer = deployment.client("lambda").invoke(FunctionName=resource.name, Payload=b"{}")
        text = answer["Payload"].read().decode()
        if "FunctionError" in answer and "Runtime." in text:
            broken[resource.logical_id] = text

    assert broken == {}


def test_every_function_traces_and_logs_json(deployment: Deployment) -> None:
    others = [
        each["FunctionName"]
        for each in configurations(deployment)
        if (each["TracingConfig"]["Mode"], each["LoggingConfig"]["LogFormat"]) != ("Active", "JSON")
    ]

    assert others == []


@pytest.mark.aws_only("only Lambda's own report says how long a start took")
def test_a_cold_start_takes_at_most_a_second(deployment: Deployment) -> None:
    since = utc_now() - COLD_STARTS_OF
    pattern = f'{{ $.type = "platform.report" && $.record.metrics.initDurationMs > {COLD_START_MS} }}'

    reports = {
        each["FunctionName"]: deployment.log_lines(each["LoggingConfig"]["LogGroup"], since=since, pattern=pattern)
        for each in configurations(deployment)
    }

    slow = {function: lines for function, lines in reports.items() if lines}
    assert slow == {}


def test_logs_are_kept_as_long_as_the_stage_says(deployment: Deployment) -> None:
    client = deployment.client("logs")
    others = {}
    for resource in deployment.of_kind("AWS::Logs::LogGroup"):
        groups = client.describe_log_groups(logGroupNamePrefix=resource.name)["logGroups"]
        (kept,) = [group.get("retentionInDays") for group in groups if group["logGroupName"] == resource.name]
        if kept != deployment.settings.log_retention_days:
            others[resource.name] = kept

    assert others == {}


def test_tables_are_protected_as_the_stage_says(deployment: Deployment) -> None:
    client, keeps = deployment.client("dynamodb"), deployment.settings.keeps_data

    for resource in deployment.of_kind("AWS::DynamoDB::Table"):
        table = client.describe_table(TableName=resource.name)["Table"]
        backups = client.describe_continuous_backups(TableName=resource.name)["ContinuousBackupsDescription"]
        recovery = backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"]
        assert (resource.logical_id, recovery) == (resource.logical_id, "ENABLED" if keeps else "DISABLED")
        assert table.get("DeletionProtectionEnabled", False) is keeps


@pytest.mark.aws_only("the emulator does not take this setting from a template")
def test_every_table_lets_old_items_expire(deployment: Deployment) -> None:
    described = {
        resource.logical_id: deployment.client("dynamodb").describe_time_to_live(TableName=resource.name)
        for resource in deployment.of_kind("AWS::DynamoDB::Table")
    }

    states = {name: each["TimeToLiveDescription"] for name, each in described.items()}
    assert {state["TimeToLiveStatus"] for state in states.values()} <= {"ENABLED", "ENABLING"}
    assert {state["AttributeName"] for state in states.values()} == {TTL_ATTRIBUTE, "expiration"}


def test_the_stack_is_protected_as_the_stage_says(deployment: Deployment) -> None:
    (stack,) = deployment.client("cloudformation").describe_stacks(StackName=deployment.stack)["Stacks"]

    assert stack["StackStatus"] in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}
    assert stack.get("EnableTerminationProtection", False) is deployment.settings.keeps_data


def test_every_alarm_tells_the_topic(deployment: Deployment) -> None:
    topic = deployment.outputs["AlarmTopicArn"]
    names = [resource.name for resource in deployment.of_kind("AWS::CloudWatch::Alarm")]
    alarms = deployment.client("cloudwatch").describe_alarms(AlarmNames=names, MaxRecords=100)["MetricAlarms"]

    assert len(alarms) == len(names) >= LEAST_ALARMS
    assert [alarm["AlarmName"] for alarm in alarms if alarm["AlarmActions"] != [topic]] == []
    assert [alarm["AlarmName"] for alarm in alarms if not alarm["ActionsEnabled"]] == []


@pytest.mark.aws_only("nobody subscribes to the local stack")
def test_somebody_is_told_of_alarms(deployment: Deployment) -> None:
    if not deployment.settings.keeps_data:
        pytest.skip("only production must tell somebody")
    topic = deployment.outputs["AlarmTopicArn"]
    attributes = deployment.client("sns").get_topic_attributes(TopicArn=topic)["Attributes"]

    assert int(attributes["SubscriptionsConfirmed"]) > 0, "no subscription of the alarm topic is confirmed"


@pytest.mark.aws_only("the emulator filters no request")
def test_the_firewall_is_before_the_partner_api(deployment: Deployment) -> None:
    region, outputs = deployment.session.region_name, deployment.outputs
    stage = f"arn:aws:apigateway:{region}::/restapis/{outputs['PartnerApiId']}/stages/{outputs['PartnerApiStage']}"
    found = deployment.client("wafv2").get_web_acl_for_resource(ResourceArn=stage).get("WebACL")
    if not deployment.settings.has_firewall:
        assert found is None
        return

    name, identifier, _ = deployment.named("AWS::WAFv2::WebACL", "Firewall").split("|")
    assert found is not None
    assert (found["Name"], found["Id"]) == (name, identifier)


@pytest.mark.aws_only("the quotas are those of the AWS account")
def test_the_account_has_room_for_the_functions(deployment: Deployment) -> None:
    limits = deployment.client("lambda").get_account_settings()["AccountLimit"]

    assert limits["UnreservedConcurrentExecutions"] >= CONCURRENCY, "ask AWS for more concurrent executions"


def test_no_function_takes_concurrency_from_the_others(deployment: Deployment) -> None:
    client = deployment.client("lambda")
    reserving = [
        resource.name
        for resource in deployment.of_kind("AWS::Lambda::Function")
        if "ReservedConcurrentExecutions" in client.get_function_concurrency(FunctionName=resource.name)
    ]

    assert reserving == []
