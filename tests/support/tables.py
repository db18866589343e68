"""Tables in the same key schema as the deployed ones, made with any DynamoDB client (moto's in unit tests)."""

from threading import RLock
from typing import TYPE_CHECKING, Any, Final

import pytest

from shared.names import DUE_INDEX, GSI1, PAGES_INDEX, TTL_ATTRIBUTE
from shared.table import Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import (
        AttributeDefinitionTypeDef,
        CreateTableInputTypeDef,
        GlobalSecondaryIndexTypeDef,
    )

_INDEX_KEYS: Final = {
    GSI1: ("gsi1pk", "gsi1sk"),
    DUE_INDEX: ("duepk", "duesk"),
    PAGES_INDEX: ("pagespk", "pagessk"),
}


def take_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    """One request at a time to moto's tables: its transactions copy them all, while an execution's thread may write."""
    from moto.dynamodb.responses import DynamoHandler  # noqa: PLC0415 - the deployed tables' tests need no moto

    answer, turn = DynamoHandler.call_action, RLock()

    def in_turn(handler: DynamoHandler) -> Any:  # noqa: ANN401 - moto's own type
        with turn:
            return answer(handler)

    monkeypatch.setattr(DynamoHandler, "call_action", in_turn)


def make_table(client: "DynamoDBClient", name: str, indexes: "Sequence[str]" = (GSI1,)) -> Table:
    """Create a context's table (pk, sk, the named indexes, TTL, stream) and give it as our `Table`."""
    attributes = ["pk", "sk", *(key for index in indexes for key in _INDEX_KEYS[index])]
    definitions: list[AttributeDefinitionTypeDef] = [
        {"AttributeName": attribute, "AttributeType": "S"} for attribute in attributes
    ]
    request: CreateTableInputTypeDef = {
        "TableName": name,
        "AttributeDefinitions": definitions,
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        "BillingMode": "PAY_PER_REQUEST",
        "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    }
    if indexes:
        request["GlobalSecondaryIndexes"] = [_index(index) for index in indexes]
    client.create_table(**request)
    client.update_time_to_live(
        TableName=name, TimeToLiveSpecification={"Enabled": True, "AttributeName": TTL_ATTRIBUTE}
    )
    return Table(name, client)


def make_idempotency_table(client: "DynamoDBClient", name: str = "idempotency") -> None:
    """Create the table of idempotency records; the test sets ``IDEMPOTENCY_TABLE`` to its name."""
    client.create_table(
        TableName=name,
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )


def _index(name: str) -> "GlobalSecondaryIndexTypeDef":
    pk, sk = _INDEX_KEYS[name]
    return {
        "IndexName": name,
        "KeySchema": [{"AttributeName": pk, "KeyType": "HASH"}, {"AttributeName": sk, "KeyType": "RANGE"}],
        "Projection": {"ProjectionType": "KEYS_ONLY" if name == PAGES_INDEX else "ALL"},
    }
