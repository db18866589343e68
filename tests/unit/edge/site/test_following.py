from datetime import timedelta
from typing import Any

import structlog
from hypothesis import given
from hypothesis import strategies as st

from edge.site.following import Follower
from edge.spool.printer_keys import KnownPrinter
from edge.spool.status import Fact, Failed, Found, Reached, SeenAlso, Stage
from edge.spool.waiting import Taken
from shared.wire.reading import Identity
from tests.support.edge_sending import NOON, a_reading

OLD, NEW, THIRD = "192.0.2.1", "192.0.2.2", "192.0.2.3"


class Site:
    """A follower, what it passed on and what it called lost."""

    def __init__(self, known: list[KnownPrinter] | None = None) -> None:
        self.passed: list[Taken | Fact] = []
        self.lost: list[str] = []
        self.follower = Follower(self, known or (), on_lost=self.lost.append)

    def put(self, event: Taken | Fact) -> None:
        self.passed.append(event)

    def answers(self, target: str, serial: str | None, **identity: Any) -> None:  # noqa: ANN401  fields of the identity
        said = Identity(**{"manufacturer": "Acme", "model": "Laser 9", "serial_number": serial, **identity})
        reading = a_reading().model_copy(update={"identity": said, "address": target})
        self.follower.put(Taken(target, NOON, reading))

    def is_silent(self, target: str) -> None:
        self.follower.put(Failed(target, NOON, Stage.FOUND, "no answer"))

    def read_at(self) -> list[tuple[str, str | None]]:
        """Where readings were taken that were passed on, and of whom."""
        return [
            (event.target, event.reading.identity.serial_number) for event in self.passed if isinstance(event, Taken)
        ]


def test_a_printer_that_is_silent_and_answers_elsewhere_has_moved() -> None:
    site = Site()
    site.answers(OLD, "SN-1")
    site.is_silent(OLD)

    site.answers(NEW, "SN-1")

    assert site.follower.places() == [NEW]
    assert site.read_at() == [(OLD, "SN-1"), (NEW, "SN-1")]


def test_a_printer_met_elsewhere_before_its_silence_is_held_until_its_old_address_was_asked() -> None:
    site = Site()
    site.answers(OLD, "SN-1")

    site.answers(NEW, "SN-1")

    assert site.read_at() == [(OLD, "SN-1")]
    assert site.follower.to_ask() == [OLD]

    site.is_silent(OLD)

    assert site.read_at() == [(OLD, "SN-1"), (NEW, "SN-1")]
    assert site.follower.places() == [NEW]
    assert site.follower.to_ask() == []


def test_a_printer_at_two_addresses_is_told_of_once_and_read_once_in_a_cycle() -> None:
    site = Site()
    with structlog.testing.capture_logs() as logs:
        for _ in range(3):
            site.answers(OLD, "SN-1")
            site.answers(NEW, "SN-1")

    assert site.follower.places() == [OLD]
    assert site.read_at() == [(OLD, "SN-1")] * 3
    assert [event for event in site.passed if isinstance(event, SeenAlso)] == [SeenAlso(OLD, (NEW,))]
    assert [entry["event"] for entry in logs] == ["printer answers at two addresses"]


def test_a_printer_with_two_addresses_is_read_at_the_second_when_the_first_is_silent() -> None:
    site = Site()
    site.answers(OLD, "SN-1")
    site.answers(NEW, "SN-1")
    site.answers(OLD, "SN-1")

    site.is_silent(OLD)

    assert site.follower.places() == [NEW]
    assert site.lost == []

    site.answers(NEW, "SN-1")

    assert site.passed[-1] == SeenAlso(NEW, ())


def test_a_second_address_that_falls_silent_is_forgotten_and_is_no_failure() -> None:
    site = Site()
    site.answers(OLD, "SN-1")
    site.answers(NEW, "SN-1")
    site.answers(OLD, "SN-1")

    site.is_silent(NEW)

    assert not [event for event in site.passed if isinstance(event, Failed)]
    assert site.passed[-1] == SeenAlso(OLD, ())


def test_an_address_given_to_another_printer_mixes_nothing_and_the_first_is_looked_for() -> None:
    site = Site()
    site.answers(OLD, "SN-1")

    site.answers(OLD, "SN-2")

    assert site.follower.places() == [OLD]
    assert site.lost == ["serial|acme|sn-1"]

    site.answers(NEW, "SN-1")

    assert sorted(site.follower.places()) == [OLD, NEW]
    assert site.read_at() == [(OLD, "SN-1"), (OLD, "SN-2"), (NEW, "SN-1")]


def test_two_printers_that_exchange_their_addresses_both_stay_themselves() -> None:
    site = Site()
    site.answers(OLD, "SN-1")
    site.answers(NEW, "SN-2")

    site.answers(OLD, "SN-2")  # held: SN-2 is known at NEW, which has not been asked since
    site.answers(NEW, "SN-1")

    assert sorted(site.follower.places()) == [OLD, NEW]
    assert set(site.read_at()[2:]) == {(OLD, "SN-2"), (NEW, "SN-1")}


def test_a_printer_silent_twice_is_lost_and_once_is_not() -> None:
    site = Site()
    site.answers(OLD, "SN-1")

    site.is_silent(OLD)
    assert site.lost == []

    site.is_silent(OLD)
    assert site.lost == ["serial|acme|sn-1"]


def test_a_printer_that_answers_but_cannot_be_read_is_not_lost() -> None:
    site = Site()
    site.answers(OLD, "SN-1")

    for _ in range(3):
        site.follower.put(Failed(OLD, NOON, Stage.ANSWERED, "cannot read its answer"))

    assert site.lost == []


def test_an_answer_without_a_serial_number_is_still_the_printers_unless_it_contradicts() -> None:
    site = Site()
    site.answers(OLD, "SN-1", mac_address="02:00:00:00:00:01")

    site.answers(OLD, None, mac_address="02:00:00:00:00:01")
    assert site.lost == []

    site.answers(OLD, None, mac_address="02:00:00:00:00:02")
    assert site.lost == ["serial|acme|sn-1"]


def test_a_printer_known_by_its_hardware_address_keeps_its_place_when_a_serial_number_appears() -> None:
    site = Site()
    site.answers(OLD, None, mac_address="02:00:00:00:00:01")

    site.answers(OLD, "SN-1", mac_address="02:00:00:00:00:01")

    assert site.follower.places() == [OLD]
    assert site.lost == []


def test_serial_numbers_of_one_repeated_symbol_tell_nothing_apart() -> None:
    site = Site()
    site.answers(OLD, "1111111")
    site.answers(NEW, "1111111")

    assert sorted(site.follower.places()) == [OLD, NEW]
    assert len(site.read_at()) == 2


def test_after_a_restart_known_printers_are_followed_all_the_same() -> None:
    site = Site([KnownPrinter("serial|acme|sn-1", OLD, "SN-1", model="Laser 9")])
    site.is_silent(OLD)

    site.answers(NEW, "SN-1")

    assert site.follower.places() == [NEW]


def test_an_address_not_asked_any_more_leaves_its_printer_to_its_other_address() -> None:
    site = Site([KnownPrinter("serial|acme|sn-1", OLD, "SN-1", seconds=[NEW])])

    site.follower.leave(OLD)

    assert site.follower.places() == [NEW]


def test_how_a_printer_was_spoken_to_is_told_when_it_changes() -> None:
    how = {OLD: "SNMP v2c, set 'office'"}
    passed: list[Taken | Fact] = []

    class Sink:
        def put(self, event: Taken | Fact) -> None:
            passed.append(event)

    follower = Follower(Sink(), answered_by=how.get)
    for _ in range(2):
        follower.put(Taken(OLD, NOON, a_reading()))
    how[OLD] = "SNMP v3, set 'v3'"
    follower.put(Taken(OLD, NOON, a_reading()))

    assert [event.answered_by for event in passed if isinstance(event, Reached)] == [
        "SNMP v2c, set 'office'",
        "SNMP v3, set 'v3'",
    ]


TARGETS = [f"192.0.2.{number}" for number in range(1, 5)]
EVENTS = st.lists(
    st.tuples(st.sampled_from(TARGETS), st.sampled_from(["SN-1", "SN-2", "SN-3", None, "silent", "found"])),
    max_size=60,
)


@given(EVENTS)
def test_whatever_happens_each_printer_is_read_at_one_place_and_each_place_is_one_printers(
    events: list[tuple[str, str | None]],
) -> None:
    site = Site()
    for target, what in events:
        if what == "silent":
            site.is_silent(target)
        elif what == "found":
            site.follower.put(Found(target, NOON + timedelta(seconds=1)))
        else:
            site.answers(target, what)

        places = site.follower.places()
        assert len(places) == len(set(places))

    for target, what in events[-1:]:
        if what not in {"silent", "found", None}:
            known = [*site.follower.places(), *site.follower.to_ask(), *(site.follower._held)]
            assert target in known or site.follower._roster.is_second(target)
