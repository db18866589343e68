"""Everything the demo's steps share, and the threads that must end with it."""

import ssl
import threading
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from botocore.exceptions import BotoCoreError, ClientError

from local.demo.agent_process import AgentProcess
from local.demo.progress import Progress
from local.partner import FulfilmentPartner
from local.partner_client import PartnerClient
from local.printers.clock import SimulatedClock
from local.printers.device import Purpose
from local.printers.fleet import SimulatedFleet
from local.stack import LocalStack

STACK_NAME = "Platen-local"
SWEEP_SECONDS = 2.0
"""The minute sweeps are called so often: minutes are short in the demo, the schedules stay as deployed."""


@dataclass
class World:
    """The stack, the printers, the agent, the fulfilment partner: each there from its step on.

    ``ending`` closes what the steps opened, in reverse.
    """

    progress: Progress
    stack: LocalStack
    fulfilment: FulfilmentPartner
    work_dir: Path
    ending: ExitStack
    clock: SimulatedClock = field(init=False)
    fleet: SimulatedFleet = field(init=False)
    operator: PartnerClient = field(init=False)
    dealer: PartnerClient = field(init=False)
    agent: AgentProcess = field(init=False)
    ids: dict[str, str] = field(default_factory=dict)

    def client(self, api_key: str) -> PartnerClient:
        """A client of the partner API with that key, closed at the end."""
        client = PartnerClient(self.stack.api_url("Partner"), api_key, self.tls)
        self.ending.callback(client.close)
        return client

    @property
    def purposes(self) -> tuple[Purpose, ...]:
        """The parts that printers play; each of them has to be enrolled."""
        return (Purpose.SUPPLIES_ORDER, Purpose.FUSER_FAILURE, Purpose.PAPER_EMPTY)

    @property
    def tls(self) -> ssl.SSLContext:
        """Trust in the local stack's certificate authority."""
        return ssl.create_default_context(cafile=str(self.stack.ca_file))

    def printer_id(self, serial: str) -> str | None:
        """The cloud's id of the printer with that serial number, None while it is unknown."""
        return next((item["printer_id"] for item in self.printers() if item["serial_number"] == serial), None)

    def printers(self) -> list[dict[str, Any]]:
        """Every printer of the customer, as the partner API lists them."""
        return list(self.dealer.items("/v1/printers", limit="100"))


class Minutes:
    """Calls the minute sweeps of orders and tickets every two seconds until it ends."""

    def __init__(self, stack: LocalStack) -> None:
        self._stack = stack
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="minutes", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(10)

    def _run(self) -> None:
        client = self._stack.client("lambda")
        names = [function_named(self._stack, construct) for construct in ("OrdersSweep", "TicketsSweep")]
        while not self._over.wait(SWEEP_SECONDS):
            for name in names:
                with suppress(ClientError, BotoCoreError):  # the next minute tries again, as the schedule would
                    client.invoke(FunctionName=name, Payload=b"{}")


def function_named(stack: LocalStack, construct: str) -> str:
    """The physical name of the one function whose logical id contains ``construct``."""
    pages = stack.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=STACK_NAME)
    names = [
        str(resource["PhysicalResourceId"])
        for page in pages
        for resource in page["StackResourceSummaries"]
        if resource["ResourceType"] == "AWS::Lambda::Function" and construct in resource["LogicalResourceId"]
    ]
    if len(names) != 1:
        raise LookupError(f"{len(names)} functions have '{construct}' in their logical id")
    return names[0]
