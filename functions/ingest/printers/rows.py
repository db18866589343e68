"""Printers in short, made of their own items and what is joined: state, last news, programme, silence, names."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from functions.ingest.agents.agent import not_heard
from functions.ingest.printers.models import Printer, shown
from functions.ingest.silence.episodes import Stage
from functions.ingest.silence.heard import with_heard
from functions.ingest.table import keys
from functions.ingest.table.ports import Documents
from shared.clock import from_key_time
from shared.directory.views import ManagedStatus, PrinterState
from shared.table import Item

StatusesOf = Callable[[str, Sequence[str]], list[ManagedStatus]]
NamesOf = Callable[[str, Sequence[Item]], dict[str, str]]


@dataclass(frozen=True, slots=True)
class PrinterRows:
    """Joins a page of printers: six reads of many keys, whatever the fleet's size.

    Args:
        documents: The fleet table.
        statuses_of: How far printers of a tenant are on their way into the programme.
        names_of: The names of the organisations and sites of printers, by id.
    """

    documents: Documents
    statuses_of: StatusesOf
    names_of: NamesOf

    def of(self, tenant_id: str, metas: Sequence[Item], now: datetime, *, consistent: bool = False) -> list[Printer]:
        """The printers of these items, in their order; their states perhaps as they were a moment before."""
        if not metas:
            return []
        ids = [meta["printer_id"] for meta in metas]
        read = self.documents.load([keys.state(tenant_id, each) for each in ids], consistent=consistent)
        states = with_heard(self.documents, read)
        state_of = {item["printer_id"]: item for item in states.values()}
        episodes = episodes_of(self.documents, tenant_id, list(state_of.values()), now)
        unheard = not_heard(self.documents, {meta["agent_id"] for meta in metas})
        names = self.names_of(tenant_id, metas)
        return [
            shown(
                meta,
                _state(state_of.get(meta["printer_id"])),
                managed,
                now,
                episode=episodes.get(meta["printer_id"]),
                agent_heard=meta["agent_id"] not in unheard,
                names=names,
            )
            for meta, managed in zip(metas, self.statuses_of(tenant_id, ids), strict=True)
        ]


def episodes_of(documents: Documents, tenant_id: str, states: Sequence[Item], now: datetime) -> dict[str, Item]:
    """The last episodes of those that are silent, by printer id; of states as `with_heard` gives them."""
    silent = [item["printer_id"] for item in states if Stage.at(from_key_time(item["heard_at"]), now)]
    found = documents.load([keys.silence(tenant_id, each) for each in silent], consistent=False)
    return {item["printer_id"]: item for item in found.values()}


def _state(item: Item | None) -> PrinterState | None:
    return PrinterState.model_validate(item) if item else None
