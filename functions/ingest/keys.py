"""Keys of the fleet table. What other contexts may read is in `shared.directory.keys`."""

from datetime import datetime
from hashlib import sha256
from zlib import crc32

from functions.ingest.identity import IdentityKey
from shared.clock import key_time
from shared.directory import keys as directory
from shared.names import DUE_SHARDS
from shared.table import Item
from shared.tenancy import AgentCaller

Key = tuple[str, str]
"""Partition and sort key of one item."""


def key_of(item: Item) -> Key:
    """The key of an item."""
    return item["pk"], item["sk"]


def agent(agent_id: str) -> Key:
    """An agent. It is found before its tenant is known, so the tenant is not part of its key."""
    return f"AGENT#{agent_id}", "AGENT"


def agent_contact(agent_id: str) -> Key:
    """When an agent was last heard of: its own small item, so that the indexed one is not rewritten."""
    return f"AGENT#{agent_id}", "SEEN"


def watch(agent_id: str) -> Key:
    """What the sweep keeps of an agent and its printers: when to look again, and what it saw."""
    return f"AGENT#{agent_id}", "WATCH"


def silence(tenant_id: str, printer_id: str) -> Key:
    """A printer's last episode of silence."""
    return directory.printer(tenant_id, printer_id), "SILENCE"


def event(event_id: str) -> Key:
    """An event on its way to the bus."""
    return f"EVENT#{event_id}", "EVENT"


def due_partition(kind: str, shard: int) -> str:
    """Partition of one shard of the due index: ``WATCH`` or ``EVENT``."""
    return f"{kind}#{shard}"


def due(kind: str, entity: str, at: datetime) -> Item:
    """The place of an item in the due index; always the same shard, so that it can be moved."""
    shard = crc32(entity.encode()) % DUE_SHARDS
    return {"duepk": due_partition(kind, shard), "duesk": f"{key_time(at)}#{entity}"}


def due_until(now: datetime) -> tuple[str, str]:
    """Bounds of what is due at ``now``."""
    return "0", f"{key_time(now)}#~"


def receipt(agent_id: str, boot_id: str, seq: int) -> Key:
    """The answer given to a batch."""
    return f"AGENT#{agent_id}", f"RECEIPT#{boot_id}#{seq:019d}"


AGENT_PRINTER_PREFIX = "PRN#"


def agent_printer(agent_id: str, printer_id: str) -> Key:
    """The link from an agent to a printer that it reads."""
    return f"AGENT#{agent_id}", f"{AGENT_PRINTER_PREFIX}{printer_id}"


def agents_of_tenant(tenant_id: str) -> str:
    """Index partition of a tenant's agents, in order of organisation path and id."""
    return directory.agents_of_tenant(tenant_id)


def codes_of_tenant(tenant_id: str) -> str:
    """Index partition of a tenant's activation codes, in order of organisation path and id."""
    return f"TENANT#{tenant_id}#CODE"


def below_path(organization_path: str, entity_id: str) -> str:
    """Index sort key of an agent or a code."""
    return f"{organization_path}#{entity_id}"


def activation_code(digest: str) -> Key:
    """An activation code, by its SHA-256: nothing else of it is stored."""
    return f"CODE#{digest}", "CODE"


def open_code(agent: Item) -> Key:
    """The activation code that an agent's row names as open."""
    return agent["open_code"], "CODE"


def request(key_id: str, request_key: str) -> Key:
    """That a partner's request under an Idempotency-Key was done, where its answer must not be kept."""
    return f"REQUEST#{sha256(f'{key_id} {request_key}'.encode()).hexdigest()}", "REQUEST"


def attempts(source_ip: str, minute: str) -> Key:
    """How many activations one address tried in one minute."""
    return f"ATTEMPTS#{source_ip}#{minute}", "ATTEMPTS"


def identity(caller: AgentCaller, key: IdentityKey) -> Key:
    """What a printer is known by, inside one organisation: no customer's agent can name another's printer."""
    return f"TENANT#{caller.tenant_id}#ORG#{caller.organization_id}#IDENT#{key.text}", "IDENT"


def meta(tenant_id: str, printer_id: str) -> Key:
    """Who a printer is and where."""
    return directory.printer(tenant_id, printer_id), directory.PRINTER_META


def state(tenant_id: str, printer_id: str) -> Key:
    """A printer's latest reading."""
    return directory.printer(tenant_id, printer_id), directory.PRINTER_STATE


def media(tenant_id: str, printer_id: str) -> Key:
    """A printer's trays, bins and covers."""
    return directory.printer(tenant_id, printer_id), directory.PRINTER_MEDIA


def day(tenant_id: str, printer_id: str, day: str) -> Key:
    """A printer's roll-up of one site-local day."""
    return directory.printer(tenant_id, printer_id), directory.printer_day(day)


def audit(tenant_id: str, printer_id: str, at: str, what: str) -> Key:
    """One entry of a printer's audit trail."""
    return directory.printer(tenant_id, printer_id), f"AUDIT#{at}#{what}"
