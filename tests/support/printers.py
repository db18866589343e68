"""Builders for the simulated printers: a clock that is set by hand, a small printer, requests."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from local.printers import ber
from local.printers.behaviour import Behaviour
from local.printers.messages import V2C, Operation
from local.printers.rows import Oid
from local.printers.supplies import Supply
from local.printers.usage import Usage

MONDAY_MORNING = datetime(2026, 3, 2, 8, tzinfo=UTC)
STEADY_WEEK = (1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0)


@dataclass
class HandClock:
    """A clock that shows what it is told."""

    time: datetime = MONDAY_MORNING

    def now(self) -> datetime:
        """The time it was set to."""
        return self.time

    def pass_time(self, **amount: float) -> None:
        """Moves on, by the keywords of ``timedelta``."""
        self.time += timedelta(**amount)


def steady(pages_per_day: float) -> Usage:
    """The same number of pages each working day."""
    return Usage(pages_per_day=pages_per_day, week=STEADY_WEEK, spread=0)


def toner(*, percent: float | None = 50.0, yield_pages: int = 1_000, serial: str = "SN1") -> Supply:
    """A black toner with part and serial number in its description."""
    return Supply(
        index=1,
        name="Black Toner",
        percent=percent,
        yield_pages=yield_pages,
        colorant=1,
        part_number="PN1",
        serial=serial,
    )


def living(clock: HandClock, *supplies: Supply, pages_per_day: float = 100) -> Behaviour:
    """A behaviour that prints a steady number of pages each working day."""
    return Behaviour(clock=clock, usage=steady(pages_per_day), supplies=supplies)


def request_octets(
    operation: Operation,
    *oids: Oid,
    version: int = V2C,
    community: bytes = b"public",
    request_id: int = 4711,
    non_repeaters: int = 0,
    max_repetitions: int = 0,
) -> bytes:
    """A request as it travels."""
    bindings = b"".join(ber.encode_tlv(0x30, ber.encode_oid(oid) + ber.NULL) for oid in oids)
    pdu = b"".join(ber.encode_integer(number) for number in (request_id, non_repeaters, max_repetitions))
    return ber.encode_tlv(
        0x30,
        ber.encode_integer(version)
        + ber.encode_tlv(ber.OCTET_STRING, community)
        + ber.encode_tlv(operation, pdu + ber.encode_tlv(0x30, bindings)),
    )
