"""The webhooks table: deliveries and replays, what of them is due, and for how long they are kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from functions.webhooks.table import keys
from functions.webhooks.table.models import Delivery, DeliveryState, Replay, Webhook
from shared.clock import key_time, utc_now
from shared.errors import Unavailable
from shared.names import DUE_INDEX, DUE_SHARDS, TTL_ATTRIBUTE
from shared.table import CONDITION_REFUSED, Condition, Item, Table

MAX_PAGES: Final = 5
"""Pages read for one filtered answer."""
_BEGINNING: Final = "0"
"""Sorts before every time; a key may not be empty."""
_ALL_OF_A_TIME: Final = "~"
"""Sorts after every id of a time."""


@dataclass(frozen=True, slots=True)
class DeliveryRepository:
    """`Deliveries` in DynamoDB; what has left the log is not there, whether DynamoDB has removed it yet or not."""

    table: Table

    def delivery(self, tenant_id: str, webhook_id: str, delivery_id: str) -> Delivery | None:
        """The delivery as it is at this moment, or None."""
        item = self.table.get(keys.webhook(tenant_id, webhook_id), keys.delivery(delivery_id))
        return Delivery.model_validate(item) if item and _is_kept(item) else None

    def deliveries_page(
        self, tenant_id: str, webhook_id: str, *, state: DeliveryState | None, limit: int, cursor: str | None
    ) -> tuple[list[Delivery], str | None]:
        """A webhook's deliveries, the newest first; ends after a few pages of the log even when little was found."""
        found: list[Delivery] = []
        for _ in range(MAX_PAGES):
            page = self.table.query(
                keys.webhook(tenant_id, webhook_id),
                sk_prefix=keys.DELIVERY_PREFIX,
                limit=limit - len(found),
                cursor=cursor,
                newest_first=True,
            )
            kept = [Delivery.model_validate(item) for item in page.items if _is_kept(item)]
            found += [each for each in kept if state is None or each.state is state]
            cursor = page.next_cursor
            if cursor is None or len(found) >= limit:
                break
        return found, cursor

    def deliveries_between(self, replay: Replay, *, limit: int) -> list[Delivery]:
        """What a replay looks at next, the oldest first; none: it is over."""
        after, until = keys.delivery(replay.after), keys.delivery(replay.until)
        partition = keys.webhook(replay.tenant_id, replay.webhook_id)
        # One more than asked for: the first may be the one that was looked at last.
        page = self.table.query(partition, sk_between=(after, until), limit=limit + 1, consistent=True)
        found = [Delivery.model_validate(item) for item in page.items]
        return [each for each in found if each.delivery_id != replay.after][:limit]

    def add(self, delivery: Delivery, due_at: datetime) -> bool:
        """Keep a new delivery; False when it is there already. Safe to repeat: its id is made of its event's."""
        return self.table.create(_item(delivery, due_at))

    def save(self, delivery: Delivery, due_at: datetime | None) -> bool:
        """Write the next version. Safe to repeat: the version before is there once."""
        return self.table.put(_item(delivery, due_at), _follows(delivery.version))

    def hold(self, delivery: Delivery, webhook: Webhook) -> bool:
        """Write it as held while its webhook is parked as it was seen. Safe to repeat, as `save` is."""
        parked = Condition("parked_at = :at", values={":at": webhook.parked_at})
        refusals = self.table.transact(
            self.table.put_write(_item(delivery, None), _follows(delivery.version)),
            self.table.check_write(keys.webhook(webhook.tenant_id, webhook.webhook_id), keys.WEBHOOK, parked),
        )
        if refusals is not None and CONDITION_REFUSED not in refusals:
            raise Unavailable("table_busy", "The table refused a transaction; try again.")
        return refusals is None

    def replay(self, tenant_id: str, webhook_id: str, replay_id: str) -> Replay | None:
        """The replay, or None."""
        item = self.table.get(keys.webhook(tenant_id, webhook_id), keys.replay(replay_id))
        return Replay.model_validate(item) if item and _is_kept(item) else None

    def add_replay(self, replay: Replay, due_at: datetime) -> None:
        """Keep a new replay. Safe to repeat: its id is written once."""
        self.table.create(replay_item(replay, due_at))

    def save_replay(self, replay: Replay, due_at: datetime | None) -> bool:
        """Write the next version. Safe to repeat: the version before is there once."""
        return self.table.put(replay_item(replay, due_at), _follows(replay.version))

    def due(self, now: datetime, *, limit: int) -> Sequence[Delivery | Replay]:
        """What is due, the oldest first, at most ``limit`` of each shard."""
        between = (_BEGINNING, key_time(now) + _ALL_OF_A_TIME)
        found: list[Delivery | Replay] = []
        for shard in range(DUE_SHARDS):
            items = self.table.query_all(keys.due_shard(shard), bound=limit, sk_between=between, index=DUE_INDEX)
            found += [_of(item) for item in items]
        return found


def replay_item(replay: Replay, due_at: datetime | None) -> Item:
    """The replay's item, as a put of its own or inside a transaction."""
    key = {"pk": keys.webhook(replay.tenant_id, replay.webhook_id), "sk": keys.replay(replay.replay_id)}
    lasting = {TTL_ATTRIBUTE: int(replay.kept_until.timestamp())}
    return replay.model_dump() | key | lasting | _due(replay.replay_id, due_at)


def _item(delivery: Delivery, due_at: datetime | None) -> Item:
    key = {"pk": keys.webhook(delivery.tenant_id, delivery.webhook_id), "sk": keys.delivery(delivery.delivery_id)}
    lasting = {TTL_ATTRIBUTE: int(delivery.kept_until.timestamp())}
    return delivery.model_dump() | key | lasting | _due(delivery.delivery_id, due_at)


def _due(entity_id: str, at: datetime | None) -> Item:
    if at is None:
        return {}
    return {"duepk": keys.shard_of(entity_id), "duesk": keys.due_at(at, entity_id)}


def _follows(version: int) -> Condition:
    return Condition("version = :seen", values={":seen": version - 1})


def _is_kept(item: Item) -> bool:
    return int(item[TTL_ATTRIBUTE]) > utc_now().timestamp()


def _of(item: Item) -> Delivery | Replay:
    return (
        Replay.model_validate(item) if str(item["sk"]).startswith(keys.REPLAY_PREFIX) else Delivery.model_validate(item)
    )
