"""A printer that spoils its replies, over real UDP beside a sound one: never an undeclared error, never a delay."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random
from typing import cast

import pytest
from hypothesis import settings

from edge.reading.reader import Reader, ReaderLimits, ReadError
from edge.snmp.targets import Target
from local.printers.clock import WallClock
from local.printers.fleet import model_printer
from local.printers.messages import answer, decode_request
from local.printers.models.colour import XEROX_C8000
from local.printers.models.mono import HP_M500
from local.printers.printer import SimulatedPrinter
from shared.wire.reading import PrinterReading
from tests.support.edge import FixedClock
from tests.support.mutations import spoilt

READINGS = 2_000 if settings.get_current_profile_name() == "nightly" else 60
AT_A_TIME = 20
MOST_OCTETS = 60_000
LIMITS = ReaderLimits(seconds_per_printer=1.5, timeout_seconds=0.05, retries=1)
SECONDS_FOR_ALL = 60 * max(1, READINGS // 60)


class Endpoint(asyncio.DatagramProtocol):
    """A printer's socket; of its replies ``share`` are spoilt, sent twice, late, or from elsewhere."""

    def __init__(self, printer: SimulatedPrinter, share: float = 0.0, seed: int = 0) -> None:
        self.stranger: asyncio.DatagramTransport | None = None
        self._printer = printer
        self._share = share
        self._chance = Random(seed)  # noqa: S311 - what is spoilt, not a secret

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        reply = answer(self._printer.view(), decode_request(data))
        chance = self._chance
        if chance.random() >= self._share:
            self._transport.sendto(reply, addr)
            return
        way = chance.randrange(8)
        if way == 0 and self.stranger is not None:
            self.stranger.sendto(reply, addr)
        elif way == 1:
            asyncio.get_running_loop().call_later(0.07, self._transport.sendto, reply, addr)
        else:
            for _ in range(1 + (way == 2)):
                self._transport.sendto(spoilt(reply, chance)[:MOST_OCTETS], addr)


def itself(endpoint: Endpoint) -> Endpoint:
    return endpoint


@asynccontextmanager
async def printers(seed: int) -> AsyncIterator[tuple[Target, Target]]:
    """A printer that spoils a third of its replies, and a sound one."""
    loop = asyncio.get_running_loop()
    spoiling = Endpoint(model_printer(XEROX_C8000, clock=WallClock()), 0.35, seed)
    sound = Endpoint(model_printer(HP_M500, clock=WallClock()))
    transports = []
    for endpoint in (spoiling, sound):
        transport, _ = await loop.create_datagram_endpoint(
            lambda one=endpoint: itself(one),  # type: ignore[misc] # mypy cannot infer a lambda with a default
            local_addr=("127.0.0.1", 0),
        )
        transports.append(transport)
    spoiling.stranger = transports[1]
    try:
        yield Target(*transports[0].get_extra_info("sockname")), Target(*transports[1].get_extra_info("sockname"))
    finally:
        for transport in transports:
            transport.close()


async def outcome(reader: Reader, target: Target) -> PrinterReading | ReadError:
    try:
        return await reader.read(target)
    except ReadError as error:
        return error


async def readings_of(seed: int) -> list[tuple[PrinterReading | ReadError, PrinterReading | ReadError]]:
    async with printers(seed) as (spoiling, sound), Reader(FixedClock(), limits=LIMITS) as reader:
        return [(await outcome(reader, spoiling), await outcome(reader, sound)) for _ in range(READINGS // AT_A_TIME)]


def test_a_printer_that_spoils_its_replies_is_read_or_refused_and_disturbs_nobody() -> None:
    async def all_readings() -> list[tuple[PrinterReading | ReadError, PrinterReading | ReadError]]:
        async with asyncio.timeout(SECONDS_FOR_ALL):
            several = await asyncio.gather(*(readings_of(seed) for seed in range(AT_A_TIME)))
        return [pair for readings in several for pair in readings]

    pairs = asyncio.run(all_readings())

    read = [reading for reading, _ in pairs if isinstance(reading, PrinterReading)]
    refused = [error for error, _ in pairs if isinstance(error, ReadError)]
    assert len(read) + len(refused) == READINGS // AT_A_TIME * AT_A_TIME
    assert read
    assert {error.stage for error in refused} <= {"answer", "decode", "map"}
    assert all(isinstance(other, PrinterReading) for _, other in pairs)
    assert {other.identity.serial_number for _, other in pairs if isinstance(other, PrinterReading)} == {HP_M500.serial}


@pytest.mark.parametrize("seed", range(3))
def test_what_is_read_of_a_spoiling_printer_is_itself_when_nothing_more_is_spoilt(seed: int) -> None:
    async def read_twice() -> PrinterReading | ReadError:
        loop = asyncio.get_running_loop()
        endpoint = Endpoint(model_printer(XEROX_C8000, clock=WallClock()), 0.35, seed)
        transport, _ = await loop.create_datagram_endpoint(lambda: itself(endpoint), local_addr=("127.0.0.1", 0))
        target = Target(*transport.get_extra_info("sockname"))
        async with Reader(FixedClock(), limits=LIMITS) as reader:
            await outcome(reader, target)
            endpoint._share = 0.0
            healed = [await outcome(reader, target) for _ in range(3)][-1]
        transport.close()
        return healed

    reading = asyncio.run(read_twice())

    assert isinstance(reading, PrinterReading)
    assert reading.identity.serial_number == XEROX_C8000.serial
    assert len(reading.supplies or []) == len(XEROX_C8000.supplies)
