"""The tables that eligibility reads and writes, on moto, with organisations, printers and contacts to put in them."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import pytest
from moto import mock_aws

from functions.eligibility import eligibility_api, settings
from functions.eligibility.enrolment.repository import EnrolmentRepository
from functions.eligibility.programme.repository import ProgrammeRepository
from functions.eligibility.programme.supported_models import put_model
from functions.eligibility.programme.terms_text import current_terms
from functions.eligibility.table.models import EnrolmentFact, Entitlement, NewProgrammeModel, Programme
from shared import aws
from shared.clock import key_time
from shared.directory import keys
from shared.directory.views import ManagedStatus
from shared.names import GSI1
from shared.table import Table
from shared.tenancy import Caller
from tests.support.api_events import AGENT, CHILD_ORGANIZATION, ROOT_ORGANIZATION, SITE, function_context, rest_event
from tests.support.tables import make_idempotency_table, make_table, take_turns

NOW: Final = datetime(2026, 11, 22, 18, 20, tzinfo=UTC)
CONTACT: Final = "ctc_01jd2x00000000000000000001"
MACHINE_NAME: Final = "enrolment"


def printer_id(number: int) -> str:
    """The id of the n-th printer."""
    return f"prn_01jd2x0000000000000000{number:04d}"


@dataclass(frozen=True, slots=True)
class World:
    """The three tables."""

    eligibility: Table
    accounts: Table
    fleet: Table

    @property
    def programmes(self) -> ProgrammeRepository:
        """Models, entitlements, acceptances."""
        return ProgrammeRepository(self.eligibility)

    @property
    def enrolments(self) -> EnrolmentRepository:
        """Requests and facts."""
        return EnrolmentRepository(self.eligibility)

    def add_organization(self, organization_id: str, parent_path: str = "/", tenant_id: str = ROOT_ORGANIZATION) -> str:
        """An organisation below a path; its own path."""
        path = f"{parent_path}{organization_id}/"
        parents = parent_path.strip("/").split("/")
        item = {
            "pk": keys.tenant(tenant_id),
            "sk": keys.organization(organization_id),
            "tenant_id": tenant_id,
            "organization_id": organization_id,
            "parent_id": parents[-1] or None,
            "path": path,
            "name": "An organisation",
        }
        self.accounts.put(item)
        return path

    def add_agent(self, **changes: object) -> None:
        """The agent that reads the printers."""
        pk, sk = keys.agent(AGENT)
        row = {
            "pk": pk,
            "sk": sk,
            "tenant_id": ROOT_ORGANIZATION,
            "organization_id": CHILD_ORGANIZATION,
            "organization_path": f"/{ROOT_ORGANIZATION}/{CHILD_ORGANIZATION}/",
            "site_id": SITE,
            "agent_id": AGENT,
            "status": "active",
        }
        self.fleet.put(row | changes)

    def add_printer(
        self,
        number: int,
        *,
        organization_id: str = CHILD_ORGANIZATION,
        model: str = "MX521",
        life_count: int | None = 1_000,
        contact: bool = True,
        **changes: object,
    ) -> str:
        """A printer that is eligible unless a keyword says otherwise."""
        tenant, printer = ROOT_ORGANIZATION, printer_id(number)
        below = "" if organization_id == tenant else f"{organization_id}/"
        base = {
            "pk": keys.printer(tenant, printer),
            "tenant_id": tenant,
            "organization_id": organization_id,
            "organization_path": f"/{tenant}/{below}",
            "site_id": SITE,
            "agent_id": AGENT,
            "printer_id": printer,
        }
        meta = base | {
            "sk": keys.PRINTER_META,
            "gsi1pk": keys.printers_of_tenant(tenant),
            "gsi1sk": keys.printer_order(str(base["organization_path"]), printer),
            "agent_version": "0.1.0",
            "manufacturer": "Lexmark",
            "model": model,
            "serial_number": f"SN{number:04d}",
            "registration": "registered",
            "first_seen_at": key_time(NOW),
        }
        self.fleet.put(meta | changes)
        self.add_agent()
        counters = [] if life_count is None else [{"name": "life_count", "value": life_count}]
        times = {"taken_at": key_time(NOW), "received_at": key_time(NOW)}
        self.fleet.put(base | times | {"sk": keys.PRINTER_STATE, "reading_id": "r1", "counters": counters})
        if contact:
            assignment = {"pk": keys.tenant(tenant), "sk": keys.delivery_contact(printer)}
            self.accounts.put(assignment | {"printer_id": printer, "contact_id": CONTACT})
        return printer

    def support(self, model: str = "MX52*", maximum: int = 250_000) -> None:
        """Let the programme support a Lexmark model."""
        wanted = NewProgrammeModel(manufacturer="Lexmark", model=model, max_lifetime_count=maximum)
        put_model(self.programmes, wanted, None, NOW)

    def entitle(self, organization_id: str, path: str) -> None:
        """Grant the programme to an organisation, whatever its parent holds."""
        self.programmes.grant(
            Entitlement(
                tenant_id=ROOT_ORGANIZATION,
                organization_id=organization_id,
                organization_path=path,
                programme=Programme.MPS,
                granted_at=NOW,
                granted_by="key_01jd2x00000000000000000001",
            )
        )


@contextmanager
def eligibility_world(monkeypatch: pytest.MonkeyPatch, *, runs_workflows: bool = False) -> Iterator[World]:
    """A root and a child organisation, a supported model, and the environment that the template gives.

    With ``runs_workflows`` state machines are really executed, on moto's interpreter.
    """
    names = {
        "ELIGIBILITY_TABLE": "eligibility",
        "ACCOUNTS_TABLE": "accounts",
        "FLEET_TABLE": "fleet",
        "IDEMPOTENCY_TABLE": "idempotency",
        "ENROLMENT_MACHINE_ARN": f"arn:aws:states:us-east-1:123456789012:stateMachine:{MACHINE_NAME}",
        "EVENT_BUS": "platen",
    }
    for name, value in names.items():
        monkeypatch.setenv(name, value)
    if runs_workflows:
        take_turns(monkeypatch)
    settings.settings.cache_clear()
    settings.workflow_settings.cache_clear()
    settings.publisher_settings.cache_clear()
    settings.sweep_settings.cache_clear()
    config: Any = {"stepfunctions": {"execute_state_machine": runs_workflows}, "lambda": {"use_docker": False}}
    with mock_aws(config=config):
        client = aws.dynamodb()
        make_idempotency_table(client)
        made = {name: make_table(client, name, (GSI1,)) for name in ("eligibility", "accounts", "fleet")}
        world = World(**made)
        root = world.add_organization(ROOT_ORGANIZATION)
        world.add_organization(CHILD_ORGANIZATION, root)
        world.support()
        yield world


def call(
    caller: Caller,
    method: str,
    path: str,
    body: object = None,
    *,
    query: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """What the eligibility API answers."""
    event = rest_event(method, path, body, caller=caller, query=query, headers=headers)
    answer: dict[str, Any] = eligibility_api.lambda_handler(event, function_context())
    return answer


def ready_to_enrol(world: World, caller: Caller) -> None:
    """Entitle root and child, and accept the terms for the child."""
    world.entitle(ROOT_ORGANIZATION, f"/{ROOT_ORGANIZATION}/")
    world.entitle(CHILD_ORGANIZATION, f"/{ROOT_ORGANIZATION}/{CHILD_ORGANIZATION}/")
    accepted = {"organization_id": CHILD_ORGANIZATION, "terms_version": current_terms().version}
    assert call(caller, "POST", "/v1/terms-acceptances", accepted)["statusCode"] == 201


def enrol(caller: Caller, *printer_ids: str, organization_id: str = CHILD_ORGANIZATION) -> dict[str, Any]:
    """What the API answers to a request to enrol these printers."""
    body = {
        "organization_id": organization_id,
        "printer_ids": list(printer_ids),
        "terms_version": current_terms().version,
    }
    return call(caller, "POST", "/v1/enrolments", body)


def enrolment_input(answer: Mapping[str, Any]) -> dict[str, str]:
    """The workflow's input for a request the API answered."""
    made = json.loads(answer["body"])
    return {"tenant_id": made["tenant_id"], "enrolment_id": made["enrolment_id"]}


def fact_of(world: World, printer: str) -> EnrolmentFact | None:
    return world.enrolments.facts(ROOT_ORGANIZATION, [printer]).get(printer)


def managed_by(world: World, printer: str, enrolment_id: str = "enr_01jd2x00000000000000000009") -> None:
    fact = EnrolmentFact(
        tenant_id=ROOT_ORGANIZATION,
        organization_id=CHILD_ORGANIZATION,
        organization_path=f"/{ROOT_ORGANIZATION}/{CHILD_ORGANIZATION}/",
        printer_id=printer,
        status=ManagedStatus.MANAGED,
        enrolment_id=enrolment_id,
        updated_at=NOW,
        rule_version="elg-1",
    )
    assert world.enrolments.settle(fact)
