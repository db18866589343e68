"""How much of each organisation's fleet reports: from what the daily look at each agent's printers counted."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from pydantic import BaseModel, Field

from functions.ingest.silence.episodes import Stage
from functions.ingest.table import keys
from functions.ingest.table.ports import Documents
from shared.clock import from_key_time
from shared.errors import Conflict
from shared.ids import EntityId
from shared.names import GSI1
from shared.table import Item
from shared.visibility import Visible
from shared.wire.base import UtcDatetime

MOST_AGENTS: Final = 2_000
_PAGE: Final = 200


class Coverage(BaseModel):
    """How many printers there are and how many report: three days are enough, unless set otherwise (SUP-30)."""

    agents: int = Field(description="Agents whose printers were counted", examples=[2])
    printers: int = Field(examples=[14])
    reporting: int = Field(examples=[12])
    stale: int = Field(description="Not read for `silence_stale_days`", examples=[1])
    exception: int = Field(description="Not read for `silence_exception_days`", examples=[1])
    lost: int = Field(description="Not read for `silence_lost_days`; not part of the share", examples=[0])
    share: float | None = Field(
        description="Reporting of those that are not lost, from 0 to 1; null without any", examples=[0.857]
    )
    counted_since: UtcDatetime | None = Field(description="The oldest of the counts; each is at most a day old")


class OrganizationCoverage(Coverage):
    """The coverage of one organisation's own agents, without those of the organisations below it."""

    organization_id: EntityId


class CoverageReport(BaseModel):
    """Coverage of all that is asked for, and of each organisation with agents, the worst first."""

    total: Coverage
    organizations: list[OrganizationCoverage]


def coverage(documents: Documents, visible: Visible) -> CoverageReport:
    """The coverage of an organisation and those below it.

    Raises:
        Conflict: ``too_many_agents``: more than `MOST_AGENTS`; name an organisation below.
    """
    agents = _agents(documents, visible)
    found = documents.load([keys.watch(each["agent_id"]) for each in agents], consistent=False)
    by_organization: dict[str, list[Item]] = defaultdict(list)
    for watch in found.values():
        if "counts" in watch:
            by_organization[watch["organization_id"]].append(watch)
    organizations = [
        OrganizationCoverage(organization_id=organization_id, **dict(_summed(watches)))
        for organization_id, watches in by_organization.items()
    ]
    organizations.sort(key=lambda each: (1.0 if each.share is None else each.share, each.organization_id))
    return CoverageReport(
        total=_summed([watch for each in by_organization.values() for watch in each]), organizations=organizations
    )


def _agents(documents: Documents, visible: Visible) -> list[Item]:
    agents: list[Item] = []
    cursor: str | None = None
    partition = keys.agents_of_tenant(visible.tenant_id)
    while True:
        page = documents.page(partition, sk_prefix=visible.path, index=GSI1, limit=_PAGE, cursor=cursor)
        agents += page.items
        cursor = page.next_cursor
        if cursor is None:
            return agents
        if len(agents) >= MOST_AGENTS:
            detail = f"More than {MOST_AGENTS} agents; name an organisation below by 'organization_id'."
            raise Conflict("too_many_agents", detail)


def _summed(watches: Iterable[Item]) -> Coverage:
    watches = list(watches)
    counts = {name: sum(each["counts"][name] for each in watches) for name in ("reporting", *Stage)}
    expected = counts["reporting"] + counts[Stage.STALE] + counts[Stage.EXCEPTION]
    times = [from_key_time(each["printers_at"]) for each in watches]
    return Coverage(
        agents=len(watches),
        printers=expected + counts[Stage.LOST],
        share=round(counts["reporting"] / expected, 3) if expected else None,
        counted_since=min(times, default=None),
        **{str(name): count for name, count in counts.items()},
    )
