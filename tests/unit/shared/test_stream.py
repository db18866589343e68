"""Consuming a stream: what failed comes again, and the log says why without what was in it."""

import io
import json
from typing import Any

import pytest
from aws_lambda_powertools import Logger
from pydantic import BaseModel

from functions.accounts.contacts.models import Contact
from shared import stream
from shared.directory.views import ContactView
from shared.http import ApiModel
from shared.stream import Change, consume
from tests.support.api_events import function_context


def event_of(*names: str) -> dict[str, Any]:
    records = [
        {
            "eventName": "INSERT",
            "eventSource": "aws:dynamodb",
            "dynamodb": {"SequenceNumber": str(number), "NewImage": {"name": {"S": name}}},
        }
        for number, name in enumerate(names, start=1)
    ]
    return {"Records": records}


def test_a_record_that_fails_comes_again_and_is_logged_without_its_content(monkeypatch: pytest.MonkeyPatch) -> None:
    log = io.StringIO()
    own = Logger(service="failed-record-test", stream=log)
    monkeypatch.setattr(stream, "logger", lambda _service: own)

    def handle(change: Change) -> None:
        assert change.new is not None
        if change.new["name"] != "good":
            raise ValueError(change.new["name"])

    answer = consume(event_of("Ada Lovelace", "good"), function_context(), handle)

    assert answer == {"batchItemFailures": [{"itemIdentifier": "1"}]}
    line = json.loads(log.getvalue())
    assert line["error_type"] == "ValueError"
    assert any("test_stream.py" in frame for frame in line["error_at"])
    assert "Lovelace" not in log.getvalue()


@pytest.mark.parametrize("model", [ApiModel, Contact, ContactView])
def test_a_model_that_does_not_fit_does_not_repeat_what_it_was_given(model: type[BaseModel]) -> None:
    class Strict(model):  # type: ignore[misc, valid-type] # each base in turn
        number: int

    with pytest.raises(ValueError, match="number") as refused:
        Strict.model_validate({"number": "Ada Lovelace"})

    assert "Lovelace" not in str(refused.value)
