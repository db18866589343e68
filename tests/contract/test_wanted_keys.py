"""A partner has an agent exchange its key: told by the answer to an upload, done by the agent, seen by the partner."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from edge.cloud.activation import load_identity
from edge.cloud.http import CloudClient
from edge.cloud.rotation import KeyRotation, is_requested
from functions.ingest.agents.key_rotation import ask_for_next_key
from shared.errors import Conflict
from tests.support.agent_cloud import VISIBLE, AgentCloud, SiteAgent, suspect, uploaded


def ask(cloud: AgentCloud, agent: SiteAgent) -> None:
    agent_id = load_identity(agent.folder).agent_id
    ask_for_next_key(cloud.documents, VISIBLE, agent_id, key_id="key_1", now=cloud.now)


def obey(agent: SiteAgent, kid: str) -> None:
    """As the running agent does with what an answer asks for."""

    async def go() -> str | None:
        async with agent.client() as client:
            return await exchange(agent, client, kid)

    assert asyncio.run(go()) is None


async def exchange(agent: SiteAgent, client: CloudClient, kid: str) -> str | None:
    rotation = KeyRotation(agent.folder, client, agent.mint())
    rotation.ask(kid)
    return await rotation.step()


def test_an_agent_is_asked_with_each_answer_until_it_has_another_key(cloud: AgentCloud, agent: SiteAgent) -> None:
    agent_id, former = load_identity(agent.folder).agent_id, agent.mint().key.kid
    before = uploaded(agent)[1]["key_to_exchange"]
    ask(cloud, agent)
    cloud.now += timedelta(minutes=1)
    ask(cloud, agent)
    wanted = cloud.shown(agent_id).key_wanted_at

    asked = [uploaded(agent)[1]["key_to_exchange"] for _ in range(2)]
    obey(agent, asked[0])
    after = uploaded(agent)[1]["key_to_exchange"]

    assert (before, asked, after) == (None, [former, former], None)
    assert wanted == cloud.now - timedelta(minutes=1)
    assert agent.mint().key.kid != former
    assert cloud.shown(agent_id).key_wanted_at is None
    assert [key.ends_at is None for key in cloud.shown(agent_id).keys] == [False, True]


def test_an_answer_that_came_late_asks_for_nothing_more(cloud: AgentCloud, agent: SiteAgent) -> None:
    former = agent.mint().key.kid
    ask(cloud, agent)
    obey(agent, former)
    present = agent.mint().key.kid

    obey(agent, former)

    assert agent.mint().key.kid == present
    assert not is_requested(agent.folder)


def test_an_agent_that_exchanges_by_itself_is_not_asked_any_more(cloud: AgentCloud, agent: SiteAgent) -> None:
    ask(cloud, agent)
    cloud.now += timedelta(days=91)
    agent.clock = type(agent.clock)()

    assert asyncio.run(agent.rotate()) is None

    assert uploaded(agent)[1]["key_to_exchange"] is None


def test_a_new_activation_takes_the_wish_with_the_former_keys(cloud: AgentCloud, agent: SiteAgent) -> None:
    agent_id = load_identity(agent.folder).agent_id
    ask(cloud, agent)

    asyncio.run(agent.activate(cloud.code_for(agent_id).code))

    assert uploaded(agent)[1]["key_to_exchange"] is None
    assert cloud.shown(agent_id).key_wanted_at is None


def test_an_agent_that_is_not_heard_is_not_asked(cloud: AgentCloud, agent: SiteAgent, tmp_path: Path) -> None:
    suspect(cloud, agent, tmp_path)

    with pytest.raises(Conflict) as refused:
        ask(cloud, agent)

    assert refused.value.code == "agent_not_active"


def test_more_keys_than_are_accepted_at_once_are_not_asked_for(cloud: AgentCloud, agent: SiteAgent) -> None:
    for _ in range(3):
        ask(cloud, agent)
        obey(agent, agent.mint().key.kid)

    with pytest.raises(Conflict) as refused:
        ask(cloud, agent)
    cloud.now += timedelta(days=14)
    ask(cloud, agent)

    assert refused.value.code == "too_many_keys"
