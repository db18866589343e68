"""What an evaluation may need to know of a printer beside its reading; each is read at most once."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from functions.orders.supplies.forecast import WINDOW_DAYS, Usage
from functions.orders.supplies.limits import OrderLimits
from functions.orders.supplies.usage import counter_of, daily_levels, daily_pages, daily_points
from functions.orders.table.models import FulfilmentPartner, Position, ShipTo
from functions.orders.table.ports import Accounts, Enrolments, Fleet, PartnerStore, SupplyStore
from shared.directory.inherited import Level, values_of
from shared.directory.views import PrinterDay, PrinterState, PrinterView

DEFAULT_LEAD_TIME_DAYS: Final = 6
REVIEW_DAYS: Final = 1
"""SUP-15 was measured with lead time and review interval of seven days together."""


@dataclass(frozen=True, slots=True)
class World:
    """The ports of the supplies use cases."""

    store: SupplyStore
    partners: PartnerStore
    fleet: Fleet
    accounts: Accounts
    enrolments: Enrolments


class PrinterFacts:
    """Facts of one printer at one reading."""

    def __init__(self, state: PrinterState, world: World) -> None:
        self._state = state
        self._world = world

    @cached_property
    def today(self) -> date:
        """The site-local day of the reading."""
        return self.day_of(self._state.taken_at)

    def day_of(self, at: datetime) -> date:
        """The site-local day of a time; the day in UTC where the zone is not known."""
        return at.astimezone(self._zone).date()

    @cached_property
    def _zone(self) -> ZoneInfo:
        site = self._world.accounts.site(self._state.tenant_id, self._state.site_id)
        try:
            return ZoneInfo(site.time_zone) if site else ZoneInfo("UTC")
        except (ZoneInfoNotFoundError, ValueError):
            return ZoneInfo("UTC")

    @cached_property
    def days(self) -> list[PrinterDay]:
        """The roll-ups of the last weeks, today's included."""
        first = self.today - timedelta(days=WINDOW_DAYS)
        return self._world.fleet.days(
            self._state.tenant_id, self._state.printer_id, first.isoformat(), self.today.isoformat()
        )

    @cached_property
    def printer(self) -> PrinterView | None:
        """Who the printer is."""
        return self._world.fleet.printer(self._state.tenant_id, self._state.printer_id)

    @property
    def is_moving(self) -> bool:
        """True while nobody has confirmed where the supplies of a printer at another site go."""
        return self.printer is not None and self.printer.site_move is not None

    @cached_property
    def partner(self) -> FulfilmentPartner | None:
        """Who would ship."""
        return self._world.partners.default_partner(self._state.tenant_id, self._state.organization_path)

    @cached_property
    def ship_to(self) -> ShipTo | None:
        """Who would receive."""
        contact = self._world.accounts.delivery_contact(self._state.tenant_id, self._state.printer_id)
        return ShipTo.model_validate(contact.model_dump() | {"phone": contact.full_phone}) if contact else None

    @cached_property
    def limits(self) -> OrderLimits:
        """What was set about ordering for the printer, its site or an organisation above (ENT-02)."""
        state = self._state
        leaf = (Level.PRINTER, state.printer_id)
        chain = self._world.accounts.explicit_settings(state.tenant_id, state.organization_path, state.site_id, leaf)
        return OrderLimits.of(values_of(chain))

    @property
    def horizon_days(self) -> int:
        """The days that a cartridge must last from the decision on: lead time, review interval, and what was set."""
        lead_time = self.partner.lead_time_days if self.partner else DEFAULT_LEAD_TIME_DAYS
        return lead_time + REVIEW_DAYS + self.limits.extra_cover_days

    def usage(self, position: Position) -> Usage:
        """The position's use on complete days; today counts only while there is no other day."""
        counter = counter_of(position, self.days)
        pages = daily_pages(self.days, counter)
        uses = pages or daily_points(self.days, position.position_id)
        complete = [use for use in uses if use.day < self.today] or uses
        return Usage(complete, daily_levels(self.days, position), has_counter=bool(pages))
