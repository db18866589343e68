from datetime import UTC, datetime, timedelta

from edge.clock import clock_for
from local.printers.clock import SimulatedClock


def test_the_agent_reads_the_same_time_from_the_setting() -> None:
    clock = SimulatedClock.running_from(datetime.now(UTC) - timedelta(days=90), rate=3_600)

    agents = clock_for(clock.agent_setting(), "https://127.0.0.1:1")

    assert abs(agents.now() - clock.now()) < timedelta(minutes=1)


def test_simulated_time_runs_fast_but_never_overtakes_the_real_one() -> None:
    start = datetime.now(UTC) - timedelta(hours=1)

    running = SimulatedClock(start, (datetime.now(UTC) - timedelta(seconds=1)).timestamp(), 600.0)
    arrived = SimulatedClock(start, (datetime.now(UTC) - timedelta(hours=1)).timestamp(), 600.0)

    assert timedelta(minutes=9) < running.now() - start < timedelta(minutes=20)
    assert abs(arrived.now() - datetime.now(UTC)) < timedelta(seconds=5)
