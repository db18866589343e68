"""What the counting model of the cost benchmark stores is what the deployed functions store."""

import pytest

from bench.row import Verdict
from bench.stack import run

pytestmark = [pytest.mark.emulator, pytest.mark.synth]


def test_a_day_leaves_the_same_items_as_often_written_on_the_local_stack_and_on_the_model() -> None:
    rows = run()

    assert [row.verdict for row in rows if row.target] == [Verdict.MET, Verdict.MET]
