"""What every use case of the API stands on: its ports, and what a caller may see and be told."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from functions.webhooks.table.models import Webhook
from functions.webhooks.table.ports import Deliveries, Dispatch, Organizations, Webhooks
from shared.errors import Forbidden, NotFound, Unavailable
from shared.event_data import scope_of
from shared.events import EventName
from shared.tenancy import Caller


@dataclass(frozen=True, slots=True)
class Desk:
    """The ports of these use cases. ``private_hosts`` may be named by a URL; empty in production."""

    organizations: Organizations
    webhooks: Webhooks
    deliveries: Deliveries
    dispatch: Dispatch
    private_hosts: Collection[str] = ()


def visible_webhook(caller: Caller, webhook_id: str, *, desk: Desk) -> Webhook:
    """The webhook, or `NotFound`, which does not tell a missing one from another tenant's."""
    webhook = desk.webhooks.webhook(caller.tenant_id, webhook_id)
    if webhook is None or not caller.can_see(webhook.organization_path):
        raise NotFound("webhook", webhook_id)
    return webhook


def require_scopes(caller: Caller, names: Iterable[EventName]) -> None:
    """Refuse a caller that could not read itself what such events tell.

    Raises:
        Forbidden: A scope is missing; the detail names all that are.
    """
    if missing := sorted({scope_of(name) for name in names} - caller.scopes):
        raise Forbidden("scope_missing", f"To be told of these events the key needs: {', '.join(missing)}.")


def busy() -> Unavailable:
    """What a caller is told whose write met others."""
    return Unavailable("webhook_busy", "Others are changing this webhook; try again.")
