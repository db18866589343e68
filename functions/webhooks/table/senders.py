"""The webhooks table: who may send now, so that neither an endpoint nor a tenant takes every sender."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final

from functions.webhooks.table import keys
from functions.webhooks.table.models import Slot
from shared.clock import key_time
from shared.names import TTL_ATTRIBUTE
from shared.table import Condition, Table

OF_A_TENANT: Final = 12
"""Senders that all webhooks of a tenant may have at once: a quarter of those that run."""
OF_A_WEBHOOK: Final = 4
_FREE: Final = "attribute_not_exists(pk) OR #until <= :now"


@dataclass(frozen=True, slots=True)
class SenderSlots:
    """`Senders` in DynamoDB. A tenant's slots are so many items, each held by one sender or by none.

    A webhook may hold four of them and no others, drawn by its id (rendezvous hashing): a slow endpoint leaves its
    tenant eight, and another webhook has the very same four once in 495 times.
    """

    table: Table

    def take(self, tenant_id: str, webhook_id: str, *, now: datetime, until: datetime) -> Slot | None:
        """A slot of the webhook's, or None when all are held.

        Safe to repeat: each slot is taken by a condition, and one whose holder died is free when its time is over.
        """
        partition = keys.senders(tenant_id)
        numbers = slots_of(webhook_id)
        items = self.table.get_many([(partition, keys.sender(each)) for each in numbers], consistent=True)
        held = {int(item["number"]) for item in items if item["until"] > key_time(now)}
        free = Condition(_FREE, {"#until": "until"}, {":now": key_time(now)})
        for number in numbers:
            slot = Slot(tenant_id=tenant_id, number=number, until=until)
            item = {
                "pk": partition,
                "sk": keys.sender(number),
                "number": number,
                "webhook_id": webhook_id,
                "until": key_time(until),
                TTL_ATTRIBUTE: int(until.timestamp()),
            }
            if number not in held and self.table.put(item, free):
                return slot
        return None

    def give_back(self, slot: Slot) -> None:
        """Let another have it. Safe to repeat: it is freed only while it is held as it was given."""
        freed = Condition("SET #until = :free", {"#until": "until"}, {":free": "", ":until": key_time(slot.until)})
        self.table.update(keys.senders(slot.tenant_id), keys.sender(slot.number), freed, "#until = :until")


def slots_of(webhook_id: str) -> list[int]:
    """The numbers of the slots that a webhook may hold, in the order in which it tries them."""

    def weight(number: int) -> bytes:
        return sha256(f"{webhook_id}\n{number}".encode()).digest()

    return sorted(range(OF_A_TENANT), key=weight)[:OF_A_WEBHOOK]
