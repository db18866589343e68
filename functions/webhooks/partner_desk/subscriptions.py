"""Use cases of webhooks: made, seen, edited, given a new secret, parked and unparked, deleted."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from functions.webhooks.partner_desk.api_models import NewSecret, NewWebhook, WebhookDetails
from functions.webhooks.partner_desk.desk import Desk, busy, require_scopes, visible_webhook
from functions.webhooks.partner_desk.resending import new_replay
from functions.webhooks.table.models import ParkReason, ReplayOf, Secret, Webhook
from shared.address_fence import check_url
from shared.errors import Conflict, FieldError, Invalid, NotFound
from shared.etag import changed_meanwhile, require_match
from shared.event_data import MODELS
from shared.events import EventName
from shared.ids import new_id
from shared.signature import new_secret
from shared.tenancy import Caller
from shared.visibility import visible_organization, visible_to

TRIES: Final = 4
SECRETS_AT_ONCE: Final = 2


def create_webhook(
    caller: Caller, wanted: NewWebhook, request_key: str | None, *, desk: Desk, now: datetime
) -> Webhook:
    """Make a webhook of an organisation that the caller sees, with its first secret.

    Safe to repeat under a ``request_key``: the repetition is refused and names what was made.

    Raises:
        Forbidden: The caller may not read what it asks to be told.
        Invalid: The URL leads nowhere that may be sent to.
    """
    owner = visible_organization(desk.organizations, caller, wanted.organization_id)
    _check(caller, wanted, desk)
    webhook = Webhook(
        tenant_id=owner.tenant_id,
        organization_id=owner.organization_id,
        organization_path=owner.path,
        webhook_id=new_id("whk"),
        url=wanted.url,
        description=wanted.description,
        event_types=_unique(wanted.event_types),
        secrets=[Secret(secret=new_secret(), created_at=now)],
        created_at=now,
        created_by=caller.key_id,
    )
    desk.webhooks.add(webhook, _request(caller, request_key))
    if desk.organizations.organization(owner.tenant_id, owner.organization_id) is None:
        # Deleted meanwhile: whoever heard of that did so before this webhook was there to be ended.
        desk.webhooks.remove(webhook)
        raise NotFound("organization", wanted.organization_id)
    return webhook


def list_webhooks(
    caller: Caller, organization_id: str | None, *, desk: Desk, limit: int, cursor: str | None
) -> tuple[list[Webhook], str | None]:
    """A page of the webhooks of visible organisations."""
    seen = visible_to(desk.organizations, caller, organization_id)
    return desk.webhooks.webhooks_page(seen.tenant_id, seen.path, limit=limit, cursor=cursor)


def edit_webhook(
    caller: Caller, webhook_id: str, wanted: WebhookDetails, if_match: str | None, *, desk: Desk
) -> Webhook:
    """Write what may be edited anew. Safe to repeat: only over the version that ``if_match`` names.

    Another address begins without the failures of the one before.
    """
    seen = visible_webhook(caller, webhook_id, desk=desk)
    require_match(if_match, seen.version)
    _check(caller, wanted, desk)
    fields: dict[str, Any] = {
        "url": wanted.url,
        "description": wanted.description,
        "event_types": _unique(wanted.event_types),
    }
    if wanted.url != seen.url:
        fields["failing_since"] = None
    if not desk.webhooks.change(seen, fields):
        raise changed_meanwhile()
    return _changed(seen, fields)


def delete_webhook(caller: Caller, webhook_id: str, *, desk: Desk) -> None:
    """Forget a webhook; nothing is sent to it any more. Safe to repeat: the second time it is not found."""
    desk.webhooks.remove(visible_webhook(caller, webhook_id, desk=desk))


def rotate_secret(
    caller: Caller, webhook_id: str, wanted: NewSecret, request_key: str | None, *, desk: Desk, now: datetime
) -> Secret:
    """Give a webhook another secret; the one before signs beside it until its hours are over.

    Safe to repeat under a ``request_key``: the repetition is refused, for the secret is not shown again.

    Raises:
        Conflict: Two secrets are alive, or the request has made its secret.
    """
    request = _request(caller, request_key)
    seen = visible_webhook(caller, webhook_id, desk=desk)
    live = seen.live_secrets(now)
    if request is not None and any(each.request == request for each in seen.secrets):
        raise Conflict("secret_already_issued", "This Idempotency-Key has made a secret; rotate again if it was lost.")
    if len(live) >= SECRETS_AT_ONCE and wanted.overlap_hours > 0:
        detail = "Two secrets sign already; wait until the older ends, or end both at once with 'overlap_hours' 0."
        raise Conflict("two_secrets_alive", detail, (FieldError("/overlap_hours", "0 ends the others now."),))
    ends_at = now + timedelta(hours=wanted.overlap_hours)
    made = Secret(secret=new_secret(), created_at=now, request=request)
    ending = [each.model_copy(update={"ends_at": ends_at}) for each in live] if wanted.overlap_hours else []
    secrets = [each.model_dump() for each in (made, *ending)]
    if not desk.webhooks.change(seen, {"secrets": secrets}):
        raise busy()
    return made


def park_webhook(caller: Caller, webhook_id: str, *, desk: Desk, now: datetime) -> Webhook:
    """Send nothing to it until it is unparked; events are held. Safe to repeat: the first time stays."""
    for _ in range(TRIES):
        seen = visible_webhook(caller, webhook_id, desk=desk)
        if seen.parked_at is not None:
            return seen
        fields = {"parked_at": now, "parked_because": ParkReason.PAUSED.value}
        if desk.webhooks.change(seen, fields):
            return _changed(seen, fields)
    raise busy()


def unpark_webhook(caller: Caller, webhook_id: str, *, desk: Desk, now: datetime) -> Webhook:
    """Send to it again, first of all what was held. Safe to repeat: one that is not parked stays as it is."""
    for _ in range(TRIES):
        seen = visible_webhook(caller, webhook_id, desk=desk)
        if seen.parked_at is None:
            return seen
        replay = new_replay(caller, seen, ReplayOf.HELD, after="", now=now)
        if desk.webhooks.unpark(seen, replay):
            desk.dispatch.send(replay)
            return _changed(seen, dict.fromkeys(("parked_at", "parked_because", "parked_after", "failing_since")))
    raise busy()


def _check(caller: Caller, wanted: WebhookDetails, desk: Desk) -> None:
    require_scopes(caller, wanted.event_types or MODELS)
    try:
        check_url(wanted.url, private_hosts=desk.private_hosts, may_query=True)
    except Invalid as error:
        raise Invalid(error.code, error.detail, (FieldError("/url", error.detail),)) from error


def _request(caller: Caller, request_key: str | None) -> str | None:
    if request_key is None:
        return None
    return sha256(f"{caller.key_id}\n{request_key}".encode()).hexdigest()


def _unique(names: list[EventName] | None) -> list[EventName] | None:
    return list(dict.fromkeys(names)) if names else None


def _changed(seen: Webhook, fields: Mapping[str, Any]) -> Webhook:
    return Webhook.model_validate(seen.model_dump() | dict(fields) | {"version": seen.version + 1})
