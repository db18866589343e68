import asyncio
import json
import os
import signal
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
import structlog

from edge.cloud.activation import StoredConfig
from edge.cloud.http import CloudClient
from edge.cloud.keys import ServerClock
from edge.cloud.rotation import is_requested
from edge.config.settings import ProfileSettings
from edge.site import agent as agent_room
from edge.site.agent import Agent, Parts
from edge.snmp.targets import Target
from shared.wire.activation import AgentConfig, DiscoveryCriteria
from tests.support.edge_sending import FakeCloud, FakeReader, a_mint, a_problem, a_settings, a_spool
from tests.support.stopwatch import run_jumping

TARGETS = [Target(f"192.0.2.{number}") for number in range(1, 4)]
CONFIG = AgentConfig(discovery=DiscoveryCriteria(include=["192.0.2.1-3"]), poll_interval_seconds=1)


class Site:
    """A cloud with uploads and a configuration, and an agent that works for it."""

    def __init__(self, folder: Path, reader: FakeReader | None = None) -> None:
        self.folder = folder
        self.cloud = FakeCloud()
        self.config, self.etag = CONFIG, "v1"
        self.config_requests: list[httpx.Request] = []
        self.reader = reader or FakeReader(TARGETS)
        self.spool = a_spool(folder)
        self.settings = a_settings(folder)
        self.seconds = 0.0

    def answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.path != "/v1/config":
            return self.cloud.answer(request)
        self.config_requests.append(request)
        if request.headers.get("if-none-match") == f'"{self.etag}"':
            return httpx.Response(304)
        return httpx.Response(200, content=self.config.model_dump_json(), headers={"etag": f'"{self.etag}"'})

    def work(self, task: Callable[[Agent], object], stored: StoredConfig | None = None) -> object:
        async def go() -> object:
            mint = a_mint(self.folder)
            async with CloudClient(self.settings, mint.clock, httpx.MockTransport(self.answer)) as client:
                parts = Parts(self.settings, self.reader, self.spool, client, mint)
                began = asyncio.get_running_loop().time()
                done = await task(Agent(parts, stored or StoredConfig(etag="v1", config=CONFIG)))  # type: ignore[misc]
                self.seconds = asyncio.get_running_loop().time() - began
                return done

        with self.spool:
            return run_jumping(go())


def test_once_finds_reads_and_sends_everything(tmp_path: Path) -> None:
    site = Site(tmp_path)

    read = site.work(lambda agent: agent.run_once())

    assert read == 3
    assert len(site.cloud.stored) == 3


def test_an_agent_without_a_stored_configuration_fetches_it_first(tmp_path: Path) -> None:
    site = Site(tmp_path)

    read = site.work(lambda agent: agent.run_once(), StoredConfig.unknown())

    assert read == 3
    kept = StoredConfig.load(tmp_path)
    assert kept == StoredConfig(etag="v1", config=CONFIG)


def test_readings_go_on_and_nothing_is_lost_while_the_cloud_is_down(tmp_path: Path) -> None:
    site = Site(tmp_path)
    site.cloud.script = [a_problem(503), httpx.ConnectError("down")]

    with structlog.testing.capture_logs() as logs:
        site.work(lambda agent: agent.run(max_seconds=2.5))

    pages = [int(reading_id.rpartition("_")[2]) for reading_id in site.cloud.stored]
    assert len(site.cloud.stored) == len(set(site.cloud.stored)) >= 6
    assert min(pages) == 1
    assert [entry["event"] for entry in logs if entry.get("what") == "upload"].count("works again") == 1


def test_a_new_configuration_is_obeyed_and_only_what_it_may_set(tmp_path: Path) -> None:
    site = Site(tmp_path)
    site.config = CONFIG.model_copy(update={"discovery": DiscoveryCriteria(include=["192.0.2.1"])})
    site.etag = "v2"
    extra = {**json.loads(site.config.model_dump_json()), "server": "https://evil.example", "command": "rm"}
    answer = httpx.Response(200, json=extra, headers={"etag": '"v2"'})
    site.answer = lambda request: answer if request.method == "GET" else site.cloud.answer(request)  # type: ignore[method-assign]

    read = site.work(lambda agent: agent.run_once())

    assert read == 1
    assert {request.url.host for request in site.cloud.requests} == {"agents.example.test"}


@pytest.mark.parametrize("is_present", [True, False])
def test_an_agent_that_is_asked_to_exchange_its_key_does_so_if_it_is_still_that_one(
    tmp_path: Path, is_present: bool
) -> None:
    site, kid = Site(tmp_path), a_mint(tmp_path).key.kid
    site.cloud.key_to_exchange = kid if is_present else "another"

    site.work(lambda agent: agent.run_once())

    assert is_requested(tmp_path) == is_present


def test_criteria_that_cannot_be_read_are_said_and_end_nothing(tmp_path: Path) -> None:
    site = Site(tmp_path)
    bad = StoredConfig(
        etag="v1", config=CONFIG.model_copy(update={"discovery": DiscoveryCriteria(include=["10.0.0.0/99"])})
    )

    with structlog.testing.capture_logs() as logs:
        read = site.work(lambda agent: agent.run_once(), bad)

    assert read == 0
    assert "10.0.0.0/99" in str([entry for entry in logs if entry.get("what") == "criteria"])


def test_a_signal_ends_the_agent_and_what_was_read_is_sent(tmp_path: Path) -> None:
    site = Site(tmp_path)

    async def run_and_signal(agent: Agent) -> None:
        asyncio.get_running_loop().call_later(0.3, os.kill, os.getpid(), signal.SIGTERM)
        await agent.run(max_seconds=10)

    site.work(run_and_signal)

    assert site.seconds < 5
    assert len(site.cloud.stored) >= 3


def test_a_cloud_that_never_answers_does_not_hold_up_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agent_room, "FLUSH_SECONDS", 0.5)
    site = Site(tmp_path)

    async def silence(request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(3_600)
        return httpx.Response(200)

    site.answer = silence  # type: ignore[method-assign,assignment]

    site.work(lambda agent: agent.run(max_seconds=0.5))

    assert site.seconds < 3
    with a_spool(tmp_path) as spool:
        assert spool.status().queued >= 3


def test_a_printer_known_before_a_restart_is_read_without_being_found_again(tmp_path: Path) -> None:
    site = Site(tmp_path)
    site.work(lambda agent: agent.run_once())
    again = Site(tmp_path)

    async def nobody(targets: object, *, rate_limit_pps: float) -> object:
        assert targets
        assert rate_limit_pps
        for target in TARGETS[:0]:
            yield target

    again.reader.discover = nobody  # type: ignore[method-assign,assignment]
    again.work(lambda agent: agent.run(max_seconds=0.5))

    assert again.spool.boot_id
    assert next(again.reader._printers["192.0.2.1"]) > 1


def test_the_servers_time_is_learnt_from_any_answer(tmp_path: Path) -> None:
    clock = ServerClock()
    site = Site(tmp_path)
    site.cloud.script = [a_problem(401, headers={"date": "Fri, 01 Jan 2100 00:00:00 GMT"})]
    client = site.cloud.client(tmp_path, clock)

    async def ask() -> None:
        async with client:
            await client.request("GET", "/v1/config")

    with site.spool:
        asyncio.run(ask())

    assert clock.offset.days > 365


def test_what_is_wrong_with_the_sites_own_profiles_is_told_and_ends_nothing(tmp_path: Path) -> None:
    profiles = tmp_path / "profiles"
    profiles.mkdir()
    (profiles / "bad.yaml").write_text("colour: blue\n")
    site = Site(tmp_path)
    site.settings = site.settings.model_copy(update={"profiles": ProfileSettings(folder=profiles)})

    with structlog.testing.capture_logs() as logs:
        read = site.work(lambda agent: agent.run_once())

    assert read == 3
    assert "bad.yaml" in str([entry for entry in logs if entry.get("what") == "profiles"])
    with a_spool(tmp_path) as spool:
        assert "bad.yaml" in spool.status().facts["fault_profiles"]
