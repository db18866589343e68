"""The code that activates an agent again, against the real routes: the same agent, and nobody else any more."""

import asyncio
from pathlib import Path

import pytest

from edge.cloud.activation import ActivationError, load_identity
from edge.cloud.http import CloudUnreachableError
from shared.errors import Conflict, NotFound
from shared.visibility import Visible
from tests.support.agent_cloud import DAY, PATH, AgentCloud, SiteAgent, suspect, uploaded
from tests.support.api_events import FOREIGN_ORGANIZATION


def test_a_suspect_agent_is_heard_again_as_itself_after_its_code_and_the_copy_is_not(
    cloud: AgentCloud, agent: SiteAgent, tmp_path: Path
) -> None:
    copy = suspect(cloud, agent, tmp_path)
    before = load_identity(agent.folder)
    printers = cloud.shown(before.agent_id).printers

    code = cloud.code_for(before.agent_id)
    again = asyncio.run(agent.activate(code.code))

    assert (again.agent_id, again.site_id) == (before.agent_id, before.site_id)
    assert code.for_agent_id == before.agent_id
    shown = cloud.shown(before.agent_id)
    assert (shown.status, shown.suspect_since, shown.suspect_cause) == ("active", None, None)
    assert shown.printers == printers == 1
    assert [key.kid for key in shown.keys] == [again.kid]
    refused, problem = uploaded(copy)
    assert (refused, problem["code"]) == (401, "invalid_token")
    for _ in range(3):
        assert uploaded(agent)[0] == 200
        cloud.now += DAY


def test_a_code_for_an_agent_works_once_and_the_newest_only(
    cloud: AgentCloud, agent: SiteAgent, tmp_path: Path
) -> None:
    agent_id = load_identity(agent.folder).agent_id
    older, newer = cloud.code_for(agent_id), cloud.code_for(agent_id)

    with pytest.raises(ActivationError, match="expired"):
        asyncio.run(SiteAgent(cloud, tmp_path / "thief").activate(older.code))
    asyncio.run(agent.activate(newer.code))
    with pytest.raises(ActivationError, match="used by another agent"):
        asyncio.run(SiteAgent(cloud, tmp_path / "other").activate(newer.code))

    assert uploaded(agent)[0] == 200


def test_a_lost_answer_to_a_code_for_an_agent_is_asked_for_again(cloud: AgentCloud, agent: SiteAgent) -> None:
    agent_id = load_identity(agent.folder).agent_id
    code = cloud.code_for(agent_id)
    cloud.lose = lambda path, _number: path == "/v1/activations"
    with pytest.raises(CloudUnreachableError):
        asyncio.run(agent.activate(code.code))
    assert uploaded(agent)[0] == 401
    cloud.lose = lambda _path, _number: False

    assert asyncio.run(agent.activate(code.code)).agent_id == agent_id

    assert uploaded(agent)[0] == 200


def test_another_partner_s_agent_is_as_good_as_missing(cloud: AgentCloud, agent: SiteAgent) -> None:
    agent_id = load_identity(agent.folder).agent_id
    foreign = Visible(FOREIGN_ORGANIZATION, f"/{FOREIGN_ORGANIZATION}/")
    elsewhere = Visible(foreign.tenant_id, PATH)

    for visible, asked in ((foreign, agent_id), (elsewhere, agent_id), (foreign, "agt_01jd2x00000000000000000007")):
        with pytest.raises(NotFound) as refused:
            cloud.code_for(asked, visible=visible)
        assert asked in refused.value.detail


def test_a_deactivated_agent_gets_no_code_and_redeems_none(cloud: AgentCloud, agent: SiteAgent) -> None:
    agent_id = load_identity(agent.folder).agent_id
    code = cloud.code_for(agent_id)
    assert cloud.documents.save(cloud.row(agent_id) | {"status": "deactivated"})

    with pytest.raises(Conflict):
        cloud.code_for(agent_id)
    with pytest.raises(ActivationError, match="deactivated"):
        asyncio.run(agent.activate(code.code))
