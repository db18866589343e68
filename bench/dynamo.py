"""A DynamoDB in memory that counts: requests, items, and the capacity units that AWS would bill.

It is an API client as far as the functions under measurement use one, so that a benchmark can do without boto3's
client, or sit behind it as the answer to its HTTP requests. Sizes and units follow the developer guide ("item sizes
and capacity unit consumption"): a write unit for each started kilobyte of the larger of old and new item, twice that
in a transaction, and once more for each index that has the item; a read unit for each started 4 kB of a consistent
read, half of it otherwise; a refused condition costs what the write would have.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from math import ceil
from threading import Lock
from typing import Any, Final

from botocore.exceptions import ClientError

from shared.names import DUE_INDEX, GSI1, PAGES_INDEX

Key = tuple[str, str, str]
Attributes = dict[str, Any]

_WRITE_OCTETS: Final = 1_024
_READ_OCTETS: Final = 4_096
_TRANSACTION: Final = 2
INDEXES: Final = (GSI1, DUE_INDEX, PAGES_INDEX)
_INDEX_ENTRY_OCTETS: Final = 100
"""AWS adds as much to each stored item for indexing."""


@dataclass(slots=True)
class Counted:
    """What was asked since the last `CountingDynamo.take`."""

    requests: Counter[str] = field(default_factory=Counter)
    write_units: float = 0.0
    read_units: float = 0.0
    writes: Counter[str] = field(default_factory=Counter)
    """Write units by kind of item."""


class CountingDynamo:
    """Items by table and key; safe to use from many threads."""

    def __init__(self) -> None:
        self._items: dict[Key, Attributes] = {}
        self._counted = Counted()
        self._lock = Lock()
        self._written = 0
        self._ordered_at = 0
        self._ordered: dict[tuple[str, ...], list[Attributes]] = {}

    def take(self) -> Counted:
        """What was counted since the last call."""
        counted, self._counted = self._counted, Counted()
        return counted

    def stored_octets(self, until: datetime, sk: str | None = None) -> Counter[str]:
        """What the items, or those of a sort key, and their index entries are billed as, by kind, without backup.

        Those that expire before ``until`` are not counted.
        """
        octets: Counter[str] = Counter()
        for item in self._items.values():
            if sk is not None and item["sk"]["S"] != sk:
                continue
            if "expires_at" in item and int(item["expires_at"]["N"]) < until.timestamp():
                continue
            copies = [item, *(_projected(item, index) for index in INDEXES if f"{index}pk" in item)]
            octets[kind_of(item)] += sum(size_of(each) + _INDEX_ENTRY_OCTETS for each in copies)
        return octets

    def partition(self, table: str, pk: str) -> list[Attributes]:
        """Every item of a partition, uncounted."""
        return [item for key, item in self._items.items() if key[:2] == (table, pk)]

    def batch_get_item(self, *, RequestItems: Mapping[str, Any]) -> dict[str, Any]:  # noqa: N803 - the API's name
        """BatchGetItem."""
        with self._lock:
            self._counted.requests["BatchGetItem"] += 1
            found: dict[str, list[Attributes]] = {}
            for table, wanted in RequestItems.items():
                items = [self._read(table, key, wanted.get("ConsistentRead", False)) for key in wanted["Keys"]]
                found[table] = [item for item in items if item is not None]
            return {"Responses": found, "UnprocessedKeys": {}}

    def get_item(self, *, TableName: str, Key: Mapping[str, Any], ConsistentRead: bool = False) -> dict[str, Any]:  # noqa: N803 - the API's names
        """GetItem."""
        with self._lock:
            self._counted.requests["GetItem"] += 1
            item = self._read(TableName, Key, ConsistentRead)
            return {} if item is None else {"Item": item}

    def put_item(self, *, TableName: str, Item: Attributes, **condition: Any) -> dict[str, Any]:  # noqa: ANN401, N803 - the API's names
        """PutItem with one of the two conditions that `_holds` knows."""
        with self._lock:
            self._counted.requests["PutItem"] += 1
            old = self._bill(TableName, Item, 1)
            if not _holds(old, condition):
                raise _refusal("PutItem", "ConditionalCheckFailedException", {})
            self._items[_key(TableName, Item)] = dict(Item)
            return {}

    def transact_write_items(
        self,
        *,
        TransactItems: Sequence[Mapping[str, Any]],  # noqa: N803 - the API's name
        ClientRequestToken: str = "",  # noqa: ARG002, N803 - boto3 adds one
    ) -> dict[str, Any]:
        """TransactWriteItems of puts."""
        with self._lock:
            self._counted.requests["TransactWriteItems"] += 1
            puts = [write["Put"] for write in TransactItems]
            held = [_holds(self._bill(put["TableName"], put["Item"], _TRANSACTION), put) for put in puts]
            if not all(held):
                reasons = [{"Code": "None" if each else "ConditionalCheckFailed"} for each in held]
                raise _refusal("TransactWriteItems", "TransactionCanceledException", {"CancellationReasons": reasons})
            for put in puts:
                self._items[_key(put["TableName"], put["Item"])] = dict(put["Item"])
            return {}

    def query(self, *, TableName: str, Limit: int, ConsistentRead: bool = False, **request: Any) -> dict[str, Any]:  # noqa: ANN401, N803 - the API's names
        """Query between two sort keys, ascending; the first of a fleet's queries puts each partition in order."""
        with self._lock:
            self._counted.requests["Query"] += 1
            index = request.get("IndexName")
            names = (f"{index}pk", f"{index}sk") if index else ("pk", "sk")
            values = {name: typed["S"] for name, typed in request["ExpressionAttributeValues"].items()}
            prefix, pk = values.get(":prefix", ""), values[":pk"]
            low, high = values.get(":low", prefix), values.get(":high", f"{prefix}\U0010ffff")
            ordered = self._in_order(TableName, names, pk)
            start = bisect_left(ordered, low, key=lambda item: item[names[1]]["S"])
            page = [item for item in ordered[start : start + Limit] if item[names[1]]["S"] <= high]
            octets = sum(size_of(item) for item in page)
            units = max(1, ceil(octets / _READ_OCTETS))
            self._counted.read_units += units if ConsistentRead else units / 2
            last = {name: page[-1][name] for name in {"pk", "sk", *names}} if len(page) == Limit else None
            return {"Items": page} | ({"LastEvaluatedKey": last} if last else {})

    def _in_order(self, table: str, names: tuple[str, str], pk: str) -> list[Attributes]:
        if self._ordered_at != self._written:
            self._ordered, self._ordered_at = {}, self._written
        if (table, *names, pk) not in self._ordered:
            found = [
                item for key, item in self._items.items() if key[0] == table and item.get(names[0], {}).get("S") == pk
            ]
            self._ordered[table, *names, pk] = sorted(found, key=lambda item: str(item[names[1]]["S"]))
        return self._ordered[table, *names, pk]

    def _read(self, table: str, key: Mapping[str, Any], consistent: bool) -> Attributes | None:
        item = self._items.get(_key(table, key))
        units = max(1, ceil(size_of(item) / _READ_OCTETS)) if item else 1
        self._counted.read_units += units if consistent else units / 2
        return item

    def _bill(self, table: str, item: Attributes, factor: int) -> Attributes | None:
        old = self._items.get(_key(table, item))
        self._written += 1
        units = factor * _write_units(old, item) + sum(_index_units(old, item, index) for index in INDEXES)
        self._counted.write_units += units
        self._counted.writes[kind_of(item)] += units
        return old


def kind_of(item: Mapping[str, Any]) -> str:
    """What sort of item it is: its sort key up to the first ``#``."""
    kind: str = item["sk"]["S"].partition("#")[0]
    return kind


def size_of(item: Mapping[str, Any]) -> int:
    """Octets of an item: names and values, as DynamoDB counts them."""
    return sum(len(name.encode()) + _value_size(value) for name, value in item.items())


def _value_size(typed: Mapping[str, Any]) -> int:
    ((kind, value),) = typed.items()
    if kind == "S":
        return len(value.encode())
    if kind == "N":
        return ceil(len(Decimal(value).normalize().as_tuple().digits) / 2) + 1
    if kind == "B":
        return len(bytes(value))
    if kind == "M":
        return 3 + sum(1 + len(name.encode()) + _value_size(inner) for name, inner in value.items())
    if kind == "L":
        return 3 + sum(1 + _value_size(inner) for inner in value)
    return 1


def _key(table: str, item: Mapping[str, Any]) -> Key:
    return table, item["pk"]["S"], item["sk"]["S"]


def _write_units(old: Attributes | None, new: Attributes) -> int:
    return max(ceil(size_of(new) / _WRITE_OCTETS), ceil(size_of(old) / _WRITE_OCTETS) if old else 0)


def _index_units(old: Attributes | None, new: Attributes, index: str) -> int:
    """Any change of what the index has of an item writes the index; another key writes it twice."""
    key = f"{index}pk", f"{index}sk"
    old, new = (_projected(old, index) if old else None), _projected(new, index)
    before, after = ([item.get(name) for name in key] if item and key[0] in item else None for item in (old, new))
    if after is None and before is None:
        return 0
    if old is None or before is None or before == after:
        return 0 if old == new else _write_units(old if before else None, new)
    return ceil(size_of(old) / _WRITE_OCTETS) + (_write_units(None, new) if after else 0)


def _projected(item: Attributes, index: str) -> Attributes:
    """What an index has of an item: all of it, or its keys."""
    if index != PAGES_INDEX:
        return item
    return {name: item[name] for name in ("pk", "sk", f"{index}pk", f"{index}sk") if name in item}


def _holds(old: Attributes | None, condition: Mapping[str, Any]) -> bool:
    expression = condition.get("ConditionExpression")
    if expression is None:
        return True
    if expression == "attribute_not_exists(pk)":
        return old is None
    if expression == "version = :version":
        return old is not None and old.get("version") == condition["ExpressionAttributeValues"][":version"]
    raise ValueError(f"the counting store does not know the condition {expression!r}")


def _refusal(operation: str, code: str, more: dict[str, Any]) -> ClientError:
    answer: Any = {"Error": {"Code": code, "Message": "refused"}, **more}
    return ClientError(answer, operation)
