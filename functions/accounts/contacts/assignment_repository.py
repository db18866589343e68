"""The accounts table: which printer's supplies go to which contact, and at each contact how many do."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from functions.accounts.contacts.assignment_models import Assignment
from functions.accounts.contacts.ports import Written
from functions.accounts.tree import keys
from shared.directory import keys as shared_keys
from shared.names import GSI1
from shared.table import CONDITION_REFUSED, IF_ABSENT, Condition, Item, Table

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

MOST_TOGETHER: Final = 30
"""Assignments one transaction takes: each a write, and at most another at the contact before."""


@dataclass(frozen=True, slots=True)
class AssignmentRepository:
    """Assignments in DynamoDB. A contact's count changes in the transaction that changes the assignment."""

    table: Table

    def assignment(self, tenant_id: str, printer_id: str) -> Assignment | None:
        """The printer's assignment, or None."""
        item = self.table.get(shared_keys.tenant(tenant_id), shared_keys.delivery_contact(printer_id))
        return Assignment.model_validate(item) if item else None

    def assignments_of(
        self, tenant_id: str, contact_id: str, *, limit: int, cursor: str | None
    ) -> tuple[list[Assignment], str | None]:
        """The assignments to a contact, in order of organisation path and printer."""
        partition = keys.assignments_of(tenant_id, contact_id)
        page = self.table.query(partition, index=GSI1, limit=limit, cursor=cursor)
        return [Assignment.model_validate(item) for item in page.items], page.next_cursor

    def assign(self, assignments: Sequence[Assignment], *, instead_of: str | None = None) -> Written:
        """Replace the assignments of some printers, at most `MOST_TOGETHER`, by ones to the same contact, all or none.

        Safe to repeat: one that is there already stays as it is, and each is replaced only while it is the one seen.
        """
        tenant = shared_keys.tenant(assignments[0].tenant_id)
        places = [(tenant, shared_keys.delivery_contact(each.printer_id)) for each in assignments]
        items = self.table.get_many(places, consistent=True)
        before: dict[str, str] = {item["printer_id"]: item["contact_id"] for item in items}
        fresh = [each for each in assignments if before.get(each.printer_id) != each.contact_id]
        if instead_of is not None and any(before.get(each.printer_id) != instead_of for each in fresh):
            return Written.CHANGED
        if not fresh:
            return Written.DONE
        to = fresh[0].contact_id
        puts = [self.table.put_write(_item(each), _still(before.get(each.printer_id))) for each in fresh]
        gains = self._counted(tenant, to, len(fresh), "attribute_exists(pk) AND attribute_not_exists(archived_at)")
        lost = Counter(before[each.printer_id] for each in fresh if each.printer_id in before)
        losses = [self._counted(tenant, contact, -count, "attribute_exists(pk)") for contact, count in lost.items()]
        refusals = self.table.transact(gains, *puts, *losses)
        if refusals is None:
            return Written.DONE
        return Written.NOT_ASSIGNABLE if refusals[0] == CONDITION_REFUSED else Written.CHANGED

    def unassign(self, tenant_id: str, printer_id: str, *, from_contact: str | None = None) -> Written:
        """Take the printer's assignment away; safe to repeat: nothing is nothing."""
        assignment = self.assignment(tenant_id, printer_id)
        if from_contact is not None and (assignment is None or assignment.contact_id != from_contact):
            return Written.CHANGED
        if assignment is None:
            return Written.DONE
        tenant = shared_keys.tenant(tenant_id)
        sort_key = shared_keys.delivery_contact(printer_id)
        refusals = self.table.transact(
            self.table.delete_write(tenant, sort_key, _still(assignment.contact_id)),
            self._counted(tenant, assignment.contact_id, -1, "attribute_exists(pk)"),
        )
        return Written.DONE if refusals is None else Written.CHANGED

    def _counted(self, tenant: str, contact_id: str, change: int, condition: str) -> "TransactWriteItemTypeDef":
        change_count = Condition("ADD assigned_printers :change", values={":change": change})
        return self.table.update_write(tenant, shared_keys.contact(contact_id), change_count, condition)


def _still(contact_id: str | None) -> Condition:
    """That the printer is assigned as it was seen to be."""
    return Condition("contact_id = :before", values={":before": contact_id}) if contact_id else IF_ABSENT


def _item(assignment: Assignment) -> Item:
    return assignment.model_dump() | {
        "pk": shared_keys.tenant(assignment.tenant_id),
        "sk": shared_keys.delivery_contact(assignment.printer_id),
        "gsi1pk": keys.assignments_of(assignment.tenant_id, assignment.contact_id),
        "gsi1sk": keys.below(assignment.organization_path, assignment.printer_id),
    }
