"""The webhooks table: webhooks, and for each organisation which of them are its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from functions.webhooks.table import keys
from functions.webhooks.table.delivery_repository import replay_item
from functions.webhooks.table.models import Replay, Webhook
from shared.errors import Conflict, Unavailable
from shared.names import GSI1, TTL_ATTRIBUTE
from shared.table import CONDITION_REFUSED, IF_ABSENT, Condition, Item, Table

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

MAX_WEBHOOKS: Final = 20
"""Of one organisation."""
REQUESTS_KEPT: Final = timedelta(days=7)
TRIES: Final = 4
_THERE: Final = "attribute_exists(pk)"


@dataclass(frozen=True, slots=True)
class WebhookRepository:
    """`Webhooks` in DynamoDB."""

    table: Table

    def webhook(self, tenant_id: str, webhook_id: str) -> Webhook | None:
        """The webhook as it is at this moment, or None."""
        item = self.table.get(keys.webhook(tenant_id, webhook_id), keys.WEBHOOK)
        return Webhook.model_validate(item) if item else None

    def webhooks_page(
        self, tenant_id: str, organization_path: str, *, limit: int, cursor: str | None
    ) -> tuple[list[Webhook], str | None]:
        """Webhooks of an organisation and all below it, by organisation and time of making."""
        partition = keys.webhooks_of_tenant(tenant_id)
        page = self.table.query(partition, sk_prefix=organization_path, index=GSI1, limit=limit, cursor=cursor)
        return [Webhook.model_validate(item) for item in page.items], page.next_cursor

    def subscribed(self, tenant_id: str, organization_path: str) -> list[Webhook]:
        """The webhooks of the organisation and of every one above it.

        Read by key and consistently, so that a webhook is told of what happens once its making was answered.
        """
        partition = keys.subscribers(tenant_id)
        above = [(partition, keys.organization(each)) for each in organization_path.strip("/").split("/")]
        ids = [each for item in self.table.get_many(above, consistent=True) for each in item["webhook_ids"]]
        wanted = [(keys.webhook(tenant_id, each), keys.WEBHOOK) for each in ids]
        items = self.table.get_many(wanted, consistent=True) if wanted else []
        return [Webhook.model_validate(item) for item in items]

    def add(self, webhook: Webhook, request: str | None) -> None:
        """Keep a new webhook with its place among its organisation's, all or nothing.

        Safe to repeat: a ``request`` makes one webhook; its repetition is refused, for the secret is not shown again.

        Raises:
            Conflict: The organisation has twenty, or the request has made its webhook.
        """
        for _ in range(TRIES):
            listed = self._listed(webhook.tenant_id, webhook.organization_id)
            ids = listed["webhook_ids"] if listed else []
            if request is not None and (made := self._made_by(webhook.tenant_id, request)):
                raise Conflict("webhook_already_made", f"This Idempotency-Key has made webhook '{made}'.")
            if len(ids) >= MAX_WEBHOOKS:
                detail = f"An organisation has at most {MAX_WEBHOOKS} webhooks: delete one, or widen another."
                raise Conflict("too_many_webhooks", detail)
            writes = [self.table.put_write(_item(webhook)), self._list(webhook, listed, [*ids, webhook.webhook_id])]
            if request is not None:
                writes.append(self.table.put_write(_request_item(webhook, request)))
            if self._done(*writes):
                return
        raise _busy()

    def change(self, seen: Webhook, fields: Mapping[str, Any]) -> bool:
        """Write these fields over the version that was seen. Safe to repeat: that version is there once."""
        pk = keys.webhook(seen.tenant_id, seen.webhook_id)
        return self.table.update(pk, keys.WEBHOOK, _setting(seen, fields), _SAME_VERSION) is not None

    def remove(self, seen: Webhook) -> None:
        """Forget a webhook and its place. Safe to repeat: nothing is nothing."""
        for _ in range(TRIES):
            listed = self._listed(seen.tenant_id, seen.organization_id)
            writes = [self.table.delete_write(keys.webhook(seen.tenant_id, seen.webhook_id), keys.WEBHOOK)]
            if listed is not None and seen.webhook_id in listed["webhook_ids"]:
                left = [each for each in listed["webhook_ids"] if each != seen.webhook_id]
                writes.append(self._list(seen, listed, left))
            if self._done(*writes):
                return
        raise _busy()

    def remove_all(self, tenant_id: str, organization_id: str) -> int:
        """Forget all webhooks of an organisation, and the list of them. Safe to repeat: nothing is nothing."""
        for _ in range(TRIES):
            listed = self._listed(tenant_id, organization_id)
            if listed is None:
                return 0
            unchanged = Condition("version = :seen", values={":seen": int(listed["version"])})
            ids = listed["webhook_ids"]
            writes = [self.table.delete_write(keys.webhook(tenant_id, each), keys.WEBHOOK) for each in ids]
            if self._done(self.table.delete_write(listed["pk"], listed["sk"], unchanged), *writes):
                return len(ids)
        raise _busy()

    def unpark(self, seen: Webhook, replay: Replay) -> bool:
        """Let it be sent to again and set going what was held. Safe to repeat: the version seen is there once."""
        fields = dict.fromkeys(("parked_at", "parked_because", "parked_after", "failing_since"))
        pk = keys.webhook(seen.tenant_id, seen.webhook_id)
        return self._done(
            self.table.update_write(pk, keys.WEBHOOK, _setting(seen, fields), _SAME_VERSION),
            self.table.put_write(replay_item(replay, replay.created_at)),
        )

    def note_health(self, webhook: Webhook, failing_since: datetime | None) -> None:
        """Write since when every attempt failed. Safe to repeat: the first failure's time stays.

        It is no edit, so the version stays; a webhook that is gone stays so.
        """
        pk = keys.webhook(webhook.tenant_id, webhook.webhook_id)
        if failing_since is None:
            self.table.update(pk, keys.WEBHOOK, Condition("REMOVE failing_since"), _THERE)
        else:
            update = Condition("SET failing_since = if_not_exists(failing_since, :at)", values={":at": failing_since})
            self.table.update(pk, keys.WEBHOOK, update, _THERE)

    def _listed(self, tenant_id: str, organization_id: str) -> Item | None:
        return self.table.get(keys.subscribers(tenant_id), keys.organization(organization_id))

    def _list(self, webhook: Webhook, seen: Item | None, ids: list[str]) -> "TransactWriteItemTypeDef":
        """The organisation's webhooks, written over what was seen."""
        version = int(seen["version"]) if seen else 0
        unchanged = Condition("version = :seen", values={":seen": version}) if seen else IF_ABSENT
        item = {
            "pk": keys.subscribers(webhook.tenant_id),
            "sk": keys.organization(webhook.organization_id),
            "webhook_ids": ids,
            "version": version + 1,
        }
        return self.table.put_write(item, unchanged)

    def _made_by(self, tenant_id: str, request: str) -> str | None:
        item = self.table.get(keys.subscribers(tenant_id), keys.request(request))
        return str(item["webhook_id"]) if item else None

    def _done(self, *writes: "TransactWriteItemTypeDef") -> bool:
        refusals = self.table.transact(*writes)
        if refusals is not None and CONDITION_REFUSED not in refusals:
            raise _busy()
        return refusals is None


_SAME_VERSION: Final = "version = :seen"


def _setting(seen: Webhook, fields: Mapping[str, Any]) -> Condition:
    """An update that sets the fields, takes away those that are None, and makes the next version."""
    names = {f"#{name}": name for name in fields}
    kept = {name: value for name, value in fields.items() if value is not None}
    gone = [f"#{name}" for name in fields if name not in kept]
    expression = "SET " + ", ".join(["version = :next", *(f"#{name} = :{name}" for name in kept)])
    if gone:
        expression += " REMOVE " + ", ".join(gone)
    values = {f":{name}": value for name, value in kept.items()}
    return Condition(expression, names or None, values | {":next": seen.version + 1, ":seen": seen.version})


def _item(webhook: Webhook) -> Item:
    return webhook.model_dump() | {
        "pk": keys.webhook(webhook.tenant_id, webhook.webhook_id),
        "sk": keys.WEBHOOK,
        "gsi1pk": keys.webhooks_of_tenant(webhook.tenant_id),
        "gsi1sk": keys.webhook_place(webhook.organization_path, webhook.webhook_id),
    }


def _request_item(webhook: Webhook, request: str) -> Item:
    return {
        "pk": keys.subscribers(webhook.tenant_id),
        "sk": keys.request(request),
        "webhook_id": webhook.webhook_id,
        TTL_ATTRIBUTE: int((webhook.created_at + REQUESTS_KEPT).timestamp()),
    }


def _busy() -> Unavailable:
    return Unavailable("webhook_busy", "Others are changing these webhooks; try again.")
