"""What other contexts may know of organisations, sites, contacts, printers and enrolments."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from shared.wire.base import UtcDatetime
from shared.wire.reading import Alert, Counter, Status, Supply


class View(BaseModel):
    """A stored item as its readers see it; attributes that a view does not name are not theirs."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


class OrganizationView(View):
    """A partner or one of its customers. ``path`` is ``/org_a/org_b/``: every ancestor, then itself."""

    tenant_id: str
    organization_id: str
    parent_id: str | None = None
    path: str
    name: str


class Address(View):
    """A postal address as given; ``country`` is ISO 3166-1 alpha-2."""

    address1: str
    address2: str | None = None
    city: str
    state: str | None = None
    postal_code: str
    country: str


class OpeningHours(View):
    """A weekly window in local wall time: ISO weekday 1-7, ``HH:MM``; ``24:00`` is the day's end (SLA-03)."""

    weekday: int
    opens: str
    closes: str


class ExtraHours(View):
    """A window of one day (``2026-11-28``) that counts instead of the weekly ones, on public holidays too."""

    day: str
    opens: str
    closes: str


class SiteView(View):
    """Where printers stand; ``time_zone`` is an IANA name. No hours means Monday to Friday 08:00-17:00."""

    tenant_id: str
    organization_id: str
    organization_path: str
    site_id: str
    name: str
    address: Address
    time_zone: str
    opening_hours: list[OpeningHours] = []
    holiday_subdivision: str | None = None
    closed_days: list[str] = []
    extra_windows: list[ExtraHours] = []


class ContactView(View):
    """A person or desk that supplies are delivered to."""

    tenant_id: str
    organization_id: str
    contact_id: str
    first_name: str
    last_name: str
    company: str | None = None
    email: str | None = None
    phone_country_code: str | None = None
    phone: str | None = None
    address: Address

    @property
    def full_phone(self) -> str | None:
        """The number as it is dialled from anywhere (ITU-T E.123), or None."""
        if self.phone is None or self.phone_country_code is None:
            return self.phone
        return f"+{self.phone_country_code} {self.phone}"


class Registration(StrEnum):
    """Whether the cloud could give the printer an identity; the third eligibility test."""

    REGISTERED = "registered"
    FAILED = "failed"


class SiteMove(View):
    """That a printer was found at another site, and nobody has said yet where its supplies go now."""

    question_id: str
    from_site_id: str
    to_site_id: str
    asked_at: UtcDatetime


class IdentityConflict(View):
    """That nobody can say who a printer is until people have looked."""

    question_id: str
    kind: str
    reason: str | None = None
    asked_at: UtcDatetime


class Stay(View):
    """A site that a printer was at, and its last day there."""

    site_id: str
    until: date


class Retirement(View):
    """Since when a printer is out of service, and its last day in it; a reading that was taken later brings it back."""

    retired_at: UtcDatetime
    last_day: date


class SeenBy(View):
    """When an agent read a printer last; one that was ``given`` to it counts as read at that time."""

    at: UtcDatetime
    given: bool = False
    read_at: UtcDatetime | None = None

    @property
    def last_read_at(self) -> datetime | None:
        """When it really read it last; None for an agent that the printer was given to and that has not read it yet."""
        return self.read_at if self.given else self.at


class PrinterView(View):
    """Who a printer is and where: changes seldom. ``merged_into`` names the printer that it was found to be.

    One that was registered by hand has no agent until the first one reads it. A retired one keeps the name of its last.
    """

    tenant_id: str
    organization_id: str
    organization_path: str
    site_id: str
    agent_id: str | None = None
    agent_version: str | None = None
    printer_id: str
    manufacturer: str | None = None
    model: str | None = None
    serial_number: str | None = None
    mac_address: str | None = None
    address: str | None = None
    registration: Registration = Registration.REGISTERED
    first_seen_at: UtcDatetime
    site_move: SiteMove | None = None
    stays: list[Stay] = []
    identity_conflict: IdentityConflict | None = None
    merged_into: str | None = None
    merged_printer_ids: list[str] = []
    retirement: Retirement | None = None


class SilenceView(View):
    """A printer's last episode of silence (SUP-30): since when it was not read, and when it was heard again."""

    since: UtcDatetime
    heard_at: UtcDatetime | None = None

    @property
    def is_over(self) -> bool:
        """True when the printer was heard again."""
        return self.heard_at is not None


class AgentView(View):
    """Where an agent stands; ``status`` is ingest's. Until ``ending_until`` it may be over at any moment."""

    tenant_id: str
    organization_id: str
    organization_path: str
    site_id: str
    agent_id: str
    status: str
    ending_until: UtcDatetime | None = None

    def is_ending(self, now: datetime) -> bool:
        """True while its partner's wish to end it is being decided."""
        return self.ending_until is not None and now < self.ending_until

    def goes_on(self, now: datetime) -> bool:
        """False for one that is deactivated or deleted, or is just being ended (AGT-01)."""
        return self.status not in {"deactivated", "deleted"} and not self.is_ending(now)


class PrinterState(View):
    """A printer's latest reading: what the fleet stream carries in its images (sort key ``STATE``)."""

    tenant_id: str
    organization_id: str
    organization_path: str
    site_id: str
    agent_id: str
    printer_id: str
    reading_id: str
    taken_at: UtcDatetime
    received_at: UtcDatetime
    seen_by: dict[str, SeenBy] = {}
    heard_at: UtcDatetime | None = None
    uptime_ticks: int | None = None
    boot_epoch: int = 0
    status: Status = Status()
    counters: list[Counter] = []
    supplies: list[Supply] = []
    alerts: list[Alert] = []

    @property
    def last_read_at(self) -> datetime:
        """When the printer was last read: later than the reading where nothing changed since, if that was looked up."""
        return max(self.taken_at, self.heard_at or self.taken_at)

    def count(self, name: str) -> int | None:
        """The first counter of that name, or None."""
        return next((counter.value for counter in self.counters if counter.name == name), None)


class SupplyDay(View):
    """A supply's last valid reading of a day (SUP-04)."""

    percent: Decimal | None = None
    level_state: str
    serial_number: str | None = None


class PrinterDay(View):
    """One printer and one site-local day: its counters, last supplies, how many readings.

    A counter that decreased has its highest value (with its time) beside the first and last ones, its lowest (with its
    time and the printer's uptime then, -1 when not told), or both; see `shared.directory.meters.points_of`.
    """

    printer_id: str
    day: str
    first_counters: dict[str, int] = {}
    first_counters_at: str = ""
    first_uptime: int = -1
    last_counters: dict[str, int] = {}
    last_counters_at: str = ""
    high_counters: dict[str, tuple[int, str]] = {}
    low_counters: dict[str, tuple[int, str, int]] = {}
    supplies: dict[str, SupplyDay] = {}
    readings: int
    last_reading_at: UtcDatetime


class ManagedStatus(StrEnum):
    """Where a printer is on its way into the programme."""

    UNMANAGED = "unmanaged"
    PENDING = "pending"
    MANAGED = "managed"


class EnrolmentView(View):
    """A printer's enrolment fact; a printer without one is unmanaged."""

    tenant_id: str
    organization_id: str
    printer_id: str
    status: ManagedStatus
    enrolment_id: str


class ModelView(View):
    """A model that the programme supports, or a beginning of names that ends in ``*``."""

    manufacturer: str
    model: str
    max_lifetime_count: int


class PastAlertView(View):
    """An alert of a printer that is over; ``alert`` is its row as it was read."""

    printer_id: str
    opened_at: UtcDatetime | None = None
    cleared_at: UtcDatetime
    alert: dict[str, str | int]
