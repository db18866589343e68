"""Printers in short, made of their own items and what is joined: state, last news, programme, silence, names."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from functions.ingest.agents.agent import agents_of, refusal_of
from functions.ingest.identities.retirement import is_retired
from functions.ingest.printers.models import Printer, shown
from functions.ingest.silence.episodes import Stage, Stages, stages_of
from functions.ingest.silence.heard import with_heard
from functions.ingest.table import keys
from functions.ingest.table.ports import Documents
from shared.clock import from_key_time
from shared.directory.views import AgentView, ManagedStatus, PrinterState
from shared.eligibility.statuses import EligibilityStatus
from shared.table import Item


class Elsewhere(Protocol):
    """What other contexts know of printers."""

    def statuses_of(self, tenant_id: str, printer_ids: Sequence[str]) -> list[ManagedStatus]:
        """How far each printer is on its way into the programme."""
        ...

    def names_of(self, tenant_id: str, metas: Sequence[Item]) -> dict[str, str]:
        """The names of the organisations and sites of printers, by id."""
        ...

    def judged(
        self,
        tenant_id: str,
        metas: Sequence[Item],
        states: Mapping[str, PrinterState],
        statuses: Sequence[ManagedStatus],
        agents: Container[str],
    ) -> list[EligibilityStatus]:
        """What the rule of eligibility says of each printer, by its item, state, way into the programme and agent.

        ``agents`` are those that go on.
        """
        ...


@dataclass(frozen=True, slots=True)
class PrinterRows:
    """Joins a page of printers: seven reads of many keys, whatever the fleet's size."""

    documents: Documents
    elsewhere: Elsewhere

    def of(
        self,
        tenant_id: str,
        metas: Sequence[Item],
        now: datetime,
        *,
        consistent: bool = False,
        is_judged: bool = False,
    ) -> list[Printer]:
        """The printers of these items, in their order; their states perhaps as they were a moment before.

        With ``is_judged`` each has its eligibility status.
        """
        if not metas:
            return []
        ids = [meta["printer_id"] for meta in metas]
        read = self.documents.load([keys.state(tenant_id, each) for each in ids], consistent=consistent)
        states = with_heard(self.documents, read)
        state_of = {item["printer_id"]: item for item in states.values()}
        views = {each: PrinterState.model_validate(item) for each, item in state_of.items()}
        agent_ids = {meta["agent_id"] for meta in metas if "agent_id" in meta}
        stages = stages_of(self.documents, agent_ids)
        ways = {meta["printer_id"]: stages.get(meta.get("agent_id", ""), Stages()) for meta in metas}
        episodes = episodes_of(self.documents, tenant_id, list(state_of.values()), now, ways)
        agents = agents_of(self.documents, agent_ids)
        going_on = {each for each, row in agents.items() if AgentView.model_validate(row).goes_on(now)}
        names = self.elsewhere.names_of(tenant_id, metas)
        statuses = self.elsewhere.statuses_of(tenant_id, ids)
        judged: Sequence[EligibilityStatus | None] = [None] * len(metas)
        if is_judged:
            judged = self.elsewhere.judged(tenant_id, metas, views, statuses, going_on)
        return [
            shown(
                meta,
                views.get(meta["printer_id"]),
                managed,
                now,
                episode=episodes.get(meta["printer_id"]),
                agent_heard=not is_retired(meta) and refusal_of(agents.get(meta.get("agent_id", ""))) is None,
                stages=ways[meta["printer_id"]],
                names=names,
                eligibility=eligibility,
            )
            for meta, managed, eligibility in zip(metas, statuses, judged, strict=True)
        ]


def episodes_of(
    documents: Documents, tenant_id: str, states: Sequence[Item], now: datetime, stages: Mapping[str, Stages]
) -> dict[str, Item]:
    """The last episodes of those that are silent, by printer id; of states as `with_heard` gives them."""
    silent = [
        item["printer_id"]
        for item in states
        if Stage.at(from_key_time(item["heard_at"]), now, stages[item["printer_id"]])
    ]
    found = documents.load([keys.silence(tenant_id, each) for each in silent], consistent=False)
    return {item["printer_id"]: item for item in found.values()}
