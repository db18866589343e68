"""Keys of the fleet table. What other contexts may read is in `shared.directory.keys`."""

from datetime import datetime
from hashlib import sha256
from zlib import crc32

from functions.ingest.table.identity import IdentityKey
from shared.clock import key_time
from shared.directory import keys as directory
from shared.names import DUE_SHARDS
from shared.table import Item
from shared.tenancy import Owner

Key = tuple[str, str]
"""Partition and sort key of one item."""


def key_of(item: Item) -> Key:
    """The key of an item."""
    return item["pk"], item["sk"]


def agent(agent_id: str) -> Key:
    """An agent. It is found before its tenant is known, so the tenant is not part of its key."""
    return directory.agent(agent_id)


def agent_contact(agent_id: str) -> Key:
    """When an agent was heard of and what it told: an item of its own, so that the indexed one is not rewritten."""
    return f"AGENT#{agent_id}", "CONTACT"


def watch(agent_id: str) -> Key:
    """What the sweep keeps of an agent and its printers: when to look again, and what it saw."""
    return f"AGENT#{agent_id}", "WATCH"


def silence(tenant_id: str, printer_id: str) -> Key:
    """A printer's last episode of silence."""
    return directory.printer(tenant_id, printer_id), directory.PRINTER_SILENCE


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


CHORES = "CHORE"
"""Partition of the due index for what is seldom to be done: one, so that looking into it costs one request."""


def chore(entity: str, at: datetime) -> Item:
    """The place in the due index of a merger or a transfer that is to be carried out."""
    return {"duepk": CHORES, "duesk": f"{key_time(at)}#{entity}"}


def due_until(now: datetime) -> tuple[str, str]:
    """Bounds of what is due at ``now``."""
    return "0", f"{key_time(now)}#~"


AGENT_PRINTER_PREFIX = "PRN#"


AGENT_CHANGE_PREFIX = "CHANGE#"


def agent_change(agent_id: str, at: str, change_id: str) -> Key:
    """One entry of what was changed of an agent."""
    return f"AGENT#{agent_id}", f"{AGENT_CHANGE_PREFIX}{at}#{change_id}"


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


def identity(owner: Owner, key: IdentityKey) -> Key:
    """What a printer is known by, inside one organisation: no customer's agent can name another's printer."""
    return f"TENANT#{owner.tenant_id}#ORG#{owner.organization_id}#IDENT#{key.text}", "IDENT"


IDENTITY_PREFIX = "IDENTITY#"


def identity_of(tenant_id: str, printer_id: str, key_text: str) -> Key:
    """That a printer is known by a key: the way back from a printer to its `identity` items."""
    return directory.printer(tenant_id, printer_id), f"{IDENTITY_PREFIX}{key_text}"


def serial_number(owner: Owner, key: IdentityKey) -> Key:
    """That an organisation of a tenant has a printer of this serial number: a partition for each serial number."""
    return serial_number_of_tenant(owner.tenant_id, key.text), serial_number_place(owner.organization_id)


def serial_number_place(organization_id: str) -> str:
    """Sort key of an organisation that has a printer of a serial number."""
    return f"ORG#{organization_id}"


def serial_number_of_tenant(tenant_id: str, key_text: str) -> str:
    """Partition of the organisations of a tenant that have a printer of a serial number."""
    return f"TENANT#{tenant_id}#{key_text}"


def question(tenant_id: str, printer_id: str, question_id: str) -> Key:
    """What people are asked about a printer."""
    return directory.printer(tenant_id, printer_id), f"QUESTION#{question_id}"


def questions_of_tenant(tenant_id: str) -> str:
    """Index partition of a tenant's open questions, in order of organisation path and printer."""
    return f"TENANT#{tenant_id}#QUESTION"


def merger(tenant_id: str, survivor_id: str, merged_id: str) -> Key:
    """That a printer was merged into another, and all that is needed to undo it."""
    return directory.printer(tenant_id, survivor_id), f"MERGER#{merged_id}"


def wanted_merger(tenant_id: str, printer_id: str) -> Key:
    """That a printer is to be merged into another, which was learnt from a reading."""
    return directory.printer(tenant_id, printer_id), "WANTED-MERGER"


TRANSFER_PREFIX = "TRANSFER#"


def transfer(agent_id: str, transfer_id: str) -> Key:
    """A transfer of printers from an agent."""
    return f"AGENT#{agent_id}", f"{TRANSFER_PREFIX}{transfer_id}"


TRANSFER_ITEM_PREFIX = "ITEM#"


def transfer_item(transfer_id: str, printer_id: str) -> Key:
    """What became of one printer of a transfer."""
    return f"TRANSFER#{transfer_id}", f"{TRANSFER_ITEM_PREFIX}{printer_id}"


def meta(tenant_id: str, printer_id: str) -> Key:
    """Who a printer is and where."""
    return directory.printer(tenant_id, printer_id), directory.PRINTER_META


def state(tenant_id: str, printer_id: str) -> Key:
    """A printer's latest reading."""
    return directory.printer(tenant_id, printer_id), directory.PRINTER_STATE


def media(tenant_id: str, printer_id: str) -> Key:
    """A printer's trays, bins and covers."""
    return directory.printer(tenant_id, printer_id), directory.PRINTER_MEDIA


def week(tenant_id: str, printer_id: str, monday: str) -> Key:
    """A printer's roll-ups of the site-local days of a week, by its Monday."""
    return directory.printer(tenant_id, printer_id), directory.printer_week(monday)


AUDIT_PREFIX = "AUDIT#"


def audit(tenant_id: str, printer_id: str, at: str, what: str) -> Key:
    """One entry of a printer's audit trail."""
    return directory.printer(tenant_id, printer_id), f"{AUDIT_PREFIX}{at}#{what}"


METER_PREFIX = "METER#"
METER_BREAK_PREFIX = "METER#BREAK#"
METER_READ_PREFIX = "METER#READ#"
METER_RULING_PREFIX = "METER#RULING#"


def meter_break(tenant_id: str, printer_id: str, day: str, break_id: str) -> Key:
    """Where a counter of a printer went back, or is documented to have been replaced, in order of day."""
    return directory.printer(tenant_id, printer_id), f"{METER_BREAK_PREFIX}{day}#{break_id}"


def meter_read(tenant_id: str, printer_id: str, day: str, read_id: str) -> Key:
    """A manual read of a printer's counters, in order of day."""
    return directory.printer(tenant_id, printer_id), f"{METER_READ_PREFIX}{day}#{read_id}"


def meter_ruling(tenant_id: str, printer_id: str, subject_id: str, number: int) -> Key:
    """What somebody decided about a break or a manual read: the number makes each decision follow another."""
    return directory.printer(tenant_id, printer_id), f"{METER_RULING_PREFIX}{subject_id}#{number:04d}"


def meter_review(tenant_id: str, printer_id: str) -> Key:
    """That a printer's breaks are to be looked at again."""
    return directory.printer(tenant_id, printer_id), f"{METER_PREFIX}REVIEW"


def saved_views(tenant_id: str, organization_id: str) -> Key:
    """All saved views of one organisation: few and small, so that one version guards names and number."""
    return f"TENANT#{tenant_id}#ORG#{organization_id}#VIEWS", "VIEWS"


def tags_of_tenant(tenant_id: str) -> str:
    """Partition of how many printers of each organisation have each tag."""
    return f"TENANT#{tenant_id}#TAGS"


TAG_PREFIX = "TAG#"


def tag_count(tenant_id: str, organization_path: str, tag: str) -> Key:
    """How many printers of one organisation have a tag; without those of the organisations below it."""
    return tags_of_tenant(tenant_id), f"{TAG_PREFIX}{organization_path}#{tag}"
