"""What is written as a number is one: an agent polls not every second because somebody wrote ``true``."""

import pytest
from pydantic import ValidationError

from functions.ingest.agent_desk.models import Intervals, NewReactivationCode


@pytest.mark.parametrize("value", [True, False, "900", ""])
def test_true_false_and_texts_are_no_numbers(value: object) -> None:
    with pytest.raises(ValidationError, match=r"poll_interval_seconds\n.*a whole number, without quotes"):
        Intervals.model_validate({"poll_interval_seconds": value})
    with pytest.raises(ValidationError, match=r"valid_hours\n.*a whole number, without quotes"):
        NewReactivationCode.model_validate({"valid_hours": value})


def test_a_number_and_a_null_are_taken() -> None:
    assert Intervals.model_validate({"poll_interval_seconds": 900}).poll_interval_seconds == 900
    assert Intervals.model_validate({"poll_interval_seconds": None}).poll_interval_seconds is None
