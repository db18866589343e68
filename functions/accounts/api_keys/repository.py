"""The accounts table: API keys, one item under the key's hash and one that leads there from its id."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from functions.accounts.api_keys.models import ApiKey, KeyStatus
from functions.accounts.tree import keys
from functions.accounts.tree.models import Organization
from functions.accounts.tree.organization_repository import organization_item
from shared.directory import keys as shared_keys
from shared.errors import NotFound, Unavailable
from shared.names import GSI1, TTL_ATTRIBUTE
from shared.table import CONDITION_REFUSED, Condition, Item, Table

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

REQUEST_KEPT: Final = timedelta(days=7)
_KEPT_UNTIL: Final = "valid_until"  # 'expires_at' is the table's TTL attribute, and a key's history is not to vanish


@dataclass(frozen=True, slots=True)
class KeyRepository:
    """`Keys` in DynamoDB."""

    table: Table

    def add_key(self, key: ApiKey, key_hash: str, request: str | None) -> bool:
        """Keep a new key, all its items or none, each written once; False when ``request`` was met before.

        Raises:
            NotFound: Its organisation is gone.
        """
        return self._kept(key, *self._new_key(key, key_hash, request))

    def add_next_key(self, key: ApiKey, key_hash: str, request: str | None, previous: ApiKey, now: datetime) -> bool:
        """Keep the key that is to replace a living one, and note it there, all or nothing.

        False when ``request`` was met before, or when the previous one died or was rotated since it was read: of two
        at once one succeeds.

        Raises:
            NotFound: Its organisation is gone.
        """
        pointer = self._pointer(previous.tenant_id, previous.key_id)
        values = {":new": key.key_id, ":now": now, ":active": KeyStatus.ACTIVE}
        unchanged = "attribute_not_exists(next_key_id)"
        if previous.next_key_id is not None:
            values[":known"], unchanged = previous.next_key_id, "next_key_id = :known"
        note = Condition("SET next_key_id = :new, rotated_at = :now", {"#status": "status"}, values)
        condition = f"#status = :active AND {_KEPT_UNTIL} > :now AND {unchanged}"
        rotated = self.table.update_write(keys.api_key(pointer["key_hash"]), keys.API_KEY_ITEM, note, condition)
        return self._kept(key, *self._new_key(key, key_hash, request), rotated)

    def has_made_key(self, tenant_id: str, request: str) -> bool:
        """Whether that request has made a key of the tenant's; for as long as requests are kept."""
        return self.table.get(shared_keys.tenant(tenant_id), keys.api_key_request(request)) is not None

    def key_by_hash(self, key_hash: str) -> ApiKey | None:
        """The key that a caller sent, or None."""
        item = self.table.get(keys.api_key(key_hash), keys.API_KEY_ITEM)
        return _key(item) if item else None

    def key(self, tenant_id: str, key_id: str) -> ApiKey | None:
        """The key of that id, or None."""
        pointer = self.table.get(shared_keys.tenant(tenant_id), shared_keys.api_key_pointer(key_id))
        return self.key_by_hash(pointer["key_hash"]) if pointer else None

    def keys(self, tenant_id: str, below: str, *, limit: int, cursor: str | None) -> tuple[list[ApiKey], str | None]:
        """Keys of an organisation and all under it."""
        page = self.table.query(keys.api_keys(tenant_id), sk_prefix=below, index=GSI1, limit=limit, cursor=cursor)
        return [_key(item) for item in page.items], page.next_cursor

    def revoke_key(self, tenant_id: str, key_id: str, now: datetime) -> None:
        """Make the key worthless for good, for the authorizer and for writes at once; safe to repeat.

        Only an active key is changed. The key that it was to replace, if any, is no longer said to have a successor.
        """
        pointer = self.table.get(shared_keys.tenant(tenant_id), shared_keys.api_key_pointer(key_id))
        if pointer is None:
            return
        revoke = Condition(
            "SET #status = :revoked, revoked_at = :now",
            {"#status": "status"},
            {":revoked": KeyStatus.REVOKED, ":now": now, ":active": KeyStatus.ACTIVE},
        )
        end = Condition("SET revoked_at = :now", values={":now": now})
        pk = keys.api_key(pointer["key_hash"])
        self._wrote(
            self.table.update_write(pk, keys.API_KEY_ITEM, revoke, "#status = :active"),
            self.table.update_write(pointer["pk"], pointer["sk"], end, "attribute_not_exists(revoked_at)"),
        )
        key = self.key_by_hash(pointer["key_hash"])
        if key is not None and key.previous_key_id is not None:
            self._forget_next(tenant_id, key.previous_key_id, key_id)

    def mark_used(self, key_hash: str, day: date) -> None:
        """Note the day; safe to repeat: written only when it is a later day than the one noted."""
        used = Condition("SET last_used_day = :day", values={":day": day.isoformat()})
        later = "attribute_exists(pk) AND (attribute_not_exists(last_used_day) OR last_used_day < :day)"
        self.table.update(keys.api_key(key_hash), keys.API_KEY_ITEM, used, later)

    def add_operator(self, organization: Organization, key: ApiKey, key_hash: str) -> bool:
        """Keep the operator and its first key, all or nothing; False when the installation has one already."""
        marker = {
            "pk": keys.BOOTSTRAP,
            "sk": keys.BOOTSTRAP,
            "organization_id": organization.organization_id,
            "created_at": organization.created_at,
        }
        return self._wrote(
            self.table.put_write(marker),
            self.table.put_write(organization_item(organization)),
            self.table.put_write(_item(key, key_hash)),
            self.table.put_write(_pointer(key, key_hash)),
        )

    def _forget_next(self, tenant_id: str, key_id: str, next_key_id: str) -> None:
        pointer = self._pointer(tenant_id, key_id)
        forget = Condition("REMOVE next_key_id, rotated_at", values={":next": next_key_id})
        self.table.update(keys.api_key(pointer["key_hash"]), keys.API_KEY_ITEM, forget, "next_key_id = :next")

    def _new_key(self, key: ApiKey, key_hash: str, request: str | None) -> "list[TransactWriteItemTypeDef]":
        writes = [self.table.put_write(_item(key, key_hash)), self.table.put_write(_pointer(key, key_hash))]
        if request:
            met = {
                "pk": shared_keys.tenant(key.tenant_id),
                "sk": keys.api_key_request(request),
                "key_id": key.key_id,
                TTL_ATTRIBUTE: int((key.created_at + REQUEST_KEPT).timestamp()),
            }
            writes.append(self.table.put_write(met))
        return writes

    def _pointer(self, tenant_id: str, key_id: str) -> Item:
        pointer = self.table.get(shared_keys.tenant(tenant_id), shared_keys.api_key_pointer(key_id))
        if pointer is None:
            raise NotFound("API key", key_id)
        return pointer

    def _kept(self, key: ApiKey, *writes: "TransactWriteItemTypeDef") -> bool:
        """`_wrote`, and only while the key's organisation is there: one that is being deleted gets no key any more."""
        owner = self.table.presence(shared_keys.tenant(key.tenant_id), shared_keys.organization(key.organization_id))
        refusals = self.table.transact(owner, *writes)
        if refusals is not None and refusals[0] == CONDITION_REFUSED:
            raise NotFound("organization", key.organization_id)
        return _is_done(refusals)

    def _wrote(self, *writes: "TransactWriteItemTypeDef") -> bool:
        """False when one of the keys is taken; `Unavailable` when the table refused for its own reasons."""
        return _is_done(self.table.transact(*writes))


def _is_done(refusals: list[str] | None) -> bool:
    if refusals is not None and CONDITION_REFUSED not in refusals:
        raise Unavailable("table_busy", "The table refused a transaction; try again.")
    return refusals is None


def _item(key: ApiKey, key_hash: str) -> Item:
    item = key.model_dump(exclude={"used_after_rotation"}) | {
        "pk": keys.api_key(key_hash),
        "sk": keys.API_KEY_ITEM,
        "gsi1pk": keys.api_keys(key.tenant_id),
        "gsi1sk": keys.below(key.organization_path, key.key_id),
    }
    item[_KEPT_UNTIL] = item.pop("expires_at")
    return item


def _pointer(key: ApiKey, key_hash: str) -> Item:
    return {
        "pk": shared_keys.tenant(key.tenant_id),
        "sk": shared_keys.api_key_pointer(key.key_id),
        "tenant_id": key.tenant_id,
        "organization_id": key.organization_id,
        "organization_path": key.organization_path,
        "key_hash": key_hash,
        _KEPT_UNTIL: key.expires_at,
    }


def _key(item: Item) -> ApiKey:
    return ApiKey.model_validate(item | {"expires_at": item[_KEPT_UNTIL]})
