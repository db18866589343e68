"""Counts what the agent puts on a site's network in one working day: ``python -m local.traffic``.

The agent's own reader, rule of what to report and packing of uploads, on the simulated printers over loopback; only
time is made to pass. The figures of ``docs/agent-security.md`` are from here.
"""

import asyncio
import gzip
import json
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from statistics import median
from typing import Final, cast

from edge.cloud.uploader import upload_body
from edge.reading.reader import Reader
from edge.snmp.targets import Target
from edge.spool.changes import Cause, ReportedState, Rhythm, judge
from edge.spool.rows import Batch, SpooledReading
from local.printers.fleet import model_printer
from local.printers.messages import answer, decode_request
from local.printers.models.catalogue import MODELS
from local.printers.printer import SimulatedPrinter
from local.printers.responder import Address
from shared.wire.activation import AgentConfig
from shared.wire.reading import PrinterReading
from shared.wire.upload import reading_body

MORNING: Final = datetime(2026, 3, 2, tzinfo=UTC)
DAY: Final = timedelta(days=1)
IP_AND_UDP_OCTETS: Final = 28
_KILO: Final = 1_000


class HandClock:
    """Shows the time it is set to: the agent's and the printers'."""

    def __init__(self, time: datetime) -> None:
        self.time = time

    def now(self) -> datetime:
        """That time."""
        return self.time


@dataclass(slots=True)
class Snmp:
    """Datagrams of both directions and their octets, UDP's and IPv4's headers in them."""

    datagrams: int = 0
    octets: int = 0

    def add(self, datagram: bytes) -> None:
        """Count one."""
        self.datagrams += 1
        self.octets += len(datagram) + IP_AND_UDP_OCTETS

    def taken(self) -> "Snmp":
        """What was counted since the last time."""
        counted = Snmp(self.datagrams, self.octets)
        self.datagrams = self.octets = 0
        return counted


@dataclass(slots=True)
class Traffic:
    """What was counted. Polls are lists over printers (and time); uploads are packed bodies in octets."""

    printers: int = 0
    first_polls: list[Snmp] = field(default_factory=list)
    polls: list[Snmp] = field(default_factory=list)
    single: dict[Cause, list[int]] = field(default_factory=lambda: {cause: [] for cause in Cause})
    uploads: list[int] = field(default_factory=list)
    readings: int = 0


class _Endpoint(asyncio.DatagramProtocol):
    def __init__(self, printer: SimulatedPrinter) -> None:
        self._printer = printer
        self.counted = Snmp()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: Address) -> None:
        reply = answer(self._printer.view(), decode_request(data))
        self.counted.add(data)
        self.counted.add(reply)
        self._transport.sendto(reply, addr)


def _itself(endpoint: _Endpoint) -> _Endpoint:
    return endpoint


async def day_of_traffic(interval: timedelta = timedelta(seconds=900)) -> Traffic:
    """One Monday of the simulated printers that answer, each polled after every interval."""
    clock = HandClock(MORNING - interval)
    loop = asyncio.get_running_loop()
    traffic = Traffic()
    endpoints: dict[Target, _Endpoint] = {}
    transports: list[asyncio.DatagramTransport] = []
    try:
        for model in MODELS:
            if not model.silent:
                endpoint = _Endpoint(model_printer(model, clock=clock))
                transport, _ = await loop.create_datagram_endpoint(
                    partial(_itself, endpoint), local_addr=("127.0.0.1", 0)
                )
                transports.append(transport)
                endpoints[Target(*transport.get_extra_info("sockname"))] = endpoint
        async with Reader(clock) as reader:
            await _live(clock, interval, reader, endpoints, traffic)
    finally:
        for transport in transports:
            transport.close()
    return traffic


async def _live(
    clock: HandClock, interval: timedelta, reader: Reader, endpoints: dict[Target, _Endpoint], traffic: Traffic
) -> None:
    heartbeat = AgentConfig.model_fields["heartbeat_interval_seconds"].default
    rhythm = Rhythm(heartbeat, interval.total_seconds(), clock.time)
    states: dict[Target, ReportedState] = {}
    traffic.printers = len(endpoints)
    first = True
    while clock.time < MORNING + DAY:
        bodies: list[str] = []
        for target, endpoint in endpoints.items():
            reading = await reader.read(target)
            (traffic.first_polls if first else traffic.polls).append(endpoint.counted.taken())
            report = judge(states.get(target), reading, now=clock.time, rhythm=rhythm)
            if report is None:
                continue
            states[target] = report.state
            bodies.append(_body(reading, report.cause))
            traffic.single[report.cause].append(_packed([bodies[-1]], clock.time))
        if bodies and not first:
            traffic.uploads.append(_packed(bodies, clock.time))
            traffic.readings += len(bodies)
        first = False
        clock.time += interval


def _body(reading: PrinterReading, cause: Cause) -> str:
    sent = reading.model_copy(update={"heartbeat": cause is Cause.HEARTBEAT})
    return json.dumps(reading_body(sent), separators=(",", ":"))


def _packed(bodies: list[str], now: datetime) -> int:
    readings = tuple(SpooledReading(row, "", body) for row, body in enumerate(bodies))
    return len(gzip.compress(upload_body(Batch("0" * 32, 1_000, 0, readings), now), compresslevel=6, mtime=0))


def lines(traffic: Traffic) -> list[str]:
    """The figures, for people."""

    def polls(what: str, counted: list[Snmp]) -> str:
        datagrams, octets = (
            median(each) for each in zip(*((one.datagrams, one.octets) for one in counted), strict=True)
        )
        largest = max(one.octets for one in counted)
        return f"SNMP, {what}: median {datagrams:g} datagrams, {octets:g} octets; largest {largest}"

    a_day = sum(one.octets for one in traffic.polls) / traffic.printers
    singles = [
        f"upload of one reading, {cause}: median {median(sizes):g} octets packed, largest {max(sizes)} ({len(sizes)})"
        for cause, sizes in traffic.single.items()
        if sizes
    ]
    return [
        f"{traffic.printers} simulated printers, each polled {len(traffic.polls) // traffic.printers} times in the day",
        polls("first poll of a printer", traffic.first_polls),
        polls("later poll", traffic.polls),
        f"SNMP a printer and day: {a_day / _KILO:.0f} kB",
        *singles,
        f"uploads in the day: {len(traffic.uploads)}, with {traffic.readings} readings",
        f"uploads a printer and day: {sum(traffic.uploads) / traffic.printers / _KILO:.1f} kB packed",
    ]


def main() -> None:
    """Print the figures. Opens UDP sockets on loopback only."""
    sys.stdout.write("\n".join(lines(asyncio.run(day_of_traffic()))) + "\n")


if __name__ == "__main__":
    main()
