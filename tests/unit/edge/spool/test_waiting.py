from hypothesis import given
from hypothesis import strategies as st

from edge.spool.status import Fact, Failed, Found, Noted
from edge.spool.waiting import Taken, Waiting
from shared.wire.reading import Alert
from tests.support.edge_sending import NOON, a_reading

JAM = [Alert(index="1.1", code=8)]


def taken(reading_id: str, target: str = "192.0.2.1", alerts: list[Alert] | None = None) -> Taken:
    return Taken(target, NOON, a_reading(reading_id, alerts=alerts if alerts is not None else []))


def ids(waiting: Waiting) -> list[str]:
    return [event.reading.reading_id for event in waiting.events() if isinstance(event, Taken)]


def test_events_wait_in_the_order_they_came() -> None:
    waiting = Waiting(10)
    for number in range(5):
        waiting.put(taken(f"r{number}"))

    waiting.remove_oldest(2)

    assert (ids(waiting), waiting.lost) == (["r2", "r3", "r4"], 0)


def test_when_full_the_newest_of_each_printer_and_the_turns_of_its_alerts_stay() -> None:
    waiting = Waiting(8)
    for number in range(4):
        waiting.put(taken(f"calm{number}"))
    waiting.put(taken("jam0", alerts=JAM))
    waiting.put(taken("jam1", alerts=JAM))
    waiting.put(taken("over"))
    waiting.put(taken("other", "192.0.2.2"))

    waiting.put(taken("newest"))

    assert ids(waiting) == ["calm0", "jam0", "over", "other", "newest"]
    assert waiting.lost == 4


def test_when_nothing_can_go_the_newest_event_is_lost_and_counted_if_it_is_a_reading() -> None:
    waiting = Waiting(2)
    waiting.put(taken("a", "192.0.2.1"))
    waiting.put(taken("b", "192.0.2.2"))

    waiting.put(taken("c", "192.0.2.3"))
    waiting.put(Found("192.0.2.4", NOON))

    assert (ids(waiting), waiting.lost) == (["a", "b"], 1)


def test_of_facts_about_the_same_the_newest_stays() -> None:
    waiting = Waiting(4)
    facts: list[Fact] = [Noted({"x": "1"}), Noted({"y": "1"}), Noted({"x": "2"}), Found("192.0.2.1", NOON)]
    for fact in facts:
        waiting.put(fact)

    waiting.put(Failed("192.0.2.1", NOON, "found", "silent"))

    assert waiting.events() == [*facts[1:], Failed("192.0.2.1", NOON, "found", "silent")]


@given(st.lists(st.tuples(st.integers(1, 4), st.booleans()), max_size=80), st.integers(2, 12))
def test_it_stays_bounded_and_every_reading_waits_or_is_counted(readings: list[tuple[int, bool]], most: int) -> None:
    waiting = Waiting(most)
    for number, (printer, is_jammed) in enumerate(readings):
        waiting.put(taken(f"r{number}", f"192.0.2.{printer}", JAM if is_jammed else []))

    assert len(waiting.events()) <= most
    assert len(ids(waiting)) + waiting.lost == len(readings)
    assert len(set(ids(waiting))) == len(ids(waiting))
