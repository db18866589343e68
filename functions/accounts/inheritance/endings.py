"""Use case: what was explicitly set at an organisation that is gone is set no more."""

from typing import Protocol

from functions.accounts.inheritance.models import StoredSettings
from functions.accounts.inheritance.settings import Fleet
from functions.accounts.tree.models import Organization
from shared.directory.inherited import Level
from shared.table import MAX_PAGE


class Forgetting(Protocol):
    """Where settings are kept and forgotten."""

    def below(
        self, tenant_id: str, path: str, *, limit: int, cursor: str | None
    ) -> tuple[list[StoredSettings], str | None]:
        """A page of the places of an organisation and all below it."""

    def forget(self, tenant_id: str, level: Level, entity_id: str) -> None:
        """Nothing is explicit at the place any more."""


def forget_settings(deleted: Organization, *, store: Forgetting, fleet: Fleet) -> None:
    """Forget the settings of a deleted organisation, and of what stood in it and is gone too.

    A printer or agent that moved elsewhere keeps its own, which are found where it stood when they were last changed.
    Safe to repeat, from any point.
    """
    store.forget(deleted.tenant_id, Level.ORGANIZATION, deleted.organization_id)
    cursor: str | None = None
    while True:
        places, cursor = store.below(deleted.tenant_id, deleted.path, limit=MAX_PAGE, cursor=cursor)
        for place in places:
            if not _lives_on(place, fleet):
                store.forget(place.tenant_id, place.level, place.entity_id)
        if cursor is None:
            return


def _lives_on(place: StoredSettings, fleet: Fleet) -> bool:
    if place.level is Level.PRINTER:
        return fleet.printer(place.tenant_id, place.entity_id) is not None
    return place.level is Level.AGENT and fleet.agent(place.tenant_id, place.entity_id) is not None
