"""Builders of what the webhooks context works on; its stores, queue and endpoint in memory, and a clock to turn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from functions.webhooks.sending.delivering import Post
from functions.webhooks.table.delivery_repository import DeliveryRepository
from functions.webhooks.table.models import Delivery, DeliveryState, Replay, Secret, Slot, Webhook
from functions.webhooks.table.ports import Answer, Deliveries, Senders, Webhooks
from functions.webhooks.table.repository import WebhookRepository
from functions.webhooks.table.senders import SenderSlots, slots_of
from shared.directory.views import OrganizationView
from shared.events import BusEvent, EventName
from shared.table import Table

TENANT: Final = "org_01jd2x00000000000000000001"
CUSTOMER: Final = "org_01jd2x00000000000000000002"
PATH: Final = f"/{TENANT}/{CUSTOMER}/"
HOOK: Final = "whk_01jd2x00000000000000000001"
PRINTER: Final = "prn_01jd2x00000000000000000001"
SECRET: Final = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NOW: Final = datetime(2026, 11, 20, 12, tzinfo=UTC)


def a_webhook(**values: Any) -> Webhook:  # noqa: ANN401 - any field
    """A customer's webhook for every event."""
    given: dict[str, Any] = {
        "tenant_id": TENANT,
        "organization_id": CUSTOMER,
        "organization_path": PATH,
        "webhook_id": HOOK,
        "url": "https://hooks.example.com/platen?code=1",
        "secrets": [Secret(secret=SECRET, created_at=NOW)],
        "created_at": NOW,
        "created_by": "key_01jd2x00000000000000000001",
    }
    return Webhook.model_validate(given | values)


def an_event(number: int = 1, *, at: datetime = NOW, **values: Any) -> BusEvent:  # noqa: ANN401 - any field
    """A printer of the customer's was enrolled."""
    given: dict[str, Any] = {
        "event_id": f"enr_01jd2x00000000000000000001:{PRINTER}:{number}",
        "name": EventName.PRINTER_ENROLLED,
        "occurred_at": at,
        "tenant_id": TENANT,
        "organization_id": CUSTOMER,
        "subject_id": PRINTER,
        "data": {"enrolment_id": "enr_01jd2x00000000000000000001", "model": "Laser 1", "serial_number": "S1"},
    }
    return BusEvent.model_validate(given | values)


@dataclass
class Clock:
    """The time, which stands still until it is turned."""

    at: datetime = NOW

    def now(self) -> datetime:
        return self.at

    def turn(self, **parts: float) -> None:
        self.at += timedelta(**parts)


@dataclass
class Tree:
    """`Organizations`: the customer below its partner."""

    paths: dict[str, str] = field(default_factory=lambda: {CUSTOMER: PATH, TENANT: f"/{TENANT}/"})

    def organization(self, tenant_id: str, organization_id: str) -> OrganizationView | None:
        path = self.paths.get(organization_id)
        if path is None or not path.startswith(f"/{tenant_id}/"):
            return None
        return OrganizationView(tenant_id=tenant_id, organization_id=organization_id, path=path, name="Customer")


@dataclass
class Queue:
    """`Dispatch`: what was asked for, in order, and how long it waits."""

    messages: list[Delivery | Replay] = field(default_factory=list)
    delays: list[int] = field(default_factory=list)

    def send(self, work: Delivery | Replay, *, delay_seconds: int = 0) -> None:
        self.messages.append(work)
        self.delays.append(delay_seconds)


class CutOff(Exception):
    """The worker died in the middle of an attempt."""


@dataclass
class ScriptedEndpoint:
    """`Endpoint`: answers as told, 204 when nothing is; a None in the script cuts the worker off."""

    script: list[int | None] = field(default_factory=list)
    taken: list[str] = field(default_factory=list)
    posts: list[tuple[datetime, Mapping[str, str], bytes]] = field(default_factory=list)
    retry_after: int | None = None

    def post(self, url: str, headers: Mapping[str, str], body: bytes, at: datetime) -> Answer:
        self.posts.append((at, headers, body))
        status = self.script.pop(0) if self.script else 204
        if status is None:
            raise CutOff
        if 200 <= status < 300:
            self.taken.append(headers["webhook-id"])
        return Answer(at=at, duration_ms=3, status=status, retry_after=self.retry_after)


@dataclass
class MemorySenders:
    """`Senders` in memory."""

    held: dict[tuple[str, int], datetime] = field(default_factory=dict)

    def take(self, tenant_id: str, webhook_id: str, *, now: datetime, until: datetime) -> Slot | None:
        for number in slots_of(webhook_id):
            if self.held.get((tenant_id, number), now) <= now:
                self.held[tenant_id, number] = until
                return Slot(tenant_id=tenant_id, number=number, until=until)
        return None

    def give_back(self, slot: Slot) -> None:
        if self.held.get((slot.tenant_id, slot.number)) == slot.until:
            del self.held[slot.tenant_id, slot.number]


@dataclass
class PostOffice:
    """Everything at once."""

    webhooks: Webhooks
    deliveries: Deliveries
    senders: Senders = field(default_factory=MemorySenders)
    clock: Clock = field(default_factory=Clock)
    queue: Queue = field(default_factory=Queue)
    endpoint: ScriptedEndpoint = field(default_factory=ScriptedEndpoint)
    draws: Sequence[float] = (0.5,)

    @classmethod
    def on(cls, table: Table) -> "PostOffice":
        return cls(WebhookRepository(table), DeliveryRepository(table), SenderSlots(table))

    @classmethod
    def in_memory(cls) -> "PostOffice":
        webhooks = MemoryWebhooks()
        webhooks.replays = MemoryDeliveries(webhooks)
        return cls(webhooks, webhooks.replays)

    @property
    def post(self) -> Post:
        return Post(
            webhooks=self.webhooks,
            deliveries=self.deliveries,
            dispatch=self.queue,
            senders=self.senders,
            endpoint=self.endpoint,
            now=self.clock.now,
            draw=lambda: self.draws[0],
        )


@dataclass
class MemoryWebhooks:
    """`Webhooks` in memory, with the table's promises, as far as sending goes."""

    kept: dict[str, Webhook] = field(default_factory=dict)
    replays: "MemoryDeliveries | None" = None

    def webhook(self, tenant_id: str, webhook_id: str) -> Webhook | None:
        return self.kept.get(webhook_id)

    def webhooks_page(
        self, tenant_id: str, organization_path: str, *, limit: int, cursor: str | None
    ) -> tuple[list[Webhook], str | None]:
        return list(self.kept.values()), None

    def subscribed(self, tenant_id: str, organization_path: str) -> list[Webhook]:
        return list(self.kept.values())

    def add(self, webhook: Webhook, request: str | None) -> None:
        self.kept[webhook.webhook_id] = webhook

    def change(self, seen: Webhook, fields: Mapping[str, Any]) -> bool:
        found = self.kept.get(seen.webhook_id)
        if found is None or found.version != seen.version:
            return False
        after = found.model_dump() | dict(fields) | {"version": found.version + 1}
        self.kept[seen.webhook_id] = Webhook.model_validate(after)
        return True

    def remove(self, seen: Webhook) -> None:
        self.kept.pop(seen.webhook_id, None)

    def remove_all(self, tenant_id: str, organization_id: str) -> int:
        ids = [each.webhook_id for each in self.kept.values() if each.organization_id == organization_id]
        return len([self.kept.pop(each) for each in ids])

    def unpark(self, seen: Webhook, replay: Replay) -> bool:
        if self.replays is None or not self.change(seen, {"parked_at": None, "failing_since": None}):
            return False
        self.replays.add_replay(replay, replay.created_at)
        return True

    def note_health(self, webhook: Webhook, failing_since: datetime | None) -> None:
        found = self.kept.get(webhook.webhook_id)
        if found is not None and (failing_since is None or found.failing_since is None):
            self.kept[webhook.webhook_id] = found.model_copy(update={"failing_since": failing_since})


@dataclass
class MemoryDeliveries:
    """`Deliveries` in memory, with the table's promises, as far as sending goes; nothing is forgotten."""

    webhooks: MemoryWebhooks
    kept: dict[str, Delivery] = field(default_factory=dict)
    replays: dict[str, Replay] = field(default_factory=dict)
    due_at: dict[str, datetime | None] = field(default_factory=dict)

    def delivery(self, tenant_id: str, webhook_id: str, delivery_id: str) -> Delivery | None:
        return self.kept.get(delivery_id)

    def deliveries_page(
        self, tenant_id: str, webhook_id: str, *, state: DeliveryState | None, limit: int, cursor: str | None
    ) -> tuple[list[Delivery], str | None]:
        return list(self.kept.values()), None

    def deliveries_between(self, replay: Replay, *, limit: int) -> list[Delivery]:
        return [self.kept[each] for each in sorted(self.kept) if replay.after < each <= replay.until][:limit]

    def add(self, delivery: Delivery, due_at: datetime) -> bool:
        if delivery.delivery_id in self.kept:
            return False
        self.kept[delivery.delivery_id], self.due_at[delivery.delivery_id] = delivery, due_at
        return True

    def save(self, delivery: Delivery, due_at: datetime | None) -> bool:
        if self.kept[delivery.delivery_id].version != delivery.version - 1:
            return False
        self.kept[delivery.delivery_id], self.due_at[delivery.delivery_id] = delivery, due_at
        return True

    def hold(self, delivery: Delivery, webhook: Webhook) -> bool:
        found = self.webhooks.kept.get(webhook.webhook_id)
        return found is not None and found.parked_at == webhook.parked_at and self.save(delivery, None)

    def replay(self, tenant_id: str, webhook_id: str, replay_id: str) -> Replay | None:
        return self.replays.get(replay_id)

    def add_replay(self, replay: Replay, due_at: datetime) -> None:
        self.replays[replay.replay_id], self.due_at[replay.replay_id] = replay, due_at

    def save_replay(self, replay: Replay, due_at: datetime | None) -> bool:
        if self.replays[replay.replay_id].version != replay.version - 1:
            return False
        self.replays[replay.replay_id], self.due_at[replay.replay_id] = replay, due_at
        return True

    def due(self, now: datetime, *, limit: int) -> Sequence[Delivery | Replay]:
        ids = [each for each, at in self.due_at.items() if at is not None and at <= now]
        return [self.kept.get(each) or self.replays[each] for each in ids]
