"""DynamoDB as we use it: typed items, conditional writes that answer instead of raising, bounded pages."""

import base64
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from shared.attributes import Item, from_attributes, storable, to_attributes
from shared.errors import FieldError, Malformed, Unavailable
from shared.names import DUE_INDEX, GSI1, PAGES_INDEX

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

__all__ = ["Item", "from_attributes", "storable", "to_attributes"]  # of `shared.attributes`, for those who have a table
_INDEX_KEYS = {
    None: ("pk", "sk"),
    GSI1: ("gsi1pk", "gsi1sk"),
    DUE_INDEX: ("duepk", "duesk"),
    PAGES_INDEX: ("pagespk", "pagessk"),
}
MAX_PAGE = 200
BATCH_GET = 100  # keys a BatchGetItem takes
CONDITION_REFUSED = "ConditionalCheckFailed"
"""The reason `Table.transact` gives for a write whose own condition refused it; any other is DynamoDB's affair."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some items and the opaque cursor of the next page, None at the end."""

    items: list[Item]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition or update expression with its names (``#n``) and values (``:v``)."""

    expression: str
    names: Mapping[str, str] | None = None
    values: Mapping[str, Any] | None = None


IF_ABSENT = Condition("attribute_not_exists(pk)")
_IF_PRESENT = Condition("attribute_exists(pk)")


class Table:
    """One DynamoDB table."""

    def __init__(self, name: str, client: "DynamoDBClient") -> None:
        self.name = name
        self.client = client

    def get(self, pk: str, sk: str, *, consistent: bool = True) -> Item | None:
        """The item, or None."""
        answer = self.client.get_item(TableName=self.name, Key=_key(pk, sk), ConsistentRead=consistent)
        return from_attributes(answer["Item"]) if "Item" in answer else None

    def get_many(self, wanted: Iterable[tuple[str, str]], *, consistent: bool = False) -> list[Item]:
        """The items that exist among the keys, in no order; `Unavailable` when the table keeps answering only some."""
        left = [_key(pk, sk) for pk, sk in dict.fromkeys(wanted)]
        items: list[Item] = []
        rounds = 2 * -(-len(left) // BATCH_GET) + 1
        while left and rounds:
            batch, left, rounds = left[:BATCH_GET], left[BATCH_GET:], rounds - 1
            answer = self.client.batch_get_item(RequestItems={self.name: {"Keys": batch, "ConsistentRead": consistent}})
            items += [from_attributes(item) for item in answer["Responses"].get(self.name, [])]
            unprocessed: Mapping[str, Any] = answer.get("UnprocessedKeys") or {}
            left += unprocessed.get(self.name, {}).get("Keys", [])
        if left:
            raise Unavailable("table_busy", "The table answered only a part; try again.")
        return items

    def delete(self, pk: str, sk: str) -> None:
        """Remove the item if it is there. Safe to repeat."""
        self.client.delete_item(TableName=self.name, Key=_key(pk, sk))

    def put(self, item: Mapping[str, Any], condition: Condition | None = None) -> bool:
        """Write the item; False when ``condition`` refused it."""
        return self.putting(item, condition)()

    def putting(self, item: Mapping[str, Any], condition: Condition | None = None) -> Callable[[], bool]:
        """`put` made ready: the item is encoded, and the call does nothing but send it."""
        request = {"TableName": self.name, "Item": to_attributes(item), **_condition(condition)}

        def put() -> bool:
            try:
                self.client.put_item(**request)
            except ClientError as error:
                if is_condition_failure(error):
                    return False
                raise
            return True

        return put

    def create(self, item: Mapping[str, Any]) -> bool:
        """Write the item unless its key is taken: False then. Safe to repeat."""
        return self.put(item, IF_ABSENT)

    def update(self, pk: str, sk: str, update: Condition, condition: str | None = None) -> Item | None:
        """Apply an update expression; the item as it is after it, or None when ``condition`` refused it."""
        request = _condition(update)
        request["UpdateExpression"] = request.pop("ConditionExpression")
        if condition:
            request["ConditionExpression"] = condition
        try:
            answer = self.client.update_item(TableName=self.name, Key=_key(pk, sk), ReturnValues="ALL_NEW", **request)
        except ClientError as error:
            if is_condition_failure(error):
                return None
            raise
        return from_attributes(answer["Attributes"])

    def query(  # noqa: PLR0913 - one keyword for each part of a DynamoDB query
        self,
        pk: str,
        *,
        sk_prefix: str = "",
        sk_between: tuple[str, str] | None = None,
        index: str | None = None,
        limit: int = 50,
        cursor: str | None = None,
        newest_first: bool = False,
        consistent: bool = False,
    ) -> Page:
        """One page of a partition in sort-key order. ``limit`` is at most `MAX_PAGE`; no index is ``consistent``."""
        pk_name, sk_name = _INDEX_KEYS[index]
        expression, values = "#pk = :pk", {":pk": pk}
        names = {"#pk": pk_name}
        if sk_between:
            expression += " AND #sk BETWEEN :low AND :high"
            names["#sk"] = sk_name
            values |= {":low": sk_between[0], ":high": sk_between[1]}
        elif sk_prefix:
            expression += " AND begins_with(#sk, :prefix)"
            names["#sk"] = sk_name
            values[":prefix"] = sk_prefix
        request: dict[str, Any] = {
            "TableName": self.name,
            "KeyConditionExpression": expression,
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": to_attributes(values),
            "Limit": min(limit, MAX_PAGE),
            "ScanIndexForward": not newest_first,
            "ConsistentRead": consistent,
        }
        if index:
            request["IndexName"] = index
        if cursor:
            request["ExclusiveStartKey"] = _start_key(cursor, index, values)
        try:
            answer = self.client.query(**request)
        except ClientError as error:
            # A cursor is the only part of a query that a caller writes freely.
            if cursor and error.response["Error"]["Code"] == "ValidationException":
                raise _invalid_cursor() from error
            raise
        items = [from_attributes(item) for item in answer["Items"]]
        return Page(items, _cursor(answer.get("LastEvaluatedKey")))

    def query_all(self, pk: str, *, bound: int = 2_000, **options: Any) -> Iterator[Item]:  # noqa: ANN401 - as query
        """Items of a partition, page by page, never more than ``bound``."""
        cursor: str | None = None
        served = 0
        while served < bound:
            page = self.query(pk, limit=min(MAX_PAGE, bound - served), cursor=cursor, **options)
            yield from page.items
            served += len(page.items)
            cursor = page.next_cursor
            if cursor is None:
                return

    def transact(self, *writes: "TransactWriteItemTypeDef") -> list[str] | None:
        """Write all or nothing; None when done, else the reason code of each write (``None`` text: it was fine)."""
        try:
            self.client.transact_write_items(TransactItems=writes)
        except ClientError as error:
            if error.response["Error"]["Code"] != "TransactionCanceledException":
                raise
            reasons: Sequence[Mapping[str, Any]] = error.response.get("CancellationReasons", [])
            return [str(reason.get("Code", "None")) for reason in reasons]
        return None

    def presence(self, pk: str, sk: str) -> "TransactWriteItemTypeDef":
        """A member of `transact` that refuses the whole unless the item is there."""
        return {"ConditionCheck": {"TableName": self.name, "Key": _key(pk, sk), **_condition(_IF_PRESENT)}}  # type: ignore[typeddict-item] # built from parts

    def check_write(self, pk: str, sk: str, condition: Condition) -> "TransactWriteItemTypeDef":
        """A member of `transact` that refuses the whole unless the condition holds of the item."""
        return {"ConditionCheck": {"TableName": self.name, "Key": _key(pk, sk), **_condition(condition)}}  # type: ignore[typeddict-item] # built from parts

    def put_write(self, item: Mapping[str, Any], condition: Condition | None = IF_ABSENT) -> "TransactWriteItemTypeDef":
        """A put as a member of `transact`."""
        write: dict[str, Any] = {"TableName": self.name, "Item": to_attributes(item), **_condition(condition)}
        return {"Put": write}  # type: ignore[typeddict-item] # built from parts

    def update_write(
        self, pk: str, sk: str, update: Condition, condition: str | None = None
    ) -> "TransactWriteItemTypeDef":
        """An update as a member of `transact`."""
        request = _condition(update)
        request["UpdateExpression"] = request.pop("ConditionExpression")
        if condition:
            request["ConditionExpression"] = condition
        write: dict[str, Any] = {"TableName": self.name, "Key": _key(pk, sk), **request}
        return {"Update": write}  # type: ignore[typeddict-item] # built from parts

    def delete_write(self, pk: str, sk: str, condition: Condition | None = None) -> "TransactWriteItemTypeDef":
        """A removal as a member of `transact`."""
        write: dict[str, Any] = {"TableName": self.name, "Key": _key(pk, sk), **_condition(condition)}
        return {"Delete": write}  # type: ignore[typeddict-item] # built from parts


def is_condition_failure(error: ClientError) -> bool:
    """True when a condition expression refused the write."""
    return error.response["Error"]["Code"] == "ConditionalCheckFailedException"


def _key(pk: str, sk: str) -> dict[str, Any]:
    return {"pk": {"S": pk}, "sk": {"S": sk}}


def _condition(condition: Condition | None) -> dict[str, Any]:
    if condition is None:
        return {}
    request: dict[str, Any] = {"ConditionExpression": condition.expression}
    if condition.names:
        request["ExpressionAttributeNames"] = dict(condition.names)
    if condition.values:
        request["ExpressionAttributeValues"] = to_attributes(condition.values)
    return request


def _cursor(last_key: Mapping[str, Any] | None) -> str | None:
    if not last_key:
        return None
    plain = {name: value["S"] for name, value in last_key.items()}
    return base64.urlsafe_b64encode(json.dumps(plain, sort_keys=True).encode()).decode().rstrip("=")


def _start_key(cursor: str, index: str | None, values: Mapping[str, str]) -> dict[str, Any]:
    """The key a cursor stands for; one of another list, or another tenant's, is refused."""
    pk_name, sk_name = _INDEX_KEYS[index]
    try:
        plain = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        is_whole = set(plain) == {"pk", "sk", pk_name, sk_name}
        is_text = is_whole and all(isinstance(part, str) and part.encode() for part in plain.values())
        if is_text and plain[pk_name] == values[":pk"] and _is_between(plain[sk_name], values):
            return {name: {"S": part} for name, part in plain.items()}
    except (ValueError, TypeError, AttributeError, RecursionError):
        pass
    raise _invalid_cursor()


def _is_between(sk: str, values: Mapping[str, str]) -> bool:
    if ":low" in values:
        return values[":low"] <= sk <= values[":high"]
    return sk.startswith(values.get(":prefix", ""))


def _invalid_cursor() -> Malformed:
    error = FieldError("query:cursor", "Use the 'next_cursor' of the page before, unchanged, on the same list.")
    return Malformed("invalid_cursor", "The cursor is not one of this list.", (error,))
