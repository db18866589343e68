"""What a change of a call means to others. Pure."""

from typing import Any

from functions.tickets.clocks.sla import NOTICES_PCT
from functions.tickets.table.models import CallState, ClockState, ServiceCall
from shared.events import BusEvent, EventName


def announcements(old: ServiceCall | None, new: ServiceCall) -> list[BusEvent]:
    """The events of one change; their ids are stable, so that publishing twice is harmless.

    A breach is told when the clock turned, by the sweep or by an event that came late. Of several notices given
    at once, after an outage, the last is told.
    """
    events = []
    if old is None:
        events.append(_event(EventName.SERVICE_CALL_OPENED, new, {"priority": new.priority, "title": new.title}))
    if new.state is CallState.RESOLVED and (old is None or old.state is not CallState.RESOLVED):
        events.append(_event(EventName.SERVICE_CALL_RESOLVED, new, {"cause": new.cause}))
    for name, clock in new.clocks.items():
        before = old.clocks.get(name) if old else None
        if clock.state is ClockState.BREACHED and (before is None or before.state is not ClockState.BREACHED):
            events.append(_event(EventName.SLA_BREACHED, new, {"target": name, "pct": NOTICES_PCT[-1]}))
        elif clock.notified_pct > (before.notified_pct if before else 0) and clock.state is not ClockState.BREACHED:
            events.append(_event(EventName.SLA_WARNING, new, {"target": name, "pct": clock.notified_pct}))
    return events


def _event(name: EventName, call: ServiceCall, data: dict[str, Any]) -> BusEvent:
    mark = "-".join(str(value) for value in (data.get("target"), data.get("pct")) if value is not None)
    return BusEvent(
        event_id=f"{call.call_id}.{name}.{mark or call.version}",
        name=name,
        occurred_at=call.history[-1].at if call.history else call.opened_at,
        tenant_id=call.tenant_id,
        organization_id=call.organization_id,
        subject_id=call.call_id,
        data={"printer_id": call.printer_id, "state": call.state, **data},
    )
