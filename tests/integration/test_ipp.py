"""Printers over IPP on loopback: those without SNMP, those without a page count, and those that mean no good."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest
import trustme
from typer.testing import CliRunner

from edge.cli.main import app
from edge.config.settings import IppSettings
from edge.ipp.attributes import REQUESTED_ATTRIBUTES
from edge.ipp.client import Endpoint, IppError, IppLimits, IppSilent, attributes
from edge.ipp.fallback import FallbackReader, Way
from edge.ipp.inquiry import CONNECT_PACKETS
from edge.ipp.routes import Routes
from edge.reading.reader import Reader, ReaderLimits, ReadError
from edge.snmp.fence import Fence
from edge.snmp.targets import Target
from edge.snmp.transport import Pacer
from local.printers.clock import SimulatedClock
from local.printers.device import PrinterModel
from local.printers.fleet import model_printer
from local.printers.ipp_encoding import Attribute
from local.printers.ipp_server import IppService, Mode
from local.printers.ipp_state import ipp_attributes
from local.printers.models.catalogue import MODELS
from local.printers.responder import Responder, bind_udp
from shared.wire.reading import PrinterReading
from tests.support.edge import FixedClock
from tests.support.stopwatch import Stopwatch

MODEL: Final = MODELS[0]
SILENT: Final = Target("127.0.0.1", 9, named=True)
SNMP_LIMITS: Final = ReaderLimits(timeout_seconds=0.2, retries=0)
BRIEF: Final = IppLimits(connect_seconds=1.5, request_seconds=1.8, printer_seconds=4.0)
PATIENT: Final = IppLimits(connect_seconds=10, request_seconds=10, printer_seconds=20)
HOSTILE: Final = [mode for mode in Mode if mode not in {Mode.WELL_BEHAVED, Mode.OLD, Mode.TALKATIVE}]


def service(model: PrinterModel = MODEL, **options: Any) -> IppService:  # noqa: ANN401  as the service takes them
    printer = model_printer(model, clock=SimulatedClock(datetime(2026, 11, 22, 12, tzinfo=UTC), 0.0, 0.0))

    def shown() -> Mapping[str, Attribute]:
        return ipp_attributes(printer)

    return IppService(shown, **options)


def self_signed() -> ssl.SSLContext:
    """What a printer presents: for another name, by an authority that nobody knows."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("printer.local").configure_cert(context)
    return context


@asynccontextmanager
async def both_ways(
    port: int, routes: Routes | None = None, limits: IppLimits = PATIENT
) -> AsyncIterator[FallbackReader]:
    async with Reader(FixedClock(), limits=SNMP_LIMITS) as reader:
        yield FallbackReader(
            reader,
            IppSettings(port=port),
            clock=FixedClock(),
            fence=Fence(["127.0.0.0/8"]),
            routes=routes,
            limits=limits,
        )


@asynccontextmanager
async def over_snmp(model: PrinterModel) -> AsyncIterator[Target]:
    responder = Responder()
    try:
        host, port = await responder.serve(
            model_printer(model, clock=SimulatedClock(datetime(2026, 11, 22, 12, tzinfo=UTC), 0.0, 0.0)),
            bind_udp(("127.0.0.1", 0)),
        )
        yield Target(host, port, named=True)
    finally:
        responder.close()


def test_a_printer_without_snmp_is_read_over_ipp() -> None:
    async def run() -> tuple[PrinterReading, IppService, Way | None]:
        async with service() as printer, both_ways(printer.port) as reader:
            return await reader.read(SILENT), printer, reader.way(str(SILENT))

    reading, printer, way = asyncio.run(run())

    life = reading.counter("life_count")
    assert reading.identity.serial_number == MODEL.serial
    assert (life and life.value, life and life.source) == (MODEL.life_count, "ipp:printer-impressions-completed")
    assert [row.percent for row in reading.supplies or []] == [62.0, 81.0]
    assert way is Way.IPP
    assert [list(each.attributes["requested-attributes"]) for each in printer.requests] == [list(REQUESTED_ATTRIBUTES)]


def test_a_printer_without_a_page_count_over_snmp_gets_it_over_ipp() -> None:
    countless = replace(MODEL, life_count=None)

    async def run() -> PrinterReading:
        async with over_snmp(countless) as target, service() as printer, both_ways(printer.port) as reader:
            return await reader.read(target)

    reading = asyncio.run(run())

    life = reading.counter("life_count")
    assert (life and life.value, life and life.source) == (MODEL.life_count, "ipp:printer-impressions-completed")
    assert reading.identity.mac_address == MODEL.mac  # from SNMP
    assert "life_count" not in reading.missing


def test_another_printer_behind_the_same_address_lends_nothing() -> None:
    countless = replace(MODEL, life_count=None)

    async def run() -> PrinterReading:
        async with over_snmp(countless) as target, service(MODELS[3]) as other, both_ways(other.port) as reader:
            return await reader.read(target)

    reading = asyncio.run(run())

    assert reading.identity.serial_number == MODEL.serial
    assert reading.counter("life_count") is None


def test_hostile_printers_cost_their_own_time_and_delay_no_other() -> None:
    async def run() -> tuple[float, list[str], dict[Mode, tuple[float, str]]]:
        async with AsyncExitStack() as stack:
            target = await stack.enter_async_context(over_snmp(MODEL))
            readers = {}
            for mode in (Mode.WELL_BEHAVED, *HOSTILE):
                printer = await stack.enter_async_context(service(mode=mode))
                readers[mode] = await stack.enter_async_context(both_ways(printer.port, limits=BRIEF))
            watch = stack.enter_context(Stopwatch())

            async def failure(mode: Mode) -> tuple[float, str]:
                with pytest.raises(ReadError) as failed:
                    await readers[mode].read(SILENT)
                return watch.seconds, failed.value.message

            bad = {mode: asyncio.create_task(failure(mode)) for mode in HOSTILE}
            good = readers[Mode.WELL_BEHAVED]
            readings = await asyncio.gather(good.read(SILENT), *(reader.read(target) for reader in readers.values()))
            others = watch.seconds
            return others, [str(each.identity.serial_number) for each in readings], {m: await t for m, t in bad.items()}

    others, serials, failures = asyncio.run(run())

    assert serials == [MODEL.serial] * (len(HOSTILE) + 2)
    assert others < SNMP_LIMITS.timeout_seconds + BRIEF.printer_seconds
    assert "not IPP" in failures[Mode.WEB_PAGE][1]
    assert "password" in failures[Mode.PASSWORD][1]
    for mode, (seconds, message) in failures.items():
        assert "over IPP: " in message, mode
        assert seconds < SNMP_LIMITS.timeout_seconds + 1.0 + BRIEF.printer_seconds + 1.5, mode


def test_an_answer_is_read_no_further_than_its_bound_and_a_redirect_not_at_all() -> None:
    async def run(mode: Mode) -> tuple[str, IppService]:
        async with service(mode=mode) as printer:
            with pytest.raises(IppError) as failed:
                await attributes("127.0.0.1", printer.port, limits=BRIEF)
            return str(failed.value), printer

    assert "more than 262144 octets" in asyncio.run(run(Mode.HUGE))[0]
    said, printer = asyncio.run(run(Mode.REDIRECT))
    assert "302" in said
    assert "/elsewhere" not in printer.paths


def test_what_a_talkative_printer_adds_is_not_kept() -> None:
    async def run() -> set[str]:
        async with service(mode=Mode.TALKATIVE) as printer:
            answered, _ = await attributes("127.0.0.1", printer.port)
            return set(answered.items)

    assert asyncio.run(run()) <= REQUESTED_ATTRIBUTES.keys()


@pytest.mark.parametrize(
    ("options", "endpoint"),
    [
        ({}, Endpoint()),
        ({"path": "/ipp/printer"}, Endpoint(path="/ipp/printer")),
        ({"path": "/"}, Endpoint(path="/")),
        ({"mode": Mode.OLD}, Endpoint(version=(1, 1))),
        ({"tls": True}, Endpoint(tls=True)),
    ],
)
def test_the_way_a_printer_answers_is_found_and_asked_alone_the_next_time(
    options: dict[str, Any], endpoint: Endpoint
) -> None:
    options = {**options, "tls": self_signed() if "tls" in options else None}

    async def run() -> tuple[Endpoint, Endpoint, int, int]:
        async with service(**options) as printer:
            _, found = await attributes("127.0.0.1", printer.port)
            before = len(printer.requests)
            _, again = await attributes("127.0.0.1", printer.port, known=found)
            return found, again, before, len(printer.requests)

    found, again, before, after = asyncio.run(run())

    assert (found, again) == (endpoint, endpoint)
    assert after == before + 1


def test_a_printers_own_certificate_is_taken_and_tls_1_1_is_not() -> None:
    old = self_signed()
    old.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    old.maximum_version = ssl.TLSVersion.TLSv1_1
    old.set_ciphers("ALL:@SECLEVEL=0")

    async def run() -> None:
        async with service(tls=old) as printer:
            with pytest.raises(IppError, match="does not answer as a printer"):
                await attributes("127.0.0.1", printer.port, limits=BRIEF)

    asyncio.run(run())


def test_a_closed_port_is_no_ipp_and_an_address_outside_the_fence_is_not_connected_to() -> None:
    async def run() -> tuple[str, int]:
        with pytest.raises(IppError) as closed:
            await attributes("127.0.0.1", 9, limits=BRIEF)
        assert not isinstance(closed.value, IppSilent)
        async with service() as printer, Reader(FixedClock(), limits=SNMP_LIMITS) as snmp:
            fence = Fence(["10.0.0.0/8"])
            reader = FallbackReader(snmp, IppSettings(port=printer.port), clock=FixedClock(), fence=fence)
            with pytest.raises(ReadError) as failed:
                await reader.read(SILENT)
            return failed.value.message, printer.connections

    message, connections = asyncio.run(run())

    assert "[network] allow" in message
    assert connections == 0


def test_discovery_finds_a_named_printer_over_ipp_and_knows_it_after_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "routes.json"

    async def run() -> tuple[list[Target], int]:
        async with service() as printer:
            async with both_ways(printer.port, Routes(file)) as reader:
                found = [target async for target in reader.discover([SILENT, Target("127.0.0.1", 10)])]
            async with both_ways(printer.port, Routes(file)) as restarted:
                before = len(printer.requests)
                await restarted.read(SILENT)
                return found, len(printer.requests) - before

    found, requests = asyncio.run(run())

    assert found == [SILENT]
    assert requests == 1


def test_looking_for_ipp_keeps_to_the_packet_rate() -> None:
    closed = [Target(f"127.0.0.{number}", 9, named=True) for number in range(1, 6)]

    async def run() -> float:
        async with both_ways(9) as reader:
            loop = asyncio.get_running_loop()
            began = loop.time()
            assert [target async for target in reader._ipp_sweep(closed, Pacer(100))] == []
            return loop.time() - began

    assert asyncio.run(run()) >= (len(closed) * CONNECT_PACKETS - 1) / 100


def test_the_command_says_that_it_read_over_ipp_and_can_be_told_not_to() -> None:
    def command(*more: str) -> tuple[int, str, str]:
        arguments = ["read", str(SILENT), "--timeout", "0.2", "--retries", "0", "--json", *more]
        result = CliRunner().invoke(app, arguments)
        return result.exit_code, result.stdout, result.stderr

    async def run() -> tuple[tuple[int, str, str], tuple[int, str, str]]:
        async with service() as printer:
            port = ("--ipp-port", str(printer.port))
            return await asyncio.to_thread(command, *port), await asyncio.to_thread(command, *port, "--no-ipp")

    (code, out, err), (refused, _, why) = asyncio.run(run())

    assert code == 0, err
    assert json.loads(out)["identity"]["serial_number"] == MODEL.serial
    assert "127.0.0.1:9: read over IPP" in err
    assert refused == 1
    assert "IPP" not in why
