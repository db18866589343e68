"""What the contexts put on the bus is what the published schemas say; ingest's is checked in each of its unit tests."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise

import jsonschema
import pytest

from functions.accounts.announcing import assignment_event, deletion_event
from functions.accounts.contacts.assignment_models import Assignment
from functions.accounts.tree.models import Organization
from functions.eligibility.enrolment.announcements import announcement
from functions.eligibility.table.models import EnrolmentFact
from functions.orders.table.announcing import order_events, position_events
from functions.orders.table.models import HistoryEntry, LowMark, OrderState, PastEpoch, Trigger
from functions.tickets.alerts.classify import classify
from functions.tickets.alerts.problem import new_problem
from functions.tickets.calls import call as calls
from functions.tickets.calls.announcements import announcements
from functions.tickets.clocks import sla
from functions.tickets.clocks.calendar import calendar_of
from functions.tickets.table.models import CallState, ServiceCall
from shared.directory.views import ManagedStatus
from shared.event_data import MODELS, event_model, schema_name, scope_of
from shared.events import BusEvent, EventName
from shared.names import PARTNER_SCOPES
from tests.support.bus_events import assert_as_published
from tests.support.orders import NOW, a_position, an_order
from tests.support.tickets import MONDAY, SITE, a_fuser_failure, a_state

ORG = "org_01jd2x00000000000000000001"
PRINTER = "prn_01jd2x00000000000000000001"
CALENDAR = calendar_of(SITE)


def of_orders() -> Iterator[BusEvent]:
    for state in OrderState:
        history = [HistoryEntry(number=1, state=state, at=NOW, cause="test")]
        yield from order_events(None, an_order(state, history=history))
    past = PastEpoch(epoch=1, started_at=NOW, ended_at=NOW, residual_percent=3.5, pages=900)
    yield from position_events(a_position(epochs_made=1), a_position(epochs_made=2, past=[past]))
    low = LowMark(trigger=Trigger.FLOOR, at=NOW, percent=4.0, days_to_empty=3.5)
    yield from position_events(a_position(), a_position(low=low))


def of_tickets() -> Iterator[BusEvent]:
    alert = a_fuser_failure()
    problem = new_problem(a_state(alert), alert, classify(alert), None, MONDAY)
    call = calls.open_call("sc_01jd2x00000000000000000001", problem, MONDAY, CALENDAR, {})
    yield from announcements(None, call)
    yield from announcements(call, calls.move(call, CallState.RESOLVED, MONDAY, CALENDAR, by="key_1"))
    for before, after in pairwise([call, with_notice(call, 50), with_notice(call, 100)]):
        yield from announcements(before, after)


def with_notice(call: ServiceCall, pct: int) -> ServiceCall:
    clock = sla.notified(call.clocks[sla.ACKNOWLEDGE], pct, CALENDAR)
    return call.changed(clocks={**call.clocks, sla.ACKNOWLEDGE: clock}, version=call.version + 1)


def of_eligibility() -> Iterator[BusEvent]:
    for status in (ManagedStatus.MANAGED, ManagedStatus.UNMANAGED):
        fact = EnrolmentFact(
            tenant_id=ORG,
            organization_id=ORG,
            organization_path=f"/{ORG}/",
            printer_id=PRINTER,
            status=status,
            enrolment_id="enr_01jd2x00000000000000000001",
            updated_at=datetime(2026, 11, 22, tzinfo=UTC),
            rule_version="elg-1",
        )
        event = announcement(None, fact)
        assert event is not None
        yield event


def of_accounts() -> Iterator[BusEvent]:
    assignment = Assignment(
        tenant_id=ORG,
        organization_id=ORG,
        organization_path=f"/{ORG}/",
        printer_id=PRINTER,
        contact_id="ctc_01jd2x00000000000000000001",
        assigned_at=NOW,
        assigned_by="key_01jd2x00000000000000000001",
    )
    for old, new in ((None, assignment), (assignment, None)):
        event = assignment_event(old, new, NOW)
        assert event is not None
        yield event
    yield deletion_event(
        Organization(tenant_id=ORG, organization_id=ORG, path=f"/{ORG}/", name="Contoso", created_at=NOW), NOW
    )


TOLD = [*of_orders(), *of_tickets(), *of_eligibility(), *of_accounts()]


@pytest.mark.parametrize("event", TOLD, ids=lambda event: event.event_id)
def test_what_is_told_is_what_was_published(event: BusEvent) -> None:
    assert_as_published(event)
    assert event_model(event.name).model_validate(event.model_dump(mode="json")).event_id == event.event_id


def test_every_event_of_these_contexts_is_among_them() -> None:
    of_eligibility = {EventName.PRINTER_ENROLLED}
    of_ingest = {name for name in EventName if name.startswith(("Agent", "Webhook", "Printer", "Counter"))}

    assert {event.name for event in TOLD} == set(EventName) - of_ingest | of_eligibility


def test_every_event_has_a_model_a_schema_and_a_scope() -> None:
    assert set(MODELS) == set(EventName)
    assert {scope_of(name) for name in EventName} <= set(PARTNER_SCOPES)
    assert len({schema_name(name) for name in EventName}) == len(EventName)


def test_a_schema_refuses_what_its_event_does_not_say() -> None:
    told = next(event for event in TOLD if event.name is EventName.PRINTER_ENROLLED)

    with pytest.raises(jsonschema.ValidationError):
        assert_as_published(told.model_copy(update={"data": {"model": None}}))
