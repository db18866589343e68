"""What SNMP v3 costs (authPriv: SHA, AES-128), on net-snmp's snmpd serving our printers' rows, beside snmp_exporter."""

import asyncio
import socket
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from bench import snmpd
from bench.exporter import PACKAGE, Exporter
from bench.fleets import many_printers
from bench.polls import KILO, LIMITS, Poll, first_poll, poll, typical, without_mapping
from bench.printer_process import StandingClock
from bench.row import Row, left_out, ratio_at_most
from bench.serving import addresses
from bench.snmpd import Snmpd
from edge.clock import SystemClock
from edge.reading.reader import Reader
from edge.snmp.credentials import AuthProtocol, CredentialSet, PrivProtocol, SnmpVersion
from edge.snmp.targets import Target

PRINTERS: Final = 12
STEADY_POLLS: Final = 15
FIRST_POLLS: Final = 5
SCRAPES: Final = 15
USER: Final = CredentialSet(
    name="bench",
    version=SnmpVersion.V3,
    user="bench",
    auth=AuthProtocol.SHA1,
    auth_password="signing-words",  # noqa: S106 - of printers made up here
    priv=PrivProtocol.AES128,
    priv_password="hiding-words",  # noqa: S106 - of printers made up here
)


def run() -> list[Row]:
    """All rows; an snmpd a printer is started and ended here."""
    if snmpd.found() is None:
        return [left_out("CPU a printer, v3 authPriv", "≤ 1 of snmp_exporter", "not installed (Debian package snmpd)")]
    with tempfile.TemporaryDirectory() as folder, ExitStack() as running:
        port = _free_port()
        targets = []
        for place, (host, printer) in enumerate(
            zip(addresses(PRINTERS), many_printers(PRINTERS, 0, StandingClock()), strict=True)
        ):
            rows = dict(printer.view().below(()))
            running.enter_context(Snmpd(Path(folder, str(place)), f"{host}:{port}", rows, [USER]))
            targets.append(Target(host, port, (USER,)))
        first, steady = asyncio.run(_polls(targets))
        return _rows(first, steady, targets)


async def _polls(targets: Sequence[Target]) -> tuple[Poll, Poll]:
    with without_mapping():
        await first_poll(targets)
        first = typical([await first_poll(targets) for _ in range(FIRST_POLLS)])
        async with Reader(SystemClock(), limits=LIMITS) as reader:
            await poll(reader, targets)
            steady = typical([await poll(reader, targets) for _ in range(STEADY_POLLS)])
    if steady.read != PRINTERS:
        raise RuntimeError(f"{steady.read} of {PRINTERS} printers were read over v3")
    return first, steady


def _rows(first: Poll, steady: Poll, targets: Sequence[Target]) -> list[Row]:
    what = "CPU a printer, v3 authPriv (SHA, AES-128), SNMP alone"
    note = f"{PRINTERS} printers, an snmpd each; {steady.packets_each:.1f} packets a printer"
    found = Exporter.found()
    if found is None:
        missing = f"{steady.milliseconds:.2f} ms; snmp_exporter is not installed (Debian package {PACKAGE})"
        return [left_out(f"{what}, steady", "≤ 1 of snmp_exporter", missing)]
    with Exporter(found, USER) as exporter:
        cpu, _ = exporter.scrape([*targets] * SCRAPES)
    beside = ("snmp_exporter", cpu * KILO / len(targets) / SCRAPES)
    first_note = f"{first.packets_each:.1f} packets a printer; its engine discovered, keys made for it"
    return [
        ratio_at_most(f"{what}, steady", steady.milliseconds, "ms", beside, 1.0, note),
        Row(f"{what}, first poll", first.milliseconds, "ms", beside[1], beside[0], note=first_note),
    ]


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
