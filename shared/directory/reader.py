"""`Directory`: reads of other contexts' tables by key. It never writes; IAM grants it reads only."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from shared.directory import keys
from shared.directory.day import seen_day
from shared.directory.inherited import Explicit, Level, in_order, key_of, places_of
from shared.directory.lineage import LINEAGE, MOST_SPANS, joined, spans_of
from shared.directory.views import (
    AgentView,
    ContactView,
    EnrolmentView,
    ManagedStatus,
    ModelView,
    OrganizationView,
    PastAlertView,
    PrinterDay,
    PrinterState,
    PrinterView,
    SilenceView,
    SiteView,
)
from shared.directory.week import days_of
from shared.names import GSI1
from shared.table import Item, Page, Table

MAX_ORDERS = 100
"""Orders of one printer that are looked at for open ones; a printer has one open order a cartridge."""
MAX_PRINTERS = 20_000
"""Printers one evaluation may walk through."""
MAX_MODELS = 5_000
"""Models of the programme."""


@dataclass(frozen=True, slots=True)
class AccountsDirectory:
    """Organisations, sites and contacts, from the accounts table."""

    table: Table

    def organization(self, tenant_id: str, organization_id: str) -> OrganizationView | None:
        """The organisation, or None when the tenant has none of that id."""
        item = self.table.get(keys.tenant(tenant_id), keys.organization(organization_id))
        return OrganizationView.model_validate(item) if item else None

    def site(self, tenant_id: str, site_id: str, *, consistent: bool = True) -> SiteView | None:
        """The site, or None; perhaps as it was a moment before when not ``consistent``."""
        item = self.table.get(keys.tenant(tenant_id), keys.site(site_id), consistent=consistent)
        return SiteView.model_validate(item) if item else None

    def explicit_settings(
        self, tenant_id: str, organization_path: str, site_id: str | None = None, leaf: tuple[Level, str] | None = None
    ) -> list[Explicit]:
        """What is explicitly set at each place that something inherits from (ENT-02), perhaps a moment behind."""
        places = places_of(organization_path, site_id, leaf)
        return in_order(places, self.table.get_many(key_of(tenant_id, place) for place in places))

    def delivery_contact(self, tenant_id: str, printer_id: str) -> ContactView | None:
        """Who the printer's supplies are delivered to, or None when nobody is assigned."""
        assignment = self.table.get(keys.tenant(tenant_id), keys.delivery_contact(printer_id))
        if assignment is None:
            return None
        item = self.table.get(keys.tenant(tenant_id), keys.contact(assignment["contact_id"]))
        return ContactView.model_validate(item) if item else None

    def names_of(self, tenant_id: str, organization_ids: Iterable[str], site_ids: Iterable[str]) -> dict[str, str]:
        """The names of those of the organisations and sites that there are, by id."""
        wanted = [keys.organization(each) for each in organization_ids] + [keys.site(each) for each in site_ids]
        partition = keys.tenant(tenant_id)
        items = self.table.get_many((partition, sk) for sk in wanted)
        return {item["sk"].partition("#")[2]: item["name"] for item in items}

    def printers_with_contact(self, tenant_id: str, printer_ids: Iterable[str]) -> set[str]:
        """Those of the printers that have a supplies delivery contact."""
        partition = keys.tenant(tenant_id)
        wanted = ((partition, keys.delivery_contact(printer_id)) for printer_id in printer_ids)
        items = self.table.get_many(wanted, consistent=True)
        return {item["printer_id"] for item in items}


@dataclass(frozen=True, slots=True)
class FleetDirectory:
    """Printers, their state and their days, from the fleet table."""

    table: Table

    def printer(self, tenant_id: str, printer_id: str) -> PrinterView | None:
        """Who the printer is, or None."""
        item = self.table.get(keys.printer(tenant_id, printer_id), keys.PRINTER_META)
        return PrinterView.model_validate(item) if item else None

    def agent(self, tenant_id: str, agent_id: str) -> AgentView | None:
        """Where the tenant's agent stands, or None; a deleted one is none."""
        item = self.table.get(*keys.agent(agent_id))
        if item is None or item["tenant_id"] != tenant_id or item["status"] == "deleted":
            return None
        return AgentView.model_validate(item)

    def agents_of(self, tenant_id: str, agent_ids: Iterable[str]) -> dict[str, AgentView]:
        """Those of the agents that are the tenant's, as last written, by id; a deleted one is among them."""
        found = self.table.get_many((keys.agent(agent_id) for agent_id in agent_ids), consistent=True)
        views = [AgentView.model_validate(item) for item in found if item["tenant_id"] == tenant_id]
        return {view.agent_id: view for view in views}

    def surviving_printer(self, tenant_id: str, printer_id: str) -> PrinterView | None:
        """The printer, or the one that it was merged into, or None."""
        for _ in range(MOST_SPANS):
            printer = self.printer(tenant_id, printer_id)
            if printer is None or printer.merged_into is None:
                return printer
            printer_id = printer.merged_into
        return None

    def state(self, tenant_id: str, printer_id: str) -> PrinterState | None:
        """The printer's latest reading, or None."""
        item = self.table.get(keys.printer(tenant_id, printer_id), keys.PRINTER_STATE)
        return PrinterState.model_validate(item) if item else None

    def silence(self, tenant_id: str, printer_id: str) -> SilenceView | None:
        """The printer's last episode of silence, or None when it never had one."""
        item = self.table.get(keys.printer(tenant_id, printer_id), keys.PRINTER_SILENCE)
        return SilenceView.model_validate(item) if item else None

    def printers_of(self, tenant_id: str, printer_ids: Iterable[str]) -> dict[str, PrinterView]:
        """Those of the printers that exist, by id."""
        wanted = ((keys.printer(tenant_id, printer_id), keys.PRINTER_META) for printer_id in printer_ids)
        views = [PrinterView.model_validate(item) for item in self.table.get_many(wanted, consistent=True)]
        return {view.printer_id: view for view in views}

    def states_of(self, tenant_id: str, printer_ids: Iterable[str]) -> dict[str, PrinterState]:
        """The latest readings of those of the printers that have one, by printer id."""
        wanted = ((keys.printer(tenant_id, printer_id), keys.PRINTER_STATE) for printer_id in printer_ids)
        states = [PrinterState.model_validate(item) for item in self.table.get_many(wanted, consistent=True)]
        return {state.printer_id: state for state in states}

    def days(self, tenant_id: str, printer_id: str, first: str, last: str) -> list[PrinterDay]:
        """The printer's day roll-ups between two days (``2026-11-22``), both included, oldest first."""
        between = keys.printer_weeks(first, last)
        partition = keys.printer(tenant_id, printer_id)
        # Before the days: what the state has not told them yet, it has still when it was read first.
        state = self.table.get(partition, keys.PRINTER_STATE, consistent=False)
        if state is not None and LINEAGE in state:
            return self._inherited_days(tenant_id, printer_id, state, first, last)
        days = days_of(self.table.query_all(partition, sk_between=between), first, last)
        return [PrinterDay.model_validate(seen_day(day, state)) for day in days]

    def _inherited_days(self, tenant_id: str, printer_id: str, state: Item, first: str, last: str) -> list[PrinterDay]:
        """The days of a printer whose history is made of several printers'."""
        days: list[Item] = []
        for span in spans_of(state, printer_id):
            part = span.within(first, last)
            if part is None:
                continue
            partition = keys.printer(tenant_id, part.printer_id)
            is_own = part.printer_id == printer_id
            theirs = state if is_own else self.table.get(partition, keys.PRINTER_STATE, consistent=False)
            weeks = self.table.query_all(partition, sk_between=keys.printer_weeks(part.first, part.last))
            days += [seen_day(day, theirs) for day in days_of(weeks, part.first, part.last)]
        return [PrinterDay.model_validate(item) for item in joined(days, printer_id)]

    def printers_page(
        self, tenant_id: str, organization_path: str, *, limit: int, cursor: str | None
    ) -> tuple[list[PrinterView], str | None]:
        """A page of the printers of an organisation and all below it."""
        return self._views(keys.printers_of_tenant(tenant_id), organization_path, limit, cursor)

    def retired_printers_page(
        self, tenant_id: str, organization_path: str, *, limit: int, cursor: str | None
    ) -> tuple[list[PrinterView], str | None]:
        """A page of those that are out of service."""
        return self._views(keys.retired_printers_of_tenant(tenant_id), organization_path, limit, cursor)

    def _views(
        self, partition: str, organization_path: str, limit: int, cursor: str | None
    ) -> tuple[list[PrinterView], str | None]:
        page: Page = self.table.query(partition, sk_prefix=organization_path, index=GSI1, limit=limit, cursor=cursor)
        return [PrinterView.model_validate(item) for item in page.items], page.next_cursor

    def things_of(self, tenant_id: str, organization_path: str) -> list[str]:
        """Which of ``agents`` and ``printers`` an organisation or one below it has."""
        partitions = {"agents": keys.agents_of_tenant(tenant_id), "printers": keys.printers_of_tenant(tenant_id)}
        return [
            name
            for name, partition in partitions.items()
            if self.table.query(partition, sk_prefix=organization_path, index=GSI1, limit=1).items
        ]

    def things_at(self, tenant_id: str, organization_path: str, site_id: str) -> list[str]:
        """Which of ``agents`` and ``printers`` a site of the organisation has; at most `MAX_PRINTERS` are looked at."""
        partitions = {"agents": keys.agents_of_tenant(tenant_id), "printers": keys.printers_of_tenant(tenant_id)}
        return [
            name
            for name, partition in partitions.items()
            if any(
                item["site_id"] == site_id
                for item in self.table.query_all(
                    partition, sk_prefix=f"{organization_path}#", index=GSI1, bound=MAX_PRINTERS
                )
            )
        ]

    def printers(self, tenant_id: str, organization_path: str) -> Iterator[PrinterView]:
        """Every printer of an organisation and all below it, at most `MAX_PRINTERS`."""
        partition = keys.printers_of_tenant(tenant_id)
        for item in self.table.query_all(partition, sk_prefix=organization_path, index=GSI1, bound=MAX_PRINTERS):
            yield PrinterView.model_validate(item)


@dataclass(frozen=True, slots=True)
class EligibilityDirectory:
    """Enrolment facts and the programme's models, from the eligibility table."""

    table: Table

    def enrolment(self, tenant_id: str, printer_id: str) -> EnrolmentView | None:
        """The printer's enrolment fact, or None when it never was asked for."""
        item = self.table.get(keys.enrolment_status(tenant_id), keys.managed_printer(printer_id))
        return EnrolmentView.model_validate(item) if item else None

    def statuses_of(self, tenant_id: str, printer_ids: Iterable[str]) -> dict[str, ManagedStatus]:
        """How far those of the printers that were ever asked for are on their way into the programme, by id."""
        partition = keys.enrolment_status(tenant_id)
        wanted = ((partition, keys.managed_printer(printer_id)) for printer_id in printer_ids)
        facts = [EnrolmentView.model_validate(item) for item in self.table.get_many(wanted, consistent=True)]
        return {fact.printer_id: fact.status for fact in facts}

    def models(self) -> list[ModelView]:
        """The models that the programme supports, at most `MAX_MODELS`, perhaps a moment behind."""
        found = self.table.query_all(keys.PROGRAMME, sk_prefix=keys.MODEL_PREFIX, bound=MAX_MODELS)
        return [ModelView.model_validate(item) for item in found]

    def is_managed(self, tenant_id: str, printer_id: str) -> bool:
        """True when the printer is in the programme."""
        fact = self.enrolment(tenant_id, printer_id)
        return fact is not None and fact.status is ManagedStatus.MANAGED


@dataclass(frozen=True, slots=True)
class OrdersDirectory:
    """What is on its way to printers, from the orders table."""

    table: Table

    def has_open_order(self, tenant_id: str, printer_id: str) -> bool:
        """True when one of the printer's newest `MAX_ORDERS` orders is neither closed nor cancelled."""
        pointers = self.table.query_all(
            keys.printer_orders(tenant_id, printer_id),
            sk_prefix=keys.PRINTER_ORDER_PREFIX,
            bound=MAX_ORDERS,
            newest_first=True,
            consistent=True,
        )
        wanted = [(keys.order(tenant_id, item["order_id"]), keys.ORDER) for item in pointers]
        return any(item["state"] not in keys.ENDED_ORDERS for item in self.table.get_many(wanted, consistent=True))


@dataclass(frozen=True, slots=True)
class TicketsDirectory:
    """What is being repaired, from the tickets table."""

    table: Table

    def past_alerts(
        self, tenant_id: str, printer_id: str, *, between: tuple[str, str], limit: int
    ) -> tuple[list[tuple[str, PastAlertView]], bool]:
        """Alerts of a printer that are over, the last first, each with its place; and whether there are more.

        Args:
            tenant_id: Whose printer.
            printer_id: Under which the alerts were told.
            between: The earliest and the latest place, both included; a place begins with when the alert ended.
            limit: At most so many.
        """
        low, high = (f"{keys.PAST_ALERT_PREFIX}{each}" for each in between)
        partition = keys.printer_calls(tenant_id, printer_id)
        page = self.table.query(partition, sk_between=(low, high), limit=limit, newest_first=True)
        found = [
            (item["sk"].removeprefix(keys.PAST_ALERT_PREFIX), PastAlertView.model_validate(item)) for item in page.items
        ]
        return found, page.next_cursor is not None

    def has_open_call(self, tenant_id: str, printer_id: str) -> bool:
        """True when a problem family of the printer has an open service call."""
        families = self.table.query_all(
            keys.printer_calls(tenant_id, printer_id), sk_prefix=keys.CALL_FAMILY_PREFIX, consistent=True
        )
        return any(item["open"] for item in families)
