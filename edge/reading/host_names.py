"""Host names among the criteria: resolved before a search, so that no printer is asked under two names."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Final

from edge.snmp.resolve import Address, UnknownHost
from edge.snmp.targets import Target, is_address

_AT_ONCE: Final = 16
_SAID_AT_MOST: Final = 5


async def asked_once(
    targets: Iterable[Target], resolve: Callable[[str, int], Awaitable[Address]]
) -> tuple[list[Target], str | None]:
    """The targets without doubles, and which names cannot be asked; None when all can.

    A printer that is named and lies in a range as well is known by its name: that is what a changed address leaves.

    Args:
        targets: where to look.
        resolve: raises `UnknownHost` for a name without an address, or with one that is not allowed.
    """
    every = list(targets)
    named = [target for target in every if not is_address(target.host)]
    if not named:
        return every, None
    places = asyncio.Semaphore(_AT_ONCE)

    async def address_of(target: Target) -> Address | str:
        async with places:
            try:
                return await resolve(target.host, target.port)
            except UnknownHost as error:
                return str(error)

    found = await asyncio.gather(*map(address_of, named))
    by_address: dict[Address, Target] = {}
    problems: list[str] = []
    for target, address in zip(named, found, strict=True):
        if isinstance(address, str):
            problems.append(address)
        else:
            by_address.setdefault(address, target)
    numbered = [t for t in every if is_address(t.host) and (t.host, t.port) not in by_address]
    said = "; ".join(problems[:_SAID_AT_MOST]) + ("; and more" if len(problems) > _SAID_AT_MOST else "")
    return [*by_address.values(), *numbered], said or None
