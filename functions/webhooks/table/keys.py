"""Keys of the webhooks table, all of them."""

from datetime import datetime
from zlib import crc32

from shared.clock import key_time
from shared.names import DUE_SHARDS

WEBHOOK = "WEBHOOK"
DELIVERY_PREFIX = "DELIVERY#"
REPLAY_PREFIX = "REPLAY#"


def webhook(tenant_id: str, webhook_id: str) -> str:
    """Partition of one webhook: itself, its deliveries and its replays."""
    return f"TENANT#{tenant_id}#WEBHOOK#{webhook_id}"


def delivery(delivery_id: str) -> str:
    """Sort key of a delivery; its id begins with the time of its event."""
    return f"{DELIVERY_PREFIX}{delivery_id}"


def replay(replay_id: str) -> str:
    """Sort key of a replay."""
    return f"{REPLAY_PREFIX}{replay_id}"


def webhooks_of_tenant(tenant_id: str) -> str:
    """Index partition of a tenant's webhooks."""
    return f"TENANT#{tenant_id}#WEBHOOKS"


def webhook_place(organization_path: str, webhook_id: str) -> str:
    """Index sort key of a webhook: by organisation, then by time of making."""
    return f"{organization_path}#{webhook_id}"


def subscribers(tenant_id: str) -> str:
    """Partition of who has to be told, one item an organisation."""
    return f"TENANT#{tenant_id}#SUBSCRIBERS"


def organization(organization_id: str) -> str:
    """Sort key of an organisation's subscribers."""
    return f"ORG#{organization_id}"


def senders(tenant_id: str) -> str:
    """Partition of a tenant's slots of senders."""
    return f"TENANT#{tenant_id}#SENDERS"


def sender(number: int) -> str:
    """Sort key of a slot."""
    return f"SENDER#{number}"


def request(digest: str) -> str:
    """Sort key, among the tenant's subscribers, of what says which webhook a request made."""
    return f"REQUEST#{digest}"


def due_shard(shard: int) -> str:
    """Index partition of what falls due."""
    return f"DUE#{shard}"


def shard_of(entity_id: str) -> str:
    """The index partition a delivery or replay is due in."""
    return due_shard(crc32(entity_id.encode()) % DUE_SHARDS)


def due_at(at: datetime, entity_id: str) -> str:
    """Index sort key of what is due then."""
    return f"{key_time(at)}#{entity_id}"
