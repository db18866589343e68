"""Where to look for printers: addresses, ranges, blocks and host names, as people write them."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

SNMP_PORT: Final = 161
_MAX_PORT: Final = 65_535
_MAX_OCTET: Final = 255
_HOST_NAME: Final = re.compile(r"(?=.{1,253}$)[A-Za-z0-9_]([A-Za-z0-9_-]{0,62})?(\.[A-Za-z0-9_-]{1,63})*\.?")
_BRACKETED: Final = re.compile(r"\[(?P<host>[^\]]+)\](:(?P<port>\d+))?")
_WITH_PORT: Final = re.compile(r"(?P<host>[^:]+):(?P<port>\d+)")


class TargetError(ValueError):
    """An entry names no place to look; the message says which one and how to write it."""


@dataclass(frozen=True, slots=True)
class Target:
    """One address to ask. The community takes no part in comparison and never shows."""

    host: str
    port: int = SNMP_PORT
    community: str = field(default="public", repr=False, compare=False)

    def __str__(self) -> str:
        """The address as people write it; the port only when it is not SNMP's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == SNMP_PORT else f"{host}:{self.port}"


def parse_targets(
    lines: Iterable[str], *, exclude: Iterable[str] = (), community: str = "public", limit: int = 65_536
) -> list[Target]:
    """The targets that the entries name, each once, in their order.

    Args:
        lines: ``10.0.0.5``, ``10.0.0.5-10.0.0.20``, ``10.0.0.5-20``, ``10.0.0.0/24`` (host addresses only),
            ``printer.example.com``, each with an optional ``:port``. Blank entries and ``#`` comments are skipped.
        exclude: entries of the same form; one without a port excludes every port of its addresses.
        community: for all targets.
        limit: most addresses that may be named.

    Raises:
        TargetError: an entry cannot be read, or too many addresses are named.
    """
    excluded: set[tuple[str, int | None]] = set()
    for entry in _entries(exclude):
        host, port = _split_port(entry)
        excluded.update((address, port) for address in _addresses(host, entry, limit))
    targets: dict[Target, None] = {}
    for entry in _entries(lines):
        host, port = _split_port(entry)
        for address in _addresses(host, entry, limit):
            target = Target(address, SNMP_PORT if port is None else port, community)
            if (address, None) not in excluded and (address, target.port) not in excluded:
                targets[target] = None
        if len(targets) > limit:
            raise TargetError(f"{entry!r}: more than {limit} addresses in all; name a smaller range or block")
    return list(targets)


def _entries(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        entry = line.partition("#")[0].strip()
        if entry:
            yield entry


def _split_port(entry: str) -> tuple[str, int | None]:
    match = _BRACKETED.fullmatch(entry) or _WITH_PORT.fullmatch(entry)
    if match is None:
        return entry, None
    if match["port"] is None:
        return match["host"], None
    port = int(match["port"])
    if not 0 < port <= _MAX_PORT:
        raise TargetError(f"{entry!r}: port {port} is not between 1 and {_MAX_PORT}")
    return match["host"], port


def _addresses(host: str, entry: str, limit: int) -> Iterator[str]:
    if "/" in host:
        yield from _block(host, entry, limit)
    elif "-" in host and is_address(host.partition("-")[0]):
        yield from _range(host, entry, limit)
    elif is_address(host):
        yield str(ip_address(host))
    elif _HOST_NAME.fullmatch(host) and not host.replace(".", "").isdigit():
        yield host.lower()
    else:
        raise TargetError(
            f"{entry!r} is no address, range (10.0.0.5-20), block (10.0.0.0/24) or host name, with optional :port"
        )


def is_address(text: str) -> bool:
    """Whether the text is an IPv4 or IPv6 address, rather than a host name."""
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _block(host: str, entry: str, limit: int) -> Iterator[str]:
    try:
        network = ip_network(host, strict=False)
    except ValueError as error:
        raise TargetError(f"{entry!r}: {error}; write a block as 10.0.0.0/24") from error
    if network.num_addresses > limit + 2:
        raise TargetError(f"{entry!r}: more than {limit} addresses; name a smaller block")
    return (str(address) for address in network.hosts())


def _range(host: str, entry: str, limit: int) -> Iterator[str]:
    first_text, _, last_text = host.partition("-")
    first = ip_address(first_text)
    last = _range_end(first, last_text.strip(), entry)
    if last < int(first):
        raise TargetError(f"{entry!r}: the range ends before it begins")
    if last - int(first) >= limit:
        raise TargetError(f"{entry!r}: more than {limit} addresses; name a smaller range")
    kind = type(first)
    return (str(kind(number)) for number in range(int(first), last + 1))


def _range_end(first: IPv4Address | IPv6Address, text: str, entry: str) -> int:
    if text.isdigit() and isinstance(first, IPv4Address) and int(text) <= _MAX_OCTET:
        return int(first) - int(first) % (_MAX_OCTET + 1) + int(text)
    try:
        last = ip_address(text)
    except ValueError as error:
        raise TargetError(f"{entry!r}: the range's end {text!r} is no address; write 10.0.0.5-10.0.0.20") from error
    if last.version != first.version:
        raise TargetError(f"{entry!r}: the range's ends are of different kinds")
    return int(last)
