"""Copies of an agent's state against the real routes: told within two days, and an honest agent never taken for one."""

import asyncio
import json
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.cloud import generation
from edge.cloud.activation import load_identity
from edge.cloud.http import CloudUnreachableError
from edge.cloud.rotation import request_rotation
from edge.files import StateFolderError
from functions.ingest.table import keys
from shared.names import AGENT_IDENTITY_SERVICE, AGENTS_SUSPECTED_METRIC
from tests.support.agent_cloud import DAY, AgentCloud, SiteAgent, activated, status_at, suspect, uploaded


def test_the_first_upload_of_a_day_brings_the_next_generation_and_no_other_does(
    cloud: AgentCloud, agent: SiteAgent
) -> None:
    given = []
    for _ in range(3):
        given += [uploaded(agent)[1].get("generation") for _ in range(3)]
        cloud.now += DAY

    assert given == [1, None, None, 2, None, None, 3, None, None]


def test_the_generation_costs_one_write_a_day(cloud: AgentCloud, agent: SiteAgent) -> None:
    row = keys.agent(load_identity(agent.folder).agent_id)
    versions = []
    for _ in range(3):
        for _ in range(4):
            assert uploaded(agent)[0] == 200
            versions.append(cloud.documents.load([row])[row]["version"])
        cloud.now += DAY

    assert [version - versions[0] for version in versions] == [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2]


@pytest.mark.parametrize("days_before", [0, 1, 5])
def test_a_copy_that_works_beside_the_original_is_told_within_two_days(
    cloud: AgentCloud, agent: SiteAgent, tmp_path: Path, days_before: int
) -> None:
    for _ in range(days_before):
        assert uploaded(agent)[0] == 200
        cloud.now += DAY
    copy = agent.copy(tmp_path / "copy")

    answers = []
    for _ in range(2):
        answers += [uploaded(agent)[0], uploaded(copy)[0]]
        cloud.now += DAY

    assert answers == [200, 200, 200, 403]
    shown = cloud.shown(load_identity(agent.folder).agent_id)
    assert (shown.status, shown.suspect_cause) == ("suspect", "generation_split")
    assert shown.suspect_since == cloud.now - DAY
    refused, problem = uploaded(agent)
    assert (refused, problem["code"]) == (403, "agent_suspect")
    assert "activates this agent again" in problem["detail"]


def test_the_moment_of_suspicion_is_logged_and_counted_once(
    cloud: AgentCloud,
    agent: SiteAgent,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    copy = suspect(cloud, agent, tmp_path)
    uploaded(copy)

    printed = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    counted = [line["service"] for line in printed if AGENTS_SUSPECTED_METRIC in line]
    said = [vars(record) for record in caplog.records if record.message == "agent suspect"]
    assert counted == [AGENT_IDENTITY_SERVICE]
    assert [(each["agent_id"], each["cause"]) for each in said] == [(copy.mint().agent_id, "generation_split")]


def test_nothing_of_a_suspect_agent_is_stored_and_its_configuration_is_not_told(
    cloud: AgentCloud, agent: SiteAgent, tmp_path: Path
) -> None:
    copy = suspect(cloud, agent, tmp_path)
    before = dict(cloud.documents.items)

    async def config() -> int:
        mint = copy.mint()
        async with copy.client() as client:
            headers = {"Authorization": f"Bearer {mint.token(cloud.now)}"}
            return (await client.request("GET", "/v1/config", headers=headers)).status

    assert [uploaded(each)[0] for each in (agent, copy)] == [403, 403]
    assert asyncio.run(config()) in {401, 403}
    assert cloud.documents.items == before


def test_a_backup_restored_after_days_is_told_at_once(cloud: AgentCloud, agent: SiteAgent, tmp_path: Path) -> None:
    assert uploaded(agent)[0] == 200
    backup = agent.copy(tmp_path / "backup")
    for _ in range(3):
        cloud.now += DAY
        assert uploaded(agent)[0] == 200

    refused, problem = uploaded(backup)

    assert (refused, problem["code"]) == (403, "agent_suspect")
    assert cloud.shown(load_identity(agent.folder).agent_id).suspect_cause == "generation_behind"


def test_leaving_the_generation_out_is_no_way_around_it(cloud: AgentCloud, agent: SiteAgent, tmp_path: Path) -> None:
    for _ in range(3):
        assert uploaded(agent)[0] == 200
        cloud.now += DAY
    thief = agent.copy(tmp_path / "thief")
    (thief.folder / generation.GENERATION_FILE).unlink()

    assert uploaded(thief)[0] == 403


def test_an_agent_that_knows_no_generations_goes_on_as_before(cloud: AgentCloud, agent: SiteAgent) -> None:
    statuses = []
    for _ in range(5):
        mint = agent.mint()
        mint.generation = None
        statuses.append(asyncio.run(agent.upload(mint))[0])
        cloud.now += DAY

    assert statuses == [200] * 5
    assert uploaded(agent)[0] == 200


def test_a_table_restored_from_a_backup_makes_nobody_suspect(cloud: AgentCloud, agent: SiteAgent) -> None:
    assert uploaded(agent)[0] == 200
    restored = dict(cloud.documents.items)
    for _ in range(4):
        cloud.now += DAY
        assert uploaded(agent)[0] == 200
    cloud.documents.items = restored

    for _ in range(3):
        cloud.now += DAY
        assert uploaded(agent)[0] == 200


STEPS = st.lists(
    st.sampled_from(
        ["upload", "upload, answer lost", "upload, disk full", "rotate", "rotate, answer lost", "day", "week"]
    ),
    max_size=8,
)


@given(steps=STEPS)
def test_an_honest_agent_is_never_suspect_whatever_is_lost(steps: list[str]) -> None:
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patched:
        cloud = AgentCloud(patched)
        agent = activated(cloud, Path(folder) / "site")
        for step in steps:
            take(step, cloud, agent, patched)
            assert status_at(cloud, agent) == "active"

        asyncio.run(agent.rotate())
        assert uploaded(agent)[0] == 200


def take(step: str, cloud: AgentCloud, agent: SiteAgent, patched: pytest.MonkeyPatch) -> None:
    """One thing that may happen to an agent; it is a new process each time."""
    what, _, trouble = step.partition(", ")
    cloud.lose = lambda _path, _number: trouble == "answer lost"
    if what in {"day", "week"}:
        cloud.now += DAY * (7 if what == "week" else 1)
    elif what == "rotate":
        request_rotation(agent.folder)
        asyncio.run(agent.rotate())
    else:
        with patched.context() as here:
            if trouble == "disk full":
                here.setattr(generation, "write_private", full_disk)
            with suppress(CloudUnreachableError):
                asyncio.run(agent.upload())
    cloud.lose = lambda _path, _number: False


def full_disk(path: Path, _content: bytes) -> None:
    raise StateFolderError(f"{path} cannot be written (No space left on device)")
