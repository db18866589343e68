"""A fleet of any printers in the in-memory store, for the tests of its list."""

from collections.abc import Container, Mapping, Sequence
from datetime import timedelta
from typing import Final

from functions.ingest.printers.listing import PrinterList
from functions.ingest.printers.place import placed
from functions.ingest.printers.rows import PrinterRows
from functions.ingest.table import keys, pages_order
from shared.clock import key_time
from shared.directory import keys as directory
from shared.directory.views import ManagedStatus, PrinterState
from shared.eligibility.statuses import EligibilityStatus
from shared.table import Item
from shared.visibility import Visible
from tests.support.api_events import AGENT, ROOT_ORGANIZATION, SITE
from tests.support.ingest import NOW, FakeDocuments

TENANT: Final = ROOT_ORGANIZATION
ROOT: Final = Visible(TENANT, f"/{TENANT}/")


def organization(number: int) -> str:
    """A customer's id."""
    return f"org_01jd2x000000000000000001{number:02d}"


def customer(number: int) -> Visible:
    """What is visible of one customer."""
    return Visible(TENANT, f"{ROOT.path}{organization(number)}/")


def printer_id(number: int) -> str:
    """A printer's id."""
    return f"prn_01jd2x0000000000000000{number:04d}"


class Fleet:
    """Printers with what is joined to them; everything that a list of them needs."""

    def __init__(self) -> None:
        self.documents = FakeDocuments()
        self.managed: dict[str, ManagedStatus] = {}
        self.eligibility: dict[str, EligibilityStatus] = {}
        pk, sk = keys.agent(AGENT)
        self.documents.replace(
            {
                "pk": pk,
                "sk": sk,
                "tenant_id": TENANT,
                "organization_id": TENANT,
                "organization_path": f"/{TENANT}/",
                "site_id": SITE,
                "agent_id": AGENT,
                "status": "active",
            }
        )

    def add(
        self,
        number: int,
        *,
        of: int = 1,
        level: float | None = None,
        age: timedelta = timedelta(minutes=5),
        managed: ManagedStatus = ManagedStatus.UNMANAGED,
        eligibility: EligibilityStatus = EligibilityStatus.NO_CONTACT,
        **fields: object,
    ) -> None:
        """A printer of a customer."""
        each, path = printer_id(number), customer(of).path
        tenancy = {"tenant_id": TENANT, "organization_id": organization(of), "organization_path": path}
        who = tenancy | {"printer_id": each, "site_id": SITE, "agent_id": AGENT}
        percent = {"index": "1.1", "level_state": "percent", "percent": level}
        supplies = [{"index": "1.1", "level_state": "unknown"} if level is None else percent]
        times = {"taken_at": key_time(NOW - age), "received_at": key_time(NOW - age)}
        state: Item = who | times | {"supplies": supplies, "reading_id": "r"}
        meta: Item = who | {
            "gsi1pk": directory.printers_of_tenant(TENANT),
            "gsi1sk": directory.printer_order(path, each),
            "registration": "registered",
            "first_seen_at": key_time(NOW - timedelta(days=10_000 - number)),
            **fields,
        }
        meta |= pages_order.place(meta)
        for key, item in (
            (keys.meta(TENANT, each), placed(meta, state)),
            (keys.state(TENANT, each), state),
        ):
            self.documents.replace({"pk": key[0], "sk": key[1], "version": 1, **item})
        self.managed[each] = managed
        self.eligibility[each] = eligibility

    def remove(self, number: int) -> None:
        """Take a printer away."""
        self.documents.remove(keys.meta(TENANT, printer_id(number)))

    @property
    def printers(self) -> PrinterList:
        """Its list."""
        return PrinterList(self.documents, PrinterRows(self.documents, self))

    def statuses_of(self, tenant_id: str, printer_ids: Sequence[str]) -> list[ManagedStatus]:
        """How far each printer is on its way into the programme."""
        assert tenant_id == TENANT
        return [self.managed[each] for each in printer_ids]

    def names_of(self, tenant_id: str, metas: Sequence[Item]) -> dict[str, str]:
        """A name for each organisation."""
        assert tenant_id == TENANT
        return {meta["organization_id"]: f"Customer {meta['organization_id'][-2:]}" for meta in metas}

    def judged(
        self,
        tenant_id: str,
        metas: Sequence[Item],
        states: Mapping[str, PrinterState],
        statuses: Sequence[ManagedStatus],
        agents: Container[str],
    ) -> list[EligibilityStatus]:
        """What was said of each printer; of those of which nothing was, that nobody takes its supplies."""
        assert tenant_id == TENANT
        assert len(metas) == len(statuses)
        assert all(meta["printer_id"] in states for meta in metas)
        return [self.eligibility.get(meta["printer_id"], EligibilityStatus.NO_CONTACT) for meta in metas]
