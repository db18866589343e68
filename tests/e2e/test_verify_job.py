"""The main job through a deployed stack: an upload, an enrolment, an order that waits by task tokens, their traces."""

import gzip
import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import pytest

from shared.clock import utc_now
from shared.wire.printer_mib import LevelState
from shared.wire.reading import LIFE_COUNT, Counter, Identity, PrinterReading, Supply
from tests.e2e.deployment import Deployment, eventually
from tests.e2e.throwaway import ADDRESS, Json, Throwaway

MANUFACTURER: Final = "Platen"
MODEL: Final = "Verification"
# It never resolves (RFC 2606), so nothing is sent to anybody; the order moves on by what we report of it.
NOBODY: Final = "https://fulfilment.platen-verification.invalid"
WORKFLOW_SECONDS: Final = 90
RETRY_SECONDS: Final = 120
"""SubmitOrder tries again after 10, 20 and 40 s; by then the order was reported on."""
TRACE_SECONDS: Final = 120
TRACES_AT_ONCE: Final = 5  # as many as X-Ray gives out at once
LOG_SECONDS: Final = 60


@dataclass
class Job:
    """What the steps found, for the steps after them."""

    partner: Throwaway
    printer_id: str
    enrolment_id: str
    order: Json
    execution: str


@pytest.fixture(scope="module")
def job(deployment: Deployment, partner: Throwaway) -> Iterator[Job]:
    """A low cartridge is reported **before** its printer is enrolled, and nothing after: only the event can order."""
    dealer = partner.dealer
    agent = partner.agent()
    answer = agent.upload(gzip.compress(agent.batch(nearly_empty(f"VERIFY-{secrets.token_hex(4)}"))))
    (outcome,) = answer.json()["outcomes"]
    assert outcome["outcome"] == "stored"
    printer_id = outcome["printer_id"]
    prepare(partner, printer_id)
    enrolment_id = enrol(partner, printer_id)
    listed = eventually(
        lambda: dealer.get("/v1/orders", printer_id=printer_id)["items"],
        "an order by PrinterEnrolled: bus, rule, queue policy or OrdersOnPrinterEvent do not work",
        seconds=WORKFLOW_SECONDS,
    )
    order = dealer.get(f"/v1/orders/{listed[0]['order_id']}")
    if order["state"] == "held":
        # A first reading may not be enough to go by; a person's approval is.
        decision = {"to": "approved", "reason": "Verification of the installation"}
        order = dealer.send(f"/v1/orders/{order['order_id']}/transitions", decision)
    machine = deployment.outputs["SuppliesOrderMachineArn"]
    execution = f"{machine.replace(':stateMachine:', ':execution:')}:{order['order_id']}"
    yield Job(partner, printer_id, enrolment_id, order, execution)
    deployment.client("stepfunctions").stop_execution(executionArn=execution, cause="end of the verification")


def nearly_empty(serial: str) -> PrinterReading:
    """A made-up printer whose toner is below the floor of SUP-14, so that no history is needed."""
    toner = Supply(
        index="1.1",
        supply_class="supplyThatIsConsumed",
        supply_type="tonerCartridge",
        description="Black toner",
        colorant="black",
        supply_unit="percent",
        max_capacity=100,
        level=4,
        level_state=LevelState.PERCENT,
        percent=4,
    )
    return PrinterReading(
        reading_id=f"r-{serial}",
        taken_at=utc_now(),
        heartbeat=True,
        identity=Identity(manufacturer=MANUFACTURER, model=MODEL, serial_number=serial),
        counters=[Counter(name=LIFE_COUNT, value=10_000, unit="impressions")],
        supplies=[toner],
        alerts=[],
    )


def prepare(partner: Throwaway, printer_id: str) -> None:
    """All that ELG-01 and SUP-30 ask for: the model, a contact, a fulfilment partner, entitlements, terms."""
    operator, dealer, customer = partner.operator, partner.dealer, partner.customer_id
    model = {"manufacturer": MANUFACTURER, "model": MODEL, "max_lifetime_count": 900_000}
    operator.send("/v1/programme-models", model, method="PUT")
    operator.send("/v1/entitlements", {"organization_id": partner.partner_id, "programme": "mps"})
    dealer.send("/v1/entitlements", {"organization_id": customer, "programme": "mps"})
    wanted = {"organization_id": partner.partner_id, "name": "Nobody", "url": NOBODY}
    dealer.send("/v1/fulfilment-partners", wanted)
    person = {
        "organization_id": customer,
        "first_name": "Ada",
        "last_name": "Example",
        "email": "ada@example.com",
        "phone_country_code": "49",
        "phone": "3012345678",
        "company": "Verification",
        "address": ADDRESS,
    }
    contact = dealer.send("/v1/contacts", person)["contact_id"]
    dealer.send("/v1/contact-assignments", {"contact_id": contact, "printer_ids": [printer_id]})


def enrol(partner: Throwaway, printer_id: str) -> str:
    """Accept the terms and enrol the printer; its enrolment's id once it is managed."""
    dealer, customer = partner.dealer, partner.customer_id
    terms = dealer.get("/v1/terms")
    accepted = {"organization_id": customer, "terms_version": terms["version"], "sha256": terms["sha256"]}
    dealer.send("/v1/terms-acceptances", accepted)
    wanted = {"organization_id": customer, "printer_ids": [printer_id], "terms_version": terms["version"]}
    enrolment_id = str(dealer.send("/v1/enrolments", wanted)["enrolment_id"])

    def is_managed() -> bool:
        outcomes = [each["outcome"] for each in dealer.get(f"/v1/enrolments/{enrolment_id}")["printers"]]
        assert not {"rejected", "refused"} & set(outcomes), outcomes
        return outcomes == ["managed"]

    eventually(is_managed, "the enrolment workflow to end: is its role right?", seconds=WORKFLOW_SECONDS)
    return enrolment_id


def history(deployment: Deployment, execution: str) -> list[Json]:
    """Every event of an execution, in order."""
    pages = deployment.client("stepfunctions").get_paginator("get_execution_history").paginate(executionArn=execution)
    return [event for page in pages for event in page["events"]]


def entered(deployment: Deployment, execution: str) -> list[str]:
    """The states an execution entered, in order."""
    details = [event.get("stateEnteredEventDetails") for event in history(deployment, execution)]
    return [each["name"] for each in details if each]


def test_the_enrolment_ran_under_the_name_of_its_request(deployment: Deployment, job: Job) -> None:
    machine = deployment.outputs["EnrolmentMachineArn"]
    execution = f"{machine.replace(':stateMachine:', ':execution:')}:{job.enrolment_id}"

    def is_over() -> bool:
        told = deployment.client("stepfunctions").describe_execution(executionArn=execution)
        return bool(told["status"] == "SUCCEEDED")

    eventually(is_over, "the enrolment's execution to succeed", seconds=WORKFLOW_SECONDS)


def test_an_enrolled_printer_is_ordered_for_without_another_reading(job: Job) -> None:
    assert job.order["printer_id"] == job.printer_id
    assert job.order["trigger"] == "floor"


def test_an_order_reaches_its_first_task_and_waits_by_tokens_for_each_report(deployment: Deployment, job: Job) -> None:
    dealer, order_id = job.partner.dealer, job.order["order_id"]

    def state() -> str:
        return str(dealer.get(f"/v1/orders/{order_id}")["state"])

    # The task wrote this, so the machine's role may invoke it.
    eventually(lambda: state() == "submitted", "SubmitOrder to take the order", seconds=WORKFLOW_SECONDS)
    for report, waits_in in (
        ("acknowledged", "AwaitShipment"),
        ("shipped", "AwaitDelivery"),
        ("delivered", "AwaitInstallation"),
    ):
        told = {"order_id": order_id, "event_id": f"verify-{report}", "type": report, "occurred_at": now()}
        assert dealer.send("/v1/fulfilment-events", told)["outcome"] == "applied"
        # To come here the role stored the token before, and OrdersOnChange handed it back.
        eventually(
            lambda waits_in=waits_in: waits_in in entered(deployment, job.execution),  # type: ignore[misc] # bound now
            f"the execution to reach {waits_in} after '{report}'",
            seconds=RETRY_SECONDS,
        )

    refused = [
        event for event in history(deployment, job.execution) if "AccessDenied" in json.dumps(event, default=str)
    ]
    assert refused == []


@pytest.mark.aws_only("the emulator writes no execution to the machine's log group")
def test_the_order_is_in_the_log_of_its_machine(deployment: Deployment, job: Job, started_at: datetime) -> None:
    group = deployment.named("AWS::Logs::LogGroup", "SuppliesOrderLogs")
    pattern = f'{{ $.execution_arn = "{job.execution}" }}'

    eventually(
        lambda: deployment.log_lines(group, since=started_at, pattern=pattern),
        f"a line of the order in {group}",
        seconds=LOG_SECONDS,
    )


@pytest.mark.aws_only("the emulator has no X-Ray")
def test_a_partners_request_is_traced_through_api_function_and_table(
    deployment: Deployment, partner: Throwaway
) -> None:
    trace_id = f"1-{int(utc_now().timestamp()):08x}-{secrets.token_hex(12)}"
    header = {"X-Amzn-Trace-Id": f"Root={trace_id};Sampled=1"}
    parts = ("AWS::ApiGateway::Stage", deployment.function("AccountsApi"), deployment.outputs["AccountsTableName"])

    assert partner.dealer.ask("GET", f"/v1/organizations/{partner.partner_id}", headers=header).is_success

    eventually(
        lambda: has_trace(deployment, [trace_id], parts), f"a trace of {', '.join(parts)}", seconds=TRACE_SECONDS
    )


@pytest.mark.aws_only("the emulator has no X-Ray")
def test_an_upload_is_traced_through_function_and_table(
    deployment: Deployment, partner: Throwaway, started_at: datetime
) -> None:
    agent, function = partner.agent(), deployment.function("UploadApi")
    packed = gzip.compress(agent.batch(nearly_empty(f"VERIFY-{secrets.token_hex(4)}")))
    parts = (function, deployment.outputs["FleetTableName"])

    def is_traced() -> bool:
        # An HTTP API traces nothing itself: Lambda samples the first request of a second, so it is sent again.
        assert agent.upload(packed).is_success
        wanted = {
            "StartTime": started_at,
            "EndTime": utc_now(),
            "FilterExpression": f'service(id(name: "{function}", type: "AWS::Lambda::Function"))',
        }
        found = deployment.client("xray").get_trace_summaries(**wanted)["TraceSummaries"]
        return has_trace(deployment, [each["Id"] for each in found[:TRACES_AT_ONCE]], parts)

    eventually(is_traced, f"a trace of {', '.join(parts)}", seconds=TRACE_SECONDS, every=10)


def has_trace(deployment: Deployment, trace_ids: list[str], parts: tuple[str, ...]) -> bool:
    """True when one of the traces has every part: names of functions and tables, kinds of services."""
    if not trace_ids:
        return False
    traces = deployment.client("xray").batch_get_traces(TraceIds=trace_ids)["Traces"]
    told = [" ".join(segment["Document"] for segment in trace["Segments"]) for trace in traces]
    return any(all(part in text for part in parts) for text in told)


def now() -> str:
    """The time of a report."""
    return utc_now().isoformat()
