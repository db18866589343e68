"""The upload function on a DynamoDB that counts: the real handler, its events as API Gateway sends them."""

import contextlib
import gzip
import io
import os
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from threading import Lock
from typing import Any, Final
from unittest import mock

from aws_lambda_powertools.utilities.typing import LambdaContext

from bench.boto import StubbedClient
from bench.dynamo import CountingDynamo
from functions.ingest.agents.agent import AgentStatus, with_config
from functions.ingest.table import keys
from shared import aws
from shared.clock import key_time
from shared.directory import keys as directory
from shared.observability import logger
from shared.table import Item, to_attributes
from shared.wire.activation import AgentConfig, DiscoveryCriteria
from shared.wire.reading import PrinterReading
from shared.wire.upload import Upload, UploadReceipt, reading_body
from tests.support.api_events import AGENT, SITE, agent_caller, body_of, function_context, http_event

FLEET: Final = "fleet"
ACCOUNTS: Final = "accounts"
ZONE: Final = "Europe/Berlin"
VERSION: Final = "0.1.0"
LOG_EVENT_OCTETS: Final = 26
"""CloudWatch adds as much to each line."""
_ENVIRONMENT: Final = {
    "FLEET_TABLE": FLEET,
    "ACCOUNTS_TABLE": ACCOUNTS,
    "POWERTOOLS_SERVICE_NAME": "ingest",
    "POWERTOOLS_METRICS_NAMESPACE": "Platen",
    "POWERTOOLS_LOG_LEVEL": "INFO",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "none",
    "AWS_SECRET_ACCESS_KEY": "none",
}


class TimedClient:
    """A client whose own CPU time is known, so that it can be taken off.

    Args:
        store: what answers.
    """

    def __init__(self, store: CountingDynamo) -> None:
        self.seconds = 0.0
        self._store = store
        self._lock = Lock()

    def __getattr__(self, operation: str) -> Any:  # noqa: ANN401 - any operation
        call = getattr(self._store, operation)

        def timed(**request: Any) -> Any:  # noqa: ANN401 - any request
            began = time.thread_time()
            try:
                return call(**request)
            finally:
                spent = time.thread_time() - began
                with self._lock:
                    self.seconds += spent

        return timed


def packed_upload(readings: Sequence[PrinterReading | dict[str, Any]], seq: int, now: datetime) -> bytes:
    """The body of an upload of these readings, or members of ``readings`` as they are sent."""
    upload = Upload(
        boot_id="bench",
        seq=seq,
        sent_at=now,
        agent_version=VERSION,
        readings=[reading_body(each) if isinstance(each, PrinterReading) else each for each in readings],
    )
    return gzip.compress(upload.model_dump_json().encode(), mtime=0)


Handler = Callable[[dict[str, Any], LambdaContext], dict[str, Any]]


class UploadFunction:
    """The function, with an agent and its site in its tables.

    Args:
        handler: the function's entry point.
        store: the tables.
        client: the client that it uses.
    """

    def __init__(self, handler: Handler, store: CountingDynamo, client: TimedClient | StubbedClient) -> None:
        self.store = store
        self.client = client
        self.logged_octets = 0
        self.now = datetime.now(UTC)
        self._handle = handler
        self._seq = 0
        store.put_item(TableName=FLEET, Item=to_attributes(_agent(self.now)))
        store.put_item(TableName=ACCOUNTS, Item=to_attributes(_site()))
        store.take()

    def time(self) -> datetime:
        """What the function takes for the present."""
        return self.now

    def event(self, readings: Sequence[PrinterReading | dict[str, Any]], now: datetime) -> dict[str, Any]:
        """The next upload of these readings, or members of ``readings`` as they are sent."""
        self._seq += 1
        body = packed_upload(readings, self._seq, now)
        headers = {"content-encoding": "gzip"}
        return http_event("POST", "/v1/uploads", body, caller=agent_caller(), headers=headers)

    def post(self, event: dict[str, Any], now: datetime) -> UploadReceipt:
        """Answer an event as at that time.

        Raises:
            RuntimeError: the function answered anything but 200.
        """
        self.now = now
        answer = self._handle(event, function_context())
        if answer["statusCode"] != 200:  # noqa: PLR2004 - OK
            raise RuntimeError(f"the upload was answered {answer['statusCode']}: {answer['body']}")
        return UploadReceipt.model_validate(body_of(answer))


@contextlib.contextmanager
def upload_function(*, boto: bool = False) -> Iterator[UploadFunction]:
    """The function with its settings, its clock and its output in our hands.

    Args:
        boto: use boto3's client, with its HTTP requests answered by the store, instead of the store itself.
    """
    output = _CountedOutput()
    with mock.patch.dict(os.environ, _ENVIRONMENT), contextlib.redirect_stdout(output):  # noqa: TID251 - what Lambda sets
        from functions.ingest import settings, upload_api  # noqa: PLC0415 - it looks at its environment

        kept = upload_api._zones, upload_api._contacts, upload_api._inheritance  # noqa: SLF001 - the fleet's before, otherwise
        for each in (settings.documents, settings.accounts, *kept):
            each.cache_clear()
        store = CountingDynamo()
        client = StubbedClient(store) if boto else TimedClient(store)
        function = UploadFunction(upload_api.lambda_handler, store, client)
        output.function = function
        lines = logger(upload_api.SERVICE).registered_handler  # it keeps the stream that it found first
        with (
            mock.patch.object(aws, "dynamodb", return_value=client),
            mock.patch.object(upload_api, "utc_now", side_effect=function.time),
            mock.patch.object(lines, "stream", output),
        ):
            yield function


class _CountedOutput(io.TextIOBase):
    """Takes what the function logs and counts its octets."""

    function: UploadFunction | None = None

    def write(self, text: str) -> int:
        if self.function is not None:
            self.function.logged_octets += len(text.encode()) + text.count("\n") * LOG_EVENT_OCTETS
        return len(text)


def _agent(now: datetime) -> Item:
    caller = agent_caller()
    pk, sk = keys.agent(AGENT)
    row: Item = {
        "pk": pk,
        "sk": sk,
        "version": 1,
        "agent_id": AGENT,
        "tenant_id": caller.tenant_id,
        "organization_id": caller.organization_id,
        "organization_path": caller.organization_path,
        "site_id": SITE,
        "status": AgentStatus.ACTIVE.value,
        "keys": [{"jwk": {"kid": caller.kid}, "added_at": key_time(now)}],
        "activated_at": key_time(now),
    }
    return with_config(row, AgentConfig(discovery=DiscoveryCriteria(include=["192.0.2.0/24"])))


def _site() -> Item:
    caller = agent_caller()
    address = {"address1": "1 Main Street", "city": "Berlin", "postal_code": "10115", "country": "DE"}
    return {
        "pk": directory.tenant(caller.tenant_id),
        "sk": directory.site(SITE),
        "tenant_id": caller.tenant_id,
        "organization_id": caller.organization_id,
        "organization_path": caller.organization_path,
        "site_id": SITE,
        "name": "Head office",
        "address": address,
        "time_zone": ZONE,
    }
