"""How often an agent reports when nobody said: by its printers, so that each of them costs the same anywhere."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.ingest.agents.agent import config_of, told_heartbeat_of
from functions.ingest.agents.heartbeat import MOST_LATE, SELDOMEST, automatic_heartbeat, silent_after
from functions.ingest.agents.inheritance import BELIEVED_FOR, Inheritance
from functions.ingest.silence.agent_state import AgentState, state_of
from functions.ingest.silence.watch import look_sooner
from functions.ingest.table import keys
from shared.directory.inherited import Explicit, Level
from shared.table import Item
from tests.support.ingest import NOW, FakeDocuments
from tests.unit.ingest.test_inherited_config import Settings
from tests.unit.ingest.test_watch import DAY, HOUR, Site, names

FEW = ("A", "B", "C")
MINUTE = timedelta(minutes=1)


class SmallSite(Site):
    """An agent that nobody gave a heartbeat, on a clock that the test moves."""

    def __init__(self, documents: FakeDocuments) -> None:
        super().__init__(documents, None)
        self.settings = Settings()
        self._inheritance = Inheritance(documents, self.settings)  # type: ignore[arg-type] # as much of it as is used

    def hear(self, after: timedelta, *serials: str) -> Item:
        """An upload; the agent's row as it is then, with what it is told."""
        self.send(after, *serials)
        before, now = self.row, NOW + after
        agent = self._inheritance.settled(before, now)
        if told_heartbeat_of(agent) < told_heartbeat_of(before):
            look_sooner(self.documents, agent, now)
        return agent

    def state(self, after: timedelta) -> Item:
        contact = self.documents.load([keys.agent_contact(self.agent_id)])
        return state_of(self.row, next(iter(contact.values()), None), "0.0.1", NOW + after)


@pytest.fixture
def small(fake: FakeDocuments) -> SmallSite:
    """Three printers, looked at for a day, and told so."""
    site = SmallSite(fake)
    for hour in range(28):
        site.hear(hour * HOUR, *FEW)
        site.sweep(hour * HOUR)
    return site


@pytest.mark.parametrize(
    ("printers", "hours"),
    [(0, 1), (1, 6), (10, 6), (15, 6), (16, 4), (19, 4), (20, 3), (29, 3), (30, 2), (49, 2), (50, 1), (5_000, 1)],
)
def test_the_fewer_printers_the_seldomer_is_a_report(printers: int, hours: int) -> None:
    assert automatic_heartbeat(printers) == hours * HOUR


@given(st.integers(10, 100_000))
def test_no_printer_pays_for_more_than_its_share_of_hourly_reports_of_fifty(printers: int) -> None:
    reports_a_day = DAY / automatic_heartbeat(printers)

    assert reports_a_day / printers <= 24 / 50


@given(st.integers(1, 100_000))
def test_one_more_printer_never_makes_an_agent_report_seldomer(printers: int) -> None:
    assert automatic_heartbeat(printers + 1) <= automatic_heartbeat(printers) <= SELDOMEST


@given(st.timedeltas(min_value=MINUTE, max_value=DAY))
def test_an_agent_is_silent_two_reports_or_two_hours_late(heartbeat: timedelta) -> None:
    late = silent_after(heartbeat) - heartbeat

    assert late == (2 * heartbeat if heartbeat <= HOUR else MOST_LATE)


def test_an_agent_reports_hourly_on_its_first_day_and_then_by_its_printers(fake: FakeDocuments) -> None:
    site, told = SmallSite(fake), list[int]()
    for hour in range(30):
        told.append(config_of(site.hear(hour * HOUR, *FEW)).heartbeat_interval_seconds // 3_600)
        site.sweep(hour * HOUR)

    assert told[:25] == [1] * 25
    assert told[-1] == 6
    assert sorted(told) == told


def test_a_small_agent_that_was_told_so_is_not_silent_for_a_night_of_six_hours(small: SmallSite) -> None:
    expected = small.state(28 * HOUR)["expected_by"]
    quiet = small.sweeps(28 * HOUR, 27 * HOUR + 8 * HOUR)
    told = small.sweeps(35 * HOUR + MINUTE, 48 * HOUR)

    assert expected == NOW + 27 * HOUR + 6 * HOUR + 7.5 * MINUTE
    assert (quiet, names(told)) == ([], ["AgentSilent"])
    assert small.state(36 * HOUR)["state"] == AgentState.SILENT


def test_an_agent_that_was_not_heard_since_its_printers_were_counted_is_silent_as_it_was(fake: FakeDocuments) -> None:
    site = SmallSite(fake)
    for hour in range(24):
        site.hear(hour * HOUR, *FEW)
    told = site.sweeps(24 * HOUR, 30 * HOUR)

    assert site.row["automatic_heartbeat_seconds"] == 6 * 3_600
    assert names(told) == ["AgentSilent"]
    assert told[0].occurred_at <= NOW + 23 * HOUR + 4 * HOUR


def test_what_is_set_counts_and_an_hour_is_not_taken_for_nothing(small: SmallSite) -> None:
    small.settings.chain = [Explicit(Level.ORGANIZATION, "org_a", {"heartbeat_interval_minutes": 60})]

    hourly = small.hear(33 * HOUR, *FEW)
    small.settings.chain += [Explicit(Level.SITE, "site_a", {"heartbeat_interval_minutes": 0})]
    automatic = small.hear(33 * HOUR + BELIEVED_FOR, *FEW)

    assert config_of(hourly).heartbeat_interval_seconds == 3_600
    assert config_of(automatic).heartbeat_interval_seconds == 6 * 3_600
    assert hourly["config_etag"] != automatic["config_etag"]


def test_an_agent_that_is_asked_to_report_more_often_is_not_silent_before_it_can_know(small: SmallSite) -> None:
    small.settings.chain = [Explicit(Level.ORGANIZATION, "org_a", {"heartbeat_interval_minutes": 15})]

    before = small.sweeps(28 * HOUR, 33 * HOUR)
    small.hear(33 * HOUR, *FEW)
    after = small.sweeps(33 * HOUR, 34 * HOUR, every=MINUTE)

    assert (before, names(after)) == ([], ["AgentSilent"])
    assert after[0].occurred_at == NOW + 33 * HOUR + 46 * MINUTE


def test_an_agent_that_polls_seldomer_than_its_heartbeat_is_expected_with_each_poll(small: SmallSite) -> None:
    small.settings.chain = [
        Explicit(Level.SITE, "site_a", {"heartbeat_interval_minutes": 60, "poll_interval_minutes": 240})
    ]
    small.hear(33 * HOUR, *FEW)

    between = small.sweeps(33 * HOUR, 33 * HOUR + 6 * HOUR)
    told = small.sweeps(39 * HOUR + MINUTE, 40 * HOUR)

    assert (between, names(told)) == ([], ["AgentSilent"])


def test_an_agent_whose_printers_became_many_reports_hourly_again(small: SmallSite) -> None:
    many = [f"{number:03d}" for number in range(60)]
    for hour in range(28, 60, 6):
        row = small.hear(hour * HOUR, *FEW, *many)
        small.sweep(hour * HOUR)

    assert config_of(row).heartbeat_interval_seconds == 3_600
    assert small.row["config_etag"] == row["config_etag"]
