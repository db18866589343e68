"""One printer's conversation: its address and credentials, and what it may cost in time and octets."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from edge.snmp.ber import MalformedReply
from edge.snmp.codec import Oid, PreparedRequest, Reply, RequestKind, prepare_for
from edge.snmp.credentials import CredentialSet, SnmpVersion
from edge.snmp.earlier import Earlier
from edge.snmp.exchange import CredentialRefused, Exchanges, NoAnswer, Received
from edge.snmp.resolve import Address
from edge.snmp.v1 import ask_all

__all__ = ["BudgetSpent", "CredentialRefused", "MalformedReply", "NoAnswer", "ReaderLimits", "Session"]


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
        credentials: the set to use.
        limits: what the printer may cost.

    Attributes:
        limits: what the printer may cost.
        requests: requests sent so far; a request that is sent again counts once.
        credentials: the set in use.
        can_bulk: whether one request can bring many rows. Over v1 it brings one row: many columns to a request,
            then, as each costs a request for each of its rows.
    """

    def __init__(
        self, transport: Exchanges, address: Address, credentials: CredentialSet, limits: ReaderLimits
    ) -> None:
        self.limits: Final = limits
        self.requests = 0
        self.credentials: Final = credentials
        self.can_bulk: Final = credentials.version is not SnmpVersion.V1
        self._exchange = _exchange(transport, address, credentials)
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

        Over v1 a GETBULK becomes a GETNEXT of all its names, and what is not there is marked as v2c marks it.

        Args:
            kind: the operation.
            names: the objects asked for.
            non_repeaters: GETBULK: leading names that are read once.
            repetitions: GETBULK: rows asked for in one reply.
            retries: fewer or more than the limits say.

        Raises:
            CredentialRefused: a `NoAnswer`: the printer is there, but refuses the set.
            NoAnswer: nothing came.
            MalformedReply: what came cannot be read.
            BudgetSpent: the printer has had its time or its octets.
        """
        if self.can_bulk:
            request = prepare_for(self.credentials, kind, names, non_repeaters, repetitions)
            return await self.send(request, retries=retries)

        async def ask_some(kind: RequestKind, names: tuple[Oid, ...]) -> Reply:
            return await self.send(prepare_for(self.credentials, kind, names), retries=retries)

        return await ask_all(ask_some, RequestKind.GET if kind is RequestKind.GET else RequestKind.GET_NEXT, names)

    def prepare(
        self, kind: RequestKind, names: tuple[Oid, ...], non_repeaters: int = 0, repetitions: int = 0
    ) -> PreparedRequest:
        """A request for `send`, encoded once and kept by whoever sends it again, with this set or an equal one.

        Args:
            kind: the operation; no GETBULK over v1.
            names: the objects asked for.
            non_repeaters: as of `ask`.
            repetitions: as of `ask`.
        """
        return prepare_for(self.credentials, kind, names, non_repeaters, repetitions)

    async def send(
        self, request: PreparedRequest, *, retries: int | None = None, earlier: Earlier | None = None
    ) -> Reply:
        """`ask` with a request that is already encoded; the printer's errors are in the reply, over v1 too.

        Args:
            request: of `prepare`.
            retries: as of `ask`.
            earlier: what was kept of the last reply to it, for `Codec.decode`.
        """
        left = self._deadline - asyncio.get_running_loop().time()
        if left <= 0:
            raise BudgetSpent(f"more than {self.limits.seconds_per_printer:g} s")
        if self._octets_left <= 0:
            raise BudgetSpent(f"more than {self.limits.octets_per_printer} octets")
        attempts = 1 + (self.limits.retries if retries is None else retries)
        wait = min(self.limits.timeout_seconds, left)
        self.requests += 1
        received = await self._exchange(request, (wait,) * attempts, earlier)
        self._octets_left -= received.octets
        return received.reply


def _exchange(
    transport: Exchanges, address: Address, credentials: CredentialSet
) -> Callable[[PreparedRequest, tuple[float, ...], Earlier | None], Awaitable[Received]]:
    if credentials.version is not SnmpVersion.V3:
        return partial(transport.exchange, address)
    from edge.snmp.secure_exchange import SecureExchange  # noqa: PLC0415 - 12 MB that a site without v3 is spared

    return SecureExchange(transport, address, credentials).exchange
