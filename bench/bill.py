"""What a printer uses in a month, counted and assumed, and what AWS asks for it."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from math import ceil
from typing import Final

from bench import pages, prices
from bench.cloud import LOG_EVENT_OCTETS
from functions.ingest.agents.heartbeat import silent_after
from functions.ingest.meters.rollup import KEEP as KEEP_DAYS
from functions.ingest.silence.watch import LOOK_AT_PRINTERS, PRINTERS_WAIT

MEMORY_MB: Final = 512
AUTHORIZER_SECONDS: Final = 0.02
"""Billed for a signature check and one read; assumed."""
CONFIG_SECONDS: Final = 0.02
"""Billed for a 304; assumed."""
LOOK_WRITE_UNITS: Final = 3
"""Of the sweep's look at an agent that is heard: its watch, and its place in the due index taken out and put in."""
LOOK_READ_UNITS: Final = 2
"""The index, and the watch, the row and the contact of the agent, each perhaps a moment behind."""
PRINTER_READ_UNITS: Final = 0.5 + pages.READ_UNITS
"""Of the daily look at a printer: its state, perhaps a moment behind; and what its pages per month are counted from."""
AUTHORIZER_READ_UNITS: Final = 0.5
"""Of the agent's row, perhaps a moment behind."""
ACCESS_LOG_OCTETS: Final = 234 + LOG_EVENT_OCTETS
"""A line as `infra.agent_api` forms it. Lambda's own lines of these functions are not kept (`infra.function`)."""
THOUSAND: Final = 1_000
_FUNCTIONS: Final = 2
"""Of a request: the authorizer, and the one that answers."""
_DAY: Final = timedelta(days=1)
_WEEK: Final = 7


@dataclass(slots=True)
class Days:
    """Days of one agent, counted."""

    days: float
    printers: int
    heartbeat: timedelta
    uploads: int = 0
    config_polls: int = 0
    write_units: float = 0.0
    read_units: float = 0.0
    cpu_seconds: float = 0.0
    sent_octets: int = 0
    """Of the packed bodies of uploads."""
    log_octets: int = 0
    pages_write_units: float = 0.0
    """Of a printer and day, for the order of pages per month."""
    outcomes: Counter[str] = field(default_factory=Counter)
    writes: Counter[str] = field(default_factory=Counter)
    stored: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Bill:
    """What a printer and month use. Looks are those of the sweep, for silence and pages per month."""

    requests: float
    write_units: float
    read_units: float
    look_write_units: float
    look_read_units: float
    lambda_seconds: float
    """At `MEMORY_MB`."""
    sent_octets: float
    stored_octets: float
    log_octets: float

    @classmethod
    def of(cls, days: Days) -> "Bill":
        """Of an agent's days."""
        times = prices.MONTH_DAYS / days.days / days.printers
        looks = days.days * _looks_a_day(silent_after(days.heartbeat))
        requests = days.uploads + days.config_polls
        busy = days.cpu_seconds * prices.VCPU_MEMORY_MB / MEMORY_MB
        stored: dict[str, float] = dict(days.stored)
        stored["WEEK"] *= ceil((KEEP_DAYS.days + _WEEK) / _WEEK)
        return cls(
            requests=requests * times,
            write_units=days.write_units * times,
            read_units=(days.read_units + days.config_polls + requests * AUTHORIZER_READ_UNITS) * times,
            look_write_units=(looks * LOOK_WRITE_UNITS + days.days * days.printers * days.pages_write_units) * times,
            look_read_units=(looks * LOOK_READ_UNITS + days.days * days.printers * PRINTER_READ_UNITS) * times,
            lambda_seconds=(busy + days.config_polls * CONFIG_SECONDS + requests * AUTHORIZER_SECONDS) * times,
            sent_octets=days.sent_octets * times,
            stored_octets=sum(stored.values()) / days.printers,
            log_octets=(days.log_octets + requests * ACCESS_LOG_OCTETS) * times,
        )

    def dollars(self) -> dict[str, float]:
        """Of a thousand printers, by what is billed. What is sent to AWS costs nothing."""
        stored_gb = self.stored_octets / prices.GIGABYTE
        each = {
            "writes": self.write_units * prices.WRITE_UNIT,
            "reads": self.read_units * prices.READ_UNIT,
            "silence": self.look_write_units * prices.WRITE_UNIT + self.look_read_units * prices.READ_UNIT,
            "HTTP API": self.requests * prices.HTTP_API_REQUEST,
            "Lambda requests": _FUNCTIONS * self.requests * prices.LAMBDA_REQUEST,
            "Lambda time": self.lambda_seconds * MEMORY_MB / 1_024 * prices.LAMBDA_GB_SECOND_ARM,
            "storage and recovery": stored_gb * (prices.STORED_GB_MONTH + prices.RECOVERY_GB_MONTH),
            "logs": self.log_octets / prices.GIGABYTE * prices.LOG_GB,
        }
        return {name: dollars * THOUSAND for name, dollars in each.items()}


def _looks_a_day(until_silent: timedelta) -> float:
    """At most: one that is due for the agent serves its printers only when there are many."""
    for_printers = _DAY / (LOOK_AT_PRINTERS + PRINTERS_WAIT) if until_silent > PRINTERS_WAIT else 0
    return _DAY / until_silent + for_printers
