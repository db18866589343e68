"""The installation's first key."""

import json
from collections.abc import Iterator

import pytest

from functions.accounts import bootstrap, key_authorizer
from shared.names import PARTNER_SCOPES
from shared.table import Table
from tests.support.accounts import accounts_tables
from tests.support.api_events import function_context


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> Iterator[Table]:
    with accounts_tables(monkeypatch) as (accounts, _):
        yield accounts


def test_the_first_call_makes_an_operator_whose_key_works(table: Table) -> None:
    made = bootstrap.lambda_handler({"organization_name": "Platen operator"}, function_context())

    event = {"methodArn": "arn:a:b:c:d:api/prod/GET/v1", "headers": {"x-api-key": made["api_key"]}}
    admitted = key_authorizer.lambda_handler(event, function_context())
    assert admitted["context"]["organization_id"] == made["organization_id"]
    assert set(admitted["context"]["scopes"].split()) == {"platform:admin", *PARTNER_SCOPES}


def test_the_second_call_is_refused_and_makes_nothing(table: Table) -> None:
    bootstrap.lambda_handler({"organization_name": "Platen operator"}, function_context())
    before = table.client.scan(TableName=table.name)["Count"]

    again = bootstrap.lambda_handler({"organization_name": "Somebody else"}, function_context())

    assert again["error"] == "already_bootstrapped"
    assert "api_key" not in again
    assert table.client.scan(TableName=table.name)["Count"] == before


def test_the_secret_is_nowhere_in_the_table(table: Table) -> None:
    made = bootstrap.lambda_handler({"organization_name": "Platen operator"}, function_context())

    assert made["api_key"] not in json.dumps(table.client.scan(TableName=table.name)["Items"])
