"""Finds printers among addresses: one small question each, all on one socket; the silent ones queue for later."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Final

from edge import oids
from edge.ber import MalformedReply
from edge.profiles import is_printer
from edge.snmp_codec import Absent, Binding, Oid, RequestKind, Value, prepare
from edge.targets import Target
from edge.text import decode
from edge.transport import NoAnswer, Pacer, Transport, UnknownHost

PROBE: Final = (oids.SYS_DESCR, oids.SYS_OBJECT_ID, oids.PRINTER_MIB)
"""GETNEXT of these shows the system group's identity and whether anything is there below the Printer-MIB."""

ROUND_SECONDS: Final = (0.5, 0.6, 1.0)
_AT_ONCE: Final = 1_024


async def sweep(
    transport: Transport,
    targets: Sequence[Target],
    *,
    pacer: Pacer,
    on_progress: Callable[[int, int], None] | None = None,
    rounds: Sequence[float] = ROUND_SECONDS,
) -> AsyncIterator[Target]:
    """The targets that answer as printers, as they answer.

    Every target is asked once; those that were silent are asked again only after all others had their turn.

    Args:
        transport: the socket.
        targets: where to look.
        pacer: spreads the questions.
        on_progress: called with the number of targets that are done and of all.
        rounds: how long to wait for an answer, round by round (seconds).
    """
    report = on_progress or _unreported
    queue = list(targets)
    done = 0
    for wait in rounds:
        silent: list[Target] = []
        for start in range(0, len(queue), _AT_ONCE):
            async for target, printer in _ask(transport, queue[start : start + _AT_ONCE], pacer, wait):
                if printer is None:
                    silent.append(target)
                    continue
                done += 1
                report(done, len(targets))
                if printer:
                    yield target
        queue = silent
    report(len(targets), len(targets))


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


async def _ask(
    transport: Transport, targets: Sequence[Target], pacer: Pacer, wait: float
) -> AsyncIterator[tuple[Target, bool | None]]:
    tasks = [asyncio.create_task(_probe(transport, target, pacer, wait)) for target in targets]
    try:
        for finished in asyncio.as_completed(tasks):
            yield await finished
    finally:
        for task in tasks:
            task.cancel()


async def _probe(transport: Transport, target: Target, pacer: Pacer, wait: float) -> tuple[Target, bool | None]:
    """Whether the target is a printer; None when it is silent."""
    try:
        await pacer.turn()
        address = await transport.resolve(target.host, target.port)
        received = await transport.exchange(address, prepare(RequestKind.GET_NEXT, target.community, PROBE), (wait,))
    except NoAnswer:
        return target, None
    except (MalformedReply, UnknownHost):
        return target, False
    return target, answers_as_printer(received.reply.bindings)
