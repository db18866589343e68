"""Use cases of enrolment: ask for printers to be enrolled, decide finally, make up for what was missed."""

from datetime import datetime, timedelta
from typing import Final

from functions.eligibility.enrolment.evaluation import Sources, judge, printers_below
from functions.eligibility.programme.acceptance import accepted_terms
from functions.eligibility.programme.entitlements import refuse_not_entitled
from functions.eligibility.table.models import (
    Enrolment,
    EnrolmentFact,
    EnrolmentPrinter,
    EnrolmentState,
    NewEnrolment,
    Outcome,
    PrinterVerdict,
    Terms,
)
from functions.eligibility.table.ports import Enrolments, Workflows
from shared.directory.views import ManagedStatus, OrganizationView
from shared.eligibility.rules import RULE_VERSION
from shared.eligibility.statuses import EligibilityStatus
from shared.errors import Conflict, NotFound, Unavailable
from shared.ids import new_id
from shared.tenancy import Caller
from shared.visibility import visible_organization

ATTEMPTS: Final = 4
"""Evaluations of one request, when others keep taking its printers between looking and writing."""
PAGES_READ: Final = 10
"""Pages read for one page of a caller that sees only a part of the tenant."""
OVERDUE: Final = timedelta(minutes=10)


def request_enrolment(sources: Sources, caller: Caller, wanted: NewEnrolment, terms: Terms, now: datetime) -> Enrolment:
    """Enrol what is eligible at this moment; what is not is refused with its status, and stops no other (ELG-03).

    A printer that another request took meanwhile makes the accepting transaction fail as a whole, and everything is
    read and evaluated again. What changes in other tables after that is seen by `confirm_enrolment`. Safe to
    repeat: a printer pending or managed already is refused as that.
    """
    organization = visible_organization(sources.organizations, caller, wanted.organization_id)
    tenant_id = organization.tenant_id
    refuse_not_entitled(sources.programmes, tenant_id, [organization.path])
    acceptance_id = accepted_terms(
        sources.programmes, tenant_id, organization.organization_id, wanted.terms_version, terms
    )
    for _ in range(ATTEMPTS):
        printers = printers_below(sources.fleet, organization, wanted.printer_ids)
        refuse_not_entitled(sources.programmes, tenant_id, {printer.organization_path for printer in printers})
        verdicts = judge(sources, tenant_id, printers, now)
        enrolment = _enrolment(organization, verdicts, terms, acceptance_id, caller, now)
        facts = [
            _fact(enrolment, verdict, ManagedStatus.PENDING, now)
            for verdict in verdicts
            if verdict.status is EligibilityStatus.ELIGIBLE
        ]
        if sources.enrolments.accept(enrolment, facts):
            return enrolment
    raise Conflict("printers_taken", "Other requests keep taking these printers; look at them and try again.")


def visible_enrolment(enrolments: Enrolments, caller: Caller, enrolment_id: str) -> Enrolment:
    """The request, or `NotFound`, which does not tell a missing one from another tenant's."""
    enrolment = enrolments.enrolment(caller.tenant_id, enrolment_id)
    if enrolment is None or not caller.can_see(enrolment.organization_path):
        raise NotFound("enrolment", enrolment_id)
    return enrolment


def list_enrolments(
    enrolments: Enrolments, caller: Caller, *, limit: int, cursor: str | None
) -> tuple[list[Enrolment], str | None]:
    """Requests the caller sees, newest first. A page may hold fewer than asked for and still have a next."""
    visible: list[Enrolment] = []
    for _ in range(PAGES_READ):
        page, cursor = enrolments.enrolments(caller.tenant_id, limit=limit - len(visible), cursor=cursor)
        visible += [enrolment for enrolment in page if caller.can_see(enrolment.organization_path)]
        if cursor is None or len(visible) >= limit:
            break
    return visible, cursor


def confirm_enrolment(sources: Sources, tenant_id: str, enrolment_id: str, now: datetime) -> Enrolment:
    """Evaluate each accepted printer again, apart from its own pending state, and make it managed or reject it.

    Safe to repeat: what was decided stands, printer by printer; a completed request is answered as it is.

    No order of this and of ending an agent leaves a managed printer on one that is over (AGT-01): each writes first
    and reads the other's table after, as last written. Here every printer is pending before its agent's row is read;
    there the row says *ending* before printers are counted. So at least one of the two sees the other.

    Raises:
        NotFound: There is no such request.
        Unavailable: ``agent_ending``: whether a printer keeps its agent is just being decided; ask again.
    """
    enrolment = sources.enrolments.enrolment(tenant_id, enrolment_id)
    if enrolment is None:
        raise NotFound("enrolment", enrolment_id)
    if enrolment.state is EnrolmentState.COMPLETED:
        return enrolment
    accepted = [printer.printer_id for printer in enrolment.printers if printer.outcome is Outcome.ACCEPTED]
    _mark_pending(sources.enrolments, enrolment, now)
    found = sources.fleet.printers_of(tenant_id, accepted)
    agent_ids = {printer.agent_id for printer in found.values() if printer.agent_id is not None}
    agents = sources.fleet.agents_of(tenant_id, agent_ids)
    if any(agent.is_ending(now) for agent in agents.values()):
        raise Unavailable("agent_ending", "An agent of these printers is just being ended, or not; ask again.")
    verdicts = {
        verdict.printer_id: verdict
        for verdict in judge(sources, tenant_id, list(found.values()), now, own_request=enrolment_id)
    }
    printers = [
        _settled(sources.enrolments, enrolment, printer, verdicts.get(printer.printer_id) or _vanished(printer), now)
        if printer.outcome is Outcome.ACCEPTED
        else printer
        for printer in enrolment.printers
    ]
    completed = enrolment.model_copy(
        update={"state": EnrolmentState.COMPLETED, "printers": printers, "completed_at": now}
    )
    sources.enrolments.complete(completed)
    return completed


def restart_overdue(enrolments: Enrolments, workflows: Workflows, now: datetime) -> int:
    """Start the workflow of every request it should have completed by now (D3); how many there were.

    Safe to repeat: a run that still goes is left alone. One that ended without completing its request gets
    another, once a day.
    """
    overdue = 0
    for enrolment in enrolments.pending(now - OVERDUE):
        overdue += 1
        tenant_id, enrolment_id = enrolment.tenant_id, enrolment.enrolment_id
        if not workflows.start(enrolment_id, tenant_id, enrolment_id):
            workflows.start(f"{enrolment_id}-{now:%Y%m%d}", tenant_id, enrolment_id)
    return overdue


def _enrolment(
    organization: OrganizationView,
    verdicts: list[PrinterVerdict],
    terms: Terms,
    acceptance_id: str,
    caller: Caller,
    now: datetime,
) -> Enrolment:
    printers = [
        EnrolmentPrinter(
            **dict(verdict),
            outcome=Outcome.ACCEPTED if verdict.status is EligibilityStatus.ELIGIBLE else Outcome.REFUSED,
        )
        for verdict in verdicts
    ]
    nothing_to_do = all(printer.outcome is Outcome.REFUSED for printer in printers)
    return Enrolment(
        enrolment_id=new_id("enr"),
        tenant_id=organization.tenant_id,
        organization_id=organization.organization_id,
        organization_path=organization.path,
        state=EnrolmentState.COMPLETED if nothing_to_do else EnrolmentState.PENDING,
        printers=printers,
        terms_version=terms.version,
        acceptance_id=acceptance_id,
        requested_at=now,
        requested_by=caller.key_id,
        completed_at=now if nothing_to_do else None,
        rule_version=RULE_VERSION,
    )


def _mark_pending(enrolments: Enrolments, enrolment: Enrolment, now: datetime) -> None:
    """Have each accepted printer pending, also where the accepting transaction had no room and a crash came after."""
    accepted = {each.printer_id: each for each in enrolment.printers if each.outcome is Outcome.ACCEPTED}
    facts = enrolments.facts(enrolment.tenant_id, accepted)
    own = {each for each, fact in facts.items() if fact.enrolment_id == enrolment.enrolment_id}
    for printer_id in sorted(accepted.keys() - own):
        enrolments.settle(_fact(enrolment, accepted[printer_id], ManagedStatus.PENDING, now))


def _settled(
    enrolments: Enrolments, enrolment: Enrolment, printer: EnrolmentPrinter, verdict: PrinterVerdict, now: datetime
) -> EnrolmentPrinter:
    """The printer as this request decides it now, or decided it in an earlier run."""
    status = ManagedStatus.MANAGED if verdict.status is EligibilityStatus.ELIGIBLE else ManagedStatus.UNMANAGED
    fact = _fact(enrolment, verdict, status, now)
    if not enrolments.settle(fact):
        fact = enrolments.facts(enrolment.tenant_id, [printer.printer_id]).get(printer.printer_id, fact)
    if fact.enrolment_id != enrolment.enrolment_id:
        taken = EligibilityStatus.ALREADY_MANAGED if fact.status is ManagedStatus.MANAGED else EligibilityStatus.PENDING
        return printer.model_copy(update={"outcome": Outcome.REJECTED, "status": taken})
    if fact.status is ManagedStatus.MANAGED:
        return printer.model_copy(update={"outcome": Outcome.MANAGED})
    reasons = {"status": fact.rejected_as or verdict.status, "blockers": fact.blockers}
    return printer.model_copy(update={"outcome": Outcome.REJECTED, **reasons})


def _vanished(printer: EnrolmentPrinter) -> PrinterVerdict:
    """A printer the fleet no longer knows has no identity to enrol."""
    return printer.model_copy(update={"status": EligibilityStatus.REGISTRATION_FAILED})


def _fact(enrolment: Enrolment, verdict: PrinterVerdict, status: ManagedStatus, now: datetime) -> EnrolmentFact:
    rejected = status is ManagedStatus.UNMANAGED
    return EnrolmentFact(
        tenant_id=enrolment.tenant_id,
        organization_id=verdict.organization_id,
        organization_path=verdict.organization_path,
        printer_id=verdict.printer_id,
        status=status,
        enrolment_id=enrolment.enrolment_id,
        model=verdict.model,
        serial_number=verdict.serial_number,
        updated_at=now,
        rejected_as=verdict.status if rejected else None,
        blockers=verdict.blockers if rejected else [],
        rule_version=RULE_VERSION,
    )
