"""How many pages an office prints between two times: a working week with busy and quiet days."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from hashlib import blake2s

WORKING_WEEK = (1.0, 1.05, 1.1, 1.05, 0.8, 0.0, 0.0)
"""Share of a usual day printed on each weekday, Monday first."""


@dataclass(frozen=True, kw_only=True)
class Usage:
    """A printer's use. Days differ by up to ``spread`` either way, always the same for one ``seed``.

    Hours are the printer's own, in the zone of the times it is asked for. Pages are spread evenly over the
    opening hours, so that any two ways to cut a span into parts give the same sum.
    """

    pages_per_day: float
    seed: str = ""
    week: tuple[float, ...] = WORKING_WEEK
    spread: float = 0.3
    opens_at: int = 8
    closes_at: int = 18

    def _on_day(self, midnight: datetime) -> float:
        digest = blake2s(f"{self.seed}/{midnight.date()}".encode(), digest_size=2).digest()
        swing = int.from_bytes(digest, "big") / 0xFFFF * 2 - 1
        return self.pages_per_day * self.week[midnight.weekday()] * (1 + self.spread * swing)

    def pages(self, start: datetime, end: datetime) -> float:
        """Pages printed from ``start`` to ``end``; none when ``end`` is not later."""
        total = 0.0
        midnight = datetime.combine(start.date(), time(), start.tzinfo)
        while midnight < end:
            opens = midnight + timedelta(hours=self.opens_at)
            closes = midnight + timedelta(hours=self.closes_at)
            open_seconds = (min(end, closes) - max(start, opens)).total_seconds()
            if open_seconds > 0:
                total += self._on_day(midnight) * open_seconds / (closes - opens).total_seconds()
            midnight += timedelta(days=1)
        return total
