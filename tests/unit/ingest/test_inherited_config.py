"""An agent's configuration follows what its organisations and its site are set to (ENT-02)."""

from datetime import UTC, datetime, timedelta

from functions.ingest.agents.agent import config_of, given_of, own_config_of, with_config, with_inherited
from functions.ingest.agents.inheritance import BELIEVED_FOR, Inheritance
from functions.ingest.silence.episodes import silent_after
from shared.directory.inherited import Explicit, Level, SettingName, resolve
from shared.table import Item
from shared.wire.activation import AgentConfig, DiscoveryCriteria

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
PLACE = {"agent_id": "agt_1", "tenant_id": "org_a", "organization_path": "/org_a/", "site_id": "site_1"}


def an_agent(**intervals: int) -> Item:
    return with_config(dict(PLACE), AgentConfig(discovery=DiscoveryCriteria(include=["192.0.2.0/24"]), **intervals))


def set_at(level: Level, **values: int) -> Explicit:
    return Explicit(level, "x", values)


class Settings:
    """`AccountsDirectory` as far as it matters here."""

    def __init__(self) -> None:
        self.chain: list[Explicit] = []
        self.asked = 0

    def explicit_settings(self, *_place: object) -> list[Explicit]:
        self.asked += 1
        return self.chain


class Rows:
    """`Documents` that keep what is saved."""

    def __init__(self) -> None:
        self.saved: list[Item] = []

    def save(self, item: Item) -> bool:
        self.saved.append(item)
        return True


def test_an_agent_takes_over_what_is_set_above_it_under_a_new_tag() -> None:
    agent = an_agent()

    after = with_inherited(agent, resolve([set_at(Level.ORGANIZATION, poll_interval_minutes=30)]))

    assert config_of(after).poll_interval_seconds == 1_800
    assert own_config_of(after).poll_interval_seconds == 900
    assert after["config_etag"] != agent["config_etag"]


def test_an_interval_of_its_own_beats_what_is_above_and_not_what_is_set_at_it() -> None:
    agent = an_agent(poll_interval_seconds=600)

    above = with_inherited(agent, resolve([set_at(Level.SITE, poll_interval_minutes=30)]))
    at_it = with_inherited(agent, resolve([set_at(Level.AGENT, poll_interval_minutes=20)]))

    assert above is agent
    assert config_of(at_it).poll_interval_seconds == 1_200


def test_an_hour_that_was_given_is_an_hour_whatever_is_set_above() -> None:
    agent = an_agent(heartbeat_interval_seconds=3_600)

    after = with_inherited(agent, resolve([set_at(Level.ORGANIZATION, heartbeat_interval_minutes=240)]))

    assert after is agent
    assert own_config_of(an_agent()).model_fields_set.isdisjoint({"heartbeat_interval_seconds"})


def test_a_row_that_does_not_say_what_was_given_has_what_is_not_the_default() -> None:
    agent = an_agent(poll_interval_seconds=600)
    del agent["given"]

    assert given_of(agent) == {"poll_interval_seconds"}
    assert own_config_of(agent) == own_config_of(an_agent(poll_interval_seconds=600))


def test_a_reset_brings_the_configuration_back_as_it_was() -> None:
    agent = an_agent()
    changed = with_inherited(agent, resolve([set_at(Level.ORGANIZATION, heartbeat_interval_minutes=240)]))

    back = with_inherited(changed, resolve([]))

    assert silent_after(changed) == timedelta(hours=6)
    assert config_of(back) == config_of(agent)
    assert back["config_etag"] == agent["config_etag"]


def test_settings_are_asked_for_once_a_minute_and_written_when_they_changed() -> None:
    settings, rows = Settings(), Rows()
    inheritance = Inheritance(rows, settings)  # type: ignore[arg-type] # as much of both as it uses
    agent = an_agent()

    for second in (0, 20, 40):
        inheritance.settled(agent, NOW + timedelta(seconds=second))
    assert (settings.asked, rows.saved) == (1, [])

    settings.chain = [set_at(Level.SITE, discovery_interval_hours=2)]
    after = inheritance.settled(agent, NOW + BELIEVED_FOR)
    again = inheritance.settled(after, NOW + BELIEVED_FOR)

    assert config_of(after).discovery_interval_seconds == 7_200
    assert again is after
    assert [config_of(each) for each in rows.saved] == [config_of(after)]
    assert SettingName.DISCOVERY_INTERVAL in resolve(settings.chain)
