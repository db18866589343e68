"""The agent killed at any moment: nothing that was durable is lost, nothing reaches the cloud twice."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from hypothesis import settings

from edge.spool.journal_entries import newest_entries
from edge.spool.spool import read_status
from tests.support.edge_cloud import Handled, served
from tests.support.edge_sending import FakeCloud

ROUNDS = 300 if settings.get_current_profile_name() == "nightly" else 20
ROOT = Path(__file__).parents[2]
CHILD = [sys.executable, "-m", "tests.support.edge_child"]


class UnkindCloud(FakeCloud):
    """Over real HTTP: sometimes slow, sometimes ill, sometimes silent after it has stored."""

    def __init__(self, *, is_kind: bool = False) -> None:
        super().__init__()
        self.is_kind = is_kind
        self.lock = threading.Lock()
        self.dice = random.Random(7)  # noqa: S311  nothing secret

    def handle(self, method: str, _path: str, content: bytes) -> Handled:
        if method == "GET":
            return 304, b""
        time.sleep(self.dice.uniform(0, 0.03))
        fate = 1.0 if self.is_kind else self.dice.random()
        if fate < 0.1:
            return 503, b""
        with self.lock:
            receipt = self.receipt(content).encode()
        return None if fate < 0.3 else (200, receipt)


class Child:
    """The agent's process."""

    def __init__(self, folder: Path, server: str, prefix: str, poll_seconds: float = 0.02) -> None:
        self.told = folder / "told"
        self.log = (folder / "log").open("ab")
        self.process = subprocess.Popen(
            [*CHILD, str(folder), server, prefix, str(self.told), str(poll_seconds)],
            cwd=ROOT,
            stderr=self.log,
            stdout=self.log,
        )

    def wait_for_readings(self, more_than: int) -> None:
        deadline = time.monotonic() + 30
        while len(durable(self.told)) <= more_than:
            assert self.process.poll() is None, "the agent ended by itself"
            assert time.monotonic() < deadline, "the agent read nothing"
            time.sleep(0.01)

    def end(self, how: signal.Signals) -> int:
        self.process.send_signal(how)
        try:
            return self.process.wait(20)
        finally:
            self.process.kill()
            self.process.wait()
            self.log.close()


def durable(told: Path) -> list[str]:
    return told.read_text().split("\n")[:-1] if told.exists() else []


def wait_until_sent(cloud: UnkindCloud, reading_ids: list[str]) -> None:
    deadline = time.monotonic() + 120
    while True:
        with cloud.lock:
            if set(reading_ids) <= set(cloud.stored):
                return
        assert time.monotonic() < deadline, "what was durable is not sent"
        time.sleep(0.2)


@pytest.fixture
def cloud() -> UnkindCloud:
    return UnkindCloud()


def test_an_agent_killed_again_and_again_loses_and_doubles_nothing(tmp_path: Path, cloud: UnkindCloud) -> None:
    dice = random.Random(11)  # noqa: S311  nothing secret
    with served(cloud.handle) as server:
        for round_ in range(ROUNDS):
            child = Child(tmp_path, server, f"r{round_}")
            child.wait_for_readings(more_than=len(durable(child.told)))
            time.sleep(dice.uniform(0, 0.25))
            child.end(signal.SIGKILL)
        cloud.is_kind = True
        last = Child(tmp_path, server, "last", poll_seconds=60)
        before = durable(last.told)
        try:
            last.wait_for_readings(more_than=len(before))
            wait_until_sent(cloud, before)
        finally:
            code = last.end(signal.SIGTERM)

    told = durable(tmp_path / "told")
    status = read_status(tmp_path / "spool.db")
    entries = newest_entries(tmp_path / "journal.db", 10_000)
    assert code == 0
    assert (status.queued, status.dropped, status.dead_letters, status.spools_set_aside) == (0, 0, 0, 0)
    assert len(told) == len(set(told)) > ROUNDS * 8 / 2
    assert set(told) <= set(cloud.stored), "a durable reading was lost"
    assert len(cloud.stored) == len(set(cloud.stored)), "a reading reached the cloud under two numbers"
    assert {reading_id for entry in entries for reading_id in entry.outcomes} <= set(cloud.stored)
    assert {(entry.boot_id, entry.seq) for entry in entries} >= set(list(cloud.batches)[-10:]), (
        "sent, not in the journal"
    )
    assert {reading_id.split("_")[0] for reading_id in cloud.stored} == {*(f"r{n}" for n in range(ROUNDS)), "last"}


def test_what_was_read_while_the_cloud_was_away_is_sent_when_it_is_back_oldest_first(tmp_path: Path) -> None:
    nowhere = "http://127.0.0.1:9"  # the discard port: nothing listens
    away = Child(tmp_path, nowhere, "away")
    away.wait_for_readings(more_than=40)
    assert away.end(signal.SIGTERM) == 0
    before = durable(away.told)
    cloud = UnkindCloud(is_kind=True)

    with served(cloud.handle) as server:
        back = Child(tmp_path, server, "back")
        try:
            wait_until_sent(cloud, before)
        finally:
            code = back.end(signal.SIGTERM)

    assert code == 0
    assert cloud.stored[: len(before)] == before


@pytest.mark.skipif(not Path("/proc/self/net/tcp").exists(), reason="asks Linux which sockets listen")
def test_the_agent_listens_on_no_port(tmp_path: Path, cloud: UnkindCloud) -> None:
    with served(cloud.handle) as server:
        child = Child(tmp_path, server, "r")
        child.wait_for_readings(more_than=0)
        of_the_agent, of_the_cloud = _listening(child.process.pid), _listening(os.getpid())
        child.end(signal.SIGTERM)

    assert of_the_agent == set()
    assert of_the_cloud, "this test would not see a listening socket"


def _listening(pid: int) -> set[str]:
    sockets = set()
    for link in Path(f"/proc/{pid}/fd").iterdir():
        try:
            sockets.add(str(link.readlink()))
        except FileNotFoundError:
            continue  # closed in the meantime
    listen_state, inode = "0A", 9
    rows = [
        line.split()
        for table in ("tcp", "tcp6")
        if Path(f"/proc/{pid}/net/{table}").exists()
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]
    ]
    return {row[1] for row in rows if row[3] == listen_state and f"socket:[{row[inode]}]" in sockets}
