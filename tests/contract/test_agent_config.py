"""What the cloud can set on an agent: where to look and how often. A newer cloud's other wishes are not even kept."""

import asyncio
import json
from pathlib import Path

import httpx
import pytest

from edge.cloud.activation import StoredConfig
from edge.cloud.http import CloudClient
from edge.cloud.keys import ServerClock
from edge.cloud.remote_config import ConfigFetchError, fetch_config
from shared.wire.activation import AgentConfig, DiscoveryCriteria
from tests.support.edge_sending import a_mint, a_settings

ALLOWED = {
    "schema_version",
    "discovery",
    "poll_interval_seconds",
    "discovery_interval_seconds",
    "heartbeat_interval_seconds",
    "config_interval_seconds",
}
TODAY = {"discovery": {"include": ["192.0.2.0/24"]}, "poll_interval_seconds": 60}


def fetched(folder: Path, body: object) -> StoredConfig | None:
    async def fetch() -> StoredConfig | None:
        transport = httpx.MockTransport(lambda _request: httpx.Response(200, json=body, headers={"etag": '"v2"'}))
        async with CloudClient(a_settings(folder), ServerClock(), transport) as client:
            return await fetch_config(client, a_mint(folder), None, folder)

    return asyncio.run(fetch())


def test_criteria_and_intervals_are_all_there_is_to_set() -> None:
    assert set(AgentConfig.model_fields) == ALLOWED
    assert set(DiscoveryCriteria.model_fields) == {"include", "exclude"}


@pytest.mark.parametrize(
    "wish",
    [
        {"command": "reboot"},
        {"update_url": "https://elsewhere.example/agent.whl"},
        {"snmp": {"community": "private"}},
        {"discovery": {"include": ["192.0.2.0/24"], "credentials": {"community": "private"}}},
        {"server": "https://elsewhere.example"},
    ],
    ids=lambda wish: next(iter(wish)),
)
def test_a_wish_of_a_newer_cloud_is_ignored_and_not_kept(tmp_path: Path, wish: dict[str, object]) -> None:
    stored = fetched(tmp_path, TODAY | wish)

    assert stored is not None
    assert stored.config == AgentConfig.model_validate(TODAY)
    kept = json.loads((tmp_path / "agent-config.json").read_text())
    assert set(kept) == {"etag", "config"}
    assert set(kept["config"]) == ALLOWED
    assert set(kept["config"]["discovery"]) == {"include", "exclude"}


@pytest.mark.parametrize(
    "wish",
    [
        {"schema_version": 2},
        {"poll_interval_seconds": 0},
        {"config_interval_seconds": 1},
        {"discovery": {"include": ["192.0.2.7"] * 257}},
        {"discovery": {"include": ["x" * 129]}},
    ],
    ids=str,
)
def test_a_configuration_out_of_bounds_leaves_the_one_before_in_force(tmp_path: Path, wish: dict[str, object]) -> None:
    assert fetched(tmp_path, TODAY) is not None

    with pytest.raises(ConfigFetchError, match="not valid"):
        fetched(tmp_path, TODAY | wish)

    stored = StoredConfig.load(tmp_path)
    assert stored is not None
    assert stored.config == AgentConfig.model_validate(TODAY)
