"""What SNMP v1 costs, which has no GETBULK and forgets a whole answer for one missing object, beside snmp_exporter."""

import asyncio
from dataclasses import replace
from typing import Final

from bench import rivals
from bench.exporter import PACKAGE
from bench.polls import LIMITS, Poll, first_poll, poll, steady_polls, typical, without_mapping
from bench.printers import Printers
from bench.row import Row, left_out, ratio_at_most
from edge.clock import SystemClock
from edge.reading.reader import Reader
from edge.snmp.credentials import CredentialSet, SnmpVersion

PRINTERS: Final = 100
STEADY_POLLS: Final = 5
FIRST_POLLS: Final = 3
COMMUNITY: Final = CredentialSet(name="bench", version=SnmpVersion.V1, community="public")


def run() -> list[Row]:
    """All rows; the printers are started and ended here."""
    with Printers(PRINTERS) as printers:
        printers.targets = [replace(target, credentials=(COMMUNITY,)) for target in printers.targets]
        first, steady = asyncio.run(_polls(printers))
        return _rows(first, steady, printers)


async def _polls(printers: Printers) -> tuple[Poll, Poll]:
    with without_mapping():
        await first_poll(printers.targets)
        first = typical([await first_poll(printers.targets) for _ in range(FIRST_POLLS)])
        async with Reader(SystemClock(), limits=LIMITS) as reader:
            await poll(reader, printers.targets)
            steady = typical(await steady_polls(reader, printers, STEADY_POLLS))
    if steady.read != PRINTERS:
        raise RuntimeError(f"{steady.read} of {PRINTERS} printers were read over v1")
    return first, steady


def _rows(first: Poll, steady: Poll, printers: Printers) -> list[Row]:
    rival = rivals.exporter(printers, printers.targets)
    rows = []
    for moment, ours in (("steady", steady), ("first poll", first)):
        packets, cpu = f"packets a printer, v1, {moment}", f"CPU a printer, v1, {moment}, SNMP alone"
        if rival is None:
            missing = f"not installed (Debian {PACKAGE})"
            rows.append(Row(packets, ours.packets_each, "", note=f"snmp_exporter is {missing}"))
            rows.append(left_out(cpu, "≤ 1 of snmp_exporter", f"{ours.milliseconds:.2f} ms; {missing}"))
            continue
        theirs = rival.packets / rival.printers
        rows.append(
            ratio_at_most(packets, ours.packets_each, "", ("snmp_exporter", theirs), 1.0, f"{PRINTERS} printers")
        )
        rows.append(ratio_at_most(cpu, ours.milliseconds, "ms", ("snmp_exporter", rival.milliseconds), 1.0, ""))
    return rows
