"""Tags on printers: kept in a printer's own item, and counted by organisation in the same transaction."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import BaseModel, Field, model_validator

from functions.ingest.identities.retirement import is_retired
from functions.ingest.lineages.counted_tags import counted, steps_between
from functions.ingest.lineages.merging import surviving
from functions.ingest.printers.tag_text import MOST_ON_A_PRINTER, Tag
from functions.ingest.table import keys
from functions.ingest.table.ports import Documents
from shared.errors import Conflict
from shared.http import ApiModel
from shared.ids import EntityId
from shared.table import Item
from shared.visibility import Visible

MOST_PRINTERS: Final = 100
MOST_COUNTS: Final = 2_000
_TRIES: Final = 4
_PAGE: Final = 200
Tags = Annotated[list[Tag], Field(max_length=MOST_ON_A_PRINTER)]


class TagChange(ApiModel):
    """What becomes of the tags of some printers: other ones, or some more and some less."""

    printer_ids: list[EntityId] = Field(min_length=1, max_length=MOST_PRINTERS)
    set: Tags | None = Field(default=None, description="These instead of all there are", examples=[None])
    add: Tags = Field(default_factory=list, examples=[["lease-2024"]])
    remove: Tags = Field(default_factory=list, examples=[["stock"]])

    @model_validator(mode="after")
    def _one_way(self) -> "TagChange":
        if self.set is not None and (self.add or self.remove):
            raise ValueError("Give 'set', or 'add' and 'remove'")
        if self.set is None and not (self.add or self.remove):
            raise ValueError("Give 'set', 'add' or 'remove'")
        return self

    def of(self, tags: Sequence[str]) -> list[str]:
        """The tags after it, in order."""
        return sorted(set(self.set) if self.set is not None else (set(tags) - set(self.remove)) | set(self.add))


class TagOutcome(BaseModel):
    """What became of one printer: its tags, or why they stayed as they were."""

    printer_id: EntityId
    tags: list[str] | None = Field(description="As they are now; null when nothing was done", examples=[["lease-2024"]])
    code: str | None = Field(
        default=None,
        description="`not_found`, `printer_retired`, `too_many_tags` or `printer_busy`; null when it was done",
    )


class TagOutcomes(BaseModel):
    """What became of each printer, in the order given."""

    items: list[TagOutcome]


class TagUse(BaseModel):
    """A tag and how many printers have it."""

    tag: str = Field(examples=["lease-2024"])
    printers: int = Field(examples=[14])


class TagPage(BaseModel):
    """A page of tags, in their order."""

    items: list[TagUse]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class PrinterTags:
    """Reads and writes tags."""

    documents: Documents

    def change(self, visible: Visible, change: TagChange) -> list[TagOutcome]:
        """Change the tags of each printer by itself; of a merged one those of the printer that it became part of.

        Safe to repeat: the same tags twice are the same tags.
        """
        ids = list(dict.fromkeys(change.printer_ids))
        metas = self.documents.load([keys.meta(visible.tenant_id, each) for each in ids])
        done = {each: self._changed(visible, each, metas, change) for each in ids}
        return [done[each] for each in change.printer_ids]

    def used(self, visible: Visible) -> list[TagUse]:
        """The tags of an organisation's printers and of those below it.

        Raises:
            Conflict: ``too_many_tags``: more than `MOST_COUNTS` pairs of organisation and tag; name one below.
        """
        counts: Counter[str] = Counter()
        read, cursor = 0, None
        while True:
            page = self.documents.page(
                keys.tags_of_tenant(visible.tenant_id),
                sk_prefix=f"{keys.TAG_PREFIX}{visible.path}",
                limit=_PAGE,
                cursor=cursor,
            )
            for item in page.items:
                counts[item["tag"]] += item["printers"]
            read, cursor = read + len(page.items), page.next_cursor
            if cursor is None:
                return [TagUse(tag=tag, printers=number) for tag, number in sorted(counts.items()) if number > 0]
            if read >= MOST_COUNTS:
                raise Conflict("too_many_tags", "Too many tags to count; name an organisation below.")

    def _changed(self, visible: Visible, printer_id: str, metas: dict[keys.Key, Item], change: TagChange) -> TagOutcome:
        meta = metas.get(keys.meta(visible.tenant_id, printer_id))
        for _ in range(_TRIES):
            if meta is None or not visible.covers(meta["tenant_id"], meta["organization_path"]):
                return TagOutcome(printer_id=printer_id, tags=None, code="not_found")
            meta = surviving(self.documents, meta)
            if is_retired(meta):
                return TagOutcome(printer_id=printer_id, tags=None, code="printer_retired")
            before = meta.get("tags", [])
            after = change.of(before)
            if len(after) > MOST_ON_A_PRINTER:
                return TagOutcome(printer_id=printer_id, tags=None, code="too_many_tags")
            if after == before or self._write(meta, before, after):
                return TagOutcome(printer_id=printer_id, tags=after)
            meta = self.documents.load([keys.key_of(meta)]).get(keys.key_of(meta))
        return TagOutcome(printer_id=printer_id, tags=None, code="printer_busy")

    def _write(self, meta: Item, before: Sequence[str], after: Sequence[str]) -> bool:
        """The printer's item and the counts of its organisation, all at the versions that were read, or none."""
        counts = counted(self.documents, meta, steps_between(before, after))
        return self.documents.commit([meta | {"tags": list(after)}, *counts])
