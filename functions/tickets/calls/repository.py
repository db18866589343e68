"""The tickets table."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from functions.tickets.calls.call import next_wake_up
from functions.tickets.table import keys
from functions.tickets.table.models import Family, FamilyMarker, Problem, ServiceCall
from functions.tickets.table.ports import Due
from shared.directory import keys as directory
from shared.names import DUE_INDEX, DUE_SHARDS, GSI1, TTL_ATTRIBUTE
from shared.table import IF_ABSENT, Condition, Item, Table

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

MAX_DUE_PER_SHARD = 500
MAX_PROBLEMS = 500
PROBLEM_KEPT = timedelta(days=30)


class DynamoTicketStore:
    """`TicketStore` on DynamoDB."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def problems(self, tenant_id: str, printer_id: str) -> list[Problem]:
        """See `TicketStore`. Cleared problems leave by TTL."""
        items = self._table.query_all(
            keys.printer(tenant_id, printer_id), sk_prefix=keys.PROBLEM_PREFIX, bound=MAX_PROBLEMS
        )
        return [Problem.model_validate(item) for item in items]

    def problem(self, tenant_id: str, printer_id: str, logical_key: str) -> Problem | None:
        """See `TicketStore`."""
        item = self._table.get(keys.printer(tenant_id, printer_id), keys.problem(logical_key))
        return Problem.model_validate(item) if item else None

    def save_problem(self, problem: Problem) -> Problem | None:
        """See `TicketStore`. Safe to repeat: the version in the condition lets one writer through."""
        stored = problem.changed(version=problem.version + 1)
        return stored if self._table.put(_problem_item(stored), _same_version(problem.version)) else None

    def alerts_begun(self, tenant_id: str, printer_id: str, logical_keys: Sequence[str]) -> dict[str, str]:
        """See `TicketStore`."""
        partition = keys.printer(tenant_id, printer_id)
        by_key = {directory.alert_begun(each): each for each in logical_keys}
        found = self._table.get_many((partition, each) for each in by_key)
        return {by_key[item["sk"]]: item["opened_at"] for item in found}

    def keep(self, items: Sequence[Item]) -> None:
        """See `TicketStore`. Safe to repeat: the same items under the same keys."""
        for item in items:
            self._table.put(item)

    def marker(self, tenant_id: str, printer_id: str, family: Family) -> FamilyMarker | None:
        """See `TicketStore`."""
        item = self._table.get(keys.printer(tenant_id, printer_id), keys.family(family))
        return FamilyMarker.model_validate(item) if item else None

    def create_call(self, call: ServiceCall, problem: Problem | None = None) -> bool:
        """See `TicketStore`. Safe to repeat: the marker refuses a second open call of the family (D4)."""
        free = Condition("attribute_not_exists(pk) OR #open = :no", {"#open": "open"}, {":no": False})
        writes = [self._table.put_write(_call_item(call)), self._table.put_write(_marker_item(call), free)]
        return self._table.transact(*writes, *self._with(problem)) is None

    def call(self, tenant_id: str, call_id: str) -> ServiceCall | None:
        """See `TicketStore`."""
        item = self._table.get(keys.call(tenant_id, call_id), keys.CALL_HEAD)
        return ServiceCall.model_validate(item) if item else None

    def save_call(self, call: ServiceCall, problem: Problem | None = None) -> bool:
        """See `TicketStore`. Safe to repeat: the versions in the conditions let one writer through."""
        next_version = call.changed(version=call.version + 1)
        # A closed call's marker is freed; a reopened one claims it again unless a newer call has it.
        mine_or_free = Condition(
            "attribute_not_exists(pk) OR call_id = :me OR #open = :no",
            {"#open": "open"},
            {":me": call.call_id, ":no": False},
        )
        mine = Condition("call_id = :me", values={":me": call.call_id})
        marker = self._table.put_write(_marker_item(next_version), mine_or_free if call.is_open else mine)
        writes = [self._table.put_write(_call_item(next_version), _same_version(call.version)), *self._with(problem)]
        refused = self._table.transact(*writes, marker)
        if refused and not call.is_open and refused == ["None"] * len(writes) + ["ConditionalCheckFailed"]:
            # The family has a newer call: what becomes of an old one is no longer the marker's business.
            refused = self._table.transact(*writes)
        return refused is None

    def calls_page(
        self, tenant_id: str, organization_path: str, *, limit: int, cursor: str | None
    ) -> tuple[list[ServiceCall], str | None]:
        """See `TicketStore`."""
        page = self._table.query(
            keys.calls_of_tenant(tenant_id),
            sk_prefix=organization_path,
            index=GSI1,
            limit=limit,
            cursor=cursor,
            newest_first=True,
        )
        return [ServiceCall.model_validate(item) for item in page.items], page.next_cursor

    def due(self, now: datetime) -> Iterator[Due]:
        """See `TicketStore`. Each minute begins with another shard, so that none waits behind a full one."""
        for turn in range(DUE_SHARDS):
            items = self._table.query_all(
                keys.due_partition((now.minute + turn) % DUE_SHARDS),
                sk_between=keys.due_until(now),
                index=DUE_INDEX,
                bound=MAX_DUE_PER_SHARD,
            )
            yield from (Due(item["pk"], item["sk"]) for item in items)

    def thing(self, due: Due) -> Problem | ServiceCall | None:
        """See `TicketStore`."""
        item = self._table.get(due.pk, due.sk)
        if item is None:
            return None
        return ServiceCall.model_validate(item) if due.sk == keys.CALL_HEAD else Problem.model_validate(item)

    def put_off(self, due: Due, until: datetime) -> None:
        """See `TicketStore`. Safe to repeat; what is no longer due stays so, and the next write sets its own time."""
        later = Condition("SET duesk = :at", values={":at": keys.due_order(until, due.pk + due.sk)})
        self._table.update(due.pk, due.sk, later, "attribute_exists(duepk)")

    def _with(self, problem: Problem | None) -> "list[TransactWriteItemTypeDef]":
        if problem is None:
            return []
        item = _problem_item(problem.changed(version=problem.version + 1))
        return [self._table.put_write(item, _same_version(problem.version))]


def _same_version(version: int) -> Condition:
    """Nobody wrote since it was read; version 0 was never stored, or left by TTL."""
    if version == 0:
        return IF_ABSENT
    return Condition("#v = :v", {"#v": "version"}, {":v": version})


def _problem_item(problem: Problem) -> Mapping[str, Any]:
    pk, sk = keys.printer(problem.tenant_id, problem.printer_id), keys.problem(problem.logical_key)
    item: dict[str, Any] = {"pk": pk, "sk": sk, **problem.model_dump()}
    if problem.is_open and problem.call_due_at is not None and problem.call_id is None:
        item |= {"duepk": keys.due_shard(pk), "duesk": keys.due_order(problem.call_due_at, pk + sk)}
    if problem.cleared_at is not None:
        item[TTL_ATTRIBUTE] = int((problem.cleared_at + PROBLEM_KEPT).timestamp())
    return item


def _call_item(call: ServiceCall) -> Mapping[str, Any]:
    pk = keys.call(call.tenant_id, call.call_id)
    item: dict[str, Any] = {
        "pk": pk,
        "sk": keys.CALL_HEAD,
        "gsi1pk": keys.calls_of_tenant(call.tenant_id),
        "gsi1sk": keys.call_order(call.organization_path, call.call_id),
        **call.model_dump(),
    }
    if call.is_open:
        item |= {"duepk": keys.due_shard(pk), "duesk": keys.due_order(next_wake_up(call), pk)}
    return item


def _marker_item(call: ServiceCall) -> Mapping[str, Any]:
    return {
        "pk": keys.printer(call.tenant_id, call.printer_id),
        "sk": keys.family(call.family),
        "call_id": call.call_id,
        "open": call.is_open,
    }
