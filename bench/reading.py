"""What reading printers over SNMP costs the agent: packets, CPU, time, and whether the values are right.

The printers run in a process of their own; fifteen minutes pass for them between two polls.
"""

import asyncio
import gc
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final
from unittest import mock

import edge.printer
import edge.reader
from bench import rivals
from bench.floor import Floor, run_floor
from bench.independent import Walked, differences, walk
from bench.printers import Printers
from bench.row import Row, at_most, is_true, left_out, ratio_at_most
from edge.answers import Answers
from edge.cli_read import read_many
from edge.clock import SystemClock
from edge.reader import Reader, ReaderLimits, ReadError
from edge.snmp_codec import REQUEST_IDS, PreparedRequest, prepare
from edge.targets import Target
from edge.transport import Address, Received, Transport

PRINTERS: Final = 300
AT_A_TIME: Final = 64
STEADY_POLLS: Final = 5
WALL_POLLS: Final = 3
FIRST_POLLS: Final = 3
SAMPLE: Final = 5
POLL_SECONDS: Final = 900
LATENCY_SECONDS: Final = 0.02
LOSS: Final = 0.02
DEAD: Final = PRINTERS // 10
LIMITS: Final = ReaderLimits()
_KILO: Final = 1_000
_CHILD_SECONDS: Final = 20


@dataclass(frozen=True, slots=True)
class Poll:
    """One poll of all printers."""

    wall_seconds: float
    cpu_seconds: float
    packets: int
    read: int

    @property
    def milliseconds(self) -> float:
        """CPU a printer."""
        return self.cpu_seconds * _KILO / PRINTERS


@dataclass(slots=True)
class Tap:
    """Listens in on the agent's reader: what was answered, what mapping was given, which datagrams were sent."""

    answers: dict[str, Answers] = field(default_factory=dict)
    mappings: list[Callable[[], Any]] = field(default_factory=list)
    datagrams: dict[Address, list[bytes]] = field(default_factory=dict)

    @property
    def mapping_milliseconds(self) -> float:
        """CPU a printer of mapping answers to the wire's reading: done again, nothing else meanwhile."""
        began = time.process_time()
        for _ in range(STEADY_POLLS):
            for mapping in self.mappings:
                mapping()
        return (time.process_time() - began) * _KILO / len(self.mappings) / STEADY_POLLS

    def compose(self, real: Callable[..., Any]) -> Callable[..., Any]:
        """`edge.printer.compose`, with its arguments kept."""

        def tapped(answers: Answers, *given: Any, **named: Any) -> Any:  # noqa: ANN401 - passed through
            self.answers[named["address"]] = answers
            self.mappings.append(partial(real, answers, *given, **named))
            return real(answers, *given, **named)

        return tapped

    def exchange(self, real: Callable[..., Any]) -> Callable[..., Any]:
        """`Transport.exchange`, with the datagrams kept."""

        async def tapped(
            transport: Transport, address: Address, request: PreparedRequest, waits: tuple[float, ...]
        ) -> Received:
            datagram = request.with_request_id(REQUEST_IDS.start + len(self.datagrams))
            self.datagrams.setdefault(address, []).append(datagram)
            received: Received = await real(transport, address, request, waits)
            return received

        return tapped


def run() -> list[Row]:
    """All rows; the printers are started and ended here."""
    with Printers(PRINTERS) as printers:
        rows = asyncio.run(_healthy(printers))
    with Printers(PRINTERS, dead=DEAD) as printers:
        rows += asyncio.run(_with_dead(printers))
    return rows


async def _healthy(printers: Printers) -> list[Row]:
    firsts = [await _first_poll(printers) for _ in range(FIRST_POLLS)]
    async with Reader(SystemClock(), limits=LIMITS) as reader:
        await _poll(reader, printers)
        steady = []
        for _ in range(STEADY_POLLS):
            printers.advance(POLL_SECONDS)
            steady.append(await _poll(reader, printers))
        tap, _ = await _tapped_poll(reader, printers)
        bare = _floor(tap)
        walked = await walk(printers.targets[:: PRINTERS // SAMPLE][:SAMPLE])
        slow = [await _beside_floor(reader, printers, tap, latency=LATENCY_SECONDS) for _ in range(WALL_POLLS)]
        lossy = await _beside_floor(reader, printers, tap, latency=LATENCY_SECONDS, loss=LOSS)
    return [
        *_cost_rows(_typical(firsts), _typical(steady), tap, bare),
        *_rival_rows(_typical(firsts), _typical(steady), walked, printers.targets[: 4 * SAMPLE]),
        _values_row(tap, walked),
        *_wall_rows("20 ms latency", *sorted(slow, key=_slowness)[WALL_POLLS // 2]),
        _wall_row("20 ms latency, 2 % loss each way", *lossy),
        _memory_row(printers.targets),
    ]


async def _with_dead(printers: Printers) -> list[Row]:
    async with Reader(SystemClock(), limits=LIMITS) as reader:
        await _poll(reader, printers)
        tap, _ = await _tapped_poll(reader, printers)
        own, floor = await _beside_floor(reader, printers, tap, latency=LATENCY_SECONDS)
    return _wall_rows("10 % dead, 20 ms latency, time-out 2 s, 1 retry", own, floor)


async def _first_poll(printers: Printers) -> Poll:
    prepare.cache_clear()
    async with Reader(SystemClock(), limits=LIMITS) as reader:
        return await _poll(reader, printers)


async def _poll(reader: Reader, printers: Printers) -> Poll:
    gc.collect()
    gc.freeze()  # what we keep is not for the reader's collections to look through
    packets, cpu, began = reader.packets_sent, time.process_time(), time.monotonic()
    read = 0
    async for _, outcome in read_many(reader, printers.targets, AT_A_TIME):
        read += not isinstance(outcome, ReadError)
    return Poll(time.monotonic() - began, time.process_time() - cpu, reader.packets_sent - packets, read)


async def _tapped_poll(reader: Reader, printers: Printers) -> tuple[Tap, Poll]:
    """A steady poll, listened in on; time does not pass, so that another reader sees the same values after it."""
    tap = Tap()
    with (
        mock.patch.object(edge.reader, "compose", tap.compose(edge.printer.compose)),
        mock.patch.object(Transport, "exchange", tap.exchange(Transport.exchange)),
    ):
        return tap, await _poll(reader, printers)


async def _beside_floor(
    reader: Reader, printers: Printers, tap: Tap, *, latency: float, loss: float = 0.0
) -> tuple[Poll, Floor]:
    printers.network(latency=latency, loss=loss)
    own = await _poll(reader, printers)
    floor = _floor(tap)
    printers.network()
    return own, floor


def _floor(tap: Tap) -> Floor:
    return run_floor(
        tap.datagrams, concurrency=AT_A_TIME, timeout_seconds=LIMITS.timeout_seconds, retries=LIMITS.retries
    )


def _typical(polls: list[Poll]) -> Poll:
    return sorted(polls, key=lambda poll: poll.cpu_seconds)[len(polls) // 2]


def _cost_rows(first: Poll, steady: Poll, tap: Tap, bare: Floor) -> list[Row]:
    size = f"{PRINTERS} printers, {AT_A_TIME} at a time"
    cpu = "median of {} polls, user + system, with mapping to the wire's reading".format
    mapping = tap.mapping_milliseconds
    values = sum(len(cells) for each in tap.answers.values() for cells in each.columns.values()) / len(tap.answers)
    without = f"without the {mapping:.2f} ms of mapping; {values:.0f} values a printer (the target was set with 149)"
    return [
        at_most("packets a printer, first poll", first.packets / PRINTERS, "", 6, size),
        at_most("packets a printer, steady", steady.packets / PRINTERS, "", 3.7, size),
        Row("CPU a printer, first poll", first.milliseconds, "ms", note=cpu(FIRST_POLLS)),
        Row("CPU a printer, steady", steady.milliseconds, "ms", note=cpu(STEADY_POLLS)),
        at_most("CPU a printer, steady, SNMP alone", steady.milliseconds - mapping, "ms", 0.25, without),
        Row(
            "CPU a printer, steady, SNMP alone, beside the floor",
            steady.milliseconds - mapping,
            "ms",
            bare.cpu_seconds * _KILO / PRINTERS,
            "floor",
            note="the floor sends the same datagrams and decodes nothing: the system's share",
        ),
        Row("wall of a poll, no latency, first", first.wall_seconds, "s", note="the responder is Python and the limit"),
        Row("wall of a poll, no latency, steady", steady.wall_seconds, "s"),
    ]


def _rival_rows(first: Poll, steady: Poll, walked: Walked, targets: list[Target]) -> list[Row]:
    high_level = walked.cpu_seconds * _KILO / len(walked.rows)
    rows = [
        Row(
            "CPU a printer, steady, beside pysnmp's high-level walk",
            steady.milliseconds,
            "ms",
            high_level,
            "pysnmp v3arch, lookupMib=False",
            note=f"it walks whole tables: {walked.values // len(walked.rows)} values a printer",
        )
    ]
    for name, measure, factors, package in (
        ("snmp_exporter", rivals.exporter_cpu, (0.15, 0.6), "prometheus-snmp-exporter"),
        ("snmpbulkwalk", rivals.bulk_walk_cpu, (None, None), "snmp"),
    ):
        seconds = measure(targets)
        for poll, moment, factor in ((steady, "steady", factors[0]), (first, "first poll", factors[1])):
            what = f"CPU a printer, {moment}, beside {name}"
            if seconds is None:
                target = f"≤ {factor} of {name}" if factor else ""
                rows.append(left_out(what, target, f"not installed (Debian package {package})"))
                continue
            beside = (name, seconds * _KILO / len(targets))
            if factor is None:
                rows.append(Row(what, poll.milliseconds, "ms", beside[1], name))
            else:
                rows.append(ratio_at_most(what, poll.milliseconds, "ms", beside, factor))
    return rows


def _values_row(tap: Tap, walked: Walked) -> Row:
    found = [
        f"{target} {each}"
        for target, rows in walked.rows.items()
        for each in differences(tap.answers[str(target)], rows)
    ]
    compared = sum(len(cells) for target in walked.rows for cells in tap.answers[str(target)].columns.values())
    note = found[0] if found else f"{compared} values of {len(walked.rows)} printers, beside a plain pysnmp walk"
    return is_true("values identical", holds=not found, target="identical for every wanted object", note=note)


def _slowness(pair: tuple[Poll, Floor]) -> float:
    return pair[0].wall_seconds / pair[1].wall_seconds


def _wall_rows(when: str, own: Poll, floor: Floor) -> list[Row]:
    note = f"{own.read} of {PRINTERS} read, floor {floor.answered}"
    none_lost = is_true(
        f"{when}: no printer lost",
        holds=own.read >= floor.answered,
        target="none that the floor client reads",
        note=note,
    )
    return [_wall_row(when, own, floor), none_lost]


def _wall_row(when: str, own: Poll, floor: Floor) -> Row:
    note = f"{own.read} of {PRINTERS} read, floor {floor.answered}"
    return ratio_at_most(f"{when}: wall", own.wall_seconds, "s", ("floor", floor.wall_seconds), 1.2, note)


def _memory_row(targets: list[Target]) -> Row:
    addresses = "\n".join(str(target) for target in targets)
    command = [sys.executable, "-m", "bench.reading_memory"]
    ended = subprocess.run(command, input=addresses, capture_output=True, text=True, check=True, timeout=_CHILD_SECONDS)  # noqa: S603 - our own module
    note = f"{len(targets)} printers, not 1,000; a process with the agent's imports alone, {1 + STEADY_POLLS} polls"
    return at_most("memory of a reading process, at its peak", float(ended.stdout), "MB", 60, note)
