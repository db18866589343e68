"""What an upload's answer does besides emptying the spool."""

import asyncio
from pathlib import Path

import httpx
import pytest

from edge.cloud.uploader import MOST_VERDICTS_IN_A_ROW, Attempt, Progress, Uploader
from edge.spool.file import SpoolError
from edge.spool.journal import Journal
from edge.spool.spool import Spool
from tests.support.edge_sending import FakeCloud, a_mint, a_problem, a_reading, a_spool, reported


def attempt(folder: Path, spool: Spool, cloud: FakeCloud) -> Attempt:
    async def once() -> Attempt:
        mint = a_mint(folder)
        async with cloud.client(folder, mint.clock) as client:
            return await Uploader(spool, client, mint).attempt()

    return asyncio.run(once())


def fill(spool: Spool, *ids: str) -> None:
    spool.record([reported(a_reading(reading_id)) for reading_id in ids])


def test_a_server_that_refuses_everything_empties_the_spool_only_drop_by_drop(tmp_path: Path) -> None:
    cloud = FakeCloud()
    cloud.script = [a_problem(422) for _ in range(200)]

    async def until_told_to_wait() -> list[Attempt]:
        mint = a_mint(tmp_path)
        attempts: list[Attempt] = []
        async with cloud.client(tmp_path, mint.clock) as client:
            uploader = Uploader(spool, client, mint)
            while not attempts or attempts[-1].progress is Progress.MOVED:
                attempts.append(await uploader.attempt())
            return [*attempts, await uploader.attempt()]

    with a_spool(tmp_path) as spool:
        fill(spool, *(f"r{number}" for number in range(64)))

        *_, first_wait, second_wait = asyncio.run(until_told_to_wait())

        assert (first_wait.progress, second_wait.progress) == (Progress.WAIT, Progress.WAIT)
        assert spool.status().dead_letters == MOST_VERDICTS_IN_A_ROW + 1
        assert spool.status().queued == 64 - MOST_VERDICTS_IN_A_ROW - 1


def test_octets_of_each_answered_upload_are_counted_by_day(tmp_path: Path) -> None:
    cloud = FakeCloud()
    cloud.script = [a_problem(503), httpx.ConnectError("refused")]
    with a_spool(tmp_path) as spool:
        fill(spool, "a", "b")

        for _ in range(3):
            attempt(tmp_path, spool, cloud)

        (day,) = spool.status().traffic
    assert (day.uploads, day.readings) == (2, 4)
    assert day.sent_bytes == sum(len(cloud.requests[number].content) for number in (0, 2))
    assert day.received_bytes > 100


def test_a_date_in_retry_after_is_read_by_the_servers_clock(tmp_path: Path) -> None:
    cloud = FakeCloud()
    headers = {"date": "Fri, 01 Jan 2100 00:00:00 GMT", "retry-after": "Fri, 01 Jan 2100 00:10:00 GMT"}
    cloud.script = [a_problem(503, headers=headers)]
    with a_spool(tmp_path) as spool:
        fill(spool, "a")

        failed = attempt(tmp_path, spool, cloud)

    assert failed.retry_after_seconds == pytest.approx(600, abs=5)


def test_a_journal_that_fails_stops_no_upload(tmp_path: Path) -> None:
    cloud = FakeCloud()

    async def send() -> Attempt:
        mint = a_mint(tmp_path)
        async with cloud.client(tmp_path, mint.clock) as client:
            return await Uploader(spool, client, mint, Journal(tmp_path / "missing" / "journal.db")).attempt()

    with a_spool(tmp_path) as spool:
        fill(spool, "a")

        assert asyncio.run(send()).progress is Progress.MOVED
    assert cloud.stored == ["a"]


def test_a_disk_that_refuses_the_outcome_makes_the_agent_wait_and_the_batch_is_sent_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud = FakeCloud()
    with a_spool(tmp_path) as spool:
        fill(spool, "a")
        with monkeypatch.context() as patch:
            patch.setattr(Spool, "settle", lambda *_: (_ for _ in ()).throw(SpoolError("no space left")))
            refused = attempt(tmp_path, spool, cloud)

        assert (refused.progress, refused.reason) == (Progress.WAIT, "no space left")
        assert attempt(tmp_path, spool, cloud).progress is Progress.MOVED
    assert cloud.stored == ["a"]
    assert len(cloud.requests) == 2
