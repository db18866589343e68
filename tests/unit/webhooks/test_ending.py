"""Webhooks end with their organisation."""

from dataclasses import dataclass, field

import pytest

from functions.webhooks.partner_desk.api_models import NewWebhook
from functions.webhooks.partner_desk.desk import Desk
from functions.webhooks.partner_desk.ending import end_with_organization
from functions.webhooks.partner_desk.subscriptions import create_webhook
from shared.directory.views import OrganizationView
from shared.errors import NotFound
from shared.events import BusEvent, EventName
from tests.support.api_events import partner
from tests.support.webhooks import CUSTOMER, HOOK, NOW, PATH, TENANT, PostOffice, Tree, a_webhook, an_event

DELETED = an_event(
    name=EventName.ORGANIZATION_DELETED,
    organization_id=TENANT,
    subject_id=CUSTOMER,
    data={"name": "Customer", "parent_id": TENANT},
)


def test_a_deleted_organisation_s_webhooks_end_and_those_above_it_stay(office: PostOffice) -> None:
    above = a_webhook(webhook_id=HOOK[:-1] + "3", organization_id=TENANT, organization_path=f"/{TENANT}/")
    for each in (a_webhook(), a_webhook(webhook_id=HOOK[:-1] + "2"), above):
        office.webhooks.add(each, None)

    ended = [end_with_organization(DELETED, webhooks=office.webhooks) for _ in range(2)]

    assert ended == [2, 0]
    assert [each.webhook_id for each in office.webhooks.subscribed(TENANT, PATH)] == [above.webhook_id]
    assert office.webhooks.webhook(TENANT, HOOK) is None


def test_no_other_event_ends_anything(office: PostOffice) -> None:
    office.webhooks.add(a_webhook(), None)
    event: BusEvent = an_event(subject_id=CUSTOMER)

    assert end_with_organization(event, webhooks=office.webhooks) == 0
    assert office.webhooks.webhook(TENANT, HOOK) is not None


@dataclass
class VanishingTree(Tree):
    """The organisation is seen once, and is deleted then."""

    looks: list[str] = field(default_factory=list)

    def organization(self, tenant_id: str, organization_id: str) -> OrganizationView | None:
        self.looks.append(organization_id)
        return super().organization(tenant_id, organization_id) if len(self.looks) == 1 else None


def test_a_webhook_that_is_made_while_its_organisation_is_deleted_is_taken_back(office: PostOffice) -> None:
    desk = Desk(VanishingTree(), office.webhooks, office.deliveries, office.queue)
    wanted = NewWebhook(organization_id=CUSTOMER, url="https://hooks.example.com/", event_types=None)

    with pytest.raises(NotFound):
        create_webhook(partner(), wanted, None, desk=desk, now=NOW)

    assert office.webhooks.subscribed(TENANT, PATH) == []
