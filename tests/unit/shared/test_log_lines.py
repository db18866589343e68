"""What each line of a function's log says: nothing that its log group says already."""

import json

import pytest

from shared.observability import logger
from tests.support.api_events import function_context


@pytest.mark.parametrize("clear_state", [True, False])
def test_a_line_names_its_request_and_not_the_function(capsys: pytest.CaptureFixture[str], clear_state: bool) -> None:
    service = f"lines-under-test-{clear_state}"
    lines = logger(service)

    @lines.inject_lambda_context(clear_state=clear_state)
    def handler(event: dict[str, str], context: object) -> None:
        lines.info("looked", agent_id=event["agent_id"])

    handler({"agent_id": "agt_1"}, function_context())
    said = json.loads(capsys.readouterr().out)

    assert said["function_request_id"] == function_context().aws_request_id
    assert (said["message"], said["agent_id"], said["service"]) == (
        "looked",
        "agt_1",
        f"lines-under-test-{clear_state}",
    )
    assert not {"function_arn", "function_name", "function_memory_size"} & set(said)
