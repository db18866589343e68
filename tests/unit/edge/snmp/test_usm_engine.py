import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.snmp.usm_engine import MAX_BOOTS, Engine, Engines

OFTEN = 2**31 - 1


class Watch:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def watch() -> Watch:
    return Watch()


def proven(watch: Watch, boots: int = 3, time: int = 1_000) -> Engine:
    engine = Engine(b"engine", 0, 0, watch)
    assert engine.accept(boots, time)
    return engine


def test_time_goes_on_since_it_was_told(watch: Watch) -> None:
    engine = proven(watch)

    watch.now += 61.9

    assert engine.now() == (3, 1_061)


def test_a_hint_is_replaced_by_the_first_signed_message_even_by_an_older_one(watch: Watch) -> None:
    engine = Engine(b"engine", 9, 90_000, watch)

    assert engine.now() == (9, 90_000)
    assert engine.accept(2, 10)
    assert engine.now() == (2, 10)


@pytest.mark.parametrize(
    ("boots", "time", "timely"),
    [
        (3, 1_000, True),
        (3, 851, True),
        (3, 849, False),  # more than 150 s older
        (3, 5_000, True),
        (2, 9_000, False),  # from before its last start
        (4, 0, True),
        (MAX_BOOTS, 1_000, False),
    ],
)
def test_a_signed_message_is_timely_or_not(watch: Watch, boots: int, time: int, timely: bool) -> None:
    assert proven(watch).accept(boots, time) is timely


def test_an_untimely_message_changes_nothing(watch: Watch) -> None:
    engine = proven(watch)

    engine.accept(2, 99_999)

    assert engine.now() == (3, 1_000)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, OFTEN), st.floats(0, 1e6)), min_size=1, max_size=20))
def test_an_engines_time_never_goes_back(messages: list[tuple[int, int, float]]) -> None:
    watch = Watch()
    engine = proven(watch, *messages[0][:2])

    for boots, time, later in messages:
        before = engine.now()
        taken = engine.accept(boots, time)
        assert engine.now() >= before or (taken and (boots, time) > before[:1])
        assert engine.now()[1] <= MAX_BOOTS
        watch.now += later


def test_engines_are_kept_by_address_and_the_oldest_goes_when_there_are_too_many(watch: Watch) -> None:
    engines = Engines(most=2)
    first, second, third = (Engine(b"the same id", 1, 1, watch) for _ in range(3))

    engines.put(("10.0.0.1", 161), first)
    engines.put(("10.0.0.1", 1161), second)
    engines.put(("10.0.0.2", 161), third)

    assert engines.get(("10.0.0.1", 161)) is None
    assert engines.get(("10.0.0.1", 1161)) is second
    assert engines.get(("10.0.0.2", 161)) is third
    engines.forget(("10.0.0.2", 161))
    engines.forget(("10.0.0.2", 161))
    assert engines.get(("10.0.0.2", 161)) is None
