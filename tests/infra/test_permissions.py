"""Least privilege, read from the policies: each context writes its own table, nobody has more than a name allows."""

from pathlib import Path

import pytest

from tests.support.templates import (
    Grant,
    Resource,
    Synthesized,
    construct_of,
    context_of,
    function_name,
    mentioned,
    target,
)

pytestmark = pytest.mark.synth

TABLE_OF = {
    "accounts": "TablesAccounts",
    "ingest": "TablesFleet",
    "eligibility": "TablesEligibility",
    "orders": "TablesOrders",
    "tickets": "TablesTickets",
    "webhooks": "TablesWebhooks",
}
READS = {"dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query", "dynamodb:ConditionCheckItem"}
STREAM_READS = {"dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"}
# AWS defines no resource for these.
WITHOUT_RESOURCE = {
    "xray:PutTraceSegments",
    "xray:PutTelemetryRecords",
    "xray:GetSamplingRules",
    "xray:GetSamplingTargets",
    "dynamodb:ListStreams",
    "logs:CreateLogDelivery",
    "logs:GetLogDelivery",
    "logs:UpdateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:DescribeResourcePolicies",
    "logs:DescribeLogGroups",
}
MAY_ANSWER_REPEATED_POSTS = {
    "AccountsApi",
    "FleetApi",
    "EligibilityApi",
    "OrdersApi",
    "FulfilmentApi",
    "TicketsApi",
    "WebhooksApi",
}
FUNCTIONS = Path(__file__).parents[2] / "functions"
MAY_DELETE = {
    "AccountsApi": "TablesAccounts",
    "AccountsOnChange": "TablesAccounts",
    "UploadApi": "TablesFleet",
    "FleetApi": "TablesFleet",
    "IngestSweep": "TablesFleet",
    "OrdersOnPrinterEvent": "TablesOrders",
    "OrdersSweep": "TablesOrders",
    "WebhooksApi": "TablesWebhooks",
    "WebhooksOnEvent": "TablesWebhooks",
}


def is_write(grant: Grant) -> bool:
    return grant.action.startswith("dynamodb:") and grant.action not in READS | STREAM_READS


def tables_of(grant: Grant) -> set[str]:
    return {construct_of(name) for name in mentioned(grant.resource)}


def functions(stage: Synthesized) -> list[tuple[str, Resource]]:
    return [(function_name(name), each) for name, each in stage.functions().items()]


def test_only_a_context_s_own_functions_write_its_table(prod: Synthesized) -> None:
    for name, function in functions(prod):
        own = {TABLE_OF[context_of(function)], "TablesIdempotency"}
        written = {table for grant in prod.grants_of(function) if is_write(grant) for table in tables_of(grant)}
        assert written <= own, name


def test_every_table_has_a_writer(prod: Synthesized) -> None:
    written = {
        table
        for _, function in functions(prod)
        for grant in prod.grants_of(function)
        if is_write(grant)
        for table in tables_of(grant)
    }
    assert written == {*TABLE_OF.values(), "TablesIdempotency"}


def test_only_the_partner_functions_keep_answers_to_repeated_posts(prod: Synthesized) -> None:
    keepers = {
        name
        for name, function in functions(prod)
        for grant in prod.grants_of(function)
        if is_write(grant) and "TablesIdempotency" in tables_of(grant)
    }
    assert keepers == MAY_ANSWER_REPEATED_POSTS


def test_few_functions_delete_anything(prod: Synthesized) -> None:
    deletions = {
        (name, table)
        for name, function in functions(prod)
        for grant in prod.grants_of(function)
        if grant.action == "dynamodb:DeleteItem"
        for table in tables_of(grant)
        if table != "TablesIdempotency"
    }
    assert deletions == set(MAY_DELETE.items())


def test_a_context_whose_code_deletes_items_is_allowed_to() -> None:
    """No emulator of ours refuses what a policy lacks: a deletion without its grant would fail on AWS alone."""
    deleting = {
        path.relative_to(FUNCTIONS).parts[0]
        for path in FUNCTIONS.rglob("*.py")
        if ".delete_item(" in (text := path.read_text("utf-8")) or ".delete_write(" in text
    }
    tables = {"ingest": "TablesFleet"} | {each: f"Tables{each.capitalize()}" for each in deleting - {"ingest"}}
    assert set(tables.values()) == set(MAY_DELETE.values())


def test_no_function_scans_or_has_a_wildcard_action(prod: Synthesized) -> None:
    roles = prod.of_type("AWS::IAM::Role")
    actions = {grant.action for role in roles for grant in prod.grants(role)}
    assert actions
    assert [action for action in actions if "*" in action or "Scan" in action or "PartiQL" in action] == []


def test_the_wildcard_resource_is_given_only_where_aws_has_no_other(prod: Synthesized) -> None:
    roles = prod.of_type("AWS::IAM::Role")
    granted = {grant.action for role in roles for grant in prod.grants(role) if grant.resource == "*"}
    assert "xray:PutTraceSegments" in granted
    assert granted <= WITHOUT_RESOURCE


def test_no_resource_is_named_by_a_pattern(prod: Synthesized) -> None:
    roles = prod.of_type("AWS::IAM::Role")
    patterns = [
        grant for role in roles for grant in prod.grants(role) if grant.resource != "*" and "*" in str(grant.resource)
    ]
    assert patterns == []


def test_every_function_has_a_role_of_its_own_that_lambda_alone_takes(prod: Synthesized) -> None:
    roles = [target(function["Properties"]["Role"]) for _, function in functions(prod)]
    assert len(set(roles)) == len(roles)
    for role in roles:
        properties = prod.resources[role]["Properties"]
        assert "ManagedPolicyArns" not in properties
        (statement,) = properties["AssumeRolePolicyDocument"]["Statement"]
        assert statement["Principal"] == {"Service": "lambda.amazonaws.com"}


def test_a_function_writes_no_log_group_but_its_own(prod: Synthesized) -> None:
    for name, function in functions(prod):
        own = target(function["Properties"]["LoggingConfig"]["LogGroup"])
        logged = {
            place
            for grant in prod.grants_of(function)
            if grant.action.startswith("logs:")
            for place in mentioned(grant.resource)
        }
        assert logged == {own}, name


def test_a_workflow_invokes_its_own_tasks_only(prod: Synthesized) -> None:
    invoked = {
        construct_of(machine): {
            function_name(name)
            for grant in prod.grants(target(each["Properties"]["RoleArn"]))
            if grant.action == "lambda:InvokeFunction"
            for name in mentioned(grant.resource)
        }
        for machine, each in prod.of_type("AWS::StepFunctions::StateMachine").items()
    }
    assert invoked == {
        "OrdersSuppliesOrderMachine": {"SubmitOrder", "CloseOrder", "FailOrder"},
        "EligibilityEnrolmentMachine": {"ConfirmEnrolment"},
    }


def test_a_workflow_updates_the_table_of_its_context_only(prod: Synthesized) -> None:
    for machine in prod.of_type("AWS::StepFunctions::StateMachine").values():
        grants = [grant for grant in prod.grants(target(machine["Properties"]["RoleArn"])) if is_write(grant)]
        assert {(grant.action, *tables_of(grant)) for grant in grants} <= {("dynamodb:UpdateItem", "TablesOrders")}


@pytest.mark.parametrize(
    ("action", "holders"),
    [
        (
            "events:PutEvents",
            {"AccountsOnChange", "EligibilityOnChange", "IngestSweep", "OrdersOnChange", "TicketsOnChange"},
        ),
        (
            "states:StartExecution",
            {"EligibilityOnChange", "EligibilitySweep", "OrdersOnChange", "OrdersSweep"},
        ),
        ("states:SendTaskSuccess", {"OrdersOnChange", "OrdersSweep"}),
    ],
)
def test_a_way_out_of_a_context_is_held_by_few(prod: Synthesized, action: str, holders: set[str]) -> None:
    found = {
        name for name, function in functions(prod) if any(grant.action == action for grant in prod.grants_of(function))
    }
    assert found == holders


def test_every_partner_function_can_ask_whether_a_key_lives(prod: Synthesized) -> None:
    askers = {
        name
        for name, function in functions(prod)
        for grant in prod.grants_of(function)
        if grant.action == "dynamodb:GetItem" and "TablesAccounts" in tables_of(grant)
    }
    assert askers >= MAY_ANSWER_REPEATED_POSTS
