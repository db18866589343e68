"""Searching for printers over loopback UDP: how long, how fast, with which credentials, and whom it leaves alone."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest

from edge.reading.discovery import sweep
from edge.snmp.credentials import AuthProtocol, CredentialSet, SnmpVersion, of_community
from edge.snmp.pacer import Pacer
from edge.snmp.targets import Target, parse_targets
from edge.snmp.transport import Transport
from local.printers.responder import Responder, bind_udp
from local.printers.rows import MibView, object_id, text
from tests.support.edge import printer_rows
from tests.support.stopwatch import run_jumping

PRINTER = printer_rows(
    system={"1.1.0": text("HP ETHERNET"), "1.2.0": object_id((1, 3, 6, 1, 4, 1, 11, 2, 3, 9, 1))},
    more={"43.5.1.1.17.1": text("CNTINY0001")},
)
SWITCH = {name: value for name, value in PRINTER.items() if name[:8] != (1, 3, 6, 1, 2, 1, 43, 5)} | printer_rows(
    system={"1.1.0": text("Cisco IOS Software"), "1.2.0": object_id((1, 3, 6, 1, 4, 1, 9, 1, 1))}, more={}
)
V3 = CredentialSet("v3", SnmpVersion.V3, user="platen", auth=AuthProtocol.SHA256, auth_password="long enough")
OFFICE = of_community("office")
PUBLIC = of_community("public")


class Device:
    """Answers to one community with the same rows always."""

    silent = False

    def __init__(self, rows: Any, community: str = "public") -> None:  # noqa: ANN401  as printer_rows makes them
        self.community = community
        self._view = MibView(rows)

    def view(self) -> MibView:
        return self._view


class Counter(asyncio.DatagramProtocol):
    """Hears every address of loopback at its port, answers nothing, and notes when it was asked."""

    def __init__(self) -> None:
        self.times: list[float] = []

    def datagram_received(self, data: bytes, addr: Any) -> None:  # noqa: ANN401  asyncio's own signature
        self.times.append(asyncio.get_running_loop().time())


@asynccontextmanager
async def counting() -> AsyncIterator[tuple[Counter, int]]:
    loop = asyncio.get_running_loop()
    transport, counter = await loop.create_datagram_endpoint(Counter, local_addr=("0.0.0.0", 0))  # noqa: S104  a test's
    try:
        yield counter, transport.get_extra_info("sockname")[1]
    finally:
        transport.close()


async def found(targets: Sequence[Target], *, rate: float | None = None) -> tuple[list[Target], int]:
    """The printers, and how many datagrams it took."""
    async with Transport() as transport:
        printers = [target async for target in sweep(transport, targets, pacer=Pacer(rate))]
        return printers, transport.packets_sent


@asynccontextmanager
async def serving(devices: Sequence[Device]) -> AsyncIterator[list[Target]]:
    """Each device at an address of its own, all at the same port."""
    responder = Responder()
    try:
        port = 0
        targets = []
        for number, device in enumerate(devices):
            bound = bind_udp((f"127.77.{number // 250}.{number % 250 + 1}", port))
            port = bound.getsockname()[1]
            await responder.serve(device, bound)
            targets.append(Target(*bound.getsockname()))
        yield targets
    finally:
        responder.close()


def test_a_sweep_of_1024_addresses_finds_the_tenth_that_is_alive_and_never_waits_for_a_dead_one_alone() -> None:
    async def run() -> tuple[int, float]:
        async with serving([Device(PRINTER) for _ in range(102)]) as alive:
            dead = parse_targets([f"127.78.0.0-127.78.3.153:{alive[0].port}"])
            everywhere = [*alive, *dead]
            assert len(everywhere) == 1_024
            began = asyncio.get_running_loop().time()
            printers, _ = await found(everywhere)
            return len(printers), asyncio.get_running_loop().time() - began

    printers, seconds = run_jumping(run())

    assert printers == 102
    assert seconds <= 15  # one after another they would take half an hour; `python -m bench sweep` has the figure


@pytest.mark.parametrize("sets", [(PUBLIC,), (V3, OFFICE, PUBLIC)], ids=["one set", "three sets, v3 first"])
def test_no_second_sees_more_datagrams_than_the_rate_whatever_is_asked_again(sets: tuple[CredentialSet, ...]) -> None:
    rate = 50

    async def run() -> tuple[list[float], int]:
        async with counting() as (counter, port):
            targets = parse_targets([f"127.79.0.1-25:{port}"], credentials=sets)
            _, sent = await found(targets, rate=rate)
            return counter.times, sent

    times, sent = run_jumping(run())

    assert len(times) == sent == 25 * (1 + 2 * len(sets))
    slack = 0.02  # how late a datagram may be heard
    most = max(sum(1 for at in times if start <= at < start + 1 - slack) for start in times)
    assert most <= rate


def test_a_printer_is_found_with_the_set_that_it_answers_to() -> None:
    async def run() -> list[Target]:
        async with serving([Device(PRINTER, "office"), Device(PRINTER, "public")]) as targets:
            asked = [Target(target.host, target.port, (OFFICE, PUBLIC)) for target in targets]
            printers, _ = await found(asked)
            return sorted(printers, key=str)

    printers = run_jumping(run())

    assert [target.credentials[0].name for target in printers] == ["community", "community"]
    assert [target.credentials[0].community for target in printers] == ["office", "public"]


def test_what_answers_and_is_no_printer_is_asked_one_question_in_a_sweep() -> None:
    async def run() -> tuple[list[Target], int]:
        async with serving([Device(SWITCH)]) as (target,):
            return await found([Target(target.host, target.port, (PUBLIC, OFFICE))])

    printers, sent = run_jumping(run())

    assert printers == []
    assert sent == 1


def test_a_v3_set_that_is_refused_leaves_the_others_their_turn() -> None:
    async def run() -> list[Target]:
        async with serving([Device(PRINTER)]) as (target,):
            printers, _ = await found([Target(target.host, target.port, (V3, PUBLIC))])
            return printers

    (printer,) = run_jumping(run())

    assert [each.name for each in printer.credentials] == ["community", "v3"]
