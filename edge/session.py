"""One printer's conversation: its address and community, and what it may cost in time and octets."""

import asyncio
from dataclasses import dataclass
from typing import Final

from edge.ber import MalformedReply
from edge.snmp_codec import Oid, PreparedRequest, Reply, RequestKind, prepare
from edge.transport import Address, NoAnswer, Transport

__all__ = ["BudgetSpent", "MalformedReply", "NoAnswer", "ReaderLimits", "Session"]


class BudgetSpent(Exception):
    """The printer used up its time or its octets; what it answered so far is kept."""


@dataclass(frozen=True, slots=True)
class ReaderLimits:
    """What one printer may cost.

    Attributes:
        seconds_per_printer: all requests of one reading together.
        octets_per_printer: all replies of one reading together.
        rows_per_table: rows kept of one table; a longer table counts as not read to its end.
        timeout_seconds: wait for one reply.
        retries: times a request is sent again.
    """

    seconds_per_printer: float = 20.0
    octets_per_printer: int = 512 * 1024
    rows_per_table: int = 64
    timeout_seconds: float = 2.0
    retries: int = 1


class Session:
    """Asks one printer, within its limits.

    Args:
        transport: the socket shared by all printers.
        address: where to send.
        community: v2c community.
        limits: what the printer may cost.
    """

    def __init__(self, transport: Transport, address: Address, community: str, limits: ReaderLimits) -> None:
        self.limits: Final = limits
        self.requests = 0
        self._transport = transport
        self._address = address
        self._community = community
        self._octets_left = limits.octets_per_printer
        self._deadline = asyncio.get_running_loop().time() + limits.seconds_per_printer

    async def ask(
        self,
        kind: RequestKind,
        names: tuple[Oid, ...],
        *,
        non_repeaters: int = 0,
        repetitions: int = 0,
        retries: int | None = None,
    ) -> Reply:
        """Send one request and decode its reply.

        Args:
            kind: the operation.
            names: the objects asked for.
            non_repeaters: GETBULK: leading names that are read once.
            repetitions: GETBULK: rows asked for in one reply.
            retries: fewer or more than the limits say.

        Raises:
            NoAnswer: nothing came.
            MalformedReply: what came cannot be read.
            BudgetSpent: the printer has had its time or its octets.
        """
        return await self.send(prepare(kind, self._community, names, non_repeaters, repetitions), retries=retries)

    def prepare_get(self, names: tuple[Oid, ...]) -> PreparedRequest:
        """A GET for `send`, encoded once and kept by whoever sends it again."""
        return prepare(RequestKind.GET, self._community, names)

    async def send(self, request: PreparedRequest, *, retries: int | None = None) -> Reply:
        """`ask` with a request that is already encoded."""
        left = self._deadline - asyncio.get_running_loop().time()
        if left <= 0:
            raise BudgetSpent(f"more than {self.limits.seconds_per_printer:g} s")
        if self._octets_left <= 0:
            raise BudgetSpent(f"more than {self.limits.octets_per_printer} octets")
        attempts = 1 + (self.limits.retries if retries is None else retries)
        wait = min(self.limits.timeout_seconds, left)
        self.requests += 1
        received = await self._transport.exchange(self._address, request, (wait,) * attempts)
        self._octets_left -= received.octets
        return received.reply
