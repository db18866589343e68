"""Who may do what in a deployed stack: roles by IAM's own simulator, functions by their resource policies."""

import json
from typing import Final

import pytest

from tests.e2e.deployment import Deployment
from tests.e2e.throwaway import Json

GATEWAY: Final = "apigateway.amazonaws.com"
EVENTS: Final = "events.amazonaws.com"
INVOKERS: Final = {
    "PartnerAuthorizer": GATEWAY,
    "AccountsApi": GATEWAY,
    "FleetApi": GATEWAY,
    "EligibilityApi": GATEWAY,
    "OrdersApi": GATEWAY,
    "FulfilmentApi": GATEWAY,
    "TicketsApi": GATEWAY,
    "AgentAuthorizer": GATEWAY,
    "ActivationApi": GATEWAY,
    "UploadApi": GATEWAY,
    "EligibilitySweep": EVENTS,
    "OrdersSweep": EVENTS,
    "TicketsSweep": EVENTS,
}
"""Functions that another service may invoke; the others are read from streams and queues, or run by workflows."""
TABLES: Final = ("Accounts", "Fleet", "Eligibility", "Orders", "Tickets")
WRITERS: Final = {
    "AccountsApi": "Accounts",
    "UploadApi": "Fleet",
    "FleetApi": "Fleet",
    "EligibilityApi": "Eligibility",
    "ConfirmEnrolment": "Eligibility",
    "OrdersApi": "Orders",
    "OrdersOnReading": "Orders",
    "SubmitOrder": "Orders",
    "TicketsApi": "Tickets",
    "TicketsOnReading": "Tickets",
}
"""A function of each kind, and the one table it may write (design D1)."""


def may(deployment: Deployment, role: str, action: str, resource: str) -> bool:
    """What IAM decides for a role of the stack, by its own policies."""
    iam = deployment.client("iam")
    arn = iam.get_role(RoleName=deployment.named("AWS::IAM::Role", role))["Role"]["Arn"]
    (verdict,) = iam.simulate_principal_policy(PolicySourceArn=arn, ActionNames=[action], ResourceArns=[resource])[
        "EvaluationResults"
    ]
    return bool(verdict["EvalDecision"] == "allowed")


def function_arn(deployment: Deployment, construct: str) -> str:
    """The ARN of a function."""
    told = deployment.client("lambda").get_function_configuration(FunctionName=deployment.function(construct))
    return str(told["FunctionArn"])


def table_arn(deployment: Deployment, table: str) -> str:
    """The ARN of a table."""
    name = deployment.outputs[f"{table}TableName"]
    return str(deployment.client("dynamodb").describe_table(TableName=name)["Table"]["TableArn"])


@pytest.mark.parametrize("task", ["SubmitOrder", "CloseOrder", "FailOrder"])
def test_the_orders_machine_may_invoke_its_tasks(deployment: Deployment, task: str) -> None:
    assert may(deployment, "SuppliesOrderRole", "lambda:InvokeFunction", function_arn(deployment, task))


def test_the_orders_machine_may_store_tokens_and_nothing_else(deployment: Deployment) -> None:
    orders, role = table_arn(deployment, "Orders"), "SuppliesOrderRole"

    assert may(deployment, role, "dynamodb:UpdateItem", orders)
    assert not may(deployment, role, "dynamodb:DeleteItem", orders)
    assert not may(deployment, role, "dynamodb:UpdateItem", table_arn(deployment, "Fleet"))
    assert not may(deployment, role, "lambda:InvokeFunction", function_arn(deployment, "Bootstrap"))


def test_the_enrolment_machine_may_invoke_its_task_and_no_other(deployment: Deployment) -> None:
    role = "EligibilityEnrolmentRole"

    assert may(deployment, role, "lambda:InvokeFunction", function_arn(deployment, "ConfirmEnrolment"))
    assert not may(deployment, role, "lambda:InvokeFunction", function_arn(deployment, "SubmitOrder"))


@pytest.mark.parametrize("function", ["OrdersOnChange", "OrdersSweep"])
def test_who_drives_orders_may_start_and_answer_its_own_machine_only(deployment: Deployment, function: str) -> None:
    orders, enrolment = (deployment.outputs[name] for name in ("SuppliesOrderMachineArn", "EnrolmentMachineArn"))

    for action in ("states:StartExecution", "states:SendTaskSuccess"):
        assert may(deployment, f"{function}Role", action, orders)
        assert not may(deployment, f"{function}Role", action, enrolment)


@pytest.mark.parametrize(("function", "own"), WRITERS.items())
def test_a_function_writes_the_table_of_its_context_and_no_other(
    deployment: Deployment, function: str, own: str
) -> None:
    writable = [
        table
        for table in TABLES
        if may(deployment, f"{function}Role", "dynamodb:PutItem", table_arn(deployment, table))
    ]

    assert writable == [own]


def test_only_this_stacks_own_apis_and_schedules_may_invoke_its_functions(deployment: Deployment) -> None:
    apis = {deployment.outputs["AgentApiId"], deployment.outputs["PartnerApiId"]}
    rules = {resource.name.rpartition("/")[2] for resource in deployment.of_kind("AWS::Events::Rule")}
    invoked = {}

    for resource in deployment.of_kind("AWS::Lambda::Function"):
        for statement in _policy(deployment, resource.name):
            source = statement["Condition"]["ArnLike"]["AWS:SourceArn"]
            assert statement["Effect"] == "Allow"
            assert statement["Action"] == "lambda:InvokeFunction"
            assert source.split(":")[5].split("/")[0] in apis or source.rpartition("/")[2] in rules, source
            invoked[resource.logical_id] = statement["Principal"]["Service"]

    assert len(invoked) == len(INVOKERS)
    for construct, service in INVOKERS.items():
        assert [found for logical_id, found in invoked.items() if construct in logical_id] == [service]


def test_queues_take_messages_over_tls_only(deployment: Deployment) -> None:
    for resource in deployment.of_kind("AWS::SQS::Queue"):
        attributes = deployment.client("sqs").get_queue_attributes(QueueUrl=resource.name, AttributeNames=["Policy"])
        statements = json.loads(attributes["Attributes"]["Policy"])["Statement"]
        refusals = [each for each in statements if each["Effect"] == "Deny"]
        assert [each["Condition"] for each in refusals] == [{"Bool": {"aws:SecureTransport": "false"}}]


def _policy(deployment: Deployment, function: str) -> list[Json]:
    """The statements of a function's resource policy; most functions have none."""
    client = deployment.client("lambda")
    try:
        statements: list[Json] = json.loads(client.get_policy(FunctionName=function)["Policy"])["Statement"]
    except client.exceptions.ResourceNotFoundException:
        return []
    return statements
