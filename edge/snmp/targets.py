"""Where to look for printers: addresses, ranges, blocks and host names, as people write them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from edge.snmp.credential_choice import sets_for
from edge.snmp.credentials import PUBLIC, CredentialSet, in_turn
from edge.snmp.target_entries import TargetError, addresses_of, entries_in, is_address, is_one, split_port

__all__ = ["SNMP_PORT", "Target", "TargetError", "is_address", "parse_targets"]

SNMP_PORT: Final = 161
_NAMED_AGAIN: Final = 2


@dataclass(frozen=True, slots=True)
class Target:
    """One address to ask, and the credential sets to try, in their order. Those take no part in comparison."""

    host: str
    port: int = SNMP_PORT
    credentials: tuple[CredentialSet, ...] = field(default=(PUBLIC,), repr=False, compare=False)
    named: bool = field(default=False, repr=False, compare=False)
    """Whether it was written as itself, not as one of a range or block."""

    def __str__(self) -> str:
        """The address as people write it; the port only when it is not SNMP's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == SNMP_PORT else f"{host}:{self.port}"


def parse_targets(
    lines: Iterable[str],
    *,
    exclude: Iterable[str] = (),
    credentials: tuple[CredentialSet, ...] = (PUBLIC,),
    limit: int = 65_536,
) -> list[Target]:
    """The targets that the entries name, each once, in their order.

    Args:
        lines: ``10.0.0.5``, ``10.0.0.5-10.0.0.20``, ``10.0.0.5-20``, ``10.0.0.0/24`` (host addresses only),
            ``printer.example.com``, each with an optional ``:port``. Blank entries and ``#`` comments are skipped.
        exclude: entries of the same form; one without a port excludes every port of its addresses.
        credentials: the sets to choose from: each target gets those that are for it
            (`edge.snmp.credential_choice`). One that none is for is named all the same, with no sets.
        limit: most addresses that there may be, and half as many as may be named, with those that are named again:
            entries from elsewhere must cost neither the memory nor the time of millions.

    Raises:
        TargetError: an entry cannot be read, or too many addresses are named.
    """
    chosen = any(each.targets for each in credentials)
    for_all = () if chosen else in_turn(credentials)
    excluded: set[tuple[str, int | None]] = set()
    for address, port, _ in _named(exclude, limit):
        excluded.add((address, port))
    targets: dict[Target, Target] = {}
    for address, port, is_single in _named(lines, limit):
        target = Target(address, SNMP_PORT if port is None else port, for_all, is_single)
        if (address, None) not in excluded and (address, target.port) not in excluded:
            targets[target] = target if target.named else targets.get(target, target)
    if len(targets) > limit:
        raise TargetError(f"{len(targets)} addresses: more than {limit} in all; name smaller ranges or blocks")
    if not chosen:
        return list(targets.values())
    return [replace(target, credentials=sets_for(target, credentials)) for target in targets.values()]


def _named(lines: Iterable[str], limit: int) -> Iterator[tuple[str, int | None, bool]]:
    """Each address or host name, its port when the entry has one, and whether the entry names it alone."""
    left = _NAMED_AGAIN * limit
    for entry in entries_in(lines):
        host, port = split_port(entry)
        is_single = is_one(host)
        for address in addresses_of(host, entry, limit):
            left -= 1
            if left < 0:
                raise TargetError(f"{entry!r}: more than {limit} in all; name smaller ranges or blocks, and each once")
            yield address, port, is_single
