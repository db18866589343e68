"""Contact files, and imports of them carried out as their worker does."""

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from functions.accounts import on_contact_import
from functions.accounts.imports.file import COLUMNS
from shared import aws
from tests.support.accounts import call
from tests.support.api_events import CHILD_ORGANIZATION, FunctionContext, body_of, partner

GOOD: Final = {
    "first_name": "Ada",
    "last_name": "Lovelace",
    "email": "ada@example.com",
    "address1": "Street 1",
    "city": "Berlin",
    "postal_code": "10117",
    "country": "DE",
}
Json = dict[str, Any]
QUEUE = "CONTACT_IMPORTS_QUEUE_URL"


def contact_file(rows: Sequence[Mapping[str, str]]) -> str:
    """A file of good rows but for these cells."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    writer.writerows([{**GOOD, **row}.get(column, "") for column in COLUMNS] for row in rows)
    return out.getvalue()


def numbered(count: int, **cells: str) -> list[dict[str, str]]:
    """Rows of as many people."""
    return [{"last_name": f"N{number}", **cells} for number in range(1, count + 1)]


def begun(text: str, organization_id: str = CHILD_ORGANIZATION) -> Json:
    """An import that was taken in."""
    answer = post_file(text, organization_id)
    assert answer["statusCode"] == 202, answer["body"]
    taken: Json = body_of(answer)
    return taken


def post_file(text: str, organization_id: str = CHILD_ORGANIZATION, content_type: str = "text/csv") -> Json:
    """What the API answers to a file."""
    query, headers = {"organization_id": organization_id}, {"Content-Type": content_type}
    return call(partner(), "POST", "/v1/contact-imports", text, query=query, headers=headers)


def report(import_id: str) -> Json:
    """What is said of an import."""
    answer = call(partner(), "GET", f"/v1/contact-imports/{import_id}")
    assert answer["statusCode"] == 200, answer["body"]
    said: Json = body_of(answer)
    return said


def messages(queue_url: str) -> list[str]:
    """The bodies that wait in the queue, taken out of it."""
    client, bodies = aws.sqs(), []
    while found := client.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10).get("Messages"):
        for message in found:
            bodies.append(message["Body"])
            client.delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])
    return bodies


def work(taken: Mapping[str, Any], *, context: Any = None) -> list[str]:  # noqa: ANN401 - a Lambda context
    """One invocation of the worker for the import; the ids of messages that must come again."""
    body = json.dumps({"tenant_id": taken["tenant_id"], "import_id": taken["import_id"]})
    record = {"messageId": "m-1", "receiptHandle": "r", "body": body, "eventSource": "aws:sqs", "attributes": {}}
    answer = on_contact_import.lambda_handler({"Records": [record]}, context or FunctionContext())
    return [failed["itemIdentifier"] for failed in answer["batchItemFailures"]]


class ClockedContext(FunctionContext):
    """A Lambda context whose time is up after so many questions."""

    def __init__(self, questions: int) -> None:
        super().__init__()
        self.__dict__["left"] = iter([10_000] * questions)

    def get_remaining_time_in_millis(self) -> int:
        """Ten seconds, until it is one millisecond."""
        return int(next(self.__dict__["left"], 1))


def dying(keep: Callable[..., Any], *, at: int, is_written: bool) -> Callable[..., Any]:
    """``keep`` that fails at its n-th call, before the write or after it, once."""
    calls = iter(range(1, at + 1))

    def once(*arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - as keep
        is_last = next(calls, None) == at
        if is_last and not is_written:
            raise ConnectionError
        answer = keep(*arguments, **options)
        if is_last:
            raise ConnectionError
        return answer

    return once


def imported(text: str, organization_id: str = CHILD_ORGANIZATION) -> Json:
    taken = begun(text, organization_id)
    assert work(taken) == []
    return report(taken["import_id"])


def names(organization_id: str = CHILD_ORGANIZATION) -> list[str]:
    query = {"organization_id": organization_id, "limit": "200"}
    return [each["last_name"] for each in body_of(call(partner(), "GET", "/v1/contacts", query=query))["items"]]
