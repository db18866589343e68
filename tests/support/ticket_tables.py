"""The tables that the entry points of tickets work on, and records as the streams deliver them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import boto3
from moto import mock_aws

from functions.tickets import wiring
from functions.tickets.calls.repository import DynamoTicketStore
from functions.tickets.table.models import ServiceCall
from shared.clock import utc_now
from shared.directory import keys
from shared.names import DUE_INDEX, GSI1
from shared.table import Item, from_attributes, to_attributes
from shared.wire.reading import Alert
from tests.support.tables import make_table
from tests.support.tickets import CUSTOMER, PRINTER_ID, TENANT, a_fuser_failure, a_state, minutes

if TYPE_CHECKING:
    from shared.directory.views import PrinterState

NOTHING_FAILED: dict[str, list[dict[str, str]]] = {"batchItemFailures": []}
OTHER_PRINTER = "prn_01jd2x00000000000000000002"
ENVIRONMENT = {f"{name}_TABLE": name.lower() for name in ("TICKETS", "FLEET", "ACCOUNTS", "ELIGIBILITY")}


class Tables:
    """The tables of the contexts that tickets reads, and its own."""

    def __init__(self) -> None:
        client = boto3.client("dynamodb")
        self.own = make_table(client, "tickets", (GSI1, DUE_INDEX))
        self.fleet, self.accounts, self.eligibility = (
            make_table(client, name) for name in ("fleet", "accounts", "eligibility")
        )
        self.store = DynamoTicketStore(self.own)
        for printer_id in (PRINTER_ID, OTHER_PRINTER):
            self.says("managed", printer_id)

    def says(self, status: str, printer_id: str = PRINTER_ID) -> None:
        fact = {"tenant_id": TENANT, "organization_id": CUSTOMER, "printer_id": printer_id, "status": status}
        key = {"pk": keys.enrolment_status(TENANT), "sk": keys.managed_printer(printer_id)}
        self.eligibility.put(fact | key | {"enrolment_id": "enr_01jd2x00000000000000000001"})

    def stands(self, *alerts: Alert, printer_id: str = PRINTER_ID) -> Item:
        """Store the printer's state and give it as the stream has it."""
        state: PrinterState = a_state(*alerts, at=utc_now(), printer_id=printer_id)
        item = state.model_dump() | {"pk": keys.printer(TENANT, printer_id), "sk": keys.PRINTER_STATE}
        self.fleet.put(item)
        return from_attributes(to_attributes(item))

    def cannot_be_read(self) -> Item:
        """A printer whose stored state no version of ours has written."""
        item = self.stands(a_failure())
        self.fleet.put(item | {"taken_at": "yesterday"})
        return item

    def calls(self) -> list[ServiceCall]:
        return self.store.calls_page(TENANT, f"/{TENANT}/", limit=50, cursor=None)[0]


@contextmanager
def ticket_tables() -> Iterator[Tables]:
    """Fresh tables, and use cases made anew for them; `ENVIRONMENT` must be set."""
    wiring.tickets.cache_clear()
    with mock_aws():
        yield Tables()
    wiring.tickets.cache_clear()


def a_record(new: Item | None, old: Item | None = None, number: str = "1") -> dict[str, Any]:
    images = {"NewImage": new, "OldImage": old}
    given = {name: to_attributes(image) for name, image in images.items() if image}
    return {"eventSource": "aws:dynamodb", "dynamodb": {"SequenceNumber": number, **given}}


def a_failure(ago: float = 30, **fields: object) -> Alert:
    return a_fuser_failure(**{"at": utc_now() - minutes(ago), **fields})  # type: ignore[arg-type] # at is a time
