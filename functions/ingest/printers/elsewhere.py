"""What other contexts know of the printers of a list: their way into the programme, names, eligibility."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass

from shared.directory.reader import AccountsDirectory, EligibilityDirectory
from shared.directory.views import ManagedStatus, PrinterState, PrinterView
from shared.eligibility.catalogue import Catalogue
from shared.eligibility.circumstances import circumstances_of
from shared.eligibility.rules import evaluate
from shared.eligibility.statuses import EligibilityStatus
from shared.table import Item


@dataclass(frozen=True, slots=True)
class Directories:
    """`functions.ingest.printers.rows.Elsewhere`, read from the other contexts' tables."""

    accounts: AccountsDirectory
    eligibility: EligibilityDirectory
    required_agent_version: str

    def statuses_of(self, tenant_id: str, printer_ids: Sequence[str]) -> list[ManagedStatus]:
        """How far each printer is on its way into the programme."""
        known = self.eligibility.statuses_of(tenant_id, printer_ids)
        return [known.get(printer_id, ManagedStatus.UNMANAGED) for printer_id in printer_ids]

    def names_of(self, tenant_id: str, metas: Sequence[Item]) -> dict[str, str]:
        """The names of the organisations and sites of printers, by id."""
        organizations = {meta["organization_id"] for meta in metas}
        return self.accounts.names_of(tenant_id, organizations, {meta["site_id"] for meta in metas})

    def judged(
        self,
        tenant_id: str,
        metas: Sequence[Item],
        states: Mapping[str, PrinterState],
        statuses: Sequence[ManagedStatus],
        agents: Container[str],
    ) -> list[EligibilityStatus]:
        """What the rule of eligibility says of each printer (ELG-01), as an evaluation would at this moment."""
        reachable = self.accounts.printers_with_contact(tenant_id, [meta["printer_id"] for meta in metas])
        catalogue = Catalogue.of(self.eligibility.models())
        circumstances = (
            circumstances_of(
                PrinterView.model_validate(meta),
                states.get(meta["printer_id"]),
                managed,
                catalogue,
                has_agent=meta.get("agent_id") in agents,
                has_contact=meta["printer_id"] in reachable,
            )
            for meta, managed in zip(metas, statuses, strict=True)
        )
        return [evaluate(each, self.required_agent_version).status for each in circumstances]
