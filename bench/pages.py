"""What keeping the order of pages per month costs: months by chance, counted by the rule that is shipped."""

import random
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

from bench.site_day import MOST_PAGES, Printing
from functions.ingest.printers.pages_per_month import EVERY_DAYS, MONTH, counted
from shared.table import Item  # noqa: TC001 - a plain alias

READ_UNITS: Final = 1.5 / EVERY_DAYS
"""Of a printer and day: its item, its state and a week, each perhaps a moment behind."""
_ITEM_UNITS: Final = 3
"""A printer's own item, below a kilobyte, and its copies in two indexes."""
_MOVE_UNITS: Final = 2
"""Its keys in the index of pages, taken out and put in."""
_PRINTERS: Final = 30
_DAYS: Final = 120
_QUARTER: Final = timedelta(minutes=15)
_BEGAN: Final = datetime(2026, 1, 5)  # noqa: DTZ001 - the site's own time, by the wall clock
_SEED: Final = 7


def write_units(printing: Printing, zone: ZoneInfo) -> float:
    """Write units of a printer and day: its figure moved by a tenth, or to another step."""
    chance = random.Random(_SEED)  # noqa: S311 - a simulation
    units = 0
    for number in range(_PRINTERS):
        pages = [_pages(chance, printing, _BEGAN.replace(tzinfo=zone) + timedelta(days=day)) for day in range(_DAYS)]
        metas: list[Item] = [{"organization_path": "/org", "tenant_id": "org", "printer_id": f"prn_{number}"}]
        for day in range(MONTH.days, _DAYS, EVERY_DAYS):
            metas.append(counted(metas[-1], sum(pages[day - MONTH.days : day])))
        written = [(before, after) for before, after in pairwise(metas[1:]) if after is not before]
        moved = sum(before["pagessk"] != after["pagessk"] for before, after in written)
        units += len(written) * _ITEM_UNITS + moved * _MOVE_UNITS
    return units / _PRINTERS / (_DAYS - MONTH.days)


def _pages(chance: random.Random, printing: Printing, day: datetime) -> int:
    quarters = (day + number * _QUARTER for number in range(96))
    return sum(chance.randint(1, MOST_PAGES) for at in quarters if chance.random() < printing.share(at))
