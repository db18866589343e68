"""What a page of fifty printers costs in fleets of a hundred, ten thousand and a hundred thousand.

The real list on a DynamoDB that counts: requests, read units and our own milliseconds. Each of the tenant's printers is
another customer's, which is the most that a page can have to look up, and the same in every order and fleet. Reads are
as large as they are billed: items of usual size, with every join that a row needs.
"""

import time
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any, Final

from bench.dynamo import CountingDynamo
from bench.row import Row, ratio_at_most
from functions.ingest.printers.elsewhere import Directories
from functions.ingest.printers.filter import PrinterFilter, Sort
from functions.ingest.printers.listing import PrinterList, Wanted
from functions.ingest.printers.place import placed
from functions.ingest.printers.rows import PrinterRows
from functions.ingest.table import keys
from functions.ingest.table.repository import DynamoDocuments
from shared.agent_versions import REQUIRED_AGENT_VERSION
from shared.clock import key_time
from shared.directory import keys as directory
from shared.directory.reader import AccountsDirectory, EligibilityDirectory
from shared.table import Item, Table, to_attributes
from shared.visibility import Visible

FLEETS: Final = (100, 10_000, 100_000)
PAGE: Final = 50
PAGES: Final = 5
RATIO: Final = 1.1
"""What a page may cost in the largest fleet, beside the smallest."""
_TENANT: Final = "org_01jd2x00000000000000000001"
_AGENT: Final = "agt_01jd2x00000000000000000001"
_NOW: Final = datetime(2026, 11, 22, 18, 20, 21, tzinfo=UTC)
LISTS: Final = {
    "in order of customer": (PrinterFilter(), Sort.ORGANIZATION),
    "in order of lowest supply": (PrinterFilter(), Sort.LOWEST_SUPPLY),
    "with a supply below 20 %": (PrinterFilter(supply_below=20), Sort.LOWEST_SUPPLY),
}


def run() -> list[Row]:
    """All rows."""
    measured = {size: measured_of(size) for size in FLEETS}
    smallest, largest = FLEETS[0], FLEETS[-1]
    rows = []
    for name in LISTS:
        units = {size: measured[size][name][1] for size in FLEETS}
        requests, own = measured[largest][name][0], measured[largest][name][2]
        note = ", ".join(f"{size:,}: {units[size]:.1f} RRU" for size in FLEETS)
        rows += [
            ratio_at_most(
                f"a page of {PAGE} {name}, of {largest:,} printers",
                units[largest],
                "RRU",
                (f"a fleet of {smallest:,}", units[smallest]),
                RATIO,
                note,
            ),
            Row(f"the same: requests, of {largest:,}", requests, ""),
            Row(f"the same: our own time, of {largest:,}", own, "ms", note="with the counting store's"),
        ]
    return rows


def measured_of(size: int) -> dict[str, tuple[float, float, float]]:
    """Of a fleet of so many: requests, read units and milliseconds of a page of each list."""
    store = CountingDynamo()
    for number in range(size):
        for item in _printer(number):
            store.put_item(TableName="fleet", Item=to_attributes(item))
    store.put_item(TableName="fleet", Item=to_attributes(_agent()))
    printers = _list(store)
    return {name: _page(store, printers, Wanted(_visible(), *what)) for name, what in LISTS.items()}


def _page(store: CountingDynamo, printers: PrinterList, wanted: Wanted) -> tuple[float, float, float]:
    spent, shown = [], 0
    for _ in range(1 + PAGES):
        store.take()
        began = time.perf_counter()
        shown = len(printers.page(wanted, limit=PAGE, cursor=None, now=_NOW).items)
        spent.append((time.perf_counter() - began) * 1_000)
    if not shown:
        raise RuntimeError("a list without printers tells nothing")
    counted = store.take()
    return counted.requests.total(), counted.read_units * PAGE / shown, median(spent[1:])


def _list(store: CountingDynamo) -> PrinterList:
    client: Any = store
    documents = DynamoDocuments(Table("fleet", client))
    accounts = AccountsDirectory(Table("accounts", client))
    elsewhere = Directories(accounts, EligibilityDirectory(Table("eligibility", client)), REQUIRED_AGENT_VERSION)
    return PrinterList(documents, PrinterRows(documents, elsewhere))


def _visible() -> Visible:
    return Visible(_TENANT, f"/{_TENANT}/")


def _agent() -> Item:
    pk, sk = keys.agent(_AGENT)
    place = {"tenant_id": _TENANT, "organization_id": _TENANT, "organization_path": f"/{_TENANT}/"}
    return {"pk": pk, "sk": sk, "agent_id": _AGENT, "site_id": "site_main", "status": "active", **place}


def _printer(number: int) -> list[Item]:
    """A printer's own item and its state, of usual sizes."""
    customer = f"org_01jd2x000000000000000{number:05d}"
    printer_id, path = f"prn_01jd2x00000000000000{number:06d}", f"/{_TENANT}/{customer}/"
    who = {
        "tenant_id": _TENANT,
        "organization_id": customer,
        "organization_path": path,
        "printer_id": printer_id,
        "site_id": f"site_{customer[4:]}",
        "agent_id": _AGENT,
    }
    supplies = [
        {
            "index": f"1.{place}",
            "supply_class": "supplyThatIsConsumed",
            "supply_type": "tonerCartridge",
            "description": f"Toner cartridge {place} of the simulated printer",
            "level_state": "percent",
            "percent": float((number * 7 + place * 13) % 101),
        }
        for place in range(1, 5)
    ]
    taken_at = key_time(_NOW - timedelta(minutes=5))
    state = who | {
        "taken_at": taken_at,
        "received_at": taken_at,
        "reading_id": "rdg",
        "supplies": supplies,
        "version": 1,
    }
    meta = who | {
        "gsi1pk": directory.printers_of_tenant(_TENANT),
        "gsi1sk": directory.printer_order(path, printer_id),
        "registration": "registered",
        "first_seen_at": taken_at,
        "manufacturer": "Example",
        "model": f"Example Laser {number % 40}",
        "serial_number": f"EX{number:08d}",
        "mac_address": f"02:00:5e:{number >> 16 & 255:02x}:{number >> 8 & 255:02x}:{number & 255:02x}",
        "address": f"192.0.2.{number % 250}",
        "host_name": f"example-{number}",
        "firmware": "2.81.1",
        "sys_descr": "Example Laser, firmware 2.81.1, an object of ninety characters as printers like to have it",
        "version": 1,
    }
    items = ((keys.meta(_TENANT, printer_id), placed(meta, state)), (keys.state(_TENANT, printer_id), state))
    return [{"pk": key[0], "sk": key[1], **item} for key, item in items]
