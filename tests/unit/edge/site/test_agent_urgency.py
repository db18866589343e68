"""Alerts and threshold crossings leave at once; ordinary changes wait for others (report by exception, design D7)."""

import asyncio
from pathlib import Path

import httpx

from edge.cloud.activation import StoredConfig
from edge.cloud.http import CloudClient
from edge.site.agent import Agent, Parts
from edge.spool.waiting import Taken
from shared.wire.activation import AgentConfig, DiscoveryCriteria
from shared.wire.reading import Alert
from tests.support.edge_sending import NOON, FakeCloud, FakeReader, a_mint, a_reading, a_settings, a_spool
from tests.support.stopwatch import run_jumping

LINGER_SECONDS = 2.0
TARGET = "192.0.2.7"


def test_an_alert_is_posted_at_once_and_an_ordinary_change_after_the_others_had_time(tmp_path: Path) -> None:
    cloud = FakeCloud()
    posted: dict[str, float] = {}
    kept: dict[str, float] = {}
    arrivals: asyncio.Queue[None] = asyncio.Queue()

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return httpx.Response(304)
        before = len(cloud.stored)
        response = cloud.answer(request)
        posted.update(dict.fromkeys(cloud.stored[before:], asyncio.get_running_loop().time()))
        arrivals.put_nowait(None)
        return response

    async def go() -> None:
        mint = a_mint(tmp_path)
        config = AgentConfig(discovery=DiscoveryCriteria(include=[TARGET]), poll_interval_seconds=20)
        async with CloudClient(a_settings(tmp_path), mint.clock, httpx.MockTransport(answer)) as client:
            parts = Parts(a_settings(tmp_path), FakeReader([]), spool, client, mint)
            agent = Agent(parts, StoredConfig(etag="v1", config=config))
            running = asyncio.create_task(agent.run(max_seconds=20))
            await asyncio.sleep(0.2)
            jam = [Alert(index="1.1", code=8)]
            for reading_id, address, alerts in (("first", "a", []), ("ordinary", "b", []), ("jam", "b", jam)):
                agent._recorder.put(Taken(TARGET, NOON, a_reading(reading_id, address=address, alerts=alerts)))
                kept[reading_id] = asyncio.get_running_loop().time()
                await asyncio.wait_for(arrivals.get(), 10)
            agent.stop()
            await running

    with a_spool(tmp_path) as spool:
        run_jumping(go())

    waited = {reading_id: posted[reading_id] - kept[reading_id] for reading_id in posted}
    assert waited["jam"] < 1
    assert waited["ordinary"] >= LINGER_SECONDS * 0.9
    assert waited["first"] >= LINGER_SECONDS * 0.9
