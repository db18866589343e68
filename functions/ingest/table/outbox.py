"""Facts on their way to the bus: written in the transaction of the fact, published by the sweep (D5).

The fleet table's stream has its two readers already, and a third would slow all of them down. What is told from here
is rare: an agent's or a printer's life, never a reading.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from functions.ingest.table import keys
from functions.ingest.table.ports import Documents
from shared.clock import key_time
from shared.events import BusEvent, EventName
from shared.names import DUE_INDEX, DUE_SHARDS
from shared.table import Item

KIND: Final = "EVENT"
KEPT: Final = timedelta(days=7)
PAGE: Final = 100
PAGES: Final = 10
"""Of one shard in one sweep; what is left is the next minute's."""


def told(
    name: EventName, subject: Mapping[str, Any], *, subject_id: str, fact: str, at: datetime, data: dict[str, Any]
) -> Item:
    """The item of an event, to be committed with the fact that it tells.

    Args:
        name: What happened.
        subject: An item with the tenancy of the subject.
        subject_id: The agent or printer that it happened to.
        fact: Tells this fact from all others of the subject, so that the same fact told twice is known by it.
        at: When it happened.
        data: More of it.
    """
    event = BusEvent(
        event_id=f"{subject_id}:{fact}",
        name=name,
        occurred_at=at,
        tenant_id=subject["tenant_id"],
        organization_id=subject["organization_id"],
        subject_id=subject_id,
        data=data,
    )
    pk, sk = keys.event(event.event_id)
    return {
        "pk": pk,
        "sk": sk,
        "tenant_id": event.tenant_id,
        "event": event.model_dump(mode="json") | {"occurred_at": key_time(at)},
        "expires_at": int((at + KEPT).timestamp()),
        **keys.due(KIND, event.event_id, at),
    }


def publish_due(documents: Documents, publish: Callable[[Sequence[BusEvent]], None], now: datetime) -> int:
    """Put what waits on the bus, the oldest first; how many events that were.

    Safe to repeat: an event is struck off after it was published, and one that is published twice carries its id twice.
    """
    count = 0
    for items in _waiting(documents, now):
        publish([BusEvent.model_validate(item["event"]) for item in items])
        for item in items:
            documents.save({name: value for name, value in item.items() if name not in {"duepk", "duesk"}})
        count += len(items)
    return count


def _waiting(documents: Documents, now: datetime) -> Iterator[list[Item]]:
    for shard in range(DUE_SHARDS):
        cursor: str | None = None
        for _ in range(PAGES):
            page = documents.page(
                keys.due_partition(KIND, shard),
                sk_between=keys.due_until(now),
                index=DUE_INDEX,
                limit=PAGE,
                cursor=cursor,
            )
            if page.items:
                yield page.items
            cursor = page.next_cursor
            if cursor is None:
                break
