"""Use case: an organisation was deleted, and its webhooks end with it."""

from functions.webhooks.table.ports import Webhooks
from shared.events import BusEvent, EventName


def end_with_organization(event: BusEvent, *, webhooks: Webhooks) -> int:
    """Forget the webhooks of an organisation that the event says is gone; how many those were.

    What is on its way to them is cancelled by the worker that comes to it. Safe to repeat: what is gone stays gone; and
    a webhook that is made meanwhile is taken back by its maker.
    """
    if event.name is not EventName.ORGANIZATION_DELETED:
        return 0
    return webhooks.remove_all(event.tenant_id, event.subject_id)
