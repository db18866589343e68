"""A site whose clock is wrong, or jumps, against the real routes: nothing is refused for good and no time is wrong."""

import asyncio
from datetime import UTC, datetime, timedelta, tzinfo
from email.utils import format_datetime
from pathlib import Path

import pytest

import edge.cloud.http
import edge.cloud.keys
import edge.cloud.uploader
from edge.cloud.keys import ServerClock, TokenMint
from edge.cloud.uploader import Progress, Uploader
from tests.support.agent_cloud import AgentCloud, SiteAgent
from tests.support.api_events import ROOT_ORGANIZATION, SITE
from tests.support.edge_sending import a_reading, a_spool, reported

ERRORS = [timedelta(hours=1), timedelta(days=1), timedelta(days=40), timedelta(days=3_650)]
WRONG = [sign * error for error in ERRORS for sign in (1, -1)]


async def sent(site: SiteAgent, folder: Path, mint: TokenMint, *pages: int) -> list[Progress]:
    """One reading after another, taken by the agent's idea of the time and sent until it is settled."""
    came: list[Progress] = []
    with a_spool(folder, owner=SITE) as spool:
        async with site.client() as client:
            uploader = Uploader(spool, client, mint)
            for count in pages:
                taken_at = site.clock.now()
                spool.record([reported(a_reading(f"r{count}", pages=count, taken_at=taken_at), at=taken_at)])
                for _ in range(3):
                    attempt = await uploader.attempt()
                    came.append(attempt.progress)
                    assert attempt.rejected == ()
                    if attempt.progress is Progress.MOVED:
                        break
    return came


@pytest.mark.parametrize("ahead", WRONG, ids=str)
def test_a_site_with_a_wrong_clock_activates_and_its_readings_get_the_right_time(
    cloud: AgentCloud, tmp_path: Path, ahead: timedelta
) -> None:
    cloud.now = datetime.now(UTC) - ahead
    site = SiteAgent(cloud, tmp_path / "site", knows_time=False)

    asyncio.run(site.activate(cloud.code()))
    came = asyncio.run(sent(site, tmp_path, site.mint(), 1, 2))

    assert came == [Progress.MOVED, Progress.MOVED]
    (state,) = cloud.documents.of_kind("STATE")
    assert state["tenant_id"] == ROOT_ORGANIZATION
    assert abs(datetime.fromisoformat(state["taken_at"]) - cloud.now) < timedelta(seconds=30)
    assert state["clock_skewed"] is False


@pytest.mark.parametrize("jump", WRONG, ids=str)
def test_a_clock_that_jumps_while_the_agent_works_misdates_nothing_and_costs_one_refused_upload(
    monkeypatch: pytest.MonkeyPatch, cloud: AgentCloud, tmp_path: Path, jump: timedelta
) -> None:
    cloud.now = datetime.now(UTC)
    site = SiteAgent(cloud, tmp_path / "site", knows_time=False)
    asyncio.run(site.activate(cloud.code()))
    mint = site.mint()
    assert asyncio.run(sent(site, tmp_path, mint, 1)) == [Progress.MOVED]

    shift_clock(monkeypatch, jump)
    mint.discard()
    came = asyncio.run(sent(site, tmp_path, mint, 2, 3))

    assert came in ([Progress.WAIT, Progress.MOVED, Progress.MOVED], [Progress.MOVED, Progress.MOVED])
    (state,) = cloud.documents.of_kind("STATE")
    assert abs(datetime.fromisoformat(state["taken_at"]) - cloud.now) < timedelta(seconds=30)
    assert state["clock_skewed"] is False


def shift_clock(monkeypatch: pytest.MonkeyPatch, by: timedelta) -> None:
    """Set the agent's computer's clock."""

    class Shifted(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override] # nobody asks for its own kind
            return datetime.now(tz) + by

    for module in (edge.cloud.keys, edge.cloud.http, edge.cloud.uploader):
        monkeypatch.setattr(module, "datetime", Shifted)


def test_a_reading_is_dated_by_the_computer_while_that_is_right_to_the_minute() -> None:
    clock, now = ServerClock(), datetime.now(UTC)

    clock.observe(format_datetime(now + timedelta(seconds=55), usegmt=True), now)
    assert abs(clock.now() - now) < timedelta(seconds=5)

    clock.observe(format_datetime(now + timedelta(seconds=65), usegmt=True), now)
    assert clock.now() - now > timedelta(seconds=60)
