"""Other SNMP readers side by side, where installed: net-snmp's library and `snmpbulkwalk`, and snmp_exporter."""

import shutil
import subprocess
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Final

from bench.compiled import program
from bench.exporter import Exporter
from bench.exporter_metrics import Wanted, metrics_of, samples_in
from bench.independent import REPETITIONS, SUBTREES, Walked
from bench.machine import children_cpu, one_core
from bench.polls import AT_A_TIME, KILO, LIMITS
from bench.printers import Printers
from edge.snmp.codec import Oid, Value
from edge.snmp.oids import dotted, parse_oid
from edge.snmp.targets import Target

BULK_WALK: Final = "snmpbulkwalk"
EXPORTER_RUNS: Final = 3
SAMPLED: Final = 39
"""Printers whose values are counted: each model of either fleet equally often."""
_RUN_SECONDS: Final = 30
_MICRO: Final = 1e-6
_OBJECT_IDENTIFIER: Final = 0x06
_OCTETS: Final = {0x04, 0x40, 0x44}


@dataclass(frozen=True, slots=True)
class Rival:
    """What another reader took for some printers."""

    name: str
    printers: int
    packets: int
    cpu_seconds: float
    wall_seconds: float
    values: float | None = None
    """Values that it returned of a printer, as a mean of some; None where that was not counted."""

    @property
    def milliseconds(self) -> float:
        """CPU a printer."""
        return self.cpu_seconds * KILO / self.printers


def bulk_walk(printers: Printers, targets: Sequence[Target]) -> Rival | None:
    """net-snmp's command, one process a table and printer, one after another; None when it is not installed."""
    found = shutil.which(BULK_WALK)
    if found is None:
        return None
    printers.network()
    cpu, began = children_cpu(), time.monotonic()
    for target in targets:
        for subtree in SUBTREES:
            command = [found, "-v2c", "-c", target.credentials[0].community, "-On", "-m", "", f"-Cr{REPETITIONS}"]
            command += [f"{target.host}:{target.port}", dotted(subtree)]
            subprocess.run(command, stdout=subprocess.DEVNULL, timeout=_RUN_SECONDS, check=True)  # noqa: S603 - fixed arguments
    wall, cpu = time.monotonic() - began, children_cpu() - cpu
    return Rival(BULK_WALK, len(targets), printers.counts().packets, cpu, wall)


def library(printers: Printers, targets: Sequence[Target]) -> Rival:
    """net-snmp's library in C, asynchronous, in one process.

    Raises:
        NotBuilt: it cannot be built here.
    """
    printers.network()
    *_, last = _netsnmp(targets, with_values=False)
    _, wall, cpu, read, _ = last.split()
    if int(read) != len(targets):
        raise RuntimeError(f"net-snmp's library read {read} of {len(targets)} printers")
    packets = printers.counts().packets
    return Rival("net-snmp's library", len(targets), packets, int(cpu) * _MICRO, int(wall) * _MICRO)


def library_values(targets: Sequence[Target]) -> Walked:
    """Every value of the printers as net-snmp's library reads it.

    Raises:
        NotBuilt: it cannot be built here.
    """
    rows: dict[Target, dict[Oid, Value]] = {target: {} for target in targets}
    *lines, last = _netsnmp(targets, with_values=True)
    for line in lines:
        _, number, name, kind, *value = line.split(" ")
        rows[targets[int(number)]][parse_oid(name)] = _value(int(kind), *value)
    _, wall, cpu, *_ = last.split()
    return Walked("net-snmp's library", rows, int(cpu) * _MICRO, int(wall) * _MICRO)


def exporter(printers: Printers, targets: Sequence[Target], wanted: Wanted | None = None) -> Rival | None:
    """snmp_exporter on one core, so many printers at a time, the median of its runs; None when it is not installed.

    Args:
        printers: that it reads.
        targets: where they are.
        wanted: the columns that it returns, as of `wanted_of`; None for nothing but the walks.
    """
    found = Exporter.found()
    if found is None:
        return None
    with ExitStack() as started:
        with one_core():
            running = started.enter_context(Exporter(found, targets[0].credentials[0], metrics_of(wanted or {})))
        values = sum(samples_in(running.page(target)) for target in targets[:SAMPLED]) / len(targets[:SAMPLED])
        printers.network()
        runs = sorted(running.scrape(targets) for _ in range(EXPORTER_RUNS))
    cpu, wall = runs[EXPORTER_RUNS // 2]
    packets = printers.counts().packets // EXPORTER_RUNS
    return Rival("snmp_exporter", len(targets), packets, cpu, wall, values)


def _netsnmp(targets: Sequence[Target], *, with_values: bool) -> list[str]:
    limits = [str(AT_A_TIME), str(REPETITIONS), f"{LIMITS.timeout_seconds * KILO:.0f}", str(LIMITS.retries)]
    command = [str(program("netsnmp")), *limits, str(int(with_values)), *(f".{dotted(each)}" for each in SUBTREES)]
    lines = "".join(f"{target.host}:{target.port} {target.credentials[0].community}\n" for target in targets)
    ended = subprocess.run(command, input=lines, capture_output=True, text=True, check=True, timeout=_RUN_SECONDS)  # noqa: S603 - our own program
    return ended.stdout.splitlines()


def _value(kind: int, text: str = "") -> Value:
    if kind in _OCTETS:
        return bytes.fromhex(text)
    return parse_oid(text) if kind == _OBJECT_IDENTIFIER else int(text)
