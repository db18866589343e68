"""The accounts table: contact imports. A row's contact and the import's progress are one transaction."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from functions.accounts.contacts.models import Contact
from functions.accounts.contacts.repository import NEW_CONTACT_WRITES, new_contact_writes
from functions.accounts.imports.models import (
    OPEN_STATES,
    ContactImport,
    ExistingContact,
    ImportState,
    KeptImport,
    RowFault,
)
from functions.accounts.imports.ports import RowOutcome
from functions.accounts.tree import keys
from shared.attributes import PACKED
from shared.directory import keys as shared_keys
from shared.errors import Unavailable
from shared.names import GSI1, TTL_ATTRIBUTE
from shared.table import CONDITION_REFUSED, Condition, Table

KEPT: Final = timedelta(days=30)
"""How long a report can be read; it names people."""
FILE_KEPT: Final = timedelta(days=7)
"""How long a file stays that no worker came to; otherwise it goes with the import's end."""
_TRIES: Final = 4
_STATE: Final = {"#state": "state"}
_AT_ROW: Final = "#state = :running AND rows_done = :seen"


@dataclass(frozen=True, slots=True)
class ImportRepository:
    """`Imports` in DynamoDB. Every step names the row it goes on from, so that two workers are never at one."""

    table: Table

    def add_import(self, kept: KeptImport, text: str, faults: Sequence[RowFault]) -> None:
        """Keep a new import with its file; safe to repeat: its id is written once."""
        tenant, ends = shared_keys.tenant(kept.tenant_id), kept.created_at + KEPT
        index = {
            "gsi1pk": keys.contact_imports(kept.tenant_id),
            "gsi1sk": keys.below(kept.organization_path, kept.import_id),
        }
        item = kept.model_dump() | {"pk": tenant, "sk": keys.contact_import(kept.import_id)} | index
        file = {"pk": tenant, "sk": keys.contact_import_file(kept.import_id), "content": zlib.compress(text.encode())}
        found = {
            "pk": tenant,
            "sk": keys.contact_import_faults(kept.import_id),
            "faults": [fault.model_dump() for fault in faults],
            PACKED: ["faults"],
        }
        refusals = self.table.transact(
            self.table.put_write(item | {TTL_ATTRIBUTE: _seconds(ends)}),
            self.table.put_write(file | {TTL_ATTRIBUTE: _seconds(kept.created_at + FILE_KEPT)}),
            self.table.put_write(found | {TTL_ATTRIBUTE: _seconds(ends)}),
        )
        if refusals is not None:
            raise Unavailable("table_busy", "The table refused a transaction; try again.")

    def import_of(self, tenant_id: str, import_id: str) -> KeptImport | None:
        """The import, or None."""
        item = self.table.get(shared_keys.tenant(tenant_id), keys.contact_import(import_id))
        return KeptImport.model_validate(item) if item else None

    def faults_of(self, kept: KeptImport) -> list[RowFault]:
        """What is missing or invalid in its rows."""
        item = self.table.get(shared_keys.tenant(kept.tenant_id), keys.contact_import_faults(kept.import_id))
        return [RowFault.model_validate(fault) for fault in item["faults"]] if item else []

    def text_of(self, kept: KeptImport) -> str | None:
        """Its file, or None once that is deleted."""
        item = self.table.get(*_file(kept))
        return zlib.decompress(item["content"]).decode() if item and "content" in item else None

    def imports(
        self, tenant_id: str, below: str, *, limit: int, cursor: str | None
    ) -> tuple[list[ContactImport], str | None]:
        """Imports into an organisation and all under it."""
        partition = keys.contact_imports(tenant_id)
        page = self.table.query(partition, sk_prefix=below, index=GSI1, limit=limit, cursor=cursor)
        return [ContactImport.model_validate(item) for item in page.items], page.next_cursor

    def begin(self, kept: KeptImport) -> bool:
        """Say that it is running; safe to repeat; False when it is ended."""
        update = Condition("SET #state = :running", _STATE, {":running": ImportState.RUNNING} | _open_values())
        return self.table.update(*_key(kept), update, _is_open()) is not None

    def add_row(self, kept: KeptImport, row: int, contact: Contact) -> RowOutcome:
        """Keep the contact and that the row is done; safe to repeat: a row is gone on from once only."""
        values: dict[str, Any] = {":row": row, ":seen": kept.rows_done, ":running": ImportState.RUNNING}
        counted = Condition("SET rows_done = :row ADD imported :one", _STATE, values | {":one": 1})
        known = [ExistingContact(row=row, first_name=contact.first_name, last_name=contact.last_name).model_dump()]
        noted = Condition(
            "SET rows_done = :row, existing = list_append(existing, :known)", _STATE, values | {":known": known}
        )
        writes = new_contact_writes(self.table, contact)
        for _ in range(_TRIES):
            refusals = self.table.transact(self.table.update_write(*_key(kept), counted, _AT_ROW), *writes)
            if refusals is None:
                return RowOutcome.IMPORTED
            if refusals[0] == CONDITION_REFUSED:
                return RowOutcome.STOPPED
            if CONDITION_REFUSED in refusals[1 : 1 + NEW_CONTACT_WRITES]:
                is_noted = self.table.update(*_key(kept), noted, _AT_ROW) is not None
                return RowOutcome.EXISTS if is_noted else RowOutcome.STOPPED
        raise Unavailable("table_busy", "The table refused a transaction; try again.")

    def end(self, kept: KeptImport, state: ImportState, now: datetime, *, rows_done: int | None = None) -> bool:
        """End it and delete its file; safe to repeat: an import ends once, a file that is gone stays so.

        ``rows_done``: Only when nothing was done since ``kept`` was read, and all these rows are done with it.
        """
        values: dict[str, Any] = {":state": state, ":now": now} | _open_values()
        expression, condition = "SET #state = :state, ended_at = :now", _is_open()
        if rows_done is not None:
            expression += ", rows_done = :rows_done"
            condition += " AND rows_done = :seen"
            values |= {":rows_done": rows_done, ":seen": kept.rows_done}
        has_ended = self.table.update(*_key(kept), Condition(expression, _STATE, values), condition) is not None
        self.forget_file(kept, now)
        return has_ended

    def forget_file(self, kept: KeptImport, now: datetime) -> None:
        """Delete the uploaded file; safe to repeat."""
        gone = Condition(f"REMOVE content SET {TTL_ATTRIBUTE} = :now", values={":now": _seconds(now)})
        self.table.update(*_file(kept), gone, "attribute_exists(pk)")

    def note_failure(self, kept: KeptImport) -> int:
        """Count an attempt that failed; how many have. Repeated, it gives up sooner, which loses nothing."""
        item = self.table.update(
            *_key(kept), Condition("ADD failures :one", values={":one": 1}), "attribute_exists(pk)"
        )
        return int(item["failures"]) if item else 0


def _key(kept: KeptImport) -> tuple[str, str]:
    return shared_keys.tenant(kept.tenant_id), keys.contact_import(kept.import_id)


def _file(kept: KeptImport) -> tuple[str, str]:
    return shared_keys.tenant(kept.tenant_id), keys.contact_import_file(kept.import_id)


def _is_open() -> str:
    return "#state IN (" + ", ".join(f":{state}" for state in OPEN_STATES) + ")"


def _open_values() -> dict[str, Any]:
    return {f":{state}": state for state in OPEN_STATES}


def _seconds(at: datetime) -> int:
    return int(at.timestamp())
