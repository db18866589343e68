"""Silent printers of the programme in the orders table: one item each, found again when its look is due."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from functions.orders.table import keys
from functions.orders.table.models import SilentPrinter
from shared.clock import key_time
from shared.names import DUE_INDEX, DUE_SHARDS, TTL_ATTRIBUTE
from shared.table import Table

KEPT: Final = timedelta(days=60)
"""After the last look nobody came back to it: nothing is left that another look would need."""


@dataclass(frozen=True, slots=True)
class SilentPrinterRepository:
    """`SilentPrinters` on DynamoDB."""

    table: Table

    def of(self, tenant_id: str, printer_id: str) -> SilentPrinter | None:
        """What is kept of the printer's silence, or None."""
        item = self.table.get(keys.printer(tenant_id, printer_id), keys.SILENCE)
        return SilentPrinter.model_validate(item) if item else None

    def keep(self, printer: SilentPrinter) -> None:
        """Safe to repeat: the same look twice is the same item; of two at once either is true."""
        self.table.put(
            printer.model_dump()
            | {
                "pk": keys.printer(printer.tenant_id, printer.printer_id),
                "sk": keys.SILENCE,
                "duepk": keys.silent_shard_of(printer.printer_id),
                "duesk": f"{key_time(printer.look_at)}#{printer.printer_id}",
                TTL_ATTRIBUTE: int((printer.look_at + KEPT).timestamp()),
            }
        )

    def forget(self, tenant_id: str, printer_id: str) -> None:
        """Safe to repeat: what is not there is forgotten."""
        key = {"pk": {"S": keys.printer(tenant_id, printer_id)}, "sk": {"S": keys.SILENCE}}
        self.table.client.delete_item(TableName=self.table.name, Key=key)

    def due(self, now: datetime, *, limit: int) -> list[SilentPrinter]:
        """Those whose next look is due, at most ``limit`` of each shard."""
        between = ("0", f"{key_time(now)}~")  # behind what falls due at this very moment
        pages = (
            self.table.query(keys.due_silent_shard(shard), sk_between=between, index=DUE_INDEX, limit=limit)
            for shard in range(DUE_SHARDS)
        )
        return [SilentPrinter.model_validate(item) for page in pages for item in page.items]
