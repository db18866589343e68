"""An agent ended while it takes printers over: no order leaves a managed printer on it (AGT-01)."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from threading import Lock
from time import sleep
from typing import Any

import pytest

from functions.ingest.agents.ending import ENDING_FOR, deactivate, delete
from functions.ingest.identities.ownership import STALE_AFTER
from functions.ingest.lineages import transfers
from functions.ingest.table import keys
from shared.clock import key_time
from shared.directory.views import ManagedStatus
from shared.errors import Conflict, Forbidden, Unavailable
from shared.table import Item, Page
from tests.support.api_events import AGENT
from tests.support.ingest import NOW, FakeDocuments, reading
from tests.support.printer_lives import ALL, KEY, OTHER_AGENT, Fleet, holding

HOUR = timedelta(hours=1)
PRINTERS = 60
LATER = STALE_AFTER + HOUR
OVER = {"deactivated", "deleted"}
POINTS = ("before the word", "after the word", "before counting", "after counting", "before the end", "after the end")
End = Callable[..., object]


class Watched(FakeDocuments):
    """A store that calls others in where an agent is ended and where a printer is taken."""

    def __init__(self) -> None:
        super().__init__()
        self.between: dict[str, Callable[[], None]] = {}

    def at(self, point: str) -> None:
        """Let the other one do what it does at this point, once."""
        self.between.pop(point, lambda: None)()

    def commit(self, items: Sequence[Item], **more: Any) -> bool:  # noqa: ANN401 - as the store
        ends = [item for item in items if item.get("status") in OVER]
        word = [item for item in items if "ending_until" in item]
        taken = [item for item in items if item["sk"].startswith(keys.AGENT_PRINTER_PREFIX)]
        name = "end" if ends else "word" if word else "taking" if taken else ""
        self.at(f"before the {name}")
        done = super().commit(items, **more)
        self.at(f"after the {name}")
        return done

    def page(self, pk: str, **options: Any) -> Page:  # noqa: ANN401 - as the store
        counts = pk == keys.agent(OTHER_AGENT)[0] and options.get("consistent")
        self.at("before counting" if counts else "")
        page = super().page(pk, **options)
        self.at("after counting" if counts else "")
        return page


class Taking:
    """A managed printer that `OTHER_AGENT` takes over, and that agent's end."""

    def __init__(self) -> None:
        self.documents = Watched()
        self.fleet = Fleet(self.documents)
        self.printer = self.fleet.read(AGENT)
        self.fleet.read(OTHER_AGENT, after=HOUR)
        self.refused: list[Exception] = []

    def take_over(self) -> None:
        """A reading by which the printer changes hands, sent again until that is decided."""
        sent = reading("r-late", taken_at=NOW + LATER)
        try:
            self.fleet.send(OTHER_AGENT, sent, now=NOW + LATER)
        except (Forbidden, Unavailable) as refused:
            self.refused.append(refused)

    def transfer(self) -> None:
        """The same, asked for by people."""
        transfers.step(self.documents, self.asked(), holding(), NOW + LATER)

    def asked(self) -> Item:
        """A transfer of all that the first agent reads, not begun."""
        source, target = (self.row(agent_id) for agent_id in (AGENT, OTHER_AGENT))
        target["status"] = "active"  # as it was when it was asked for
        return transfers.ask(self.documents, source, target, None, visible=ALL, key_id=KEY, now=NOW + LATER)

    def end(self, how: End = deactivate) -> bool:
        """End the agent, with the printer managed; whether it ended."""

        def managed(_tenant_id: str, printer_ids: Sequence[str]) -> list[ManagedStatus]:
            return [ManagedStatus.MANAGED for _ in printer_ids]

        try:
            how(self.documents, ALL, OTHER_AGENT, statuses_of=managed, key_id=KEY, now=NOW + LATER)
        except Conflict as refused:
            if refused.code != "agent_has_managed_printers":
                raise
            return False
        return True

    def row(self, agent_id: str = OTHER_AGENT) -> Item:
        """An agent's row; the taker's."""
        key = keys.agent(agent_id)
        return self.documents.load([key])[key]

    @property
    def owner(self) -> str:
        """Whose the printer is, by all that says so."""
        (linked,) = self.fleet.agents_of(self.printer)
        assert {self.fleet.meta(self.printer)["agent_id"], self.fleet.state(self.printer)["agent_id"]} == {linked}
        return linked


@pytest.mark.parametrize("how", [deactivate, delete])
@pytest.mark.parametrize("take", [Taking.take_over, Taking.transfer])
@pytest.mark.parametrize("point", POINTS)
def test_wherever_a_printer_is_taken_while_its_taker_ends_one_of_the_two_gives_way(
    how: End, take: Callable[[Taking], None], point: str
) -> None:
    race = Taking()
    race.documents.between[point] = lambda: take(race)

    ended = race.end(how)

    assert not race.documents.between
    assert ended == (race.row()["status"] in OVER)
    assert race.owner == (AGENT if ended else OTHER_AGENT)
    assert "ending_until" not in race.row()


@pytest.mark.parametrize("how", [deactivate, delete])
@pytest.mark.parametrize("take", [Taking.take_over, Taking.transfer])
@pytest.mark.parametrize("point", ["before the taking", "after the taking"])
def test_wherever_its_taker_ends_while_a_printer_is_taken_one_of_the_two_gives_way(
    how: End, take: Callable[[Taking], None], point: str
) -> None:
    race, ended = Taking(), []
    race.documents.between[point] = lambda: ended.append(race.end(how))

    take(race)

    assert ended == [point == "before the taking"]
    assert race.owner == (AGENT if ended[0] else OTHER_AGENT)
    if take is Taking.take_over and ended[0]:
        assert [getattr(each, "code", None) for each in race.refused] == ["agent_not_active"]


def test_a_printer_is_taken_once_it_is_decided_that_its_taker_goes_on() -> None:
    race = Taking()
    race.fleet.stands(OTHER_AGENT, ending_until=key_time(NOW + LATER + ENDING_FOR), ending_id="end_x")
    race.take_over()
    assert (race.owner, [getattr(each, "code", None) for each in race.refused]) == (AGENT, ["agent_ending"])

    race.fleet.stands(OTHER_AGENT)
    race.take_over()

    assert (race.owner, len(race.refused)) == (OTHER_AGENT, 1)


@pytest.mark.parametrize("status", ["deactivated", "suspended", "suspect", "deleted"])
def test_a_transfer_that_is_carried_on_after_its_taker_was_ended_moves_nothing_and_says_why(status: str) -> None:
    race = Taking()
    asked = race.asked()
    race.fleet.stands(OTHER_AGENT, status=status)

    done = transfers.step(race.documents, asked, holding(), NOW + LATER)

    results = race.documents.of_kind(keys.TRANSFER_ITEM_PREFIX)
    assert [(each["ok"], each["error_code"]) for each in results] == [(False, "agent_not_active")]
    assert (done["state"], race.owner) == ("failed", AGENT)


class OneAtATime(FakeDocuments):
    """A store that refuses two transactions at once on one item, as DynamoDB does."""

    def __init__(self) -> None:
        super().__init__()
        self.bound = Lock()

    def commit(self, items: Sequence[Item], **more: Any) -> bool:  # noqa: ANN401 - as the store
        if not more.get("still"):
            return super().commit(items, **more)
        if not self.bound.acquire(blocking=False):
            return False
        try:
            sleep(0.002)
            return super().commit(items, **more)
        finally:
            self.bound.release()


def test_all_printers_of_a_dead_agent_are_taken_by_one_upload() -> None:
    fleet = Fleet(OneAtATime())

    for agent_id, at in ((AGENT, NOW), (OTHER_AGENT, NOW + LATER)):
        said = [
            reading(f"r-{agent_id[-1]}-{number}", taken_at=at, serial_number=f"PHB{number:05}", mac_address=None)
            for number in range(PRINTERS)
        ]
        fleet.send(agent_id, *said, now=at)

    links = [item["pk"] for item in fleet.documents.of_kind(keys.AGENT_PRINTER_PREFIX)]  # type: ignore[attr-defined] # made so above
    assert links == [keys.agent(OTHER_AGENT)[0]] * PRINTERS
