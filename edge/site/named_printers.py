"""Printers named by host name: which credential sets and exclusions hold for the address behind the name."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from typing import Final

from edge.snmp.credential_choice import sets_for
from edge.snmp.credentials import CredentialSet
from edge.snmp.resolve import Address, UnknownHost
from edge.snmp.target_entries import entries_in, is_one, split_port
from edge.snmp.targets import SNMP_PORT, Target, is_address, parse_targets

_AT_ONCE: Final = 16
Resolve = Callable[[str, int], Awaitable[Address]]


class NamedPrinters:
    """Knows the addresses of host names, as they were when last looked up.

    A community that is for a range is for the printers in it, however they are written; what is left out by its
    address is left out under its name too, and the other way round.

    Args:
        resolve: raises `UnknownHost` for a name without an address, or with one that is not allowed.
        sets: all credential sets of the site.
        exclude: entries of `edge.snmp.targets.parse_targets`, readable ones.
    """

    def __init__(self, resolve: Resolve, sets: tuple[CredentialSet, ...], exclude: Iterable[str] = ()) -> None:
        self._resolve = resolve
        self._sets = sets
        self._exclude = list(exclude)
        self._left_out = [entry for entry in map(_as_name, entries_in(self._exclude)) if entry is not None]
        self._addresses: dict[str, str] = {}

    async def resolve(self, host: str, port: int) -> Address:
        """The address of a name, kept for `settled`; raises `UnknownHost`."""
        address, port = await self._resolve(host, port)
        if not is_address(host):
            self._addresses[host] = address
        return address, port

    async def look_up(self, targets: Iterable[Target] = ()) -> None:
        """Look up the names of targets and those of ``exclude``. One that has no address now keeps its last."""
        names = {target.host for target in targets if not is_address(target.host)}
        names.update(host for host, _ in self._left_out)
        places = asyncio.Semaphore(_AT_ONCE)

        async def one(name: str) -> None:
            async with places:
                try:
                    await self.resolve(name, SNMP_PORT)
                except UnknownHost:
                    return

        await asyncio.gather(*map(one, names))

    def settled(self, targets: Iterable[Target]) -> list[Target]:
        """The targets that are not left out by name or address, each with the sets for its address."""
        every = list(targets)
        places = {target: self._place(target) for target in every}
        behind = {str(place) for target, place in places.items() if place != target}
        asked = set(parse_targets(behind, exclude=self._exclude))
        excluded = {(self._addresses[host], port) for host, port in self._left_out if host in self._addresses}
        kept = []
        for target in every:
            place = places[target]
            if (place != target and place not in asked) or excluded & {(place.host, None), (place.host, place.port)}:
                continue
            own = sets_for(target, self._sets, address=place.host) if place != target else target.credentials
            kept.append(replace(target, credentials=own))
        return kept

    def _place(self, target: Target) -> Target:
        """The target by its address, where that is known."""
        address = self._addresses.get(target.host)
        return target if address is None else replace(target, host=address)


def _as_name(entry: str) -> tuple[str, int | None] | None:
    """The host name and port of an entry; None when it is an address, range or block."""
    host, port = split_port(entry)
    return (host.lower(), port) if is_one(host) and not is_address(host) else None
