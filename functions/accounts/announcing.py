"""What a change in the accounts table means to others: events of the bus, each with an id that a repeat shares."""

from datetime import datetime, timedelta

from functions.accounts.contacts.assignment_models import Assignment
from functions.accounts.tree.models import Organization
from shared.events import BusEvent, EventName


def assignment_event(old: Assignment | None, new: Assignment | None, at: datetime) -> BusEvent | None:
    """That a printer's supplies go to another contact, or to none; None when they go where they went.

    An assignment says its own time; ``at`` is when one was taken away.
    """
    if new is not None and (old is None or old.contact_id != new.contact_id):
        return BusEvent(
            event_id=f"{new.printer_id}:{new.contact_id}:{new.assigned_at.isoformat()}",
            name=EventName.CONTACT_ASSIGNED,
            occurred_at=new.assigned_at,
            tenant_id=new.tenant_id,
            organization_id=new.organization_id,
            subject_id=new.printer_id,
            data={
                "printer_id": new.printer_id,
                "contact_id": new.contact_id,
                "previous_contact_id": old.contact_id if old else None,
                "assigned_by": new.assigned_by,
            },
        )
    if old is None or new is not None:
        return None
    return BusEvent(
        event_id=f"{old.printer_id}:{old.contact_id}:{old.assigned_at.isoformat()}:unassigned",
        name=EventName.CONTACT_UNASSIGNED,
        # Streams tell the second only; whoever sorts must find it after the assignment that it ends.
        occurred_at=max(at, old.assigned_at + timedelta(microseconds=1)),
        tenant_id=old.tenant_id,
        organization_id=old.organization_id,
        subject_id=old.printer_id,
        data={"printer_id": old.printer_id, "previous_contact_id": old.contact_id},
    )


def deletion_event(deleted: Organization, at: datetime) -> BusEvent:
    """That an organisation is gone. It is told of the one above it, for nothing of its own is left to tell."""
    return BusEvent(
        event_id=f"{deleted.organization_id}:deleted",
        name=EventName.ORGANIZATION_DELETED,
        occurred_at=at,
        tenant_id=deleted.tenant_id,
        organization_id=deleted.parent_id or deleted.organization_id,
        subject_id=deleted.organization_id,
        data={"name": deleted.name, "parent_id": deleted.parent_id},
    )
