"""Keys of the orders table; those that others read are in `shared.directory.keys`."""

from datetime import datetime
from zlib import crc32

from shared.clock import key_time
from shared.directory import keys as directory
from shared.names import DUE_SHARDS

ORDER = directory.ORDER
WAIT = "WAIT"
"""Sort key of what an order's execution waits for; the state machine writes it (`supplies_order.asl.json`)."""
POSITION_PREFIX = "POSITION#"
SILENCE = "SILENCE"
"""Sort key of what is kept of a managed printer while it is silent."""
DECISION_PREFIX = "DECISION#"
PRINTER_ORDER_PREFIX = directory.PRINTER_ORDER_PREFIX
FULFILMENT_PARTNER_PREFIX = "FULFILMENT#"


def order(tenant_id: str, order_id: str) -> str:
    """Partition of one order: the order, what it waits for, the partner events applied to it."""
    return directory.order(tenant_id, order_id)


def event(event_id: str) -> str:
    """Sort key of a partner event in its order's partition."""
    return f"EVENT#{event_id}"


def orders_of_tenant(tenant_id: str) -> str:
    """Index partition of a tenant's orders."""
    return f"TENANT#{tenant_id}#ORD"


def order_place(organization_path: str, order_id: str) -> str:
    """Index sort key of an order: by organisation, then by time of making."""
    return f"{organization_path}#{order_id}"


def printer(tenant_id: str, printer_id: str) -> str:
    """Partition of one printer's positions, epochs, decisions and orders."""
    return directory.printer_orders(tenant_id, printer_id)


def position(position_id: str) -> str:
    """Sort key of a supply position."""
    return f"{POSITION_PREFIX}{position_id}"


def epoch(position_id: str, number: int) -> str:
    """Sort key of the marker that a cartridge epoch has its order (SUP-18)."""
    return f"EPOCH#{position_id}#{number:06d}"


def decision(taken_at: datetime, position_id: str, kind: str) -> str:
    """Sort key of a decision: one of a kind for a reading and position."""
    return f"{DECISION_PREFIX}{key_time(taken_at)}#{position_id}#{kind}"


def printer_order(order_id: str) -> str:
    """Sort key of an order in its printer's list."""
    return f"{PRINTER_ORDER_PREFIX}{order_id}"


def fulfilment_partners(tenant_id: str) -> str:
    """Partition of a tenant's fulfilment partners and of who is whose default."""
    return f"TENANT#{tenant_id}#FULFILMENT"


def fulfilment_partner(fulfilment_partner_id: str) -> str:
    """Sort key of a fulfilment partner."""
    return f"{FULFILMENT_PARTNER_PREFIX}{fulfilment_partner_id}"


def default_partner(organization_id: str) -> str:
    """Sort key of an organisation's own default partner."""
    return f"DEFAULT#{organization_id}"


def partner_request(request: str) -> str:
    """Sort key of the item that says which fulfilment partner a request made."""
    return f"REQUEST#{request}"


def due_shard(shard: int) -> str:
    """Index partition of what falls due."""
    return f"DUE#{shard}"


def due_silent_shard(shard: int) -> str:
    """Index partition of silent printers that are to be looked at again."""
    return f"DUE#SILENT#{shard}"


def silent_shard_of(printer_id: str) -> str:
    """The index partition a silent printer's next look is in."""
    return due_silent_shard(crc32(printer_id.encode()) % DUE_SHARDS)


def shard_of(order_id: str) -> str:
    """The index partition an order's next check is in."""
    return due_shard(crc32(order_id.encode()) % DUE_SHARDS)


def due_order(at: datetime, order_id: str) -> str:
    """Index sort key of an order's next check."""
    return f"{key_time(at)}#{order_id}"
