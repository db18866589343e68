"""What the agent puts on a site's network in a day, from `local.traffic`, which counts it."""

import asyncio
from statistics import median
from typing import Final

from bench.row import Row
from local.traffic import Snmp, day_of_traffic

_KILO: Final = 1_000


def run() -> list[Row]:
    """All rows; the simulated printers are served in this process."""
    counted = asyncio.run(day_of_traffic())
    snmp = sum(each.octets for each in counted.polls) / counted.printers / _KILO
    uploaded = sum(counted.uploads) / counted.printers / _KILO
    note = f"{counted.printers} printers, each polled {len(counted.polls) // counted.printers} times in a working day"
    return [
        Row("uploaded a printer and day", uploaded, "kB", note=f"packed; {len(counted.uploads)} uploads; {note}"),
        Row("SNMP a printer and day", snmp, "kB", note="both directions, UDP and IP headers with it"),
        Row("SNMP a poll, first / later", _octets(counted.first_polls), "B", _octets(counted.polls), "later"),
    ]


def _octets(polls: list[Snmp]) -> float:
    return median(each.octets for each in polls)
