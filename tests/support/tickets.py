"""Builders and the in-memory store of the tickets context."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from functions.tickets.calls.call import next_wake_up
from functions.tickets.calls.service import Tickets
from functions.tickets.table.models import CallState, Family, FamilyMarker, Problem, ServiceCall
from functions.tickets.table.ports import Due
from shared.directory.views import OrganizationView, PrinterState, PrinterView, SiteView
from shared.table import Item
from shared.wire.reading import Alert
from tests.support.api_events import AGENT, CHILD_ORGANIZATION, ROOT_ORGANIZATION
from tests.support.api_events import SITE as SITE_OF_EVENTS

TENANT, CUSTOMER, SITE_ID = ROOT_ORGANIZATION, CHILD_ORGANIZATION, SITE_OF_EVENTS
PATH = f"/{TENANT}/{CUSTOMER}/"
PRINTER_ID = "prn_01jd2x00000000000000000001"
MONDAY = datetime(2026, 5, 11, 14, 0, tzinfo=UTC)  # 10:00 in New York
SITE = SiteView.model_validate(
    {
        "tenant_id": TENANT,
        "organization_id": CUSTOMER,
        "organization_path": PATH,
        "site_id": SITE_ID,
        "name": "Main office",
        "address": {"address1": "1 Main St", "city": "New York", "postal_code": "10001", "country": "US"},
        "time_zone": "America/New_York",
    }
)
PRINTER = PrinterView.model_validate(
    {
        "tenant_id": TENANT,
        "organization_id": CUSTOMER,
        "organization_path": PATH,
        "site_id": SITE_ID,
        "agent_id": AGENT,
        "printer_id": PRINTER_ID,
        "manufacturer": "Example",
        "model": "Laser 100",
        "serial_number": "SN1",
        "first_seen_at": MONDAY,
    }
)


def a_fuser_failure(at: datetime = MONDAY, **fields: object) -> Alert:
    row = {
        "index": "1.5",
        "code": 1004,
        "group": "marker",
        "group_index": 1,
        "location": -2,
        "severity": "critical",
        "training_level": "fieldService",
        "description": "Fuser failure",
        "raised_at": at,
    }
    return Alert.model_validate(row | fields)


def a_state(*alerts: Alert, at: datetime = MONDAY, printer_id: str = PRINTER_ID, **fields: object) -> PrinterState:
    return PrinterState.model_validate(
        {
            "tenant_id": TENANT,
            "organization_id": CUSTOMER,
            "organization_path": PATH,
            "site_id": SITE_ID,
            "agent_id": AGENT,
            "printer_id": printer_id,
            "reading_id": f"r{at.timestamp()}",
            "taken_at": at,
            "received_at": at,
            "alerts": [alert.model_dump() for alert in alerts],
            **fields,
        }
    )


@dataclass
class Office:
    """What other contexts know: one site, one printer, managed or not, and what it says now."""

    managed: bool = True
    says: PrinterState | None = None

    def is_managed(self, tenant_id: str, printer_id: str) -> bool:
        return self.managed

    def site(self, tenant_id: str, site_id: str) -> SiteView | None:
        return SITE

    def printer(self, tenant_id: str, printer_id: str) -> PrinterView | None:
        return PRINTER

    def state(self, tenant_id: str, printer_id: str) -> PrinterState | None:
        return self.says

    def organization(self, tenant_id: str, organization_id: str) -> OrganizationView | None:
        return None


@dataclass
class MemoryTicketStore:
    """`TicketStore` in memory, held to the same contract tests as the table."""

    stored_problems: dict[tuple[str, str, str], Problem] = field(default_factory=dict)
    stored_calls: dict[tuple[str, str], ServiceCall] = field(default_factory=dict)
    markers: dict[tuple[str, str, Family], FamilyMarker] = field(default_factory=dict)
    put_off_until: dict[Due, datetime] = field(default_factory=dict)
    history: dict[tuple[str, str], Item] = field(default_factory=dict)

    def problems(self, tenant_id: str, printer_id: str) -> list[Problem]:
        return [problem for key, problem in sorted(self.stored_problems.items()) if key[:2] == (tenant_id, printer_id)]

    def problem(self, tenant_id: str, printer_id: str, logical_key: str) -> Problem | None:
        return self.stored_problems.get((tenant_id, printer_id, logical_key))

    def save_problem(self, problem: Problem) -> Problem | None:
        key = (problem.tenant_id, problem.printer_id, problem.logical_key)
        before = self.stored_problems.get(key)
        if problem.version != (before.version if before is not None else 0):
            return None
        self.stored_problems[key] = problem.changed(version=problem.version + 1)
        return self.stored_problems[key]

    def alerts_begun(self, tenant_id: str, printer_id: str, logical_keys: Sequence[str]) -> dict[str, str]:
        kept = {item["sk"]: item["opened_at"] for item in self.history.values() if item["printer_id"] == printer_id}
        return {each: kept[f"BEGUN#{each}"] for each in logical_keys if f"BEGUN#{each}" in kept}

    def keep(self, items: Sequence[Item]) -> None:
        self.history |= {(item["pk"], item["sk"]): item for item in items}

    def marker(self, tenant_id: str, printer_id: str, family: Family) -> FamilyMarker | None:
        return self.markers.get((tenant_id, printer_id, family))

    def create_call(self, call: ServiceCall, problem: Problem | None = None) -> bool:
        marker = self.markers.get((call.tenant_id, call.printer_id, call.family))
        if (marker is not None and marker.open) or (call.tenant_id, call.call_id) in self.stored_calls:
            return False
        return self._store(call, problem)

    def call(self, tenant_id: str, call_id: str) -> ServiceCall | None:
        return self.stored_calls.get((tenant_id, call_id))

    def save_call(self, call: ServiceCall, problem: Problem | None = None) -> bool:
        stored = self.stored_calls.get((call.tenant_id, call.call_id))
        if stored is None or stored.version != call.version:
            return False
        marker = self.markers.get((call.tenant_id, call.printer_id, call.family))
        mine = marker is not None and marker.call_id == call.call_id
        if call.is_open and not mine and marker is not None and marker.open:
            return False
        return self._store(call.changed(version=call.version + 1), problem, with_marker=mine or call.is_open)

    def calls_page(
        self, tenant_id: str, organization_path: str, *, limit: int, cursor: str | None
    ) -> tuple[list[ServiceCall], str | None]:
        wanted = [
            call
            for (tenant, _), call in self.stored_calls.items()
            if tenant == tenant_id and call.organization_path.startswith(organization_path)
        ]
        wanted.sort(key=lambda call: (call.organization_path, call.call_id), reverse=True)
        start = int(cursor or 0)
        page = wanted[start : start + limit]
        return page, str(start + limit) if start + limit < len(wanted) else None

    def due(self, now: datetime) -> Iterator[Due]:
        for key, problem in list(self.stored_problems.items()):
            if problem.wants_call(now) and self._is_time("|".join(key[:2]), key[2], now):
                yield Due("|".join(key[:2]), key[2])
        for (tenant_id, call_id), call in list(self.stored_calls.items()):
            if call.is_open and next_wake_up(call) <= now and self._is_time(tenant_id, call_id, now):
                yield Due(tenant_id, call_id)

    def thing(self, due: Due) -> Problem | ServiceCall | None:
        if "|" not in due.pk:
            return self.stored_calls.get((due.pk, due.sk))
        tenant_id, printer_id = due.pk.split("|")
        return self.stored_problems.get((tenant_id, printer_id, due.sk))

    def put_off(self, due: Due, until: datetime) -> None:
        self.put_off_until[due] = until

    def _is_time(self, pk: str, sk: str, now: datetime) -> bool:
        until = self.put_off_until.get(Due(pk, sk))
        return until is None or until <= now

    def _store(self, call: ServiceCall, problem: Problem | None, *, with_marker: bool = True) -> bool:
        # Not self.save_problem: a transaction is one write, and nobody comes between its parts.
        if problem is not None and MemoryTicketStore.save_problem(self, problem) is None:
            return False
        self.stored_calls[call.tenant_id, call.call_id] = call
        if with_marker:
            marker = FamilyMarker(call_id=call.call_id, open=call.is_open)
            self.markers[call.tenant_id, call.printer_id, call.family] = marker
        return True


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def the_call(store: MemoryTicketStore) -> ServiceCall:
    (call,) = store.stored_calls.values()
    return call


def sweep(tickets: Tickets, minute: float) -> None:
    now = MONDAY + minutes(minute)
    for due in tickets.store.due(now):
        tickets.handle_due(due, now)


def fails(tickets: Tickets, minute: float, **fields: object) -> None:
    now = MONDAY + minutes(minute)
    tickets.handle_state(a_state(a_fuser_failure(**{"at": now, **fields}), at=now), now)  # type: ignore[arg-type] # at is a time


def clears(tickets: Tickets, minute: float) -> None:
    now = MONDAY + minutes(minute)
    tickets.handle_state(a_state(at=now), now)


def moves(tickets: Tickets, store: MemoryTicketStore, to: CallState, minute: float) -> None:
    tickets.transition(the_call(store), to, MONDAY + minutes(minute), by="key_1", reason=None)
