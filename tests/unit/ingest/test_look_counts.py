"""What a watch says of an agent's printers."""

import pytest

from functions.ingest.silence.counts import counted_by_look
from shared.table import Item

STATES = {"reporting": 3, "stale": 1, "exception": 0, "lost": 0}
COUNTS = {"total": 4, **STATES, "managed": 2, "pending": 1}


def test_a_look_in_parts_says_all_of_its_counts() -> None:
    look = counted_by_look({"duesk": "2026", "counts": COUNTS})

    assert (look.total, look.by_state) == (4, STATES)
    assert look.held is not None
    assert (look.held.managed, look.held.pending) == (2, 1)


@pytest.mark.parametrize(
    "watch",
    [
        {"counts": COUNTS},
        {"duesk": "2026", "counts": {"total": 4, **STATES}},
        {"duesk": "2026"},
        {},
    ],
    ids=["looked at no more", "looked at in one go", "not looked at yet", "no watch"],
)
def test_what_is_managed_is_said_by_a_look_in_parts_that_will_come_again_alone(watch: Item) -> None:
    assert counted_by_look(watch).held is None
