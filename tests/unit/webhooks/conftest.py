"""A post office on a table of moto's."""

from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws

from shared.names import DUE_INDEX, GSI1
from tests.support.tables import make_table
from tests.support.webhooks import PostOffice


@pytest.fixture
def office(monkeypatch: pytest.MonkeyPatch) -> Iterator[PostOffice]:
    with mock_aws():
        made = PostOffice.on(make_table(boto3.client("dynamodb"), "webhooks", (GSI1, DUE_INDEX)))
        monkeypatch.setattr("functions.webhooks.table.delivery_repository.utc_now", made.clock.now)
        yield made
