"""A reading as it is stored by: who sent it, and all that is made of it once."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self
from zoneinfo import ZoneInfo

from functions.ingest.identities import ownership
from functions.ingest.identities.printer_meta import meta_digest
from functions.ingest.meters.readings import media_digest, media_of, placed_at, sections_of
from functions.ingest.meters.rollup import local_day
from functions.ingest.table.identity import Claim
from shared.attributes import Item
from shared.clock import key_time
from shared.tenancy import AgentCaller
from shared.wire.reading import PrinterReading


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sent the readings, when they arrived, and the time zone of the site they were taken at."""

    caller: AgentCaller
    agent_version: str
    zone: ZoneInfo
    now: datetime


@dataclass(frozen=True, slots=True)
class Taken:
    """A valid reading with all that is made of it once: its claim, its sections, the time it counts for, digests.

    ``sections`` are those of the state; `media` is made only when its digest says that it is needed.
    """

    reading: PrinterReading
    claim: Claim
    sections: dict[str, Any]
    at: datetime
    stamp: str
    day: str
    meta_digest: str
    media_digest: str | None

    @classmethod
    def of(cls, reading: PrinterReading, claim: Claim, sender: "Sender") -> Self:
        """A reading as its sender's."""
        at = placed_at(reading, sender.now)
        return cls(
            reading=reading,
            claim=claim,
            sections=sections_of(reading),
            at=at,
            stamp=key_time(at),
            day=local_day(at, sender.zone),
            meta_digest=meta_digest(claim, reading, sender.caller, sender.agent_version),
            media_digest=media_digest(reading),
        )

    @property
    def media(self) -> dict[str, Any]:
        """Trays, bins and covers, as they are stored."""
        return media_of(self.reading)

    def at_another_time(self, at: datetime, sender: "Sender") -> "Taken":
        """The same reading, counted for another time."""
        return replace(self, at=at, stamp=key_time(at), day=local_day(at, sender.zone))

    def follows(self, state: Item | None) -> bool:
        """True when it was taken after what is stored."""
        return state is None or self.stamp > state["taken_at"]

    def says_who(self, state: Item | None, agent_id: str) -> bool:
        """True when it follows the state, says of the printer what that agent said last, and leaves it its owner."""
        is_same = self.follows(state) and ownership.digest_by(state, agent_id) == self.meta_digest
        return is_same and not ownership.moves(state, agent_id, self.stamp)

    def says_media(self, state: Item | None) -> bool:
        """True when it follows the state and says the same of trays, bins and covers."""
        return state is not None and self.follows(state) and state.get("media_digest") == self.media_digest
