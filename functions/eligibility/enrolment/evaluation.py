"""Use case of evaluating printers: gather what the decision depends on, decide, count."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from functions.eligibility.table.models import (
    MAX_WALKED,
    EnrolmentFact,
    Evaluation,
    EvaluationRequest,
    PrinterVerdict,
)
from functions.eligibility.table.ports import Enrolments, Fleet, Organizations, Programmes
from shared.directory.views import ManagedStatus, OrganizationView, PrinterView
from shared.eligibility.catalogue import Catalogue
from shared.eligibility.circumstances import circumstances_of
from shared.eligibility.rules import RULE_VERSION, Circumstances, count_statuses, evaluate
from shared.errors import NotFound, TooLarge
from shared.tenancy import Caller
from shared.visibility import visible_organization


@dataclass(frozen=True, slots=True)
class Sources:
    """Where the circumstances of a printer come from."""

    organizations: Organizations
    fleet: Fleet
    programmes: Programmes
    enrolments: Enrolments
    required_agent_version: str


def evaluate_printers(sources: Sources, caller: Caller, wanted: EvaluationRequest, now: datetime) -> Evaluation:
    """The status of each printer named, or of all of an organisation and below; reads only."""
    organization = visible_organization(sources.organizations, caller, wanted.organization_id)
    if wanted.printer_ids is None:
        printers = list(islice(sources.fleet.printers(organization.tenant_id, organization.path), MAX_WALKED + 1))
        if len(printers) > MAX_WALKED:
            detail = f"More than {MAX_WALKED} printers; name an organisation further down or up to 1000 printer_ids."
            raise TooLarge("too_many_printers", detail)
    else:
        printers = printers_below(sources.fleet, organization, wanted.printer_ids)
    verdicts = judge(sources, organization.tenant_id, printers, now)
    return Evaluation(
        counts=count_statuses(verdict.status for verdict in verdicts),
        printers=verdicts,
        evaluated_at=now,
        rule_version=RULE_VERSION,
    )


def printers_below(fleet: Fleet, organization: OrganizationView, printer_ids: Iterable[str]) -> list[PrinterView]:
    """The printers in the order named, each once; `NotFound` for one that is not of the organisation or below."""
    ids = list(dict.fromkeys(printer_ids))
    found = fleet.printers_of(organization.tenant_id, ids)
    for printer_id in ids:
        if printer_id not in found or not found[printer_id].organization_path.startswith(organization.path):
            raise NotFound("printer", printer_id)
    return [found[printer_id] for printer_id in ids]


def judge(
    sources: Sources, tenant_id: str, printers: Sequence[PrinterView], now: datetime, *, own_request: str | None = None
) -> list[PrinterVerdict]:
    """Each printer's verdict with its inputs (D19). ``own_request`` is the one whose pending state does not count."""
    ids = [printer.printer_id for printer in printers]
    states = sources.fleet.states_of(tenant_id, ids)
    reachable = sources.organizations.printers_with_contact(tenant_id, ids)
    facts = sources.enrolments.facts(tenant_id, ids)
    agents = sources.fleet.agents_of(
        tenant_id, {printer.agent_id for printer in printers if printer.agent_id is not None}
    )
    going_on = {agent_id for agent_id, agent in agents.items() if agent.goes_on(now)}
    catalogue = Catalogue.of(sources.programmes.all_models())
    return [
        _verdict(
            printer,
            circumstances_of(
                printer,
                states.get(printer.printer_id),
                _managed(facts.get(printer.printer_id), own_request),
                catalogue,
                has_agent=printer.agent_id in going_on,
                has_contact=printer.printer_id in reachable,
            ),
            sources.required_agent_version,
        )
        for printer in printers
    ]


def _managed(fact: EnrolmentFact | None, own_request: str | None) -> ManagedStatus:
    is_own = fact is not None and fact.status is ManagedStatus.PENDING and fact.enrolment_id == own_request
    return ManagedStatus.UNMANAGED if fact is None or is_own else fact.status


def _verdict(printer: PrinterView, circumstances: Circumstances, required_agent_version: str) -> PrinterVerdict:
    verdict = evaluate(circumstances, required_agent_version)
    return PrinterVerdict(
        printer_id=printer.printer_id,
        organization_id=printer.organization_id,
        organization_path=printer.organization_path,
        manufacturer=printer.manufacturer,
        model=printer.model,
        serial_number=printer.serial_number,
        status=verdict.status,
        blockers=list(verdict.blockers),
        agent_version=circumstances.agent_version,
        lifetime_count=circumstances.lifetime_count,
        max_lifetime_count=circumstances.max_lifetime_count,
    )
