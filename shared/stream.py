"""Consuming a DynamoDB stream: old and new image of each record, and partial batch failures."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from shared.observability import failure, logger
from shared.table import Item, from_attributes


@dataclass(frozen=True, slots=True)
class Change:
    """One change of one item; an image is None where there was, or is, no item.

    ``at`` is the second in which it was written: the same whenever the record comes again.
    """

    old: Item | None
    new: Item | None
    at: datetime | None = None


def consume(
    event: dict[str, Any], context: LambdaContext, handle: Callable[[Change], None]
) -> dict[str, list[dict[str, str]]]:
    """Handle each record; answer the sequence numbers that failed, so that only they come again."""

    def handle_record(record: DynamoDBRecord) -> None:
        raw = record.raw_event["dynamodb"]
        change = Change(_image(raw.get("OldImage")), _image(raw.get("NewImage")), _second(raw))
        _logged(lambda: handle(change))

    processor = BatchProcessor(event_type=EventType.DynamoDBStreams, raise_on_entire_batch_failure=False)
    return _response(event, context, handle_record, processor)


def consume_queue(
    event: dict[str, Any], context: LambdaContext, handle: Callable[[str], None]
) -> dict[str, list[dict[str, str]]]:
    """Handle the body of each SQS message; answer the ids of those that failed."""

    def handle_record(record: SQSRecord) -> None:
        _logged(lambda: handle(record.body))

    processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
    return _response(event, context, handle_record, processor)


def _logged(handle: Callable[[], None]) -> None:
    try:
        handle()
    except Exception as error:
        logger("consumer").error("record failed", **failure(error))
        raise


def _response(
    event: dict[str, Any], context: LambdaContext, handler: Callable[[Any], None], processor: BatchProcessor
) -> dict[str, list[dict[str, str]]]:
    answer = process_partial_response(event=event, record_handler=handler, processor=processor, context=context)
    return {
        "batchItemFailures": [
            {"itemIdentifier": str(failed["itemIdentifier"])} for failed in answer["batchItemFailures"]
        ]
    }


def _second(raw: Mapping[str, Any]) -> datetime | None:
    written: float | None = raw.get("ApproximateCreationDateTime")
    return datetime.fromtimestamp(written, UTC) if written is not None else None


def _image(attributes: dict[str, Any] | None) -> Item | None:
    return from_attributes(attributes) if attributes else None
