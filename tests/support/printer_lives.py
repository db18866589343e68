"""A fleet in which printers live: agents that read them, one after another, and what is stored of them."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from functions.ingest.table import keys
from functions.ingest.table.holdings import Holding, HoldingsOf
from functions.ingest.table.ports import Documents
from functions.ingest.uploads.accept_upload import accept_upload
from shared.table import Item
from shared.visibility import Visible
from shared.wire.reading import PrinterReading
from tests.support.api_events import AGENT, CHILD_ORGANIZATION, ROOT_ORGANIZATION, SITE
from tests.support.ingest import NOW, FakeDocuments, reading, sender, upload

TENANT: Final = ROOT_ORGANIZATION
OTHER_AGENT: Final = "agt_01jd2x00000000000000000002"
THIRD_AGENT: Final = "agt_01jd2x00000000000000000003"
OTHER_SITE: Final = "site_01jd2x00000000000000000002"
OTHER_ORGANIZATION: Final = "org_01jd2x00000000000000000003"
KEY: Final = "key_01jd2x00000000000000000001"
CHILD_PATH: Final = f"/{ROOT_ORGANIZATION}/{CHILD_ORGANIZATION}/"
ALL: Final = Visible(TENANT, f"/{TENANT}/")
SITES: Final = {AGENT: SITE, OTHER_AGENT: SITE, THIRD_AGENT: OTHER_SITE}
"""The first two agents are at one site, the third at another."""


@dataclass
class Fleet:
    """The readings of several agents in one store; a reading's time is also when it arrives."""

    documents: Documents = field(default_factory=FakeDocuments)
    uploads: int = 0

    def __post_init__(self) -> None:
        for agent_id in SITES:
            self.stands(agent_id)

    def stands(self, agent_id: str, *, status: str = "active", **more: Any) -> None:  # noqa: ANN401 - of its row
        """An agent's row as it is from now on."""
        key = keys.agent(agent_id)
        version = self.documents.load([key]).get(key, {}).get("version", 0)
        place = {"tenant_id": TENANT, "organization_id": CHILD_ORGANIZATION, "organization_path": CHILD_PATH}
        names = {"pk": key[0], "sk": key[1], "agent_id": agent_id, "site_id": SITES[agent_id], "keys": []}
        assert self.documents.save(names | place | {"status": status, "version": version} | more)

    def read(self, agent_id: str = AGENT, *, after: timedelta = timedelta(), **said: Any) -> str:  # noqa: ANN401 - as `reading`
        """A reading by an agent some time after `NOW`; the id of its printer."""
        at = NOW + after
        taken = reading(f"r-{agent_id[-1]}-{self.uploads}", taken_at=at, **said)
        return self.send(agent_id, taken, now=at)

    def send(self, agent_id: str, *readings: PrinterReading, now: datetime, **who: Any) -> str:  # noqa: ANN401 - as `sender`
        """An upload of an agent; the id of the printer of its last reading."""
        self.uploads += 1
        by = sender(now=now, agent_id=agent_id, **{"site_id": SITES[agent_id], **who})
        sent = upload(*readings, seq=self.uploads, sent_at=now)
        receipt = accept_upload(sent, sender=by, config_etag='"c"', documents=self.documents)
        printer_id = receipt.outcomes[-1].printer_id
        assert printer_id is not None, receipt.outcomes
        return printer_id

    def meta(self, printer_id: str) -> Item:
        """Who the printer is."""
        key = keys.meta(TENANT, printer_id)
        return self.documents.load([key])[key]

    def state(self, printer_id: str) -> Item:
        """Its latest reading."""
        key = keys.state(TENANT, printer_id)
        return self.documents.load([key])[key]

    def story(self, printer_id: str) -> list[str]:
        """What happened to it."""
        partition, _ = keys.meta(TENANT, printer_id)
        return [item["what"] for item in self.documents.page(partition, sk_prefix=keys.AUDIT_PREFIX).items]

    def agents_of(self, printer_id: str) -> set[str]:
        """The agents that it is linked to."""
        links = {keys.agent_printer(agent_id, printer_id): agent_id for agent_id in SITES}
        return {links[key] for key in self.documents.load(list(links))}

    def events(self, name: str) -> list[Item]:
        """Events of a name on their way to the bus."""
        assert isinstance(self.documents, FakeDocuments)
        return [item["event"] for item in self.documents.of_kind("EVENT") if item["event"]["name"] == name]


def holding(held: dict[str, set[Holding]] | None = None) -> HoldingsOf:
    """What other contexts have of printers, by id; of all others nothing."""
    return lambda _tenant_id, printer_id: frozenset((held or {}).get(printer_id, set()))
