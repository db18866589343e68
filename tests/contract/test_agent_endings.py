"""An agent ended while its printers are being enrolled: no order leaves a managed printer on it (AGT-01)."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from http import HTTPStatus
from itertools import combinations_with_replacement

import pytest

from functions.eligibility.enrolment.enrolling import confirm_enrolment
from functions.eligibility.enrolment.repository import EnrolmentRepository
from functions.eligibility.table.models import Enrolment, EnrolmentFact, Outcome
from functions.eligibility.wiring import sources
from functions.ingest.agents.ending import ENDING_FOR, deactivate, delete
from shared.clock import key_time, utc_now
from shared.directory.reader import FleetDirectory
from shared.errors import Conflict
from tests.support.agent_endings import OVER, VISIBLE, End, Race
from tests.support.api_events import AGENT, body_of, partner
from tests.support.eligibility import World, eligibility_world, enrol


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with eligibility_world(monkeypatch) as made:
        yield made


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
