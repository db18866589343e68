"""Whatever happens in whatever order: nothing is lost but what is counted, nothing is doubled, and it stays bounded."""

import tempfile
from datetime import timedelta
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from edge.spool.pages import PAGE_BYTES
from edge.spool.room import used_bytes
from edge.spool.rows import Batch
from edge.spool.spool import Spool
from tests.support.edge_sending import NOON, a_reading, a_spool, reported

MAX_BYTES = 84_000  # an empty database takes 74,000


class SpoolMachine(RuleBasedStateMachine):
    """A cloud that stores by (boot_id, seq), readings that come, crashes of the agent at any time."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        self.spool: Spool = self.open()
        self.made: list[str] = []
        self.cloud: dict[tuple[str, int], list[str]] = {}
        self.rejected: set[str] = set()

    def open(self) -> Spool:
        return a_spool(Path(self._folder.name), max_bytes=MAX_BYTES, max_batch=3)

    def teardown(self) -> None:
        self.spool.__exit__(None, None, None)
        self._folder.cleanup()

    def batch(self) -> Batch | None:
        return self.spool.next_batch(NOON)

    def deliver(self, batch: Batch) -> list[str]:
        ids = [reading.reading_id for reading in batch.readings]
        assert self.cloud.setdefault((batch.boot_id, batch.seq), ids) == ids
        return ids

    @rule(printer=st.integers(1, 3), day=st.integers(0, 2), alert=st.booleans(), count=st.integers(1, 4))
    def read(self, printer: int, day: int, alert: bool, count: int) -> None:
        events = []
        for _ in range(count):
            reading_id = f"r{len(self.made)}"
            self.made.append(reading_id)
            reading = a_reading(reading_id, serial=f"SN-{printer}", taken_at=NOON + timedelta(days=day))
            events.append(reported(reading, target=f"host-{printer}", alerts_changed=alert))
        self.spool.record(events)

    @rule()
    def upload_and_hear_the_answer(self) -> None:
        if batch := self.batch():
            self.spool.settle(batch, dict.fromkeys(self.deliver(batch)), NOON)

    @rule()
    def upload_and_lose_the_answer(self) -> None:
        if batch := self.batch():
            self.deliver(batch)

    @rule()
    def upload_and_be_told_of_the_first_reading_only(self) -> None:
        batch = self.batch()
        # The cloud answers for a batch the same way each time: one delivered whole before stays whole.
        if batch and (batch.boot_id, batch.seq) not in self.cloud:
            first = batch.readings[0].reading_id
            self.rejected.add(first)
            self.spool.settle(batch, {first: "rejected"}, NOON)

    @rule()
    def upload_and_be_refused_as_too_large(self) -> None:
        batch = self.batch()
        if batch and (batch.boot_id, batch.seq) not in self.cloud:
            if len(batch.readings) == 1:
                self.rejected.add(batch.readings[0].reading_id)
            self.spool.split(batch, "HTTP 413", NOON)

    @rule()
    def crash_and_start_again(self) -> None:
        self.spool.__exit__(None, None, None)
        self.spool = self.open()

    @invariant()
    def every_reading_is_somewhere(self) -> None:
        status = self.spool.status()
        stored = [reading_id for ids in self.cloud.values() for reading_id in ids]
        assert len(stored) == len(set(stored)), "a reading reached the cloud under two numbers"
        settled = {reading_id for reading_id in stored if not self.is_waiting(reading_id)} | self.rejected
        assert len(settled) + status.queued + status.dropped == len(self.made)

    @invariant()
    def it_is_bounded(self) -> None:
        assert used_bytes(self.spool._db) <= MAX_BYTES + 4 * PAGE_BYTES  # what is settled or rejected between writes

    def is_waiting(self, reading_id: str) -> bool:
        found = self.spool._db.execute("SELECT 1 FROM readings WHERE reading_id = ?", (reading_id,)).fetchone()
        return found is not None


TestSpool = SpoolMachine.TestCase
if settings.get_current_profile_name() != "nightly":
    TestSpool.settings = settings(max_examples=20, stateful_step_count=30, deadline=None)
