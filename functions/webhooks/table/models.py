"""What the webhooks context keeps: webhooks with their secrets, deliveries with their attempts, replays."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from shared.events import EventName
from shared.wire.base import UtcDatetime

LOG_KEPT: Final = timedelta(days=30)
MAX_ATTEMPTS_KEPT: Final = 40


class Stored(BaseModel):
    """A stored item; key attributes and attributes of later versions are left alone."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


class ParkReason(StrEnum):
    """Why nothing is sent to a webhook."""

    FAILING = "failing"
    """No attempt succeeded for 72 hours."""
    GONE = "gone"
    """Its endpoint answered 410."""
    PAUSED = "paused"
    """Its partner asked for it."""


class Secret(Stored):
    """A signing secret; one that was replaced signs until ``ends_at``. Never printed."""

    secret: str = Field(repr=False)
    created_at: UtcDatetime
    ends_at: UtcDatetime | None = None
    request: str | None = Field(None, repr=False)

    def is_alive(self, now: datetime) -> bool:
        """True while it signs."""
        return self.ends_at is None or now < self.ends_at


class Attempt(Stored):
    """One request to the endpoint: the status of its answer, or why there was none."""

    number: int
    at: UtcDatetime
    duration_ms: int
    status: int | None = None
    error: str | None = None
    response_excerpt: str | None = Field(None, repr=False)


class Webhook(Stored):
    """Whom to tell of what. ``event_types`` None is every event, those of later versions too."""

    tenant_id: str
    organization_id: str
    organization_path: str
    webhook_id: str
    url: str = Field(repr=False)
    description: str | None = None
    event_types: list[EventName] | None = None
    secrets: list[Secret] = Field(repr=False)
    failing_since: UtcDatetime | None = None
    parked_at: UtcDatetime | None = None
    parked_because: ParkReason | None = None
    parked_after: Attempt | None = None
    """The attempt that was one too many; None when its partner parked it."""
    created_at: UtcDatetime
    created_by: str
    version: int = 1

    def wants(self, name: EventName) -> bool:
        """True when events of that name are for it."""
        return self.event_types is None or name in self.event_types

    def live_secrets(self, now: datetime) -> list[Secret]:
        """The secrets that sign now, the newest first."""
        return [secret for secret in self.secrets if secret.is_alive(now)]


class DeliveryState(StrEnum):
    """How far an event has come on its way to one webhook."""

    PENDING = "pending"
    DELIVERED = "delivered"
    HELD = "held"
    """Its webhook is parked; it goes on when the webhook does."""
    GIVEN_UP = "given_up"
    """72 hours of attempts failed although others of its webhook succeeded."""
    CANCELLED = "cancelled"
    """Its webhook was deleted."""


class Delivery(Stored):
    """One event for one webhook. ``delivery_id`` is the ``webhook-id`` that its receiver sees, in every attempt."""

    tenant_id: str
    webhook_id: str
    delivery_id: str
    event_id: str
    event_type: EventName
    organization_id: str
    subject_id: str
    occurred_at: UtcDatetime
    body: str = Field(repr=False)
    state: DeliveryState = DeliveryState.PENDING
    attempts_made: int = 0
    attempts: list[Attempt] = []
    failures: int = 0
    """Failed attempts since it was last set going: what the back-off counts."""
    armed_at: UtcDatetime
    """When it was last set going: by its event, a replay, or a person."""
    not_before: UtcDatetime
    """No attempt sooner: the next retry, or the end of the attempt that is on its way."""
    claimed: bool = False
    """An attempt is on its way; when ``not_before`` is over it was cut off."""
    failing_since: UtcDatetime | None = None
    """Its first failed attempt since it was last set going: its 72 hours begin then."""
    waits: int = 0
    """How often in a row it found every sender of its webhook at work."""
    created_at: UtcDatetime
    delivered_at: UtcDatetime | None = None
    version: int = 1

    def is_on_its_way(self, now: datetime) -> bool:
        """True while a worker may be sending it."""
        return self.claimed and now < self.not_before

    def is_ready(self, now: datetime) -> bool:
        """True when an attempt may be made now."""
        return self.state is DeliveryState.PENDING and self.not_before <= now

    @property
    def kept_until(self) -> datetime:
        """When it leaves the log."""
        return self.created_at + LOG_KEPT


class Slot(Stored):
    """Leave to send for a tenant, until it is given back or its time is over."""

    tenant_id: str
    number: int
    until: UtcDatetime


class ReplayOf(StrEnum):
    """Which deliveries a replay sends again."""

    ALL = "all"
    UNDELIVERED = "undelivered"
    HELD = "held"


class ReplayState(StrEnum):
    """Whether a replay has come to the end of the log."""

    RUNNING = "running"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class Replay(Stored):
    """Deliveries to be sent again, from one on; ``after`` is the last that was looked at."""

    tenant_id: str
    webhook_id: str
    replay_id: str
    of: ReplayOf
    after: str
    until: str
    """Deliveries of later events are not its own: they are sent anyway."""
    queued: int = 0
    state: ReplayState = ReplayState.RUNNING
    created_at: UtcDatetime
    created_by: str
    version: int = 1

    @property
    def kept_until(self) -> datetime:
        """When it is forgotten."""
        return self.created_at + LOG_KEPT
