"""The store of the ingest tests: the fake, and the real repository on moto."""

from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws

from functions.ingest.ports import Documents
from functions.ingest.repository import DynamoDocuments
from shared.names import DUE_INDEX, GSI1
from tests.support.ingest import FakeDocuments
from tests.support.tables import make_table


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
        yield DynamoDocuments(make_table(boto3.client("dynamodb"), "fleet", (GSI1, DUE_INDEX)))
