"""Who waits for whom in a poll cycle: nobody for the silent, nobody for the slow."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field

import pytest

from edge.reading.reader import ReadError
from edge.site.poller import SILENT_ASKED_AFTER_SECONDS, Poller
from edge.snmp.targets import Target
from edge.spool.status import Fact, Failed
from edge.spool.waiting import Taken
from shared.wire.reading import PrinterReading
from tests.support.edge_sending import a_reading
from tests.support.stopwatch import JumpingLoop

PROMPT = [Target(f"192.0.2.{number}") for number in range(1, 21)]
OTHER = [Target(f"198.51.100.{number}") for number in range(1, 6)]
PLACE_SECONDS = 0.05


@dataclass
class Site:
    """Printers that take some seconds, and those that are silent; everything that came of them in its order."""

    seconds: dict[str, float] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)
    events: list[Taken | Fact] = field(default_factory=list)
    asked: Counter[str] = field(default_factory=Counter)
    most_at_once: int = 0
    now: int = 0

    async def read(self, target: Target) -> PrinterReading:
        name = str(target)
        self.asked[name] += 1
        self.now += 1
        self.most_at_once = max(self.most_at_once, self.now)
        try:
            await asyncio.sleep(self.seconds.get(name, 0.001))
        finally:
            self.now -= 1
        if name in self.silent:
            raise ReadError(target, "answer", "nothing came")
        return a_reading(serial=name)

    async def discover(self, targets: Sequence[Target], *, rate_limit_pps: float) -> AsyncIterator[Target]:
        del rate_limit_pps
        for target in targets:
            yield target

    def put(self, event: Taken | Fact) -> None:
        self.events.append(event)

    def poller(self, places: int = 2) -> Poller:
        return Poller(self, self, concurrency=places, rate_limit_pps=20, seconds_in_a_place=PLACE_SECONDS)

    def order(self) -> list[str]:
        return [event.target for event in self.events if isinstance(event, Taken | Failed)]


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner(loop_factory=JumpingLoop) as one:
        yield one


def seconds_of(runner: asyncio.Runner, poller: Poller, targets: list[Target]) -> float:
    async def run() -> float:
        loop = asyncio.get_running_loop()
        began = loop.time()
        await poller.read_all(targets)
        took = loop.time() - began
        await poller.settle()
        return took

    return runner.run(run())


def test_printers_that_are_slow_for_the_first_time_hold_a_place_only_for_a_moment(runner: asyncio.Runner) -> None:
    site = Site(seconds={str(target): 1.0 for target in OTHER})

    took = seconds_of(runner, site.poller(places=2), [*OTHER, *PROMPT])

    assert took < 0.8
    assert set(site.order()[: len(PROMPT)]) == set(map(str, PROMPT))
    assert set(site.order()[len(PROMPT) :]) == set(map(str, OTHER))


def test_printers_known_to_be_slow_or_silent_never_take_a_place(runner: asyncio.Runner) -> None:
    site = Site(seconds={str(target): 0.2 for target in OTHER}, silent=set(map(str, OTHER[:2])))
    poller = site.poller(places=1)
    seconds_of(runner, poller, OTHER)
    site.events.clear()

    took = seconds_of(runner, poller, [*OTHER, *PROMPT])

    assert took < 0.2
    assert set(site.order()[: len(PROMPT)]) == set(map(str, PROMPT))
    assert site.asked[str(OTHER[0])] == 2


def test_no_more_printers_are_read_at_once_than_there_are_places(runner: asyncio.Runner) -> None:
    site = Site()

    seconds_of(runner, site.poller(places=3), PROMPT)

    assert site.most_at_once == 3


def test_a_silent_printer_is_asked_in_the_next_cycle_and_then_in_ever_fewer(runner: asyncio.Runner) -> None:
    site = Site(silent={str(OTHER[0])})
    poller = site.poller()
    asked = []
    for _ in range(16):
        before = site.asked[str(OTHER[0])]
        seconds_of(runner, poller, OTHER[:1])
        asked.append(site.asked[str(OTHER[0])] - before)

    assert asked == [1, 1, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1]


def test_a_silent_printer_is_asked_at_least_once_an_hour(runner: asyncio.Runner) -> None:
    site = Site(silent={str(OTHER[0])})
    poller = site.poller()
    for _ in range(10):
        seconds_of(runner, poller, OTHER[:1])
    before = site.asked[str(OTHER[0])]
    poller._silent[str(OTHER[0])].asked_at -= SILENT_ASKED_AFTER_SECONDS

    seconds_of(runner, poller, OTHER[:1])

    assert site.asked[str(OTHER[0])] == before + 1


def test_a_printer_that_answers_again_is_read_in_every_cycle(runner: asyncio.Runner) -> None:
    site = Site(silent={str(OTHER[0])})
    poller = site.poller()
    for _ in range(3):
        seconds_of(runner, poller, OTHER[:1])
    site.silent.clear()
    for _ in range(4):
        seconds_of(runner, poller, OTHER[:1])

    assert [type(event) for event in site.events[-4:]] == [Taken] * 4


def test_a_printer_asked_for_at_once_is_asked_although_it_is_not_due(runner: asyncio.Runner) -> None:
    site = Site(silent={str(OTHER[0])})
    poller = site.poller()
    for _ in range(2):
        seconds_of(runner, poller, OTHER[:1])

    runner.run(poller.read_all(OTHER[:1], at_once=True))

    assert site.asked[str(OTHER[0])] == 3
    assert len(site.events) == 3


def test_a_printer_still_being_read_is_left_to_that_by_the_next_cycle(runner: asyncio.Runner) -> None:
    site = Site(seconds={str(OTHER[0]): 0.4})
    poller = site.poller()

    async def cycles() -> None:
        for _ in range(3):
            await poller.read_all(OTHER[:1])
        await poller.settle()

    runner.run(cycles())

    assert site.asked[str(OTHER[0])] == 1


def test_a_cycle_that_is_cancelled_leaves_nothing_running(runner: asyncio.Runner) -> None:
    site = Site(seconds={str(target): 30.0 for target in OTHER})
    poller = site.poller(places=5)

    async def run() -> int:
        cycle = asyncio.create_task(poller.read_all(OTHER))
        await asyncio.sleep(0.01)
        cycle.cancel()
        await asyncio.gather(cycle, return_exceptions=True)
        await asyncio.sleep(0)
        return site.now

    assert runner.run(run()) == 0
