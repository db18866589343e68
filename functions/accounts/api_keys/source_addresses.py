"""Networks that a key may be used from, IPv4 and IPv6."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Annotated, Final

from pydantic import AfterValidator, StringConstraints

MOST_NETWORKS: Final = 16
_LONGEST: Final = 43  # an IPv6 address, a slash, three digits


def _network(text: str) -> str:
    try:
        network = ip_network(text)
    except ValueError:
        raise ValueError("not a network such as 203.0.113.0/24, 203.0.113.7 or 2001:db8::/32, host bits zero") from None
    if isinstance(network, IPv6Network) and network.network_address.ipv4_mapped is not None:
        raise ValueError("an IPv4 network in IPv6's clothes; write it as 203.0.113.0/24")
    if network.prefixlen == 0:
        raise ValueError("the whole world; leave 'allowed_cidrs' out instead")
    return str(network)


Cidr = Annotated[str, StringConstraints(max_length=_LONGEST), AfterValidator(_network)]


def admits(networks: Sequence[str], source: str | None) -> bool:
    """True when the source address is in one of the networks, or there are none; an unknown source is in none."""
    if not networks:
        return True
    address = _address(source)
    return address is not None and any(address in ip_network(network) for network in networks)


def covers(outer: Sequence[str], inner: Sequence[str]) -> bool:
    """True when each of the inner networks is inside one of the outer ones; no outer ones are no restriction."""
    if not outer:
        return True
    around = [ip_network(network) for network in outer]
    return bool(inner) and all(any(_is_inside(ip_network(each), one) for one in around) for each in inner)


def _is_inside(inner: IPv4Network | IPv6Network, outer: IPv4Network | IPv6Network) -> bool:
    if isinstance(inner, IPv4Network) and isinstance(outer, IPv4Network):
        return inner.subnet_of(outer)
    return isinstance(inner, IPv6Network) and isinstance(outer, IPv6Network) and inner.subnet_of(outer)


def _address(source: str | None) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(source or "")
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address
