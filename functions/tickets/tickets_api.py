"""Partner API: service calls."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Body, Query
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import ConfigDict, Field

from functions.tickets.table.models import CallState, CallType, ClockState, Evidence, Family, HistoryEntry, ServiceCall
from functions.tickets.wiring import tickets
from shared.clock import utc_now
from shared.http import PROBLEMS, ApiModel, Cursor, Limit, caller_of, partner_api, serve
from shared.ids import EntityId
from shared.names import Scope
from shared.observability import logger, metrics, tracer
from shared.scopes import needs
from shared.visibility import visible_to
from shared.wire.base import UtcDatetime

app = partner_api()
log = logger("tickets")
MAX_PAGES_READ = 10
"""Index pages read for one filtered page: a filter that matches nothing ends with a cursor, not a scan."""
Below = Annotated[EntityId | None, Query(description="Only this organisation and those below it")]
_SUMMARY_EXAMPLE: dict[str, Any] = {
    "call_id": "sc_01kam4w7v5r3f8e2t9q1n6b0xd",
    "organization_id": "org_01jd2x8k3v9m4t7r5c2b6n0q1w",
    "site_id": "site_01jd2x8k3v9m4t7r5c2b6n0q1w",
    "printer_id": "prn_01jd2x8k3v9m4t7r5c2b6n0q1w",
    "model": "Laser 100",
    "serial_number": "SN1",
    "call_type": "CM",
    "family": "fuser_thermal",
    "priority": 2,
    "title": "50.2 Fuser error",
    "state": "new",
    "opened_at": "2026-05-11T14:05:00Z",
    "resolved_at": None,
}
_CLOCK_EXAMPLE: dict[str, Any] = {
    "target_minutes": 240,
    "started_at": "2026-05-11T14:05:00Z",
    "due_at": "2026-05-11T18:05:00Z",
    "state": "running",
    "ended_at": None,
    "notified_pct": 50,
}


class ServiceCallSummary(ApiModel):
    """A service call in a list."""

    model_config = ConfigDict(json_schema_extra={"examples": [_SUMMARY_EXAMPLE]})

    call_id: EntityId
    organization_id: str
    site_id: str
    printer_id: str
    model: str | None
    serial_number: str | None
    call_type: CallType = Field(description="CM corrective, PM preventive, PF by phone or remotely")
    family: Family = Field(description="One open call for each printer and family")
    priority: int = Field(description="1 is the most urgent")
    title: str
    state: CallState
    opened_at: UtcDatetime
    resolved_at: UtcDatetime | None


class SlaClock(ApiModel):
    """A target in minutes of the site's business time, and when it is due."""

    model_config = ConfigDict(json_schema_extra={"examples": [_CLOCK_EXAMPLE]})

    target_minutes: int
    started_at: UtcDatetime
    due_at: UtcDatetime = Field(description="Moves when a paused clock goes on")
    state: ClockState
    ended_at: UtcDatetime | None
    notified_pct: int = Field(description="The last notice given: 50, 75, 90, or 100 for the breach")


class ServiceCallDetails(ServiceCallSummary):
    """A service call with its alerts, SLA clocks and history."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                _SUMMARY_EXAMPLE
                | {
                    "cause": None,
                    "policy_version": "default-1",
                    "clocks": {"on_site": _CLOCK_EXAMPLE},
                    "evidence": [
                        {
                            "logical_key": "marker:1:-2:1004",
                            "code": 1004,
                            "name": "markerFuserThermistorFailure",
                            "group": "marker",
                            "severity": "critical",
                            "description": "50.2 Fuser error",
                            "first_seen_at": "2026-05-11T14:00:00Z",
                            "cleared_at": None,
                            "times": 1,
                        }
                    ],
                    "history": [{"at": "2026-05-11T14:05:00Z", "what": "opened", "by": "platen", "detail": None}],
                }
            ]
        }
    )

    cause: str | None = Field(description="Why it ended: self_cleared, by_person, left_programme")
    policy_version: str
    clocks: dict[str, SlaClock] = Field(description="By target: acknowledge, on_site, resolve")
    evidence: list[Evidence]
    history: list[HistoryEntry]


class ServiceCallPage(ApiModel):
    """A page of service calls."""

    items: list[ServiceCallSummary]
    next_cursor: str | None


class Transition(ApiModel):
    """A move of a call to its next state."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"to": "triage", "reason": "Taken by the help desk"}]})

    to: CallState
    reason: Annotated[str, Field(max_length=500)] | None = None


@app.get(
    "/v1/service-calls",
    summary="List service calls",
    description=(
        "Calls of an organisation and all below it, newest first within each; filters can be combined. With "
        "`printer_id` or `state` a page may hold fewer items than `limit` and still have a next one."
    ),
    responses={200: {"description": "A page of calls"}, **PROBLEMS},
    tags=["Service calls"],
    openapi_extensions=needs(Scope.TICKETS_READ),
)
def list_service_calls(
    organization_id: Below = None,
    printer_id: Annotated[EntityId | None, Query(description="Only this printer's calls")] = None,
    state: Annotated[CallState | None, Query(description="Only calls in this state")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> ServiceCallPage:
    """A page of calls, filtered by organisation, printer and state."""
    caller = caller_of(app)
    use_cases = tickets()
    visible = visible_to(use_cases.surroundings, caller, organization_id)
    found: list[ServiceCall] = []
    for _ in range(MAX_PAGES_READ):
        page, cursor = use_cases.store.calls_page(
            visible.tenant_id, visible.path, limit=limit - len(found), cursor=cursor
        )
        found += [
            call
            for call in page
            if (printer_id is None or call.printer_id == printer_id) and (state is None or call.state is state)
        ]
        if cursor is None or len(found) >= limit:
            break
    return ServiceCallPage(items=[_summary(call) for call in found], next_cursor=cursor)


@app.get(
    "/v1/service-calls/<call_id>",
    summary="Read a service call",
    description="The call with its alerts, SLA clocks (due times in UTC) and history.",
    responses={200: {"description": "The call"}, **PROBLEMS},
    tags=["Service calls"],
    openapi_extensions=needs(Scope.TICKETS_READ),
)
def get_service_call(call_id: EntityId, organization_id: Below = None) -> ServiceCallDetails:
    """One call."""
    caller = caller_of(app)
    use_cases = tickets()
    visible = visible_to(use_cases.surroundings, caller, organization_id)
    return _details(use_cases.visible_call(visible.tenant_id, call_id, visible.path))


@app.post(
    "/v1/service-calls/<call_id>/transitions",
    summary="Move a service call",
    description=(
        "Acknowledge, triage, schedule, resolve, reopen, close or cancel; 409 to an illegal move names the legal ones. "
        "While the call is `awaiting_customer` its on-site and resolve clocks are paused. A resolved call can be "
        "reopened for five business days, unless a newer call has the same problem."
    ),
    responses={200: {"description": "The call after the move"}, **PROBLEMS},
    tags=["Service calls"],
    openapi_extensions=needs(Scope.TICKETS_WRITE),
)
def move_service_call(
    call_id: EntityId, transition: Annotated[Transition, Body()], organization_id: Below = None
) -> ServiceCallDetails:
    """A person's decision on a call."""
    caller = caller_of(app)
    use_cases = tickets()
    visible = visible_to(use_cases.surroundings, caller, organization_id)
    call = use_cases.visible_call(visible.tenant_id, call_id, visible.path)
    moved = use_cases.transition(call, transition.to, utc_now(), by=caller.key_id, reason=transition.reason)
    return _details(moved)


@log.inject_lambda_context
@metrics("tickets").log_metrics
@tracer("tickets").capture_lambda_handler(capture_response=False)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Serve the service-calls routes."""
    return serve(app, event, context)


def _summary(call: ServiceCall) -> ServiceCallSummary:
    return ServiceCallSummary.model_validate(call.model_dump(include=set(ServiceCallSummary.model_fields)))


def _details(call: ServiceCall) -> ServiceCallDetails:
    fields = call.model_dump(include=set(ServiceCallDetails.model_fields))
    shown = {name: clock.model_dump(include=set(SlaClock.model_fields)) for name, clock in call.clocks.items()}
    return ServiceCallDetails.model_validate(fields | {"clocks": shown})
