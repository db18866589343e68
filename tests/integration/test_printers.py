"""Simulated printers over real UDP on loopback, asked by an SNMP library that is not ours."""

import asyncio
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from pysnmp.hlapi.v3arch.asyncio import (
    CommunityData,
    ContextData,
    ObjectIdentity,
    ObjectType,
    SnmpEngine,
    UdpTransportTarget,
    bulk_walk_cmd,
    get_cmd,
)

from edge.clock import SystemClock
from edge.reading.reader import Reader
from edge.snmp.targets import parse_targets
from local.printers import oids
from local.printers.device import Purpose
from local.printers.fleet import FleetError, SimulatedFleet
from local.printers.messages import Operation
from local.printers.recording import read_recording
from local.printers.responder import AddressUnavailableError, bind_udp
from local.printers.rows import Oid
from shared.wire.reading import LIFE_COUNT, PrinterReading
from tests.support.printers import HandClock, request_octets

WALKS = Path(__file__).parents[3] / "shared" / "walks"
SYS_DESCR = (*oids.SYSTEM, 1, 0)


def exchange(target: str, datagram: bytes, *, timeout_seconds: float = 2.0) -> bytes | None:
    host, _, port = target.partition(":")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
        asker.settimeout(timeout_seconds)
        asker.sendto(datagram, (host, int(port)))
        try:
            return asker.recv(65_535)
        except TimeoutError:
            return None


async def transport(target: str) -> UdpTransportTarget:
    host, _, port = target.partition(":")
    return await UdpTransportTarget.create((host, int(port)), timeout=2, retries=1)


async def walk(target: str, *, version: int = 1) -> list[tuple[Oid, object]]:
    found: list[tuple[Oid, object]] = []
    root = ObjectType(ObjectIdentity((1, 3, 6)))
    answers = bulk_walk_cmd(
        SnmpEngine(),
        CommunityData("public", mpModel=version),
        await transport(target),
        ContextData(),
        0,
        20,
        root,
        lookupMib=False,
    )
    async for failure, status, _, bindings in answers:
        assert failure is None
        assert not status
        found += [(tuple(name), value) for name, value in bindings]
    return found


async def read(target: str, oid: Oid, *, version: int = 1) -> str:
    failure, status, _, bindings = await get_cmd(
        SnmpEngine(),
        CommunityData("public", mpModel=version),
        await transport(target),
        ContextData(),
        ObjectType(ObjectIdentity(oid)),
        lookupMib=False,
    )
    assert failure is None
    assert not status
    return str(bindings[0][1].prettyPrint())


def test_a_walk_sees_exactly_the_rows_of_the_printer() -> None:
    with SimulatedFleet(clock=HandClock()) as fleet:
        printer = fleet.for_purpose(Purpose.SUPPLIES_ORDER)

        found = asyncio.run(walk(printer.target))

        assert [oid for oid, _ in found] == list(printer.view())


@pytest.mark.parametrize("version", [0, 1])
def test_both_versions_read_the_serial_number(version: int) -> None:
    with SimulatedFleet(clock=HandClock()) as fleet:
        printer = fleet.for_purpose(Purpose.FUSER_FAILURE)

        serial = asyncio.run(read(printer.target, (*oids.PRT_GENERAL_SERIAL_NUMBER, 1), version=version))

        assert serial == printer.identity.serial


def test_each_printer_has_its_address_and_one_port_serves_them_all() -> None:
    with SimulatedFleet(clock=HandClock()) as fleet:
        hosts, ports = zip(*(printer.target.split(":") for printer in fleet.printers), strict=True)
        answers = {
            printer.name: exchange(printer.target, request_octets(Operation.GET, SYS_DESCR), timeout_seconds=1)
            for printer in fleet.printers
        }

        assert len(set(hosts)) == len(hosts)
        assert len(set(ports)) == 1
        assert fleet.discovery_criteria() == [f"127.0.10.1-127.0.10.{len(hosts) + 1}:{ports[0]}"]
        assert [name for name, answer in answers.items() if answer is None] == ["HP LaserJet Demo 1020"]


def test_printers_can_share_an_address_where_loopback_has_only_one() -> None:
    with SimulatedFleet(clock=HandClock(), same_address=True) as fleet:
        targets = [printer.target for printer in fleet.printers]

        assert all(target.startswith("127.0.0.1:") for target in targets)
        assert fleet.discovery_criteria() == targets
        assert exchange(targets[3], request_octets(Operation.GET, SYS_DESCR)) is not None


def test_commands_from_another_thread_are_seen_by_the_next_question() -> None:
    clock = HandClock()
    with SimulatedFleet(clock=clock) as fleet:
        printer = fleet.for_purpose(Purpose.SUPPLIES_ORDER)
        level = (*oids.PRT_MARKER_SUPPLIES_LEVEL, 1, 1)
        description = (*oids.PRT_MARKER_SUPPLIES_DESCRIPTION, 1, 1)

        printer.behaviour.set_level(1, 7)
        low = asyncio.run(read(printer.target, level))
        clock.pass_time(days=1)
        lower = asyncio.run(read(printer.target, level))
        printer.behaviour.replace_cartridge(1, "NEWSERIAL")
        new = asyncio.run(read(printer.target, level))

        assert (low, new) == ("7", "100")
        assert int(lower) < 7
        assert "SNNEWSERIAL" in asyncio.run(read(printer.target, description))

        printer.behaviour.go_silent()
        silent = exchange(printer.target, request_octets(Operation.GET, SYS_DESCR), timeout_seconds=0.3)
        printer.behaviour.answer_again()

        assert silent is None
        assert exchange(printer.target, request_octets(Operation.GET, SYS_DESCR)) is not None


@pytest.mark.parametrize(
    ("datagram", "counted_as"),
    [
        (b"", "malformed"),
        (b"\x30\x82\xff\xff garbage", "malformed"),
        (request_octets(Operation.GET, SYS_DESCR, community=b"private"), "unknown_community"),
    ],
    ids=["empty", "garbage", "foreign community"],
)
def test_what_a_printer_ignores_is_counted_and_hurts_nobody(datagram: bytes, counted_as: str) -> None:
    with SimulatedFleet(clock=HandClock()) as fleet:
        target = fleet.printers[0].target

        ignored = exchange(target, datagram, timeout_seconds=0.3)

        assert ignored is None
        assert exchange(target, request_octets(Operation.GET, SYS_DESCR)) is not None
        assert fleet.requests() == {counted_as: 1, "answered": 1}


def test_two_fleets_run_side_by_side() -> None:
    with SimulatedFleet(clock=HandClock()) as one, SimulatedFleet(clock=HandClock()) as other:
        assert one.printers[0].target != other.printers[0].target


def test_a_port_in_use_is_named_and_nothing_stays_bound() -> None:
    with SimulatedFleet(clock=HandClock()) as fleet:
        port = int(fleet.printers[0].target.rpartition(":")[2])
        second = SimulatedFleet(clock=HandClock(), port=port)

        with pytest.raises(AddressUnavailableError, match=rf"UDP port {port} on 127\.0\.10\.1 is in use"):
            second.start()
        with pytest.raises(FleetError, match="no addresses before start"):
            second.discovery_criteria()


def test_ports_that_do_not_exist_are_refused_and_nothing_stays_bound() -> None:
    with pytest.raises(AddressUnavailableError, match="ports end at 65535"):
        SimulatedFleet(clock=HandClock(), same_address=True, port=65_530).start()


def test_an_address_that_is_not_ours_says_what_to_do() -> None:
    with pytest.raises(AddressUnavailableError, match=r"203\.0\.113\.1 is not an address .*--same-address"):
        bind_udp(("203.0.113.1", 0))


def test_a_stopped_fleet_gives_back_its_ports_and_its_thread() -> None:
    fleet = SimulatedFleet(clock=HandClock())
    fleet.start()
    port = int(fleet.printers[0].target.rpartition(":")[2])
    fleet.stop()
    fleet.stop()

    assert "simulated-printers" not in {thread.name for thread in threading.enumerate()}
    with SimulatedFleet(clock=HandClock(), port=port) as again:
        assert again.printers[0].target.endswith(f":{port}")


@pytest.mark.parametrize("interrupt", [signal.SIGINT, signal.SIGTERM])
def test_the_command_serves_until_interrupted_and_prints_what_to_try(tmp_path: Path, interrupt: int) -> None:
    (tmp_path / "stray.txt").write_text("not a recording")
    command = [sys.executable, "-m", "local.printers"]
    with subprocess.Popen([*command], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]) as served:
        assert served.stdout is not None
        lines: list[str] = []
        while not (lines and "Ctrl-C" in lines[-1]):
            lines.append(served.stdout.readline())
        answer = exchange(lines[0].split()[0], request_octets(Operation.GET, SYS_DESCR))
        served.send_signal(interrupt)
        assert served.wait(10) == 0
    refused = subprocess.run([*command, "--walks", str(tmp_path)], capture_output=True, text=True, check=False)

    assert answer is not None
    assert any(line.startswith("Try:  platen-agent read 127.0.10.1:") for line in lines)
    assert refused.returncode == 2
    assert "holds no .snmprec file" in refused.stderr


@pytest.mark.skipif(not WALKS.is_dir(), reason="the recordings are not beside this tree")
def test_every_recording_is_served_and_stands_as_it_was_recorded() -> None:
    with SimulatedFleet(clock=HandClock(), walks=WALKS) as fleet:
        adopted = fleet.for_purpose(Purpose.SUPPLIES_ORDER)
        recorded = {path.stem: read_recording(path) for path in WALKS.glob("*.snmprec")}
        shown = {printer.name: printer.view() for printer in fleet.printers if printer is not adopted}

        assert {printer.name for printer in fleet.printers} == set(recorded)
        assert {
            name: rows
            for name, rows in recorded.items()
            if name in shown and rows != {o: shown[name].get(o) for o in shown[name]}
        } == {}
        assert all(
            exchange(printer.target, request_octets(Operation.GET_NEXT, (1, 3))) is not None
            for printer in fleet.printers
        )


@pytest.mark.skipif(not WALKS.is_dir(), reason="the recordings are not beside this tree")
def test_the_recording_that_orders_has_a_toner_that_falls() -> None:
    clock = HandClock()
    with SimulatedFleet(clock=clock, walks=WALKS) as fleet:
        printer = fleet.for_purpose(Purpose.SUPPLIES_ORDER)
        (index,) = printer.behaviour.snapshot().supplies
        level = (*oids.PRT_MARKER_SUPPLIES_LEVEL, printer.device, index)

        before = int(asyncio.run(read(printer.target, level)))
        clock.pass_time(days=4)

        assert int(asyncio.run(read(printer.target, level))) < before
        assert printer.identity.serial


def test_the_agents_reader_finds_what_each_model_says_of_itself() -> None:
    async def read_all(fleet: SimulatedFleet) -> dict[str, PrinterReading]:
        async with Reader(clock=SystemClock()) as reader:
            return {
                printer.name: await reader.read(target)
                for printer in fleet.printers
                if not printer.silent
                for target in parse_targets([printer.target])
            }

    with SimulatedFleet(clock=HandClock()) as fleet:
        readings = asyncio.run(read_all(fleet))

        for printer in fleet.printers:
            if printer.silent:
                continue
            found = readings[printer.name].identity
            assert (found.manufacturer, found.model, found.serial_number, found.mac_address) == (
                printer.identity.manufacturer,
                printer.identity.model,
                printer.identity.serial,
                printer.identity.mac,
            )
            count = readings[printer.name].counter(LIFE_COUNT)
            assert (count and count.value) == printer.life_count
