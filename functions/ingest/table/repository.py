"""`Documents` on DynamoDB: versioned items in the fleet table."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from functions.ingest.table.keys import Key, key_of
from shared.errors import Unavailable
from shared.table import IF_ABSENT, Condition, Item, Page, Table, from_attributes

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

BATCH: Final = 100  # BatchGetItem takes a hundred keys
ROUNDS: Final = 8  # of asking again for keys that a batch left unprocessed


@dataclass(frozen=True, slots=True)
class DynamoDocuments:
    """Items with ``pk``, ``sk`` and ``version`` in one table; see `functions.ingest.table.ports.Documents`."""

    table: Table

    def load(self, keys: Sequence[Key], *, consistent: bool = True) -> dict[Key, Item]:
        """The items that exist, a hundred a call."""
        found: dict[Key, Item] = {}
        for batch in _hundreds(list(dict.fromkeys(keys))):
            for item in self._batch(batch, consistent):
                found[key_of(item)] = item
        return found

    def save(self, item: Item) -> bool:
        """Write one item. Safe to repeat: its condition is the version that was read.

        An item that a transaction is just writing is somebody else's as well.
        """
        return self.saving(item)()

    def saving(self, item: Item) -> Callable[[], bool]:
        """`save` made ready, so that the call only sends."""
        put = self.table.putting(_next(item), _as_read(item))

        def save() -> bool:
            try:
                return put()
            except ClientError as error:
                if error.response["Error"]["Code"] == "TransactionConflictException":
                    return False
                raise

        return save

    def commit(
        self,
        items: Sequence[Item],
        *,
        gone: Sequence[Key] = (),
        still: Sequence[Item] = (),
        ended: Sequence[Item] = (),
    ) -> bool:
        """Write and delete all or nothing. Safe to repeat: each item has the condition of `save`."""
        if len(items) == 1 and not gone and not still and not ended:
            return self.save(items[0])
        deletions = [self.table.delete_write(*key) for key in gone]
        deletions += [self.table.delete_write(*key_of(item), _as_read(item)) for item in ended]
        checks = [self.table.check_write(*key_of(item), _as_read(item)) for item in still]
        reasons = self.table.transact(*[self._write(item) for item in items], *deletions, *checks)
        if reasons is None:
            return True
        if not {"ConditionalCheckFailed", "TransactionConflict"} & set(reasons):
            raise Unavailable("store_unavailable", "The store refused a transaction; try again.")
        return False

    def replace(self, item: Item) -> None:
        """Write an item whatever was there. Safe to repeat: the same item twice is the same item."""
        self.table.put(item)

    def remove(self, key: Key) -> None:
        """Delete an item. Safe to repeat: deleting nothing is no error."""
        self.table.client.delete_item(TableName=self.table.name, Key=to_key(key))

    def count(self, key: Key, expires_at: int) -> int:
        """Count one more. Not idempotent on purpose: a repeated attempt is an attempt."""
        update = Condition("ADD attempts :one SET expires_at = :expires", values={":one": 1, ":expires": expires_at})
        after = self.table.update(*key, update)
        return int(after["attempts"]) if after else 0

    def page(  # noqa: PLR0913 - one keyword for each part of a query
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
        """One page of a partition in sort-key order, or in the order turned round."""
        return self.table.query(
            pk,
            sk_prefix=sk_prefix,
            sk_between=sk_between,
            index=index,
            limit=limit,
            cursor=cursor,
            newest_first=newest_first,
            consistent=consistent,
        )

    def _batch(self, keys: Sequence[Key], consistent: bool) -> Iterator[Item]:
        name = self.table.name
        pending: dict[str, Any] = {name: {"Keys": [to_key(key) for key in keys], "ConsistentRead": consistent}}
        for _ in range(ROUNDS):
            answer = self.table.client.batch_get_item(RequestItems=pending)
            for attributes in answer["Responses"].get(name, []):
                yield from_attributes(attributes)
            pending = dict(answer.get("UnprocessedKeys") or {})
            if not pending:
                return
        raise Unavailable("store_busy", "The store is slow to answer; try again.")

    def _write(self, item: Item) -> "TransactWriteItemTypeDef":
        return self.table.put_write(_next(item), _as_read(item))


def to_key(key: Key) -> dict[str, Any]:
    """A key in DynamoDB's own typing."""
    return {"pk": {"S": key[0]}, "sk": {"S": key[1]}}


def _next(item: Item) -> Item:
    return item | {"version": int(item.get("version", 0)) + 1}


def _as_read(item: Item) -> Condition:
    version = item.get("version", 0)
    return Condition("version = :version", values={":version": version}) if version else IF_ABSENT


def _hundreds(keys: Sequence[Key]) -> Iterator[Sequence[Key]]:
    for start in range(0, len(keys), BATCH):
        yield keys[start : start + BATCH]
