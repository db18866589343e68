"""What the use cases need of the world; repositories, queue, endpoint and directory fulfil it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Any, Protocol

from functions.webhooks.table.models import Attempt, Delivery, DeliveryState, Replay, Slot, Webhook
from shared.directory.views import OrganizationView


class Organizations(Protocol):
    """Where organisations are in their tree."""

    def organization(self, tenant_id: str, organization_id: str) -> OrganizationView | None:
        """The organisation, or None."""
        ...


class Webhooks(Protocol):
    """Webhooks, and whose events are for whom."""

    def webhook(self, tenant_id: str, webhook_id: str) -> Webhook | None:
        """The webhook as it is at this moment, or None."""

    def webhooks_page(
        self, tenant_id: str, organization_path: str, *, limit: int, cursor: str | None
    ) -> tuple[list[Webhook], str | None]:
        """Webhooks of an organisation and all below it, by organisation and time of making."""

    def subscribed(self, tenant_id: str, organization_path: str) -> list[Webhook]:
        """The webhooks of the organisation and of every one above it."""

    def add(self, webhook: Webhook, request: str | None) -> None:
        """Keep a new webhook; its organisation may not have too many, nor the request have made one already."""

    def change(self, seen: Webhook, fields: Mapping[str, Any]) -> bool:
        """Write these fields over the version that was seen; False when another was faster."""

    def remove(self, seen: Webhook) -> None:
        """Forget a webhook: nothing is sent to it any more."""

    def remove_all(self, tenant_id: str, organization_id: str) -> int:
        """Forget all webhooks of an organisation, and that it had any; how many those were."""

    def unpark(self, seen: Webhook, replay: Replay) -> bool:
        """Let a parked webhook be sent to again, and set going what was held: both or neither."""

    def note_health(self, webhook: Webhook, failing_since: datetime | None) -> None:
        """Write since when every attempt failed; nothing for a webhook that is gone."""


class Deliveries(Protocol):
    """The log: what was, is and will be sent."""

    def delivery(self, tenant_id: str, webhook_id: str, delivery_id: str) -> Delivery | None:
        """The delivery as it is at this moment, or None."""

    def deliveries_page(
        self, tenant_id: str, webhook_id: str, *, state: DeliveryState | None, limit: int, cursor: str | None
    ) -> tuple[list[Delivery], str | None]:
        """A webhook's deliveries, the newest first; a page of one state may be short."""

    def deliveries_between(self, replay: Replay, *, limit: int) -> list[Delivery]:
        """What a replay looks at next, the oldest first."""

    def add(self, delivery: Delivery, due_at: datetime) -> bool:
        """Keep a new delivery; False when it is there already."""

    def save(self, delivery: Delivery, due_at: datetime | None) -> bool:
        """Write the next version; False when another was faster. ``due_at`` None: nothing is to be done with it."""

    def hold(self, delivery: Delivery, webhook: Webhook) -> bool:
        """Write it as held, unless its webhook is no longer parked as it was seen; False then."""

    def replay(self, tenant_id: str, webhook_id: str, replay_id: str) -> Replay | None:
        """The replay, or None."""

    def add_replay(self, replay: Replay, due_at: datetime) -> None:
        """Keep a new replay."""

    def save_replay(self, replay: Replay, due_at: datetime | None) -> bool:
        """Write the next version; False when another was faster."""

    def due(self, now: datetime, *, limit: int) -> Sequence[Delivery | Replay]:
        """What is due, at most ``limit`` of each shard."""


class Dispatch(Protocol):
    """The queue of work; losing a message only makes the work later."""

    def send(self, work: "Delivery | Replay", *, delay_seconds: int = 0) -> None:
        """Ask for it to be gone on with."""


class Senders(Protocol):
    """Who may send now: at most so many for a webhook, and for a tenant."""

    def take(self, tenant_id: str, webhook_id: str, *, now: datetime, until: datetime) -> Slot | None:
        """Leave to send, or None when the webhook's or its tenant's senders are all at work."""

    def give_back(self, slot: Slot) -> None:
        """Let another have it."""


class Answer(Attempt):
    """What an endpoint answered; ``retry_after`` is its own wish, in seconds."""

    number: int = 0
    retry_after: int | None = None

    @property
    def is_success(self) -> bool:
        """True when the endpoint took it: any 2xx."""
        return self.status is not None and HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES


class Endpoint(Protocol):
    """The way to a partner's address."""

    def post(self, url: str, headers: Mapping[str, str], body: bytes, at: datetime) -> Answer:
        """Send it once. Whatever goes wrong on the way is in the answer; nothing is raised."""
