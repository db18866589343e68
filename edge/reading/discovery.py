"""Finds printers among addresses: one small question each, all on one socket; the silent ones queue for later."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from typing import Final

from edge.profiles.makers import is_printer
from edge.reading.text import decode
from edge.snmp import oids
from edge.snmp.ber import MalformedReply
from edge.snmp.codec import Absent, Binding, Oid, PreparedRequest, RequestKind, Value
from edge.snmp.credentials import CredentialSet
from edge.snmp.earlier import Earlier
from edge.snmp.pacer import Pacer
from edge.snmp.resolve import Address, UnknownHost
from edge.snmp.session import BudgetSpent, ReaderLimits, Session
from edge.snmp.targets import Target
from edge.snmp.transport import NoAnswer, Received, SecuredQuestion, Transport

PROBE: Final = (oids.SYS_DESCR, oids.SYS_OBJECT_ID, oids.PRINTER_MIB)
"""GETNEXT of these shows the system group's identity and whether anything is there below the Printer-MIB."""

HURRIED_ROUNDS: Final = (0.4, 0.5, 1.0)
PATIENT_ROUNDS: Final = (1.0, 2.0, 5.0)
"""With a limit on the rate, waiting is not what takes the time: printers that wake slowly are found, too."""
_AT_ONCE: Final = 1_024


async def sweep(
    transport: Transport,
    targets: Sequence[Target],
    *,
    pacer: Pacer,
    on_progress: Callable[[int, int], None] | None = None,
    rounds: Sequence[float] | None = None,
) -> AsyncIterator[Target]:
    """The targets that answer as printers, as they answer; the credential set that they answered to comes first.

    Every target is asked once, with its first set; those that were silent are asked again only after all others had
    their turn, then with all their sets together. So what is no printer is asked one question, and a dead address
    takes no longer with many sets than with one.

    Args:
        transport: the socket.
        targets: where to look.
        pacer: spreads the questions.
        on_progress: called with the number of targets that are done and of all.
        rounds: how long to wait for an answer, round by round (seconds); `rounds_for` the rate unless told.
    """
    report = on_progress or _unreported
    queue = list(targets)
    done = 0
    for number, wait in enumerate(rounds or rounds_for(pacer)):
        silent: list[Target] = []
        prober = _Prober(transport, pacer, wait, all_sets=number > 0)
        for start in range(0, len(queue), _AT_ONCE):
            async for target, printer in prober.ask(queue[start : start + _AT_ONCE]):
                if printer is None:
                    silent.append(target)
                    continue
                done += 1
                report(done, len(targets))
                if printer:
                    yield target
        queue = silent
    report(len(targets), len(targets))


def rounds_for(pacer: Pacer) -> tuple[float, ...]:
    """How long each round waits, in seconds."""
    return PATIENT_ROUNDS if pacer.is_limited else HURRIED_ROUNDS


def answers_as_printer(bindings: Sequence[Binding]) -> bool:
    """Whether a probe's answer is a printer's.

    The Printer-MIB proves it. hrDeviceType does not: servers list the printers they queue for. Without the MIB
    the identity decides.
    """
    found: dict[Oid, Value] = {}
    for name, value in bindings:
        if isinstance(value, Absent):  # endOfMibView repeats the name that was asked for
            continue
        if name[: len(oids.PRINTER_MIB)] == oids.PRINTER_MIB:
            return True
        found[name[:-1]] = value
    object_id = found.get(oids.SYS_OBJECT_ID)
    descr = found.get(oids.SYS_DESCR)
    return is_printer(
        object_id if isinstance(object_id, tuple) and object_id != (0, 0) else None,
        decode(descr) if isinstance(descr, bytes) else None,
    )


def _unreported(_done: int, _all: int) -> None:
    """Progress that nobody asked for."""


class _Paced:
    """A transport whose every datagram waits for its turn: a v3 question is several."""

    def __init__(self, transport: Transport, pacer: Pacer) -> None:
        self._transport = transport
        self._pacer = pacer
        self.engines = transport.engines
        self.clock = transport.clock

    async def exchange(
        self,
        address: Address,
        request: PreparedRequest | SecuredQuestion,
        waits: tuple[float, ...],
        earlier: Earlier | None = None,
    ) -> Received:
        """As `Transport.exchange`, a turn before each sending."""
        for wait in waits[:-1]:
            await self._pacer.turn()
            with contextlib.suppress(NoAnswer, MalformedReply):
                return await self._transport.exchange(address, request, (wait,), earlier)
        await self._pacer.turn()
        return await self._transport.exchange(address, request, waits[-1:], earlier)


class _Prober:
    """Asks in one round."""

    def __init__(self, transport: Transport, pacer: Pacer, wait: float, *, all_sets: bool) -> None:
        self._transport = transport
        self._paced = _Paced(transport, pacer)
        self._limits = ReaderLimits(timeout_seconds=wait, retries=0)
        self._all_sets = all_sets

    async def ask(self, targets: Sequence[Target]) -> AsyncIterator[tuple[Target, bool | None]]:
        """Whether each is a printer, None for a silent one; in the order they answer."""
        tasks = [asyncio.create_task(self._probe(target)) for target in targets]
        try:
            for finished in asyncio.as_completed(tasks):
                yield await finished
        finally:
            for task in tasks:
                task.cancel()

    async def _probe(self, target: Target) -> tuple[Target, bool | None]:
        try:
            address = await self._transport.resolve(target.host, target.port)
        except UnknownHost:
            return target, False
        sets = target.credentials if self._all_sets else target.credentials[:1]
        if len(sets) == 1:
            return target, await self._answer(address, sets[0])
        answers = await asyncio.gather(*(self._answer(address, each) for each in sets))
        told = [(each, printer) for each, printer in zip(sets, answers, strict=True) if printer is not None]
        if not told:
            return target, None
        used, printer = max(told, key=lambda pair: bool(pair[1]))  # the first of those to whom it is a printer
        others = tuple(each for each in target.credentials if each is not used)
        return replace(target, credentials=(used, *others)), printer

    async def _answer(self, address: Address, credentials: CredentialSet) -> bool | None:
        """Whether a printer answers to the set; None when nobody does."""
        session = Session(self._paced, address, credentials, self._limits)
        try:
            reply = await session.ask(RequestKind.GET_NEXT, PROBE)
        except (NoAnswer, BudgetSpent):
            return None
        except MalformedReply:
            return False
        return answers_as_printer(reply.bindings)
