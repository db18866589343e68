"""The cloud that agents call, in this process, and an agent of it."""

from pathlib import Path

import pytest

from tests.support.agent_cloud import AgentCloud, SiteAgent, activated


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> AgentCloud:
    """A cloud without agents."""
    return AgentCloud(monkeypatch)


@pytest.fixture
def agent(cloud: AgentCloud, tmp_path: Path) -> SiteAgent:
    """An activated agent."""
    return activated(cloud, tmp_path / "site")
