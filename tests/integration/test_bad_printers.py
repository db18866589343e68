"""Printers that behave badly, over UDP, each among good ones: what is good is kept, nobody is delayed, it is learnt."""

import asyncio

import pytest

from edge.reading.access_memory import AccessMemory
from edge.reading.reader import ReadError
from edge.snmp.oids import PRT_ALERT_DESCRIPTION as ALERT_TEXT
from edge.snmp.oids import PRT_CONSOLE_DISPLAY_BUFFER_TEXT, PRT_MARKER_SUPPLIES_LEVEL, SYS_NAME
from local.printers import manners
from local.printers.messages import ErrorStatus
from local.printers.rows import Oid, Value, text
from shared.wire.reading import PrinterReading
from tests.support.bad_printers import BRIEF, BadPrinter, Poll, polled, polled_at, site
from tests.support.edge import plain_printer
from tests.support.stopwatch import run_jumping

SECOND_LEVEL = (*PRT_MARKER_SUPPLIES_LEVEL, 1, 2)
POLLS = 4
LONGEST_READING = 6.0
LONGEST_NEIGHBOUR = 1.0
AT_A_TIME = 6


class LongTable(dict[Oid, Value]):
    """A printer whose panel has 70,000 lines."""

    def __init__(self) -> None:
        super().__init__(plain_printer())
        self.update({(*PRT_CONSOLE_DISPLAY_BUFFER_TEXT, 1, row): text("line") for row in range(1, 70_001)})


LEARNT = {
    "no GETBULK": BadPrinter(manners.no_bulk),
    "one row to a GETBULK": BadPrinter(manners.few_rows(1)),
    "three rows to a GETBULK": BadPrinter(manners.few_rows(3)),
    "eight names, else silence": BadPrinter(manners.few_names(8)),
    "eight names, else genErr": BadPrinter(manners.few_names(8, status=ErrorStatus.GENERAL)),
    "eight names, else tooBig": BadPrinter(manners.few_names(8, status=ErrorStatus.TOO_BIG)),
    "one name, else silence": BadPrinter(manners.few_names(1)),
    "tooBig at 484 octets": BadPrinter(max_response=484),
    "tooBig at 300 octets": BadPrinter(max_response=300),
    "cut off at 484 octets": BadPrinter(manners.cut_off_at(484)),
    "slow": BadPrinter(manners.slow(BRIEF.timeout_seconds * 1.2)),
    "endless column": BadPrinter(view=manners.EndlessView(plain_printer(), (*PRT_MARKER_SUPPLIES_LEVEL,))),
    "circular column": BadPrinter(view=manners.CircularView(plain_printer(), (*PRT_MARKER_SUPPLIES_LEVEL,))),
}
"""Every value can be had, once it is known how."""

ONE_OBJECT = {
    "hangs on a cell": (BadPrinter(manners.hangs_on(SECOND_LEVEL)), "prtMarkerSuppliesLevel"),
    "genErr with index": (BadPrinter(manners.fails_on(SECOND_LEVEL, says_which=True)), "prtMarkerSuppliesLevel"),
    "genErr without": (BadPrinter(manners.fails_on(SECOND_LEVEL, says_which=False)), "prtMarkerSuppliesLevel"),
    "hangs on a scalar": (BadPrinter(manners.hangs_on((*SYS_NAME, 0))), "sysName"),
    "hangs on an alert": (BadPrinter(manners.hangs_on((*ALERT_TEXT, 1, 1))), "prtAlertDescription"),
}
"""All but one value can be had."""

SURVIVED = {
    "answers dripping in": BadPrinter(manners.slow(BRIEF.timeout_seconds * 0.8)),
    "every third datagram lost": BadPrinter(manners.every(3)),
    "every second datagram lost": BadPrinter(manners.every(2)),
    "every third reply garbled": BadPrinter(manners.every(3, manners.garbled)),
    "every reply twice": BadPrinter(manners.doubled),
    "a stranger's reply first": BadPrinter(manners.contradicted),
    "a table of 70,000 rows": BadPrinter(rows=LongTable()),
}
"""Nothing is missing, and nothing needs to be learnt."""

HOPELESS = {
    "genErr for everything": BadPrinter(manners.fails_always),
    "garbage": BadPrinter(manners.garbled),
    "oversized": BadPrinter(manners.oversized),
}
"""There is nothing to be had."""


RESTARTING = BadPrinter(manners.restarting(after=3, silent_for=6))
SITES: dict[str, BadPrinter] = {
    **LEARNT,
    **{name: bad for name, (bad, _) in ONE_OBJECT.items()},
    **SURVIVED,
    **HOPELESS,
    "good": BadPrinter(),
    "restarting": RESTARTING,
}


@pytest.fixture(scope="module")
def polls() -> dict[str, list[Poll]]:
    """Four readings at each site, some sites at a time: most of it is waiting."""

    async def run() -> list[list[Poll]]:
        some = asyncio.Semaphore(AT_A_TIME)

        async def one(bad: BadPrinter) -> list[Poll]:
            async with some:
                return await polled(bad, POLLS)

        return await asyncio.gather(*(one(bad) for bad in SITES.values()))

    return dict(zip(SITES, run_jumping(run()), strict=True))


def good_values(reading: PrinterReading) -> dict[str, object]:
    return reading.model_dump(include={"identity", "status", "counters", "supplies", "alerts"})


@pytest.fixture(scope="module")
def good(polls: dict[str, list[Poll]]) -> PrinterReading:
    return polls["good"][0].reading


@pytest.mark.parametrize("name", SITES)
def test_no_reading_takes_long_and_no_neighbour_is_delayed(name: str, polls: dict[str, list[Poll]]) -> None:
    for poll in polls[name]:
        assert poll.seconds < LONGEST_READING
        assert poll.slowest_neighbour < LONGEST_NEIGHBOUR


@pytest.mark.parametrize("name", LEARNT)
def test_its_ways_are_learnt_and_cost_no_further_timeout(
    name: str, polls: dict[str, list[Poll]], good: PrinterReading
) -> None:
    last = polls[name][-1]

    levels = good_values(good) if name != "endless column" else None  # there the printer itself tells other levels
    assert levels is None or good_values(last.reading) == levels
    assert "not_answered" not in last.reading.missing.values()
    assert last.datagrams <= min(poll.datagrams for poll in polls[name])
    waits = 2 * 1.2 * BRIEF.timeout_seconds + 0.3 if name == "slow" else BRIEF.timeout_seconds
    assert last.seconds < waits


@pytest.mark.parametrize("name", ONE_OBJECT)
def test_one_object_that_cannot_be_asked_for_costs_only_itself(
    name: str, polls: dict[str, list[Poll]], good: PrinterReading
) -> None:
    missing = ONE_OBJECT[name][1]
    first, *_, last = polls[name]

    for reading in (first.reading, last.reading):
        assert reading.missing[missing] == "not_answered"
        assert [supply.level for supply in reading.supplies or []] == [
            None if missing == "prtMarkerSuppliesLevel" and supply.index == "1.2" else supply.level
            for supply in good.supplies or []
        ]
        assert reading.alerts is not None
        assert len(reading.alerts) == 1
    assert last.datagrams <= 5
    assert last.seconds < BRIEF.timeout_seconds


@pytest.mark.parametrize("name", SURVIVED)
def test_what_needs_no_learning_is_survived(name: str, polls: dict[str, list[Poll]], good: PrinterReading) -> None:
    for poll in polls[name]:
        assert {**good_values(poll.reading), "status": None} == {**good_values(good), "status": None}
    assert polls[name][-1].datagrams <= 5


@pytest.mark.parametrize("name", HOPELESS)
def test_what_cannot_be_read_says_so_and_is_soon_over(name: str, polls: dict[str, list[Poll]]) -> None:
    for poll in polls[name]:
        assert isinstance(poll.outcome, ReadError)
        assert poll.outcome.stage == "decode"
        assert poll.datagrams <= 10


def test_a_printer_that_restarts_in_mid_walk_clears_nothing_and_is_whole_the_next_time(
    polls: dict[str, list[Poll]], good: PrinterReading
) -> None:
    first, *_, last = polls["restarting"]

    assert first.reading.identity.serial_number == good.identity.serial_number
    assert first.reading.alerts is None
    assert first.reading.missing["alerts"] == "not_answered"
    assert good_values(last.reading) == good_values(good)


def test_what_was_learnt_outlives_the_reader() -> None:
    memory = AccessMemory()
    bad = BadPrinter(manners.no_bulk)

    async def readers() -> list[Poll]:
        async with site(bad) as place:
            return [poll for _ in range(2) for poll in await polled_at(place, 1, memory=memory)]

    first, second = run_jumping(readers())

    assert second.datagrams < first.datagrams
    assert second.seconds < BRIEF.timeout_seconds
