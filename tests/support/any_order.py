"""Readings as a bad network brings them: in any order, in batches of any size, some more than once."""

from collections.abc import Sequence

from hypothesis import strategies as st

from shared.wire.reading import PrinterReading


def batches_of(draw: st.DrawFn, history: Sequence[PrinterReading], *, most_repeated: int) -> list[list[PrinterReading]]:
    """Batches that bring all of a history, with at most so many repetitions."""
    rest = draw(st.permutations(history)) + draw(st.lists(st.sampled_from(history), max_size=most_repeated))
    batches = []
    while rest:
        size = draw(st.integers(1, len(rest)))
        batches.append(rest[:size])
        rest = rest[size:]
    return batches
