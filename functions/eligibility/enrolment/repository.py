"""The eligibility table: enrolment requests and the enrolment fact of each printer."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from functions.eligibility.table import keys
from functions.eligibility.table.models import Enrolment, EnrolmentFact, EnrolmentState
from shared.clock import key_time
from shared.directory import keys as shared_keys
from shared.directory.views import ManagedStatus
from shared.names import GSI1
from shared.table import Condition, Item, Table

FACTS_IN_TRANSACTION: Final = 99
"""A transaction takes a hundred writes; one is the request."""
MAX_PENDING: Final = 2_000

_FREE: Final = Condition(
    "attribute_not_exists(pk) OR #status = :unmanaged",
    {"#status": "status"},
    {":unmanaged": ManagedStatus.UNMANAGED},
)


@dataclass(frozen=True, slots=True)
class EnrolmentRepository:
    """`Enrolments` in DynamoDB."""

    table: Table

    def accept(self, enrolment: Enrolment, facts: Sequence[EnrolmentFact]) -> bool:
        """Keep the request and its pending facts, all or nothing; False when a printer is no longer free.

        Safe to repeat: the request's key is written once, and a fact only where the printer is free. A fact
        beyond what one transaction takes is written after it, unless the workflow was faster; should that be
        lost, the workflow settles the printer without it.
        """
        together, after = facts[:FACTS_IN_TRANSACTION], facts[FACTS_IN_TRANSACTION:]
        writes = [self.table.put_write(_fact_item(fact), _FREE) for fact in together]
        if self.table.transact(self.table.put_write(_enrolment_item(enrolment)), *writes) is not None:
            return False
        for fact in after:
            self.table.put(_fact_item(fact), _undecided_by(fact))
        return True

    def enrolment(self, tenant_id: str, enrolment_id: str) -> Enrolment | None:
        """The request, or None."""
        item = self.table.get(keys.enrolments(tenant_id), keys.enrolment(enrolment_id))
        return Enrolment.model_validate(item) if item else None

    def enrolments(self, tenant_id: str, *, limit: int, cursor: str | None) -> tuple[list[Enrolment], str | None]:
        """The tenant's requests, newest first."""
        page = self.table.query(keys.enrolments(tenant_id), limit=limit, cursor=cursor, newest_first=True)
        return [Enrolment.model_validate(item) for item in page.items], page.next_cursor

    def pending(self, before: datetime) -> Iterator[Enrolment]:
        """Requests made before that time which no workflow has completed, oldest first, at most `MAX_PENDING`."""
        window = ("0", key_time(before))
        found = self.table.query_all(keys.PENDING_ENROLMENTS, index=GSI1, sk_between=window, bound=MAX_PENDING)
        return (Enrolment.model_validate(item) for item in found)

    def facts(self, tenant_id: str, printer_ids: Iterable[str]) -> dict[str, EnrolmentFact]:
        """The facts of those of the printers that have one."""
        partition = shared_keys.enrolment_status(tenant_id)
        wanted = ((partition, shared_keys.managed_printer(printer_id)) for printer_id in printer_ids)
        found = [EnrolmentFact.model_validate(item) for item in self.table.get_many(wanted, consistent=True)]
        return {fact.printer_id: fact for fact in found}

    def settle(self, fact: EnrolmentFact) -> bool:
        """Write the decision over this request's pending fact, or where the printer is free.

        Safe to repeat: what this request decided once is not decided again (False), nor is another's taken.
        """
        return self.table.put(_fact_item(fact), _undecided_by(fact))

    def complete(self, enrolment: Enrolment) -> None:
        """Keep the outcome, take the request off the pending index; safe to repeat: only from pending, so once."""
        still_pending = Condition("#state = :pending", {"#state": "state"}, {":pending": EnrolmentState.PENDING})
        self.table.put(_enrolment_item(enrolment), still_pending)


def _undecided_by(fact: EnrolmentFact) -> Condition:
    """The printer is free, or pending for the fact's own request; what that request decided it does not mark again."""
    return Condition(
        "attribute_not_exists(pk) OR (#status = :pending AND enrolment_id = :mine)"
        " OR (#status = :unmanaged AND enrolment_id <> :mine)",
        {"#status": "status"},
        {
            ":pending": ManagedStatus.PENDING,
            ":unmanaged": ManagedStatus.UNMANAGED,
            ":mine": fact.enrolment_id,
        },
    )


def _enrolment_item(enrolment: Enrolment) -> Item:
    item = enrolment.model_dump() | {
        "pk": keys.enrolments(enrolment.tenant_id),
        "sk": keys.enrolment(enrolment.enrolment_id),
    }
    if enrolment.state is EnrolmentState.PENDING:
        item |= {
            "gsi1pk": keys.PENDING_ENROLMENTS,
            "gsi1sk": f"{key_time(enrolment.requested_at)}#{enrolment.enrolment_id}",
        }
    return item


def _fact_item(fact: EnrolmentFact) -> Item:
    return fact.model_dump() | {
        "pk": shared_keys.enrolment_status(fact.tenant_id),
        "sk": shared_keys.managed_printer(fact.printer_id),
    }
