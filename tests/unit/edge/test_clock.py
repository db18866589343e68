from datetime import UTC, datetime, timedelta

import pytest

from edge.clock import ClockError, SimulatedClock, SystemClock, clock_for

LOOPBACK = "https://127.0.0.1:8443/api"


def test_without_a_setting_readings_are_dated_by_the_system() -> None:
    assert isinstance(clock_for(None, "https://agents.example.com"), SystemClock)
    assert isinstance(clock_for("", "https://agents.example.com"), SystemClock)


def test_simulated_time_runs_from_its_start_at_its_rate() -> None:
    anchor = datetime.now(UTC) - timedelta(seconds=10)
    clock = SimulatedClock(datetime(2020, 1, 1, tzinfo=UTC), anchor, rate=3_600)

    now = clock.now()

    assert datetime(2020, 1, 1, 10, tzinfo=UTC) <= now < datetime(2020, 1, 1, 11, tzinfo=UTC)


def test_simulated_time_never_passes_real_time() -> None:
    clock = SimulatedClock(datetime.now(UTC) - timedelta(hours=1), datetime.now(UTC) - timedelta(days=1), rate=1_000)

    assert clock.now() <= datetime.now(UTC)


@pytest.mark.parametrize("server", ["https://agents.example.com", "https://10.0.0.4", "https://127.0.0.1.example.com"])
def test_a_simulated_clock_is_refused_for_a_server_elsewhere(server: str) -> None:
    with pytest.raises(ClockError, match="only for a server on this computer"):
        clock_for("2026-01-01T00:00:00+00:00,1767225600,60", server)


@pytest.mark.parametrize("server", [LOOPBACK, "https://localhost:1", "https://[::1]:1"])
def test_a_simulated_clock_is_taken_for_a_loopback_server(server: str) -> None:
    assert isinstance(clock_for("2026-01-01T00:00:00+00:00,1767225600,60", server), SimulatedClock)


@pytest.mark.parametrize(
    "setting",
    ["yesterday,0,1", "2026-01-01T00:00:00+00:00,0", "2026-01-01T00:00:00,0,1", "2026-01-01T00:00:00Z,0,0", ",,"],
)
def test_a_setting_that_makes_no_clock_is_refused_with_the_form_it_should_have(setting: str) -> None:
    with pytest.raises(ClockError, match=r"PLATEN_AGENT_CLOCK"):
        clock_for(setting, LOOPBACK)
