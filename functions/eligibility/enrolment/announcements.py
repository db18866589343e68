"""Which facts of this context go on the bus."""

from functions.eligibility.table.models import EnrolmentFact
from shared.directory.views import ManagedStatus
from shared.events import BusEvent, EventName


def announcement(old: EnrolmentFact | None, new: EnrolmentFact) -> BusEvent | None:
    """The event of a printer that became managed or was rejected; None for any other change.

    The event's id is made of what happened, so that the same fact told twice is known by it.
    """
    if old is not None and old.status is new.status and old.enrolment_id == new.enrolment_id:
        return None
    if new.status is ManagedStatus.MANAGED:
        name, told = EventName.PRINTER_ENROLLED, "managed"
    elif new.status is ManagedStatus.UNMANAGED:
        name, told = EventName.ENROLMENT_REJECTED, "rejected"
    else:
        return None
    data: dict[str, object] = {"enrolment_id": new.enrolment_id, "model": new.model, "serial_number": new.serial_number}
    if name is EventName.ENROLMENT_REJECTED:
        data |= {"status": new.rejected_as, "blockers": list(new.blockers)}
    return BusEvent(
        event_id=f"{new.enrolment_id}:{new.printer_id}:{told}",
        name=name,
        occurred_at=new.updated_at,
        tenant_id=new.tenant_id,
        organization_id=new.organization_id,
        subject_id=new.printer_id,
        data=data,
    )
