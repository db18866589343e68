"""What reading printers over SNMP v2c costs the agent: packets, CPU, time, and whether the values are right.

The printers run in processes of their own; fifteen minutes pass for them between two polls. The other readers are
measured beside the agent, on the same printers, in the same run.
"""

import asyncio
import subprocess
import sys
from dataclasses import replace
from functools import partial
from typing import Final

from bench import rivals
from bench.compiled import NotBuilt
from bench.exporter import PACKAGE
from bench.exporter_metrics import Wanted, values_in, wanted_of
from bench.fleets import Fleet
from bench.independent import Walked, differences, walk
from bench.machine import one_core
from bench.polls import (
    AT_A_TIME,
    KILO,
    LIMITS,
    Poll,
    answers_kept,
    asked_in_a_poll,
    first_poll,
    floor_of,
    poll,
    steady_polls,
    typical,
    without_mapping,
)
from bench.printers import Printers
from bench.rivals import BULK_WALK, Rival
from bench.row import Row, Verdict, at_most, is_true, left_out, ratio_at_most
from bench.walls import dead_rows, wall_rows
from edge.clock import SystemClock
from edge.reading.reader import Reader
from edge.snmp.answers import Answers

PRINTERS: Final = 500
IN_MEMORY: Final = 1_000
STEADY_POLLS: Final = 5
FIRST_POLLS: Final = 3
COMPARED: Final = 26
FEW: Final = 10
MOST_MEGABYTES: Final = 60
_CHILD_SECONDS: Final = 40


def run() -> list[Row]:
    """All rows; the printers are started and ended here. The targets are those of the large fleet."""
    rows = []
    for fleet in Fleet:
        with Printers(PRINTERS, fleet=fleet) as printers:
            rows += asyncio.run(_healthy(printers, stated=fleet is Fleet.LARGE))
    with Printers(PRINTERS, dead=PRINTERS // 10, fleet=Fleet.LARGE) as printers:
        rows += asyncio.run(dead_rows(printers, "10 % dead, 20 ms latency", latency=0.02))
    return [*rows, _memory_row(Fleet.LARGE), _aside(_memory_row(Fleet.SMALL))]


async def _healthy(printers: Printers, *, stated: bool) -> list[Row]:
    async with Reader(SystemClock(), limits=LIMITS) as reader:
        with one_core():
            firsts = [await first_poll(printers.targets) for _ in range(FIRST_POLLS)]
            await poll(reader, printers.targets)
            steady = typical(await steady_polls(reader, printers, STEADY_POLLS))
            with without_mapping():
                await poll(reader, printers.targets)
                alone = typical(await steady_polls(reader, printers, STEADY_POLLS))
                first_alone = typical([await first_poll(printers.targets) for _ in range(FIRST_POLLS)])
        with answers_kept() as kept:
            asked = await asked_in_a_poll(reader, printers)
        walked = await walk(printers.targets[:COMPARED])
        rows = [
            *_packet_rows(typical(firsts), steady, printers),
            *_cost_rows(typical(firsts), steady, alone),
            _floor_row(alone, asked),
            *_rival_rows(printers, alone, first_alone, wanted_of(kept.values())),
            _high_level_row(alone, walked),
            _values_row(kept, _independent(printers, walked)),
        ]
    values = sum(values_in(each.columns) for each in kept.values()) / len(kept)
    rows = [replace(row, what=f"{values:.0f} values: {row.what}") for row in rows]
    if not stated:
        return [_aside(row) for row in rows]
    rows += await wall_rows(printers, "20 ms latency", latency=0.02)
    rows += await wall_rows(printers, "20 ms latency, 2 % loss each way", latency=0.02, loss=0.02)
    return rows + await wall_rows(
        printers, "20 ms latency, responses of 484 octets at most", latency=0.02, most_octets=484
    )


def _aside(row: Row) -> Row:
    """The row of a fleet that its target was not set with; that values are right holds for all."""
    return row if row.unit == "yes/no" else replace(row, target="", verdict=Verdict.NONE)


def _packet_rows(first: Poll, steady: Poll, printers: Printers) -> list[Row]:
    served = "the responder in C" if printers.native else "the responder in Python, which is the limit"
    note = f"{PRINTERS} printers, {AT_A_TIME} at a time, {served}"
    return [
        at_most("packets a printer, first poll", first.packets_each, "", 6, note),
        at_most("packets a printer, steady", steady.packets_each, "", 3.7, note),
    ]


def _cost_rows(first: Poll, steady: Poll, alone: Poll) -> list[Row]:
    median = "median of {} polls, user + system".format
    alone_note = "without mapping to the wire's reading"
    return [
        Row("CPU a printer, first poll", first.milliseconds, "ms", note=median(FIRST_POLLS)),
        Row("CPU a printer, steady", steady.milliseconds, "ms", note=median(STEADY_POLLS)),
        at_most("CPU a printer, steady, SNMP alone", alone.milliseconds, "ms", 0.25, alone_note),
        Row("wall of a poll, no latency, first", first.wall_seconds, "s"),
        Row("wall of a poll, no latency, steady", steady.wall_seconds, "s"),
    ]


def _floor_row(alone: Poll, asked: dict[tuple[str, int], list[bytes]]) -> Row:
    what = "CPU a printer, steady, SNMP alone, beside the floor"
    try:
        bare = floor_of(asked)
    except NotBuilt as why:
        return left_out(what, "", str(why))
    note = "the floor is in C, sends the same datagrams and decodes nothing: the system's share"
    return Row(what, alone.milliseconds, "ms", bare.cpu_seconds * KILO / PRINTERS, "floor", note=note)


def _rival_rows(printers: Printers, steady: Poll, first: Poll, wanted: Wanted) -> list[Row]:
    few = printers.targets[:FEW]
    rows: list[Row] = []
    for name, measure, factors, missing in (
        ("snmp_exporter", partial(rivals.exporter, printers, printers.targets, wanted), (0.15, 0.6), PACKAGE),
        (
            "snmp_exporter that walks and returns nothing",
            partial(rivals.exporter, printers, printers.targets),
            (None, None),
            PACKAGE,
        ),
        ("net-snmp's library", partial(_library, printers), (None, None), "libsnmp-dev"),
        (BULK_WALK, partial(rivals.bulk_walk, printers, few), (None, None), "snmp"),
    ):
        rival = measure()
        rows += _beside(name, rival, (steady, first), factors, missing)
    rows.append(
        left_out(
            "CPU a printer, steady, beside gosnmp",
            "≤ 0.7 of gosnmp",
            "no Debian package has a program of it; it is the library inside snmp_exporter",
        )
    )
    return rows


def _library(printers: Printers) -> Rival | None:
    try:
        return rivals.library(printers, printers.targets)
    except NotBuilt:
        return None


def _beside(
    name: str, rival: Rival | None, own: tuple[Poll, Poll], factors: tuple[float | None, float | None], package: str
) -> list[Row]:
    rows = []
    for moment, ours, factor in zip(("steady", "first poll"), own, factors, strict=True):
        what = f"CPU a printer, {moment}, SNMP alone, beside {name}"
        if rival is None:
            rows.append(left_out(what, f"≤ {factor} of it" if factor else "", f"not installed (Debian {package})"))
            continue
        returned = "" if rival.values is None else f" and returns {rival.values:.0f} values"
        note = f"it sends {rival.packets / rival.printers:.1f} packets a printer{returned}, we {ours.packets_each:.1f}"
        if factor is None:
            rows.append(Row(what, ours.milliseconds, "ms", rival.milliseconds, name, note=note))
        else:
            rows.append(ratio_at_most(what, ours.milliseconds, "ms", (name, rival.milliseconds), factor, note))
    return rows


def _high_level_row(alone: Poll, walked: Walked) -> Row:
    return Row(
        "CPU a printer, steady, SNMP alone, beside pysnmp's high-level walk",
        alone.milliseconds,
        "ms",
        walked.cpu_seconds * KILO / len(walked.rows),
        "pysnmp v3arch, lookupMib=False",
        note=f"it walks whole tables: {walked.values // len(walked.rows)} values a printer",
    )


def _independent(printers: Printers, walked: Walked) -> Walked:
    """What another reader finds: net-snmp's library at all printers, else pysnmp's walk of some."""
    try:
        return rivals.library_values(printers.targets)
    except NotBuilt:
        return walked


def _values_row(kept: dict[str, Answers], walked: Walked) -> Row:
    found = [
        f"{target} {each}" for target, rows in walked.rows.items() for each in differences(kept[str(target)], rows)
    ]
    compared = sum(len(cells) for target in walked.rows for cells in kept[str(target)].columns.values())
    note = found[0] if found else f"{compared} values of {len(walked.rows)} printers, beside {walked.name}"
    return is_true("values identical", holds=not found, target="identical for every wanted object", note=note)


def _memory_row(fleet: Fleet) -> Row:
    what = f"memory of a reading process, at its peak, {fleet.value} printers"
    command = [sys.executable, "-m", "bench.reading_memory"]
    with Printers(IN_MEMORY, fleet=fleet) as printers:
        addresses = "\n".join(str(target) for target in printers.targets)
        ended = subprocess.run(  # noqa: S603 - our own module
            command, input=addresses, capture_output=True, text=True, check=True, timeout=_CHILD_SECONDS
        )
    note = f"{IN_MEMORY} printers, a process with the agent's imports alone"
    return at_most(what, float(ended.stdout), "MB", MOST_MEGABYTES, note)
