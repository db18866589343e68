"""Keys of the tickets table; those that others read are in `shared.directory.keys`."""

from datetime import datetime
from zlib import crc32

from shared.clock import key_time
from shared.directory import keys as directory
from shared.names import DUE_SHARDS


def printer(tenant_id: str, printer_id: str) -> str:
    """Partition of a printer's problems and family markers."""
    return directory.printer_calls(tenant_id, printer_id)


def problem(logical_key: str) -> str:
    """Sort key of a problem in its printer's partition."""
    return f"PROBLEM#{logical_key}"


PROBLEM_PREFIX = "PROBLEM#"


def family(name: str) -> str:
    """Sort key of the marker that says which call a family has: the one-open-call invariant (ALR-08)."""
    return f"{directory.CALL_FAMILY_PREFIX}{name}"


def call(tenant_id: str, call_id: str) -> str:
    """Partition of one call."""
    return f"TENANT#{tenant_id}#CALL#{call_id}"


CALL_HEAD = "HEAD"


def calls_of_tenant(tenant_id: str) -> str:
    """Index partition of a tenant's calls, in order of organisation path and age."""
    return f"TENANT#{tenant_id}#CALLS"


def call_order(organization_path: str, call_id: str) -> str:
    """Index sort key of a call."""
    return f"{organization_path}#{call_id}"


def due_shard(entity: str) -> str:
    """Partition of the due index for an entity; always the same one, so that it can be moved."""
    return due_partition(crc32(entity.encode()) % DUE_SHARDS)


def due_partition(shard: int) -> str:
    """Partition of one shard of the due index."""
    return f"DUE#{shard}"


def due_order(at: datetime, entity: str) -> str:
    """Sort key in the due index."""
    return f"{key_time(at)}#{entity}"


def due_until(now: datetime) -> tuple[str, str]:
    """Bounds of what is due at ``now``."""
    return "0", f"{key_time(now)}#~"
