import asyncio
from pathlib import Path

import structlog

from edge.reading.reader import ReadError
from edge.site.poller import Poller
from edge.snmp.credentials import of_community
from edge.snmp.targets import Target
from edge.spool.recorder import Recorder
from edge.spool.spool import Spool
from edge.spool.status import Stage
from tests.support.edge_sending import FakeReader, a_spool
from tests.support.stopwatch import run_jumping

TARGETS = [Target(f"192.0.2.{number}") for number in range(1, 6)]
SILENT, GARBLED, BROKEN, SLOW, GOOD = (str(target) for target in TARGETS)


def a_reader() -> FakeReader:
    reader = FakeReader(
        TARGETS,
        failures={
            SILENT: ReadError(TARGETS[0], "answer", "nothing came"),
            GARBLED: ReadError(TARGETS[1], "decode", "cannot be read"),
            BROKEN: RuntimeError("a fault of ours"),
        },
    )
    reader.slow = {SLOW}
    return reader


def poll(spool: Spool, reader: FakeReader, rounds: int = 1, concurrency: int = 10) -> int:
    return timed_poll(spool, reader, rounds, concurrency)[0]


def timed_poll(spool: Spool, reader: FakeReader, rounds: int = 1, concurrency: int = 10) -> tuple[int, float]:
    async def go() -> tuple[int, float]:
        began = asyncio.get_running_loop().time()
        recorder = Recorder(spool, heartbeat_seconds=3_600)
        poller = Poller(reader, recorder, concurrency=concurrency, rate_limit_pps=20, seconds_per_printer=0.2)
        read = 0
        for _ in range(rounds):
            read += await poller.read_all(TARGETS)
            recorder.drain()
        return read, asyncio.get_running_loop().time() - began

    return run_jumping(go())


def test_no_printer_stops_another_and_each_says_how_far_it_came(tmp_path: Path) -> None:
    with a_spool(tmp_path) as spool:
        read = poll(spool, a_reader())

        assert read == 1
        assert {printer.target: (printer.stage, printer.reason) for printer in spool.status().printers} == {
            SILENT: (Stage.FOUND, "nothing came"),
            GARBLED: (Stage.ANSWERED, "cannot be read"),
            BROKEN: (Stage.FOUND, "unforeseen: RuntimeError"),
            SLOW: (Stage.FOUND, "not read within 0.2 s"),
            GOOD: (Stage.SPOOLED, None),
        }


def test_slow_printers_take_no_longer_together_than_their_limit(tmp_path: Path) -> None:
    reader = FakeReader(TARGETS)
    reader.slow = {str(target) for target in TARGETS[:4]}
    with a_spool(tmp_path) as spool:
        read, seconds = timed_poll(spool, reader)

    assert read == 1
    assert 0.2 <= seconds < 0.4  # four limits one after another would be 0.8 s


def test_only_changes_of_a_printers_answering_are_logged(tmp_path: Path) -> None:
    reader = a_reader()
    with a_spool(tmp_path) as spool, structlog.testing.capture_logs() as logs:
        poll(spool, reader, rounds=3)

    silent = [entry for entry in logs if entry.get("printer") == SILENT]
    assert [entry["event"] for entry in silent] == ["printer cannot be read"]


def test_a_printer_that_answers_again_is_logged_once(tmp_path: Path) -> None:
    reader = FakeReader(TARGETS, failures={SILENT: ReadError(TARGETS[0], "answer", "nothing came")})

    async def go() -> None:
        recorder = Recorder(spool, heartbeat_seconds=3_600)
        poller = Poller(reader, recorder, concurrency=10, rate_limit_pps=20)
        await poller.read_all(TARGETS)
        reader._failures.clear()
        await poller.read_all(TARGETS)
        await poller.read_all(TARGETS)

    with a_spool(tmp_path) as spool, structlog.testing.capture_logs() as logs:
        asyncio.run(go())

    assert [entry["event"] for entry in logs] == ["printer cannot be read", "printer is read again"]


def test_discovery_reads_each_printer_as_it_is_found(tmp_path: Path) -> None:
    async def go() -> tuple[int, int]:
        recorder = Recorder(spool, heartbeat_seconds=3_600)
        poller = Poller(a_reader(), recorder, concurrency=10, rate_limit_pps=20, seconds_per_printer=0.2)
        counted = await poller.discover([*TARGETS, Target("192.0.2.99")])
        recorder.drain()
        return counted

    with a_spool(tmp_path) as spool:
        assert asyncio.run(go()) == (5, 1)
        assert len(spool.status().printers) == 5


def test_no_community_reaches_the_log(tmp_path: Path) -> None:
    secret = "s3cret-community"
    targets = [Target("192.0.2.1", credentials=(of_community(secret),))]
    reader = FakeReader(targets, failures={"192.0.2.1": RuntimeError("fault")})

    async def go() -> None:
        poller = Poller(reader, Recorder(spool, 3_600), concurrency=1, rate_limit_pps=20)
        await poller.read_all(targets)

    with a_spool(tmp_path) as spool, structlog.testing.capture_logs() as logs:
        asyncio.run(go())

    assert logs
    assert secret not in str(logs)
