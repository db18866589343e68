"""The store of the ingest tests: the fake, and the real repository on moto."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from functions.ingest.table import outbox
from functions.ingest.table.ports import Documents
from functions.ingest.table.repository import DynamoDocuments
from shared.events import BusEvent
from shared.names import DUE_INDEX, GSI1, PAGES_INDEX
from shared.table import Item
from tests.support.bus_events import assert_as_published
from tests.support.ingest import FakeDocuments
from tests.support.tables import make_table


@pytest.fixture(autouse=True)
def events_as_published(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a test makes this context tell fits the schema that is published for it."""
    tell = outbox.told

    def told(*args: Any, **options: Any) -> Item:  # noqa: ANN401 - as the function itself
        item = tell(*args, **options)
        assert_as_published(BusEvent.model_validate(item["event"]))
        return item

    monkeypatch.setattr(outbox, "told", told)


@pytest.fixture
def fake() -> FakeDocuments:
    """An empty in-memory store."""
    return FakeDocuments()


@pytest.fixture(params=["fake", "dynamodb"])
def documents(request: pytest.FixtureRequest) -> Iterator[Documents]:
    """Both implementations of the port, each empty."""
    if request.param == "fake":
        yield FakeDocuments()
        return
    with mock_aws():
        yield DynamoDocuments(make_table(boto3.client("dynamodb"), "fleet", (GSI1, DUE_INDEX, PAGES_INDEX)))
