"""The context's ports fulfilled by DynamoDB, SQS and HTTPS; made once a process, on first use."""

from functools import cache
from random import SystemRandom

from functions.webhooks.partner_desk.desk import Desk
from functions.webhooks.sending.delivering import Post
from functions.webhooks.sending.dispatch import DispatchQueue
from functions.webhooks.sending.endpoint import HttpsEndpoint
from functions.webhooks.settings import WebhooksSettings, api_settings, hosts, place_settings, send_settings
from functions.webhooks.table.delivery_repository import DeliveryRepository
from functions.webhooks.table.repository import WebhookRepository
from functions.webhooks.table.senders import SenderSlots
from shared import aws
from shared.address_fence import trusting_context
from shared.clock import utc_now
from shared.directory.reader import AccountsDirectory
from shared.table import Table


def webhooks(settings: WebhooksSettings) -> WebhookRepository:
    """Webhooks."""
    return WebhookRepository(Table(settings.webhooks_table, aws.dynamodb()))


def deliveries(settings: WebhooksSettings) -> DeliveryRepository:
    """The log."""
    return DeliveryRepository(Table(settings.webhooks_table, aws.dynamodb()))


def dispatch(settings: WebhooksSettings) -> DispatchQueue:
    """The queue of work."""
    return DispatchQueue(settings.webhook_work_queue_url, aws.sqs())


def organizations() -> AccountsDirectory:
    """The tree of organisations, for whom it is not the API's."""
    return AccountsDirectory(Table(place_settings().accounts_table, aws.dynamodb()))


def desk() -> Desk:
    """All that the API needs."""
    settings = api_settings()
    return Desk(
        organizations=AccountsDirectory(Table(settings.accounts_table, aws.dynamodb())),
        webhooks=webhooks(settings),
        deliveries=deliveries(settings),
        dispatch=dispatch(settings),
        private_hosts=hosts(settings.webhook_private_hosts),
    )


def post() -> Post:
    """All that the worker needs."""
    settings = send_settings()
    return Post(
        webhooks=webhooks(settings),
        deliveries=deliveries(settings),
        dispatch=dispatch(settings),
        senders=SenderSlots(Table(settings.webhooks_table, aws.dynamodb())),
        endpoint=_endpoint(),
        now=utc_now,
        draw=SystemRandom().random,
    )


@cache
def _endpoint() -> HttpsEndpoint:
    """The way out; it keeps the authorities it trusts."""
    settings = send_settings()
    return HttpsEndpoint(trusting_context(settings.webhook_ca_file), hosts(settings.webhook_private_hosts))
