"""The accounts table: what is explicitly set at each place of the tree, and who changed it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from functions.accounts.inheritance.models import SettingsChange, SettingsChanged, StoredSettings
from functions.accounts.tree import keys
from shared.clock import key_time
from shared.directory import inherited
from shared.directory import keys as shared_keys
from shared.directory.inherited import Explicit, Level
from shared.errors import Unavailable
from shared.names import GSI1
from shared.table import CONDITION_REFUSED, IF_ABSENT, Condition, Item, Table


@dataclass(frozen=True, slots=True)
class SettingRepository:
    """`SettingStore` in DynamoDB."""

    table: Table

    def stored(self, tenant_id: str, level: Level, entity_id: str) -> StoredSettings | None:
        """What is explicit at the place, or None when nothing ever was."""
        item = self.table.get(*inherited.key_of(tenant_id, (level, entity_id)))
        return StoredSettings.model_validate(item) if item else None

    def chain(self, tenant_id: str, places: Sequence[tuple[Level, str]]) -> list[Explicit]:
        """What is explicit at each of the places, as of now."""
        wanted = [inherited.key_of(tenant_id, place) for place in places]
        return inherited.in_order(places, self.table.get_many(wanted, consistent=True))

    def change(
        self, seen: StoredSettings, after: StoredSettings, changes: Sequence[SettingsChange], *, by: str, at: datetime
    ) -> bool:
        """Write a place over the version that was seen, with the note of who did it.

        False when it has changed, or its organisation or site is gone: nothing is set where nothing is any more.

        Safe to repeat: that version is there once.
        """
        unchanged = Condition("version = :seen", values={":seen": seen.version}) if seen.version else IF_ABSENT
        note = {
            "pk": _log(seen),
            "sk": f"{key_time(at)}#{after.version}",
            "at": key_time(at),
            "changed_by": by,
            "changes": [each.model_dump(mode="json") for each in changes],
        }
        owner = self.table.presence(shared_keys.tenant(seen.tenant_id), shared_keys.organization(seen.organization_id))
        writes = [self.table.put_write(_item(after), unchanged), self.table.put_write(note), owner]
        if seen.level is Level.SITE:
            writes.append(self.table.presence(shared_keys.tenant(seen.tenant_id), shared_keys.site(seen.entity_id)))
        refusals = self.table.transact(*writes)
        if refusals is not None and CONDITION_REFUSED not in refusals:
            raise Unavailable("table_busy", "The table refused a transaction; try again.")
        return refusals is None

    def below(
        self, tenant_id: str, path: str, *, limit: int, cursor: str | None
    ) -> tuple[list[StoredSettings], str | None]:
        """A page of the places of an organisation and all below it at which something is or was explicit."""
        page = self.table.query(keys.settings(tenant_id), sk_prefix=path, index=GSI1, limit=limit, cursor=cursor)
        return [StoredSettings.model_validate(item) for item in page.items], page.next_cursor

    def forget(self, tenant_id: str, level: Level, entity_id: str) -> None:
        """Nothing is explicit at the place any more, for it is gone; who changed what stays. Safe to repeat."""
        self.table.delete(*inherited.key_of(tenant_id, (level, entity_id)))

    def changes(
        self, place: StoredSettings, *, limit: int, cursor: str | None
    ) -> tuple[list[SettingsChanged], str | None]:
        """Who changed what at the place, the newest first."""
        page = self.table.query(_log(place), newest_first=True, limit=limit, cursor=cursor)
        return [SettingsChanged.model_validate(item) for item in page.items], page.next_cursor


def _log(place: StoredSettings) -> str:
    return keys.setting_changes(place.tenant_id, place.level, place.entity_id)


def _item(place: StoredSettings) -> Item:
    pk, sk = inherited.key_of(place.tenant_id, (place.level, place.entity_id))
    order = keys.below(place.organization_path, f"{place.level}#{place.entity_id}")
    return place.model_dump(mode="json") | {
        "pk": pk,
        "sk": sk,
        "gsi1pk": keys.settings(place.tenant_id),
        "gsi1sk": order,
    }
