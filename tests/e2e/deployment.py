"""A deployed stack: its resources and outputs, the addresses of its APIs, clients of its account."""

import json
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Self, TypeVar

import boto3
import pytest
from botocore.config import Config

from infra.settings import StageSettings, settings_of
from shared.names import PRODUCT

POLL_SECONDS: Final = 2.0
_TIMEOUTS: Final[dict[str, Any]] = {
    "connect_timeout": 5,
    "read_timeout": 60,
    "retries": {"mode": "standard", "total_max_attempts": 4},
}
# Else boto3 would ask for sync-127.0.0.1; and a proxy of this machine has no business with loopback.
_LOOPBACK: Final[dict[str, Any]] = {"inject_host_prefix": False, "proxies": {}}

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource of the stack by its CloudFormation type, its name in the template and its name in the account."""

    kind: str
    logical_id: str
    name: str


@dataclass(frozen=True)
class Deployment:
    """One stack, on AWS or local.

    Attributes:
        settings: What the template was made from: the expectations of the tests.
        local_description: What ``make up`` wrote, None on AWS.
    """

    stack: str
    session: boto3.Session = field(repr=False)
    settings: StageSettings
    local_description: dict[str, Any] | None = field(default=None, repr=False)
    _clients: dict[str, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def on_aws(cls, stack: str, session: boto3.Session) -> Self:
        """A stack in the account of the session's credentials."""
        return cls(stack, session, settings_of(stage_of(stack)))

    @classmethod
    def local(cls, stack: str, description: Path) -> Self:
        """The local stack that is up."""
        told = json.loads(description.read_text(encoding="utf-8"))
        session = boto3.Session(
            aws_access_key_id=told["account_id"], aws_secret_access_key="test", region_name=told["region"]
        )
        return cls(stack, session, settings_of(stage_of(stack)), told)

    @property
    def is_local(self) -> bool:
        """True on the emulator."""
        return self.local_description is not None

    @property
    def local_operator_key(self) -> str | None:
        """The operator's key of a local stack."""
        return str(self.local_description["operator_key"]) if self.local_description else None

    @cached_property
    def outputs(self) -> dict[str, str]:
        """The stack's outputs by name."""
        (stack,) = self.client("cloudformation").describe_stacks(StackName=self.stack)["Stacks"]
        return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}

    @cached_property
    def resources(self) -> tuple[Resource, ...]:
        """Every resource of the stack."""
        pages = self.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=self.stack)
        return tuple(
            Resource(found["ResourceType"], found["LogicalResourceId"], found["PhysicalResourceId"])
            for page in pages
            for found in page["StackResourceSummaries"]
        )

    @property
    def partner_api(self) -> str:
        """Base address of the partner API, without a trailing slash."""
        return str(self.local_description["partner_api"]) if self.local_description else self.outputs["PartnerApiUrl"]

    @property
    def agent_api(self) -> str:
        """Base address of the agent API, without a trailing slash."""
        return str(self.local_description["agent_api"]) if self.local_description else self.outputs["AgentApiUrl"]

    @cached_property
    def tls(self) -> ssl.SSLContext:
        """Whom to trust for the APIs."""
        return ssl.create_default_context(cafile=self.local_description["ca_file"] if self.local_description else None)

    def client(self, service: str) -> Any:  # noqa: ANN401 - the caller knows which client
        """A client of the stack's account and region."""
        if service not in self._clients:
            where: dict[str, Any] = {"config": Config(**_TIMEOUTS)}
            if self.local_description:
                where = {
                    "endpoint_url": self.local_description["endpoint_url"],
                    "verify": self.local_description["ca_file"],
                    "config": Config(**_TIMEOUTS, **_LOOPBACK),
                }
            self._clients[service] = self.session.client(service, **where)  # type: ignore[call-overload] # any service
        return self._clients[service]

    def of_kind(self, kind: str) -> list[Resource]:
        """The resources of a CloudFormation type."""
        found = [resource for resource in self.resources if resource.kind == kind]
        assert found, f"{self.stack} has no {kind}"
        return found

    def named(self, kind: str, construct: str) -> str:
        """The name in the account of the one resource of this type whose construct's path has these words."""
        found = [resource.name for resource in self.of_kind(kind) if construct in resource.logical_id]
        assert len(found) == 1, f"{len(found)} resources of type {kind} have '{construct}' in their logical id"
        return found[0]

    def function(self, construct: str) -> str:
        """The name of a function."""
        return self.named("AWS::Lambda::Function", construct)

    def log_lines(self, group: str, *, since: datetime, pattern: str = "") -> list[str]:
        """Lines of a log group since then that fit the pattern. A page may be empty and have a next one."""
        wanted = {"logGroupName": group, "startTime": int(since.timestamp() * 1_000), "filterPattern": pattern}
        pages = self.client("logs").get_paginator("filter_log_events").paginate(**wanted)
        return [event["message"] for page in pages for event in page["events"]]

    def seconds(self, on_aws: float, local: float) -> float:
        """How long to wait: AWS publishes metrics and traces with delay, the emulator does not."""
        return local if self.is_local else on_aws


def stage_of(stack: str) -> str:
    """The stage of a stack's name; `ValueError` when it is not one of ours."""
    product, _, stage = stack.partition("-")
    if product != PRODUCT:
        raise ValueError(f"'{stack}' is not a stack of {PRODUCT}: give --stack {PRODUCT}-dev or {PRODUCT}-prod")
    return stage


def eventually(probe: Callable[[], Found | None], what: str, *, seconds: float, every: float = POLL_SECONDS) -> Found:
    """What ``probe`` finds, once it finds something; the test fails when that takes longer than ``seconds``."""
    deadline = time.monotonic() + seconds
    while True:
        found = probe()
        if found:
            return found
        if time.monotonic() >= deadline:
            pytest.fail(f"not within {seconds:g} s: {what}", pytrace=False)
        time.sleep(every)
