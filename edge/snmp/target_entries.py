"""How people write where printers are: one address, a range, a block or a host name, with an optional port."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

_MAX_PORT: Final = 65_535
_MAX_OCTET: Final = 255
_HOST_NAME: Final = re.compile(r"(?=.{1,253}$)[A-Za-z0-9_]([A-Za-z0-9_-]{0,62})?(\.[A-Za-z0-9_-]{1,63})*\.?")
_BRACKETED: Final = re.compile(r"\[(?P<host>[^\]]+)\](:(?P<port>\d+))?")
_ZONE: Final = re.compile(r"[A-Za-z0-9_.-]{1,32}")
"""An interface's name or number; Python takes anything behind a ``%``, and these texts are shown on terminals."""
_WITH_PORT: Final = re.compile(r"(?P<host>[^:]+):(?P<port>\d+)")


class TargetError(ValueError):
    """An entry names no place to look; the message says which one and how to write it."""


def entries_in(lines: Iterable[str]) -> Iterator[str]:
    """The entries among lines; blank ones and what follows a ``#`` are skipped."""
    for line in lines:
        entry = line.partition("#")[0].strip()
        if entry:
            yield entry


def split_port(entry: str) -> tuple[str, int | None]:
    """An entry's host, range or block, and its port when it has one.

    Raises:
        TargetError: the port is none.
    """
    match = _BRACKETED.fullmatch(entry) or _WITH_PORT.fullmatch(entry)
    if match is None:
        return entry, None
    if match["port"] is None:
        return match["host"], None
    port = int(match["port"])
    if not 0 < port <= _MAX_PORT:
        raise TargetError(f"{entry!r}: port {port} is not between 1 and {_MAX_PORT}")
    return match["host"], port


def addresses_of(host: str, entry: str, limit: int) -> Iterator[str]:
    """The addresses that an entry's host names, or the host name in lower case.

    Args:
        host: the entry without its port.
        entry: the whole, for the message.
        limit: most addresses that it may name.

    Raises:
        TargetError: it cannot be read, or names too many.
    """
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


def is_one(host: str) -> bool:
    """Whether an entry's host is a single address or name."""
    return "/" not in host and ("-" not in host or not is_address(host.partition("-")[0]))


@lru_cache(maxsize=65_536)
def is_address(text: str) -> bool:
    """Whether the text is an IPv4 or IPv6 address, rather than a host name."""
    try:
        ip_address(text)
    except ValueError:
        return False
    _, has_zone, zone = text.partition("%")
    return not has_zone or _ZONE.fullmatch(zone) is not None


def span_of(host: str, entry: str) -> tuple[int, int, int]:
    """IP version, first and last address, as numbers, of an entry's host; three times 0 for a host name.

    A block has all its addresses here, also the network's own and the broadcast address.

    Raises:
        TargetError: it cannot be read.
    """
    if "/" in host:
        network = _network(host, entry)
        return network.version, int(network.network_address), int(network.broadcast_address)
    if is_one(host):
        [address] = addresses_of(host, entry, 1)
        if not is_address(address):
            return 0, 0, 0
        number = ip_address(address)
        return number.version, int(number), int(number)
    first, last = _range_ends(host, entry)
    return first.version, int(first), last


def _network(host: str, entry: str) -> IPv4Network | IPv6Network:
    try:
        return ip_network(host, strict=False)
    except ValueError as error:
        raise TargetError(f"{entry!r}: {error}; write a block as 10.0.0.0/24") from error


def _block(host: str, entry: str, limit: int) -> Iterator[str]:
    network = _network(host, entry)
    if network.num_addresses > limit + 2:
        raise TargetError(f"{entry!r}: more than {limit} addresses; name a smaller block")
    return (str(address) for address in network.hosts())


def _range(host: str, entry: str, limit: int) -> Iterator[str]:
    first, last = _range_ends(host, entry)
    if last - int(first) >= limit:
        raise TargetError(f"{entry!r}: more than {limit} addresses; name a smaller range")
    kind = type(first)
    return (str(kind(number)) for number in range(int(first), last + 1))


def _range_ends(host: str, entry: str) -> tuple[IPv4Address | IPv6Address, int]:
    first_text, _, last_text = host.partition("-")
    first = ip_address(first_text)
    last = _range_end(first, last_text.strip(), entry)
    if last < int(first):
        raise TargetError(f"{entry!r}: the range ends before it begins")
    return first, last


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
