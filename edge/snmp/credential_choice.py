"""Which credential sets are tried on which printer, and in which order."""

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import ip_address
from typing import NamedTuple, Protocol

from edge.snmp.credentials import CredentialSet, in_turn
from edge.snmp.target_entries import entries_in, is_address, span_of, split_port


class Place(Protocol):
    """An address or a host name, and a port."""

    @property
    def host(self) -> str:
        """As it was written; names in lower case."""

    @property
    def port(self) -> int:
        """Where SNMP is asked."""


def sets_for(place: Place, sets: Iterable[CredentialSet], *, address: str | None = None) -> tuple[CredentialSet, ...]:
    """The sets to try on a printer, in their order.

    First those whose ``targets`` name it, then those without ``targets``, which are for every printer; each part v3
    first, then v2c, then v1, and within a version as they are listed. A set whose ``targets`` do not name the printer
    is never shown to it.

    Args:
        place: the printer.
        sets: all sets of the site.
        address: what the host name was resolved to, when that is known: it may be named instead of the name.

    Returns:
        The sets; none when each is for other printers.
    """
    named, general = [], []
    for each in sets:
        if not each.targets:
            general.append(each)
        elif any(_names(entry, place, address) for entry in _entries(each.targets)):
            named.append(each)
    return (*in_turn(named), *in_turn(general)) if named else in_turn(general)


class _Entry(NamedTuple):
    """One entry of a set's targets: a host name, or addresses from the first to the last of an IP version."""

    host: str
    version: int
    first: int
    last: int
    port: int | None


@lru_cache(maxsize=256)
def _entries(targets: tuple[str, ...]) -> tuple[_Entry, ...]:
    parsed = []
    for entry in entries_in(targets):
        host, port = split_port(entry)
        parsed.append(_Entry(host.lower(), *span_of(host, entry), port))
    return tuple(parsed)


def _names(entry: _Entry, place: Place, address: str | None) -> bool:
    if entry.port is not None and entry.port != place.port:
        return False
    if not entry.version:
        return entry.host == place.host
    numeric = place.host if is_address(place.host) else address
    if numeric is None:
        return False
    found = ip_address(numeric)
    return found.version == entry.version and entry.first <= int(found) <= entry.last
