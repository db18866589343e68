"""Use cases of settings that resolve down the tree: seen, set, reset, and reset below (ENT-02)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from functions.accounts.inheritance.models import (
    PlaceSettings,
    ResetBelow,
    SettingChanges,
    SettingsChange,
    SettingsChanged,
    StoredSettings,
    applied,
    differences,
    shown,
)
from functions.accounts.tree.models import Organization, Site
from functions.accounts.tree.places import visible_site
from functions.accounts.tree.ports import Places
from shared.directory.inherited import DEFINITIONS, Explicit, Level, places_of, resolve
from shared.directory.views import AgentView, PrinterView
from shared.errors import Conflict, NotFound
from shared.etag import changed_meanwhile, require_match
from shared.tenancy import Caller
from shared.visibility import visible_organization

RESET_AT_ONCE: Final = 50
"""Places that one request of a reset below looks at."""
_TRIES: Final = 3
_LEVELS: Final = {"org": Level.ORGANIZATION, "site": Level.SITE, "prn": Level.PRINTER, "agt": Level.AGENT}


class SettingStore(Protocol):
    """What is explicit at each place of the tree."""

    def stored(self, tenant_id: str, level: Level, entity_id: str) -> StoredSettings | None:
        """What is explicit at the place, or None when nothing ever was."""

    def chain(self, tenant_id: str, places: Sequence[tuple[Level, str]]) -> list[Explicit]:
        """What is explicit at each of the places, as of now."""

    def change(
        self, seen: StoredSettings, after: StoredSettings, changes: Sequence[SettingsChange], *, by: str, at: datetime
    ) -> bool:
        """Write a place over the version that was seen; False when it has changed."""

    def below(
        self, tenant_id: str, path: str, *, limit: int, cursor: str | None
    ) -> tuple[list[StoredSettings], str | None]:
        """A page of the places of an organisation and all below it."""

    def changes(
        self, place: StoredSettings, *, limit: int, cursor: str | None
    ) -> tuple[list[SettingsChanged], str | None]:
        """Who changed what at the place, the newest first."""


class Fleet(Protocol):
    """Where printers and agents stand."""

    def printer(self, tenant_id: str, printer_id: str) -> PrinterView | None:
        """The printer, or None."""

    def agent(self, tenant_id: str, agent_id: str) -> AgentView | None:
        """The agent, or None."""


@dataclass(frozen=True, slots=True)
class Tree:
    """What settings hang on, and where they are kept."""

    places: Places
    fleet: Fleet
    store: SettingStore

    def place(self, caller: Caller, entity_id: str) -> StoredSettings:
        """The place as it stands in the tree now, with what is explicit there; its id says of which level it is.

        Raises:
            NotFound: It is missing, of no level, or out of sight, which is not told apart.
        """
        level = _LEVELS.get(entity_id.partition("_")[0])
        if level is None:
            raise NotFound("place", entity_id)
        entity = self._entity(caller, level, entity_id)
        path = entity.path if isinstance(entity, Organization) else entity.organization_path
        stored = self.store.stored(entity.tenant_id, level, entity_id)
        return StoredSettings(
            tenant_id=entity.tenant_id,
            organization_id=entity.organization_id,
            organization_path=path,
            site_id=None if isinstance(entity, Organization) else entity.site_id,
            level=level,
            entity_id=entity_id,
            values=stored.values if stored else {},
            version=stored.version if stored else 0,
        )

    def _entity(self, caller: Caller, level: Level, entity_id: str) -> Organization | Site | PrinterView | AgentView:
        if level is Level.ORGANIZATION:
            return visible_organization(self.places, caller, entity_id)
        if level is Level.SITE:
            return visible_site(self.places, caller, entity_id)
        look = self.fleet.printer if level is Level.PRINTER else self.fleet.agent
        entity = look(caller.tenant_id, entity_id)
        if entity is None or not caller.can_see(entity.organization_path):
            raise NotFound(level.value, entity_id)
        return entity


def settings_at(tree: Tree, caller: Caller, entity_id: str) -> tuple[PlaceSettings, int]:
    """Every setting in force at a place with where it comes from, and the version of what is explicit there."""
    place = tree.place(caller, entity_id)
    return _shown(tree, place), place.version


def change_settings(
    tree: Tree,
    caller: Caller,
    entity_id: str,
    changes: SettingChanges,
    if_match: str | None,
    now: datetime,
) -> tuple[PlaceSettings, int]:
    """Make settings explicit at a place, or inherited again.

    Safe to repeat: only over the version that ``if_match`` names.
    """
    seen = tree.place(caller, entity_id)
    require_match(if_match, seen.version)
    after = applied(seen, changes)
    changed = differences(seen, after)
    if not changed:
        return _shown(tree, seen), seen.version
    if not tree.store.change(seen, after, changed, by=caller.key_id, at=now):
        raise changed_meanwhile()
    return _shown(tree, after), after.version


def reset_below(
    tree: Tree,
    caller: Caller,
    entity_id: str,
    wanted: ResetBelow,
    *,
    cursor: str | None,
    now: datetime,
) -> tuple[int, str | None]:
    """Make settings inherited again at the places below one, `RESET_AT_ONCE` of them a time.

    Answers how many places were changed and the cursor to go on with, None at the end. Safe to repeat, from the start
    or from any cursor: what is inherited already stays so.
    """
    top = tree.place(caller, entity_id)
    prefix = top.organization_path if top.level is Level.ORGANIZATION else f"{top.organization_path}#"
    page, following = tree.store.below(top.tenant_id, prefix, limit=RESET_AT_ONCE, cursor=cursor)
    places = [each for each in page if _is_below(each, top)]
    return sum(_reset(tree, each, wanted, caller, now) for each in places), following


def changes_of(
    tree: Tree, caller: Caller, entity_id: str, *, limit: int, cursor: str | None
) -> tuple[list[SettingsChanged], str | None]:
    """Who changed what at a place, the newest first."""
    return tree.store.changes(tree.place(caller, entity_id), limit=limit, cursor=cursor)


def _is_below(place: StoredSettings, top: StoredSettings) -> bool:
    if (place.level, place.entity_id) == (top.level, top.entity_id):
        return False
    return top.level is Level.ORGANIZATION or place.site_id == top.entity_id


def _reset(tree: Tree, place: StoredSettings, wanted: ResetBelow, caller: Caller, now: datetime) -> bool:
    seen: StoredSettings | None = place
    for _ in range(_TRIES):
        names = [name for name in dict.fromkeys(wanted.names) if seen is not None and name in seen.values]
        if seen is None or not names:
            return False
        after = applied(seen, SettingChanges(set=[], reset=names))
        if tree.store.change(seen, after, differences(seen, after), by=caller.key_id, at=now):
            return True
        seen = tree.store.stored(place.tenant_id, place.level, place.entity_id)
    raise Conflict("settings_busy", "The settings below are being changed by others; try again.")


def _shown(tree: Tree, place: StoredSettings) -> PlaceSettings:
    level, entity_id = place.level, place.entity_id
    leaf = (level, entity_id) if level in {Level.PRINTER, Level.AGENT} else None
    places = places_of(place.organization_path, place.site_id, leaf)
    chain = tree.store.chain(place.tenant_id, places)
    applying = [
        shown(each, level, entity_id) for name, each in resolve(chain).items() if level in DEFINITIONS[name].levels
    ]
    return PlaceSettings(level=level, id=entity_id, settings=applying)
