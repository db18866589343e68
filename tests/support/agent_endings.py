"""An agent that is ended while its printers are being enrolled, step by step (AGT-01)."""

from collections.abc import Callable, Sequence
from datetime import timedelta

from functions.eligibility.enrolment.enrolling import confirm_enrolment
from functions.eligibility.wiring import sources
from functions.ingest.agents.ending import deactivate
from functions.ingest.table import keys
from functions.ingest.table.ports import Documents
from functions.ingest.table.repository import DynamoDocuments
from shared.clock import utc_now
from shared.directory.reader import EligibilityDirectory
from shared.directory.views import ManagedStatus
from shared.errors import Conflict, Unavailable
from shared.table import Item
from shared.visibility import Visible
from tests.support.api_events import AGENT, ROOT_ORGANIZATION, partner
from tests.support.eligibility import World, enrol, enrolment_input, fact_of, ready_to_enrol

VISIBLE = Visible(ROOT_ORGANIZATION, f"/{ROOT_ORGANIZATION}/")
OVER = {"deactivated", "deleted"}
"""Statuses of an agent that is ended."""
Step = Callable[[], None]
End = Callable[..., object]


class Race:
    """One printer being enrolled and its agent being ended, step by step."""

    def __init__(self, world: World) -> None:
        ready_to_enrol(world, partner())
        self.world = world
        self.printer = world.add_printer(1)
        world.add_agent(version=1, keys=[])
        world.fleet.put({"pk": keys.agent(AGENT)[0], "sk": f"{keys.AGENT_PRINTER_PREFIX}1", "printer_id": self.printer})
        self.documents: Documents = DynamoDocuments(world.fleet)
        self.asked: dict[str, str] | None = None
        self.between: dict[str, Step] = {}

    def request(self) -> None:
        """Ask for the printer to be enrolled."""
        self.asked = enrolment_input(enrol(partner(), self.printer))

    def confirm(self) -> None:
        """Decide finally; a decision that cannot be made now is made later, as the workflow does."""
        assert self.asked is not None
        try:
            confirm_enrolment(sources(), self.asked["tenant_id"], self.asked["enrolment_id"], utc_now())
        except Unavailable as busy:
            if busy.code != "agent_ending":
                raise

    def both(self) -> None:
        """Ask, and decide at once."""
        self.request()
        self.confirm()

    def end(self, how: End = deactivate, *, after: timedelta = timedelta(0)) -> bool:
        """End the agent; whether it ended. Calls back at each point between its reads and writes."""
        try:
            how(
                Watched(self.documents, self.step),
                VISIBLE,
                AGENT,
                statuses_of=self.statuses_of,
                key_id="key_1",
                now=utc_now() + after,
            )
        except Conflict as refused:
            if refused.code != "agent_has_managed_printers":
                raise
            return False
        return True

    def statuses_of(self, tenant_id: str, printer_ids: Sequence[str]) -> list[ManagedStatus]:
        """What ingest reads of eligibility's table."""
        self.step("before counting")
        found = EligibilityDirectory(self.world.eligibility).statuses_of(tenant_id, printer_ids)
        self.step("after counting")
        return [found.get(each, ManagedStatus.UNMANAGED) for each in printer_ids]

    def step(self, point: str) -> None:
        """Let the other one do what it does at this point, once."""
        self.between.pop(point, lambda: None)()

    def settle(self) -> None:
        """Whatever was put off is done."""
        if self.asked is None:
            self.request()
        self.confirm()

    @property
    def agent(self) -> Item:
        """Its row."""
        found = self.world.fleet.get(*keys.agent(AGENT))
        assert found is not None
        return found

    def holds(self) -> bool:
        """Whether the printer is managed, or on its way."""
        fact = fact_of(self.world, self.printer)
        return fact is not None and fact.status is not ManagedStatus.UNMANAGED


class Watched(DynamoDocuments):
    """Documents that let the other one in before and after what ends an agent is written."""

    def __init__(self, documents: Documents, step: Callable[[str], None]) -> None:
        assert isinstance(documents, DynamoDocuments)
        super().__init__(documents.table)
        object.__setattr__(self, "step", step)

    def save(self, item: Item) -> bool:
        self.step("before the word")  # type: ignore[attr-defined] # given above
        return super().save(item)

    def commit(self, items: Sequence[Item], **more: object) -> bool:
        self.step("before the end")  # type: ignore[attr-defined] # given above
        return super().commit(items, **more)  # type: ignore[arg-type] # what the use case gave
