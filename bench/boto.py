"""boto3's own DynamoDB client with its network taken away: its HTTP requests are answered in memory."""

import base64
import json
import re
import time
from collections.abc import Iterator
from threading import Lock
from typing import Any, Final

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import ClientError

from bench.dynamo import CountingDynamo
from shared import aws

_BAD_REQUEST: Final = 400
_OK: Final = 200


class _Body:
    """What botocore reads an answer's octets from."""

    def __init__(self, octets: bytes) -> None:
        self._octets = octets

    def stream(self) -> Iterator[bytes]:
        yield self._octets


class StubbedClient:
    """The client that the functions use, serialising, signing and parsing as ever.

    ``seconds`` is the CPU time of answering in the network's place, to be taken off.
    """

    def __init__(self, store: CountingDynamo) -> None:
        self.seconds = 0.0
        self._store = store
        self._lock = Lock()
        aws._client.cache_clear()  # noqa: SLF001 - it may have been made for another store
        self._client = aws.dynamodb()
        answer: Any = self._answer  # botocore's types do not know that a handler may answer
        self._client.meta.events.register("before-send.dynamodb", answer)

    def __getattr__(self, operation: str) -> Any:  # noqa: ANN401 - any operation
        return getattr(self._client, operation)

    def _answer(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse:  # noqa: ANN401 - botocore's signature
        began = time.thread_time()
        body: Any = request.body
        target = request.headers["X-Amz-Target"]
        operation = (target.decode() if isinstance(target, bytes) else str(target)).rpartition(".")[2]
        call = getattr(self._store, re.sub(r"(?<!^)(?=[A-Z])", "_", operation).lower())
        status, answer = _OK, {}
        try:
            answer = call(**json.loads(body, object_hook=_from_json))
        except ClientError as error:
            status, answer = _BAD_REQUEST, {"__type": error.response["Error"]["Code"]}
        octets = json.dumps(answer, default=lambda value: base64.b64encode(bytes(value)).decode()).encode()
        headers: Any = {"content-type": "application/x-amz-json-1.0"}
        response = AWSResponse(request.url, status, headers, _Body(octets))
        with self._lock:
            self.seconds += time.thread_time() - began
        return response


def _from_json(value: dict[str, Any]) -> dict[str, Any]:
    return {"B": base64.b64decode(value["B"])} if value.keys() == {"B"} else value
