"""The agent's key against the real routes: exchanged without a moment in which the agent could not be heard."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from edge.cloud.activation import load_identity
from edge.cloud.keys import KEY_FILE, NEXT_KEY_FILE, TokenMint
from edge.cloud.rotation import REQUEST_FILE, KeyRotation, lifetime_of, request_rotation
from shared.wire.rotation import KEY_LIFETIME
from tests.support.agent_cloud import AgentCloud, SiteAgent

Effect = Callable[..., Any]


class Crash(BaseException):
    """The process ends here."""


def uploaded(agent: SiteAgent, mint: TokenMint | None = None) -> tuple[int, Any]:
    return asyncio.run(agent.upload(mint))


def rotated(agent: SiteAgent) -> str | None:
    request_rotation(agent.folder)
    return asyncio.run(agent.rotate())


def kids(cloud: AgentCloud, agent: SiteAgent) -> list[str]:
    return [key["jwk"]["kid"] for key in cloud.row(load_identity(agent.folder).agent_id)["keys"]]


def test_both_keys_are_accepted_for_a_fortnight_and_then_only_the_new_one(cloud: AgentCloud, agent: SiteAgent) -> None:
    with_former = agent.mint()

    assert rotated(agent) is None
    assert agent.mint().key.kid != with_former.key.kid

    for _ in range(13):
        cloud.now += timedelta(days=1)
        assert uploaded(agent)[0] == 200
    assert cloud.shown(with_former.agent_id).status == "active"
    cloud.now += timedelta(days=1)
    with_former.discard()
    status, problem = uploaded(agent, with_former)
    assert (status, problem["code"]) == (401, "key_ended")
    assert uploaded(agent)[0] == 200


def test_a_new_key_is_accepted_at_once_by_an_authorizer_that_knows_the_agent(
    cloud: AgentCloud, agent: SiteAgent
) -> None:
    assert uploaded(agent)[0] == 200

    assert rotated(agent) is None

    assert uploaded(agent)[0] == 200


def test_the_partner_sees_each_key_by_name_and_when_it_ends(cloud: AgentCloud, agent: SiteAgent) -> None:
    former = agent.mint().key.kid
    assert rotated(agent) is None

    shown = cloud.shown(agent.mint().agent_id)

    assert [(key.kid, key.ends_at) for key in shown.keys] == [
        (former, cloud.now + timedelta(days=14)),
        (agent.mint().key.kid, None),
    ]


@contextmanager
def crashing(monkeypatch: pytest.MonkeyPatch, cloud: AgentCloud, at: int, *, after: bool) -> Iterator[list[str]]:
    """End the process before or after its ``at``-th effect on disk or in the cloud; the effects that it reached."""
    reached: list[str] = []

    def counted(name: str, effect: Effect) -> Effect:
        def run(*given: Any, **options: Any) -> Any:  # noqa: ANN401 - whatever the effect takes
            reached.append(name)
            if len(reached) == at and not after:
                raise Crash
            result = effect(*given, **options)
            if len(reached) == at:
                raise Crash
            return result

        return run

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", counted("replace", Path.replace))
        patched.setattr(Path, "unlink", counted("unlink", Path.unlink))
        patched.setattr(cloud, "answer", counted("request", cloud.answer))
        yield reached


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("at", range(1, 7))
def test_a_crash_at_any_point_leaves_a_usable_key_and_the_exchange_is_finished_later(
    monkeypatch: pytest.MonkeyPatch, cloud: AgentCloud, agent: SiteAgent, at: int, after: bool
) -> None:
    former = agent.mint().key.kid
    request_rotation(agent.folder)

    with crashing(monkeypatch, cloud, at, after=after) as reached:
        if at <= 5:
            with pytest.raises(Crash):
                asyncio.run(agent.rotate())
        else:
            assert asyncio.run(agent.rotate()) is None

    assert reached == ["replace", "request", "replace", "replace", "unlink"][:at]
    assert uploaded(agent)[0] == 200
    assert asyncio.run(agent.rotate()) is None
    assert uploaded(agent)[0] == 200
    assert not (agent.folder / REQUEST_FILE).exists()
    assert not (agent.folder / NEXT_KEY_FILE).exists()
    assert agent.mint().key.kid != former
    assert kids(cloud, agent)[0] == former
    assert kids(cloud, agent)[-1] == agent.mint().key.kid
    assert cloud.shown(agent.mint().agent_id).status == "active"


def test_an_answer_lost_before_weeks_without_network_does_not_lock_the_agent_out(
    cloud: AgentCloud, agent: SiteAgent
) -> None:
    cloud.lose = lambda path, _number: path == "/v1/keys"
    assert "cannot be reached" in str(rotated(agent))
    cloud.lose = lambda _path, _number: False
    cloud.now += timedelta(days=40)

    refused, problem = uploaded(agent)
    mended = asyncio.run(agent.rotate())

    assert (refused, problem["code"]) == (401, "key_ended")
    assert mended is None
    assert uploaded(agent)[0] == 200


def test_a_key_is_exchanged_by_itself_between_81_and_90_days(cloud: AgentCloud, agent: SiteAgent) -> None:
    former = agent.mint().key.kid
    days = lifetime_of(former) / timedelta(days=1)
    assert 81 <= days <= KEY_LIFETIME.days

    cloud.now += lifetime_of(former) - timedelta(hours=1)
    assert asyncio.run(agent.rotate()) is None
    assert agent.mint().key.kid == former

    cloud.now += timedelta(hours=2)
    assert asyncio.run(agent.rotate()) is None
    second = agent.mint().key.kid
    assert second != former
    assert load_identity(agent.folder).key_since == cloud.now

    assert asyncio.run(agent.rotate()) is None
    assert agent.mint().key.kid == second


def test_an_agent_that_has_not_heard_the_cloud_s_time_leaves_its_key(cloud: AgentCloud, agent: SiteAgent) -> None:
    cloud.now += timedelta(days=3_650)
    deaf = SiteAgent(cloud, agent.folder, knows_time=False)

    assert asyncio.run(deaf.rotate()) is None

    assert cloud.calls[-1][0] == "/v1/activations"


def test_a_site_whose_clock_is_wrong_exchanges_its_key_all_the_same(cloud: AgentCloud, agent: SiteAgent) -> None:
    former = agent.mint().key.kid
    request_rotation(agent.folder)
    cloud.now += timedelta(days=700)

    assert asyncio.run(SiteAgent(cloud, agent.folder, knows_time=False).rotate()) is None

    assert agent.mint().key.kid != former


def test_after_three_exchanges_in_a_fortnight_the_next_is_refused_and_given_up(
    cloud: AgentCloud, agent: SiteAgent
) -> None:
    assert [rotated(agent) for _ in range(3)] == [None, None, None]

    refused = rotated(agent)

    assert "4 keys of this agent are still accepted; the next ends at 2026-12-06" in str(refused)
    assert asyncio.run(agent.rotate()) is None
    assert uploaded(agent)[0] == 200
    cloud.now += timedelta(days=15)
    assert rotated(agent) is None
    assert len(kids(cloud, agent)) == 2


def test_a_next_key_that_cannot_be_read_is_made_anew(agent: SiteAgent) -> None:
    (agent.folder / NEXT_KEY_FILE).write_bytes(b"torn")

    assert asyncio.run(agent.rotate()) is None

    assert uploaded(agent)[0] == 200


def test_two_holders_of_a_key_who_both_exchange_it_make_the_agent_suspect(
    cloud: AgentCloud, agent: SiteAgent, tmp_path: Path
) -> None:
    thief = agent.copy(tmp_path / "thief")
    assert rotated(thief) is None

    refused = rotated(agent)

    shown = cloud.shown(agent.mint().agent_id)
    assert "Two holders of this agent's key were seen" in str(refused)
    assert (shown.status, shown.suspect_cause, shown.suspect_since) == ("suspect", "exchanged_key_used", cloud.now)
    assert [uploaded(each)[0] for each in (agent, thief)] == [403, 403]


def test_between_tries_it_waits_and_repeats_the_reason(cloud: AgentCloud, agent: SiteAgent) -> None:
    time = [0.0]

    async def three_looks() -> list[str | None]:
        async with agent.client() as client:
            rotation = KeyRotation(agent.folder, client, agent.mint(), seconds=lambda: time[0])
            request_rotation(agent.folder)
            cloud.lose = lambda _path, _number: True
            first, second = await rotation.step(), None
            if rotation._not_before > time[0]:
                second = await rotation.step()
            cloud.lose = lambda _path, _number: False
            time[0] += 3_600
            return [first, second or first, await rotation.step()]

    first, second, third = asyncio.run(three_looks())

    assert first is not None
    assert second == first
    assert third is None


@pytest.mark.parametrize("status", [200, 404, 502])
def test_something_that_is_not_our_server_changes_nothing(
    agent: SiteAgent, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    before = (agent.folder / KEY_FILE).read_bytes(), (agent.folder / "identity.json").read_bytes()
    with monkeypatch.context() as patched:
        patched.setattr(agent.cloud, "answer", lambda _request: httpx.Response(status, text="<html>"))
        refused = rotated(agent)

    assert "is it our server" in str(refused) or "is not our server" in str(refused)
    assert before == ((agent.folder / KEY_FILE).read_bytes(), (agent.folder / "identity.json").read_bytes())
    assert asyncio.run(agent.rotate()) is None
