"""What a discovery entry may be, as the agent reads it: an address, a range, a block or a host name, each with a port.

Judged here, so that a partner hears of a wrong entry at once and not from an agent's status page.
"""

import re
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

MOST_ADDRESSES: Final = 65_536
_MOST_PORT: Final = 65_535
_MOST_OCTET: Final = 255
_HOST_NAME: Final = re.compile(r"(?=.{1,253}$)[A-Za-z0-9_]([A-Za-z0-9_-]{0,62})?(\.[A-Za-z0-9_-]{1,63})*\.?")
_BRACKETED: Final = re.compile(r"\[(?P<host>[^\]]+)\](:(?P<port>\d+))?")
_WITH_PORT: Final = re.compile(r"(?P<host>[^:]+):(?P<port>\d+)")
Span = tuple[int, int, int]
"""IP version, first and last address as numbers; three times 0 for a host name."""


def checked_entry(entry: str) -> str:
    """The entry, which names a place to look.

    Raises:
        ValueError: it does not, or names more than `MOST_ADDRESSES`; the message says how to write it.
    """
    span_of(entry)
    return entry


def checked_entries(entries: list[str]) -> list[str]:
    """The entries, which together name at most `MOST_ADDRESSES`; one that is named twice counts once.

    Raises:
        ValueError: they name more.
    """
    spans = sorted({span_of(entry) for entry in entries})
    names = sum(span_of(entry)[0] == 0 for entry in set(entries))
    count = names + _union(span for span in spans if span[0])
    if count > MOST_ADDRESSES:
        raise ValueError(f"names {count} addresses in all, more than {MOST_ADDRESSES}: name smaller ranges or blocks")
    return entries


def span_of(entry: str) -> Span:
    """The addresses of an entry, as the agent would ask them. `ValueError` as for `checked_entry`."""
    host = _host(entry)
    if "/" in host:
        return _block(host, entry)
    first, dash, last = host.partition("-")
    if dash and (start := _address(first)) is not None:
        return _range(start, last, entry)
    if (address := _address(host)) is not None:
        return address.version, int(address), int(address)
    if _HOST_NAME.fullmatch(host) and not host.replace(".", "").isdigit():
        return 0, 0, 0
    raise ValueError(
        f"{entry!r} is no address, range (10.0.0.5-20), block (10.0.0.0/24) or host name, with optional :port"
    )


def _host(entry: str) -> str:
    match = _BRACKETED.fullmatch(entry) or _WITH_PORT.fullmatch(entry)
    if match is None:
        return entry
    if match["port"] is not None and not 0 < int(match["port"]) <= _MOST_PORT:
        raise ValueError(f"{entry!r}: port {match['port']} is not between 1 and {_MOST_PORT}")
    return match["host"]


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None


def _block(host: str, entry: str) -> Span:
    try:
        network = ip_network(host, strict=False)
    except ValueError as error:
        raise ValueError(f"{entry!r}: {error}; write a block as 10.0.0.0/24") from error
    if network.num_addresses > MOST_ADDRESSES + 2:
        raise ValueError(f"{entry!r}: more than {MOST_ADDRESSES} addresses; name a smaller block")
    return network.version, int(network.network_address), int(network.broadcast_address)


def _range(first: IPv4Address | IPv6Address, text: str, entry: str) -> Span:
    if text.isdigit() and isinstance(first, IPv4Address) and int(text) <= _MOST_OCTET:
        last = int(first) - int(first) % (_MOST_OCTET + 1) + int(text)
    else:
        end = _address(text)
        if end is None:
            raise ValueError(f"{entry!r}: the range's end {text!r} is no address; write 10.0.0.5-10.0.0.20")
        if end.version != first.version:
            raise ValueError(f"{entry!r}: the range's ends are of different kinds")
        last = int(end)
    if last < int(first):
        raise ValueError(f"{entry!r}: the range ends before it begins")
    if last - int(first) >= MOST_ADDRESSES:
        raise ValueError(f"{entry!r}: more than {MOST_ADDRESSES} addresses; name a smaller range")
    return first.version, int(first), last


def _union(spans: Iterable[Span]) -> int:
    """How many addresses are in any of the spans, which are in order."""
    count, at = 0, (0, -1)
    for version, first, last in spans:
        begin = max(first, at[1] + 1) if version == at[0] else first
        count += max(last - begin + 1, 0)
        at = (version, max(last, at[1]) if version == at[0] else last)
    return count
