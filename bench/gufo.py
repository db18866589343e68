"""gufo-snmp, whose codec and sockets are in Rust, reading the tables that a reading needs: beside the agent, v2c."""

import asyncio
import importlib
import time
from collections.abc import Sequence
from typing import Any, Final

from bench.independent import REPETITIONS, SUBTREES
from bench.polls import AT_A_TIME, KILO, LIMITS, poll, steady_polls, typical, without_mapping
from bench.printers import Printers
from bench.row import Row, left_out
from edge.clock import SystemClock
from edge.reading.reader import Reader
from edge.snmp.oids import dotted
from edge.snmp.targets import Target

PRINTERS: Final = 100
STEADY_POLLS: Final = 5
PACKAGE: Final = "gufo-snmp"
_WHAT: Final = "CPU a printer, steady, SNMP alone, beside gufo-snmp's walk"


def run() -> list[Row]:
    """One row; left out unless gufo-snmp can be imported, which nothing of ours installs."""
    try:
        session = importlib.import_module("gufo.snmp.aio").SnmpSession
    except ImportError:
        return [
            left_out(_WHAT, "", f"{PACKAGE} cannot be imported: install it beside, and name its folder in PYTHONPATH")
        ]
    with Printers(PRINTERS) as printers:
        return [asyncio.run(_row(session, printers))]


async def _row(session: Any, printers: Printers) -> Row:  # noqa: ANN401 - a class of a library that may not be there
    with without_mapping():
        async with Reader(SystemClock(), limits=LIMITS) as reader:
            await poll(reader, printers.targets)
            ours = typical(await steady_polls(reader, printers, STEADY_POLLS))
    printers.network()
    cpu, values = time.process_time(), await _walk(session, printers.targets)
    theirs = (time.process_time() - cpu) * KILO / PRINTERS
    packets = printers.counts().packets / PRINTERS
    note = f"it walks {values // PRINTERS} values in {packets:.1f} packets a printer, we send {ours.packets_each:.1f}"
    return Row(_WHAT, ours.milliseconds, "ms", theirs, PACKAGE, note=note)


async def _walk(session: Any, targets: Sequence[Target]) -> int:  # noqa: ANN401 - as above
    """Walk each once, as many at a time as the agent. Returns how many values came."""
    waiting, values = iter(targets), 0

    async def work() -> None:
        nonlocal values
        for target in waiting:
            opened = session(
                addr=target.host,
                port=target.port,
                community=target.credentials[0].community,
                timeout=LIMITS.timeout_seconds,
                max_repetitions=REPETITIONS,
            )
            async with opened as walking:
                for subtree in SUBTREES:
                    async for _ in walking.getbulk(dotted(subtree)):
                        values += 1

    await asyncio.gather(*(work() for _ in range(AT_A_TIME)))
    return values
