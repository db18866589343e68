"""An agent ended while its printers are being enrolled: no order leaves a managed printer on it (AGT-01)."""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from http import HTTPStatus
from itertools import combinations_with_replacement

import pytest

from functions.eligibility.enrolment.enrolling import confirm_enrolment
from functions.eligibility.enrolment.repository import EnrolmentRepository
from functions.eligibility.table.models import Enrolment, EnrolmentFact, Outcome
from functions.eligibility.wiring import sources
from functions.ingest.agents.life import ENDING_FOR, deactivate, delete
from functions.ingest.table import keys
from functions.ingest.table.ports import Documents
from functions.ingest.table.repository import DynamoDocuments
from shared.clock import key_time, utc_now
from shared.directory.reader import EligibilityDirectory, FleetDirectory
from shared.directory.views import ManagedStatus
from shared.errors import Conflict, Unavailable
from shared.table import Item
from shared.visibility import Visible
from tests.support.api_events import AGENT, ROOT_ORGANIZATION, body_of, partner
from tests.support.eligibility import World, eligibility_world, enrol, enrolment_input, fact_of, ready_to_enrol

VISIBLE = Visible(ROOT_ORGANIZATION, f"/{ROOT_ORGANIZATION}/")
OVER = {"deactivated", "deleted"}
Step = Callable[[], None]
End = Callable[..., object]


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with eligibility_world(monkeypatch) as made:
        yield made


class Race:
    """One printer being enrolled and its agent being ended, step by step."""

    def __init__(self, world: World) -> None:
        ready_to_enrol(world, partner())
        self.world = world
        self.printer = world.add_printer(1)
        world.add_agent(version=1, keys=[])
        world.fleet.put({"pk": keys.agent(AGENT)[0], "sk": f"{keys.AGENT_PRINTER_PREFIX}1", "printer_id": self.printer})
        self.documents: Documents = DynamoDocuments(world.fleet)
        self.asked: dict[str, str] | None = None
        self.between: dict[str, Step] = {}

    def request(self) -> None:
        """Ask for the printer to be enrolled."""
        self.asked = enrolment_input(enrol(partner(), self.printer))

    def confirm(self) -> None:
        """Decide finally; a decision that cannot be made now is made later, as the workflow does."""
        assert self.asked is not None
        try:
            confirm_enrolment(sources(), self.asked["tenant_id"], self.asked["enrolment_id"], utc_now())
        except Unavailable as busy:
            if busy.code != "agent_ending":
                raise

    def both(self) -> None:
        """Ask, and decide at once."""
        self.request()
        self.confirm()

    def end(self, how: End = deactivate) -> bool:
        """End the agent; whether it ended. Calls back at each point between its reads and writes."""
        try:
            how(
                Watched(self.documents, self.step),
                VISIBLE,
                AGENT,
                statuses_of=self.statuses_of,
                key_id="key_1",
                now=utc_now(),
            )
        except Conflict as refused:
            if refused.code != "agent_has_managed_printers":
                raise
            return False
        return True

    def statuses_of(self, tenant_id: str, printer_ids: Sequence[str]) -> list[ManagedStatus]:
        """What ingest reads of eligibility's table."""
        self.step("before counting")
        found = EligibilityDirectory(self.world.eligibility).statuses_of(tenant_id, printer_ids)
        self.step("after counting")
        return [found.get(each, ManagedStatus.UNMANAGED) for each in printer_ids]

    def step(self, point: str) -> None:
        """Let the other one do what it does at this point, once."""
        self.between.pop(point, lambda: None)()

    def settle(self) -> None:
        """Whatever was put off is done."""
        if self.asked is None:
            self.request()
        self.confirm()

    @property
    def agent(self) -> Item:
        """Its row."""
        found = self.world.fleet.get(*keys.agent(AGENT))
        assert found is not None
        return found

    def holds(self) -> bool:
        """Whether the printer is managed, or on its way."""
        fact = fact_of(self.world, self.printer)
        return fact is not None and fact.status is not ManagedStatus.UNMANAGED


class Watched(DynamoDocuments):
    """Documents that let the other one in before and after what ends an agent is written."""

    def __init__(self, documents: Documents, step: Callable[[str], None]) -> None:
        assert isinstance(documents, DynamoDocuments)
        super().__init__(documents.table)
        object.__setattr__(self, "step", step)

    def save(self, item: Item) -> bool:
        self.step("before the word")  # type: ignore[attr-defined] # given above
        return super().save(item)

    def commit(self, items: Sequence[Item], **more: object) -> bool:
        self.step("before the end")  # type: ignore[attr-defined] # given above
        return super().commit(items, **more)  # type: ignore[arg-type] # what the use case gave


POINTS = ("before the word", "before counting", "after counting", "before the end")


@pytest.mark.parametrize("how", [deactivate, delete])
@pytest.mark.parametrize(("asked", "confirmed"), list(combinations_with_replacement(POINTS, 2)))
def test_wherever_an_enrolment_comes_between_one_of_the_two_gives_way(
    world: World, how: End, asked: str, confirmed: str
) -> None:
    race = Race(world)
    race.between[asked] = race.request
    race.between[confirmed] = race.both if asked == confirmed else race.confirm

    ended = race.end(how)
    race.settle()

    assert ended == (race.agent["status"] in OVER)
    assert ended != race.holds()
    assert "ending_until" not in race.agent


@pytest.mark.parametrize("how", [deactivate, delete])
@pytest.mark.parametrize("point", ["agents_of", "states_of", "printers_of"])
def test_an_agent_that_is_ended_while_its_printers_are_confirmed_is_kept(
    world: World, monkeypatch: pytest.MonkeyPatch, how: End, point: str
) -> None:
    race = Race(world)
    race.request()
    read, ended = getattr(FleetDirectory, point), []

    def then_ended(*given: object) -> object:
        monkeypatch.setattr(FleetDirectory, point, read)
        found = read(*given)
        ended.append(race.end(how))
        return found

    monkeypatch.setattr(FleetDirectory, point, then_ended)
    race.confirm()

    assert ended == [False]
    assert race.holds()
    assert race.agent["status"] == "active"


def test_a_printer_that_the_accepting_write_had_no_room_for_holds_its_agent_too(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More than a transaction takes: the request is kept, the crash comes before the last printers are pending."""
    race = Race(world)
    room = "functions.eligibility.enrolment.repository."
    with monkeypatch.context() as crash:
        crash.setattr(room + "FACTS_IN_TRANSACTION", 0)
        crash.setattr(room + "_undecided_by", _crash)
        assert enrol(partner(), race.printer)["statusCode"] == HTTPStatus.INTERNAL_SERVER_ERROR

    (left,) = race.world.enrolments.pending(utc_now() + timedelta(days=400))
    race.asked = {"tenant_id": left.tenant_id, "enrolment_id": left.enrolment_id}
    ended = race.end()
    race.confirm()

    assert ended
    assert not race.holds()


def _crash(*_given: object) -> object:
    raise ConnectionError


def test_printers_of_an_agent_that_is_over_are_not_enrolled(world: World) -> None:
    race = Race(world)
    assert race.end()

    (answered,) = body_of(enrol(partner(), race.printer))["printers"]

    assert (answered["outcome"], answered["status"]) == (Outcome.REFUSED, "agent_downlevel")


def test_the_word_of_a_request_that_crashed_lapses(world: World) -> None:
    race = Race(world)
    past = key_time(utc_now() - timedelta(seconds=1))
    world.add_agent(version=2, keys=[], ending_until=past, ending_id="end_x")
    race.request()
    race.confirm()
    assert race.holds()

    world.add_agent(version=3, keys=[], ending_until=key_time(utc_now() + ENDING_FOR), ending_id="end_x")
    assert not race.end()


def test_of_two_that_end_an_agent_the_one_whose_word_was_replaced_does_not(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the first would end it after the second, refused, has taken the word back that held the enrolment off."""
    race = Race(world)
    accept = EnrolmentRepository.accept

    def first_ends(self: EnrolmentRepository, enrolment: Enrolment, facts: Sequence[EnrolmentFact]) -> bool:
        monkeypatch.setattr(EnrolmentRepository, "accept", accept)

        def second_is_refused() -> None:
            assert accept(self, enrolment, facts)
            with pytest.raises(Conflict, match="managed or pending"):
                deactivate(race.documents, VISIBLE, AGENT, statuses_of=race.statuses_of, key_id="key_1", now=utc_now())
            confirm_enrolment(sources(), enrolment.tenant_id, enrolment.enrolment_id, utc_now())

        race.between["after counting"] = second_is_refused
        with pytest.raises(Conflict, match="being changed"):
            deactivate(race.documents, VISIBLE, AGENT, statuses_of=race.statuses_of, key_id="key_1", now=utc_now())
        return True

    monkeypatch.setattr(EnrolmentRepository, "accept", first_ends)
    enrol(partner(), race.printer)

    assert race.holds()
    assert race.agent["status"] == "active"
