"""The same day of an agent on the local stack and on the counting model: do both store the same, equally often?

The stack is the deployed template behind TLS, gateway and authorizer; the model is the same function on the store that
counts (`bench.cost`). Each has its own agent and site, whose printers print alike, and uploads the last day, late.
Writes are compared by the versions of the items, which every write raises.
"""

import ssl
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any, Final
from zoneinfo import ZoneInfo

from bench.cloud import FLEET, ZONE, packed_upload, upload_function
from bench.dynamo import kind_of, size_of
from bench.row import Row, is_true, ratio_at_most
from bench.sample import sample_readings
from bench.site_day import EVENLY, Site
from functions.ingest.agents.heartbeat import HOURLY
from functions.ingest.table import keys
from local.stack import LocalStack
from shared.directory import keys as directory
from shared.names import PARTNER_SCOPES
from shared.wire.reading import PrinterReading
from shared.wire.upload import UploadReceipt
from tests.support.api_events import AGENT, ROOT_ORGANIZATION
from tests.support.deployed import ApiAgent, Door
from tests.support.deployed_bodies import site_body

PRINTERS: Final = 20
DAY: Final = timedelta(days=1)
INTERVAL: Final = timedelta(minutes=15)
LIKE: Final = 1.01
"""What the stack may store more than the model: times and ids are not of the same length everywhere."""
_MILLI: Final = 1_000
Attributes = dict[str, Any]
Post = Callable[[list[dict[str, Any]]], UploadReceipt]


@dataclass(slots=True)
class Stored:
    """What a day left behind, by kind of item."""

    items: Counter[str] = field(default_factory=Counter)
    writes: Counter[str] = field(default_factory=Counter)
    octets: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, items: Iterable[Attributes]) -> "Stored":
        """These items."""
        stored = cls()
        for item in items:
            kind = kind_of(item)
            stored.items[kind] += 1
            stored.writes[kind] += int(item["version"]["N"]) if "version" in item else 1
            stored.octets[kind] += size_of(item)
        return stored


def run() -> list[Row]:
    """All rows."""
    readings = sample_readings(PRINTERS)
    began = datetime.now(UTC) - DAY
    with tempfile.TemporaryDirectory() as folder, LocalStack(Path(folder)) as stack:
        deployed, milliseconds = _on_stack(stack, readings, began)
    counted, units = _on_model(readings, began)
    kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(deployed.writes.items()))
    what = f"{len(milliseconds)} uploads of {PRINTERS} printers and a day"
    return [
        is_true(
            f"{what}: the local stack and the model write the same items equally often",
            holds=(deployed.items, deployed.writes) == (counted.items, counted.writes),
            target="the same",
            note=f"writes: {kinds}; by the model {units:.0f} write units",
        ),
        ratio_at_most(
            "octets of those items, on the local stack",
            deployed.octets.total(),
            "octets",
            ("the model", counted.octets.total()),
            LIKE,
        ),
        Row(
            "an upload on the local stack: gateway, authorizer and function",
            median(milliseconds),
            "ms",
            note=f"median; the longest {max(milliseconds):.0f}. TLS, a process for each function, an emulated DynamoDB",
        ),
    ]


def _on_stack(stack: LocalStack, readings: list[PrinterReading], began: datetime) -> tuple[Stored, list[float]]:
    """What the day left in the deployed tables, and how long each upload took."""
    tls = ssl.create_default_context(cafile=str(stack.ca_file))
    first = stack.invoke("BootstrapFunctionName", {"organization_name": "Bench"})
    operator = Door(stack.api_url("Partner"), tls, **{"x-api-key": first["api_key"]})
    root = operator.made("/v1/organizations", {"name": "Northwind"})["organization_id"]
    key = operator.made("/v1/api-keys", {"organization_id": root, "name": "all", "scopes": list(PARTNER_SCOPES)})
    door = operator.as_(**{"x-api-key": key["api_key"]})
    site = door.made("/v1/sites", site_body(root) | {"time_zone": ZONE})["site_id"]
    code = {"site_id": site, "discovery": {"include": ["192.0.2.0/24"]}}
    issued = door.made("/v1/activation-codes", code)["code"]
    agent = ApiAgent.activated(Door(stack.api_url("Agent"), tls), issued)
    milliseconds: list[float] = []

    def post(due: list[dict[str, Any]]) -> UploadReceipt:
        body = packed_upload(due, len(milliseconds) + 1, datetime.now(UTC))
        before = time.perf_counter()
        answer = agent.post(body)
        milliseconds.append((time.perf_counter() - before) * _MILLI)
        answer.raise_for_status()
        return UploadReceipt.model_validate(answer.json())

    printers = _a_day(readings, began, post)
    table, client = stack.outputs["FleetTableName"], stack.client("dynamodb")

    def partition(pk: str) -> list[Attributes]:
        asked = {"KeyConditionExpression": "pk = :pk", "ExpressionAttributeValues": {":pk": {"S": pk}}}
        return [
            item
            for page in client.get_paginator("query").paginate(TableName=table, ConsistentRead=True, **asked)
            for item in page["Items"]
        ]

    return Stored.of(_items(partition, root, printers, agent.agent_id)), milliseconds


def _on_model(readings: list[PrinterReading], began: datetime) -> tuple[Stored, float]:
    """The same of the model, and what it counts."""
    with upload_function() as function:

        def post(due: list[dict[str, Any]]) -> UploadReceipt:
            now = datetime.now(UTC)
            return function.post(function.event(due, now), now)

        printers = _a_day(readings, began, post)
        units = function.store.take().write_units

        def partition(pk: str) -> list[Attributes]:
            return function.store.partition(FLEET, pk)

        return Stored.of(_items(partition, ROOT_ORGANIZATION, printers, AGENT)), units


def _a_day(readings: list[PrinterReading], began: datetime, post: Post) -> set[str]:
    """Uploads a day as an agent does that is heard hourly; the ids of its printers."""
    site, printers = Site(readings, EVENLY, ZoneInfo(ZONE), HOURLY), set[str]()
    for _, due in site.polls(began, began + DAY, INTERVAL):
        if due:
            receipt = post(due)
            site.learn(receipt)
            printers |= {outcome.printer_id for outcome in receipt.outcomes if outcome.printer_id}
    return printers


def _items(
    partition: Callable[[str], list[Attributes]], tenant_id: str, printers: set[str], agent_id: str
) -> list[Attributes]:
    """What is kept of the printers, and what their agent told last."""
    contact = keys.agent_contact(agent_id)
    of_printers = [item for each in printers for item in partition(directory.printer(tenant_id, each))]
    return [*of_printers, *(item for item in partition(contact[0]) if item["sk"]["S"] == contact[1])]
