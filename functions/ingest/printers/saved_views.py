"""Saved views: a filter, an order and columns under a name, of an organisation and perhaps of those below it.

All views of an organisation are one item, written at the version that was read: a name is unique and the number
bounded whoever writes at once.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final

from pydantic import BaseModel, Field, StringConstraints

from functions.ingest.printers.columns import Column
from functions.ingest.printers.filter import PrinterFilter, Sort
from functions.ingest.table import keys
from functions.ingest.table.ports import Documents
from shared.clock import key_time
from shared.errors import Conflict, FieldError, Invalid, NotFound
from shared.etag import require_match
from shared.http import ApiModel
from shared.ids import EntityId, new_id
from shared.table import Item
from shared.visibility import Visible
from shared.wire.base import UtcDatetime
from shared.written_numbers import YesOrNo

MOST_VIEWS: Final = 50
MOST_OCTETS: Final = 6_000
"""Of one view: fifty fit into an item."""
_TRIES: Final = 4


class ViewChange(ApiModel):
    """A view as people write it."""

    name: Annotated[
        str,
        StringConstraints(strip_whitespace=True, min_length=1, max_length=100),
        Field(examples=["Silent, by customer"]),
    ]
    filter: PrinterFilter = PrinterFilter()
    sort: Sort = Sort.ORGANIZATION
    columns: list[Column] = Field(
        default_factory=list, max_length=len(Column), description="In this order; empty: the usual ones"
    )
    shared: YesOrNo = Field(default=False, description="Seen, not changed, by the organisations below")


class NewView(ViewChange):
    """A view to be saved."""

    organization_id: EntityId | None = Field(default=None, description="Whose; the key's own organisation if left out")


class SavedView(BaseModel):
    """A view as it is kept."""

    view_id: EntityId
    organization_id: EntityId
    name: str
    filter: PrinterFilter
    sort: Sort
    columns: list[Column]
    shared: bool
    version: int
    updated_at: UtcDatetime


class ViewPage(BaseModel):
    """A page of views, in order of name."""

    items: list[SavedView]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class SavedViews:
    """The views of organisations."""

    documents: Documents

    def all(self, visible: Visible) -> list[SavedView]:
        """The organisation's own and those that an organisation above it shares, by name."""
        own = _own(visible)
        ids = visible.path.strip("/").split("/")
        found = self.documents.load([keys.saved_views(visible.tenant_id, each) for each in ids])
        views = (view for item in found.values() for view in _views(item))
        return sorted(
            (view for view in views if view.shared or view.organization_id == own),
            key=lambda view: (view.name.casefold(), view.view_id),
        )

    def get(self, visible: Visible, view_id: str) -> SavedView:
        """One of them.

        Raises:
            NotFound: There is none of that id, or it is another's.
        """
        found = next((view for view in self.all(visible) if view.view_id == view_id), None)
        if found is None:
            raise NotFound("saved view", view_id)
        return found

    def create(self, visible: Visible, wanted: ViewChange, now: datetime) -> SavedView:
        """Save a view. Its unique name makes a repeat a refusal.

        Raises:
            Conflict: ``name_taken``, ``too_many_views`` or ``views_busy``.
            Invalid: ``view_too_large``.
        """
        view_id = new_id("vw")

        def add(views: dict[str, Item]) -> dict[str, Item]:
            if len(views) >= MOST_VIEWS:
                raise Conflict("too_many_views", f"An organisation has at most {MOST_VIEWS} views; delete one first.")
            return views | {view_id: _entry(wanted, 1, now)}

        return self._changed(visible, view_id, add, wanted)

    def change(
        self, visible: Visible, view_id: str, wanted: ViewChange, *, if_match: str | None, now: datetime
    ) -> SavedView:
        """Replace a view that the writer has seen. The version makes a repeat a refusal.

        Raises:
            NotFound: The organisation has none of that id; one that is shared from above is not its own.
            PreconditionRequired: Without ``if_match``.
            PreconditionFailed: It is another version by now.
            Conflict: ``name_taken`` or ``views_busy``.
            Invalid: ``view_too_large``.
        """

        def replace(views: dict[str, Item]) -> dict[str, Item]:
            version = _seen(views, view_id, if_match)
            return views | {view_id: _entry(wanted, version + 1, now)}

        return self._changed(visible, view_id, replace, wanted)

    def delete(self, visible: Visible, view_id: str, *, if_match: str | None) -> None:
        """Delete a view that the writer has seen; the errors of `change`. A repeat finds none."""

        def remove(views: dict[str, Item]) -> dict[str, Item]:
            _seen(views, view_id, if_match)
            return {each: view for each, view in views.items() if each != view_id}

        self._written(visible, remove)

    def _changed(
        self, visible: Visible, view_id: str, change: Callable[[dict[str, Item]], dict[str, Item]], wanted: ViewChange
    ) -> SavedView:
        if len(wanted.model_dump_json().encode()) > MOST_OCTETS:
            error = FieldError("/filter", f"Name fewer values; a view has at most {MOST_OCTETS} octets.")
            raise Invalid("view_too_large", "The view is too large.", (error,))

        def checked(views: dict[str, Item]) -> dict[str, Item]:
            after = change(views)
            names = [view["name"].casefold() for each, view in after.items() if each != view_id]
            if wanted.name.casefold() in names:
                error = FieldError("/name", "Choose another name, or change that view.")
                raise Conflict("name_taken", "The organisation has a view of this name.", (error,))
            return after

        item = self._written(visible, checked)
        return next(view for view in _views(item) if view.view_id == view_id)

    def _written(self, visible: Visible, change: Callable[[dict[str, Item]], dict[str, Item]]) -> Item:
        key = keys.saved_views(visible.tenant_id, _own(visible))
        for _ in range(_TRIES):
            stored = self.documents.load([key]).get(key)
            before: Item = stored or {"pk": key[0], "sk": key[1], "organization_id": _own(visible), "views": {}}
            after = before | {"views": change(before["views"])}
            if self.documents.save(after):
                return after
        raise Conflict("views_busy", "The organisation's views are being changed by others; try again.")


def _own(visible: Visible) -> str:
    return visible.path.rstrip("/").rpartition("/")[2]


def _entry(wanted: ViewChange, version: int, now: datetime) -> Item:
    kept: dict[str, Any] = wanted.model_dump(mode="json", include=set(ViewChange.model_fields))
    return kept | {"version": version, "updated_at": key_time(now)}


def _seen(views: dict[str, Item], view_id: str, if_match: str | None) -> int:
    if view_id not in views:
        raise NotFound("saved view", view_id)
    version = int(views[view_id]["version"])
    require_match(if_match, version)
    return version


def _views(item: Item) -> Iterator[SavedView]:
    for view_id, view in item["views"].items():
        yield SavedView.model_validate(view | {"view_id": view_id, "organization_id": item["organization_id"]})
