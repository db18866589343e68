"""An agent with more printers than one request counts is ended by several (AGT-01)."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

import pytest

from functions.ingest.agents import agent_printers, ending
from functions.ingest.agents.ending import GOES_ON_FOR, deactivate, delete
from functions.ingest.table.ports import Documents
from shared.clock import utc_now
from shared.directory.views import ManagedStatus
from shared.errors import Conflict, Unavailable
from tests.support.agent_endings import OVER, VISIBLE, End, Race
from tests.support.api_events import AGENT
from tests.support.eligibility import World, eligibility_world


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with eligibility_world(monkeypatch) as made:
        yield made


class Large(Race):
    """An agent of so many printers that one request counts only the first of them: the one to be enrolled."""

    def __init__(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__(world)
        monkeypatch.setattr(ending, "MOST_COUNTED", 1)
        self.counted: list[str] = []
        self.others = [world.add_printer(number) for number in (2, 3)]
        world.add_agent(version=1, keys=[])
        monkeypatch.setattr(agent_printers, "printers_after", self._after)

    def _after(
        self, documents: Documents, agent_id: str, after: str, *, most: int, consistent: bool
    ) -> tuple[list[str], bool]:
        """The printers in the order of this test, whatever their ids are."""
        assert (documents, agent_id, most, consistent) == (documents, AGENT, 1, True)
        order = [self.printer, *self.others]
        start = order.index(after) + 1 if after else 0
        return order[start : start + most], start + most < len(order)

    def statuses_of(self, tenant_id: str, printer_ids: Sequence[str]) -> list[ManagedStatus]:
        self.counted += printer_ids
        return super().statuses_of(tenant_id, printer_ids)

    def counts_on(self, how: End = deactivate, *, after: timedelta = timedelta(0)) -> None:
        """Ask for the end: the answer is that there are more to be counted."""
        with pytest.raises(Unavailable, match="send the same again") as more:
            self.end(how, after=after)
        assert more.value.code == "agent_ending"


@pytest.mark.parametrize("how", [deactivate, delete])
def test_the_same_request_sent_again_goes_on_counting_an_agents_many_printers(
    world: World, monkeypatch: pytest.MonkeyPatch, how: End
) -> None:
    race = Large(world, monkeypatch)

    race.counts_on(how)
    race.counts_on(how)

    assert race.end(how)
    assert race.counted == [race.printer, *race.others]
    assert not {name for name in race.agent if name.startswith("ending")}


def test_managed_printers_that_an_earlier_request_counted_hold_the_agent_and_are_told(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    race = Large(world, monkeypatch)
    race.both()
    race.counts_on()
    race.counts_on()

    with pytest.raises(Conflict, match=r"reads 1 managed or pending printer"):
        deactivate(race.documents, VISIBLE, AGENT, statuses_of=race.statuses_of, key_id="key_1", now=utc_now())

    assert race.agent["status"] == "active"
    assert not {name for name in race.agent if name.startswith("ending")}


@pytest.mark.parametrize("asked", [0, 1, 2])
@pytest.mark.parametrize("confirmed", [0, 1, 2, 3])
def test_a_printer_that_was_counted_is_not_enrolled_while_the_others_are(
    world: World, monkeypatch: pytest.MonkeyPatch, asked: int, confirmed: int
) -> None:
    race = Large(world, monkeypatch)
    ended = False
    for turn in range(3):
        if turn == asked:
            race.request()
        if turn == confirmed and race.asked is not None:
            race.confirm()
        if turn < len(race.others):
            race.counts_on()
        else:
            ended = race.end()
    race.settle()

    assert ended == (race.agent["status"] in OVER)
    assert ended != race.holds()


def test_a_count_that_was_left_is_begun_anew(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a printer that was enrolled after the row stopped saying so would be taken for the one it was before."""
    race = Large(world, monkeypatch)
    race.counts_on()
    race.counts_on()

    race.counts_on(after=GOES_ON_FOR + timedelta(seconds=1))

    assert race.counted == [race.printer, race.others[0], race.printer]
