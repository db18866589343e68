import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.config.settings import NetworkSettings
from edge.site.pace import pace_told, paced
from shared.wire.activation import AgentConfig, DiscoveryCriteria

NOTHING = DiscoveryCriteria(include=[])
PACED = ("poll_interval_seconds", "discovery_interval_seconds")
FREE = ("heartbeat_interval_seconds", "config_interval_seconds")
"""They ask no printer; the cloud tells a silent agent by them."""


def test_every_interval_that_the_cloud_sets_has_a_bound_or_a_reason() -> None:
    every = {name for name in AgentConfig.model_fields if name.endswith("_seconds")}

    assert every == {*PACED, *FREE}


@given(asked=st.tuples(*[st.integers(5, 86_400)] * 4), least=st.integers(1, 86_400))
def test_no_printer_is_asked_sooner_than_the_site_allows_and_all_else_is_as_the_cloud_wants(
    asked: tuple[int, ...], least: int
) -> None:
    config = AgentConfig(discovery=NOTHING, **dict(zip((*PACED, *FREE), asked, strict=True)))
    network = NetworkSettings(least_interval_seconds=least)

    kept = paced(config, network)

    assert [getattr(kept, name) for name in PACED] == [max(each, least) for each in asked[:2]]
    assert [getattr(kept, name) for name in FREE] == list(asked[2:])
    assert (pace_told(config, network) is None) == (kept == config)


@pytest.mark.parametrize("asked", [1, 299])
def test_what_is_done_less_often_than_asked_is_told_with_the_setting(asked: int) -> None:
    config = AgentConfig(discovery=NOTHING, poll_interval_seconds=asked)

    told = pace_told(config, NetworkSettings())

    assert told == (
        f"the cloud asks for reading every {asked} s; done every 300 s, as [network] least_interval_seconds says"
    )
