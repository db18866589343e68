"""Bodies of the webhooks' routes."""

from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints, model_validator

from functions.webhooks.table.models import Attempt, Delivery, DeliveryState, ParkReason, ReplayOf, ReplayState, Webhook
from shared.events import EventName
from shared.http import ApiModel
from shared.ids import EntityId
from shared.wire.base import UtcDatetime
from shared.written_numbers import WRITTEN

MAX_URL: Final = 2_048
DEFAULT_OVERLAP_HOURS: Final = 24
MAX_OVERLAP_HOURS: Final = 168
_URL: Final = "https://hooks.example.com/platen"
_EVENTS: Final[list[JsonValue]] = ["PrinterEnrolled", "SuppliesOrderShipped"]
_DELIVERY: Final = "dlv_01jd2x8k3v9m4t7r5c2b6n0q1w"

Url = Annotated[
    str,
    StringConstraints(min_length=1, max_length=MAX_URL),
    Field(description="https, a public host; may have a path and a query", examples=[_URL]),
]
EventTypes = Annotated[
    list[EventName] | None,
    Field(
        min_length=1,
        max_length=len(EventName),
        description="Names of events, see docs/events.md; null is every event, those that come to be later too",
        examples=[_EVENTS],
    ),
]
Description = Annotated[str | None, StringConstraints(max_length=200), Field(examples=["ERP, production"])]


class WebhookDetails(ApiModel):
    """What may be edited of a webhook."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"url": _URL, "event_types": _EVENTS}]})

    url: Url
    event_types: EventTypes = None
    description: Description = None


class NewWebhook(WebhookDetails):
    """A webhook to be made; it is told of its organisation and of all below it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"organization_id": "org_01jd2x8k3v9m4t7r5c2b6n0q1w", "url": _URL, "event_types": _EVENTS},
            ]
        }
    )

    organization_id: EntityId


class NewSecret(ApiModel):
    """How long the old secret signs beside the new one; 0 ends it at once, after a leak."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"overlap_hours": 24}]})

    overlap_hours: Annotated[int, Field(ge=0, le=MAX_OVERLAP_HOURS), WRITTEN] = DEFAULT_OVERLAP_HOURS


class NewReplay(ApiModel):
    """From where in the log, and what; ``undelivered`` is what was held or given up."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"since": "2026-11-22T00:00:00Z", "of": "undelivered"}]})

    since: UtcDatetime | None = Field(None, description="Events that happened at this time or later")
    after_delivery_id: EntityId | None = Field(None, description="The last delivery that was received: those after it")
    of: ReplayOf = ReplayOf.ALL

    @model_validator(mode="after")
    def _one_cursor(self) -> Self:
        if (self.since is None) is (self.after_delivery_id is None):
            raise ValueError("Give either 'since' or 'after_delivery_id'.")
        return self


class ShownSecret(BaseModel):
    """A signing secret without itself."""

    created_at: UtcDatetime
    ends_at: UtcDatetime | None = Field(description="When it signs no more; null for the newest", examples=[None])


class ShownAttempt(BaseModel):
    """One request to the endpoint."""

    number: int
    at: UtcDatetime
    duration_ms: int = Field(examples=[112])
    status: int | None = Field(description="Of the answer; null when none came", examples=[503])
    error: str | None = Field(
        description=(
            "Why it failed: refused, redirect_not_followed, timeout, not_connected, tls_failed, connection_lost, "
            "partner_unresolved, private_address"
        ),
        examples=["refused"],
    )
    response_excerpt: str | None = Field(description="How the answer begins", examples=["try again later"])


class ShownWebhook(BaseModel):
    """A webhook, never with its secrets."""

    webhook_id: str = Field(examples=["whk_01jd2x8k3v9m4t7r5c2b6n0q1w"])
    organization_id: str
    url: str = Field(examples=[_URL])
    description: str | None = Field(examples=["ERP, production"])
    event_types: list[EventName] | None = Field(examples=[_EVENTS])
    secrets: list[ShownSecret] = Field(description="Those that sign now, the newest first")
    failing_since: UtcDatetime | None = Field(description="No attempt succeeded since then", examples=[None])
    parked_at: UtcDatetime | None = Field(description="Nothing is sent since then; events are held", examples=[None])
    parked_because: ParkReason | None = Field(
        description="failing: no attempt succeeded for 72 hours; gone: it answered 410; paused: somebody asked for it",
        examples=[None],
    )
    parked_after: ShownAttempt | None = Field(
        description="The last attempt before it was parked: how its endpoint failed; null when somebody parked it",
        examples=[None],
    )
    created_at: UtcDatetime
    created_by: str
    version: int


class CreatedWebhook(ShownWebhook):
    """A new webhook with its signing secret, which is in this answer and in no other."""

    signing_secret: str = Field(examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])


class CreatedSecret(ShownSecret):
    """A new signing secret, which is in this answer and in no other."""

    signing_secret: str = Field(examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])


class WebhookPage(BaseModel):
    """A page of webhooks."""

    items: list[ShownWebhook]
    next_cursor: str | None


class ShownDelivery(BaseModel):
    """How far one event has come on its way to one webhook."""

    delivery_id: str = Field(description="The webhook-id of every attempt", examples=[_DELIVERY])
    webhook_id: str = Field(examples=["whk_01jd2x8k3v9m4t7r5c2b6n0q1w"])
    event_id: str
    event_type: EventName
    organization_id: str
    subject_id: str = Field(examples=["prn_01jd2x8k3v9m4t7r5c2b6n0q1w"])
    occurred_at: UtcDatetime
    state: DeliveryState
    attempts_made: int = Field(examples=[1])
    next_attempt_at: UtcDatetime | None = Field(description="None is due unless it is pending", examples=[None])
    created_at: UtcDatetime
    delivered_at: UtcDatetime | None


class DeliveryDetails(ShownDelivery):
    """A delivery with what is sent and each attempt: the last forty."""

    body: str = Field(description="What is sent, byte by byte; its signature is over this", examples=["{}"])
    attempts: list[ShownAttempt]


class DeliveryPage(BaseModel):
    """A page of the log."""

    items: list[ShownDelivery]
    next_cursor: str | None


class ShownReplay(BaseModel):
    """Deliveries being sent again."""

    replay_id: str = Field(examples=["rpl_01jd2x8k3v9m4t7r5c2b6n0q1w"])
    webhook_id: str = Field(examples=["whk_01jd2x8k3v9m4t7r5c2b6n0q1w"])
    of: ReplayOf
    state: ReplayState
    queued: int = Field(description="Deliveries that were set going so far", examples=[12])
    created_at: UtcDatetime
    created_by: str


def shown_webhook(webhook: Webhook, now: UtcDatetime) -> ShownWebhook:
    """A webhook as its partner sees it."""
    secrets = [ShownSecret.model_validate(each.model_dump()) for each in webhook.live_secrets(now)]
    told = {"secrets": secrets, "parked_after": webhook.parked_after and shown_attempt(webhook.parked_after)}
    return ShownWebhook.model_validate(webhook.model_dump(exclude={"secrets"}) | told)


def shown_delivery(delivery: Delivery) -> ShownDelivery:
    """A delivery as a line of the log."""
    return ShownDelivery.model_validate(delivery.model_dump() | {"next_attempt_at": _next_attempt(delivery)})


def delivery_details(delivery: Delivery) -> DeliveryDetails:
    """A delivery with its attempts."""
    attempts = [shown_attempt(each) for each in delivery.attempts]
    return DeliveryDetails.model_validate(
        delivery.model_dump() | {"attempts": attempts, "next_attempt_at": _next_attempt(delivery)}
    )


def shown_attempt(attempt: Attempt) -> ShownAttempt:
    """An attempt as its partner sees it."""
    return ShownAttempt.model_validate(attempt.model_dump())


def _next_attempt(delivery: Delivery) -> UtcDatetime | None:
    return delivery.not_before if delivery.state is DeliveryState.PENDING else None
