"""Accounts stream: others are told (D5), and what is deleted takes along its keys and what was set there."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.accounts.announcing import assignment_event, deletion_event
from functions.accounts.api_keys.partner_keys import revoke_keys_of
from functions.accounts.contacts.assignment_models import Assignment
from functions.accounts.inheritance.endings import forget_settings
from functions.accounts.settings import publisher_settings
from functions.accounts.tree.models import Organization, Site
from functions.accounts.wiring import fleet, partner_keys, setting_store
from shared import aws
from shared.clock import utc_now
from shared.directory import keys
from shared.directory.inherited import Level
from shared.events import BusEvent, publish
from shared.observability import logger, tracer
from shared.stream import Change, consume
from shared.table import Item

LOGGER = logger("accounts")


def handle(change: Change) -> None:
    """Follow one change of an assignment, or the deletion of an organisation or a site.

    Safe to repeat: events are known by their ids, and what is removed twice is gone.
    """
    item = change.new or change.old or {}
    at = change.at or utc_now()
    if _is(item, keys.delivery_contact(str(item.get("printer_id")))):
        _tell(assignment_event(_assignment(change.old), _assignment(change.new), at))
    elif change.new is not None:
        return
    elif _is(item, keys.organization(str(item.get("organization_id")))):
        deleted = Organization.model_validate(item)
        if revoked := revoke_keys_of(deleted, keys=partner_keys(), at=at):
            LOGGER.warning("keys revoked", organization_id=deleted.organization_id, revoked=revoked)
        forget_settings(deleted, store=setting_store(), fleet=fleet())
        _tell(deletion_event(deleted, at))
    elif _is(item, keys.site(str(item.get("site_id")))):
        site = Site.model_validate(item)
        setting_store().forget(site.tenant_id, Level.SITE, site.site_id)


def _is(item: Item, sort_key: str) -> bool:
    """Whether it is the tenant's own item of that key; the installation's list of partners has copies."""
    return bool(item) and (item["pk"], item["sk"]) == (keys.tenant(str(item.get("tenant_id"))), sort_key)


def _assignment(item: Item | None) -> Assignment | None:
    return Assignment.model_validate(item) if item else None


def _tell(event: BusEvent | None) -> None:
    if event is not None:
        publish([event], context="accounts", bus=publisher_settings().event_bus, client=aws.events())


@LOGGER.inject_lambda_context
@tracer("accounts").capture_lambda_handler(capture_response=False)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, list[dict[str, str]]]:
    """Answer the records that must come again."""
    return consume(event, context, handle)
