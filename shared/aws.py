"""Cached clients of boto3's core with bounded waits; the SDK's standard mode is the only retry layer.

boto3 itself adds resources and S3 transfers, which nobody here uses and a cold start need not import.
"""

from functools import cache
from typing import TYPE_CHECKING, Any

from botocore.config import Config
from botocore.session import Session

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_stepfunctions import SFNClient


@cache
def _client(service: str) -> Any:  # noqa: ANN401 - each typed function below narrows it
    config = Config(
        connect_timeout=1,
        read_timeout=5,
        retries={"mode": "standard", "total_max_attempts": 3},
    )
    return Session().create_client(service, config=config)


def dynamodb() -> "DynamoDBClient":
    """The DynamoDB client of this process."""
    client: DynamoDBClient = _client("dynamodb")
    return client


def events() -> "EventBridgeClient":
    """The EventBridge client of this process."""
    client: EventBridgeClient = _client("events")
    return client


def sqs() -> "SQSClient":
    """The SQS client of this process."""
    client: SQSClient = _client("sqs")
    return client


def stepfunctions() -> "SFNClient":
    """The Step Functions client of this process."""
    client: SFNClient = _client("stepfunctions")
    return client
